# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes to shared places, and whether a write can make a condition false."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from reviewbot.checks.texts import naming
from reviewbot.checks.waits.places import Atom, Place, Scope, place_of, spelled, target_of
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import CfgNode, build_cfg
from reviewbot.csource.constants import evaluate
from reviewbot.csource.functions import Function, call_name, walk
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit

_ATOMIC = re.compile(r"(?:atomic(?:64|_long)?|refcount)_([a-z_]+)")
_STORES = words("WRITE_ONCE smp_store_release smp_store_mb __WRITE_ONCE")
_SETS_BIT = words("set_bit __set_bit test_and_set_bit __test_and_set_bit")
_CLEARS_BIT = words(
    "clear_bit __clear_bit test_and_clear_bit __test_and_clear_bit clear_bit_unlock test_and_clear_bit_lock"
)


@dataclass(frozen=True, slots=True)
class Store:
    """A write: "set" to `value` (None when it is not a constant), or "up" or "down" from what was there.

    `source` is the expression whose value is stored.
    """

    place: Place
    kind: Literal["set", "up", "down"]
    value: int | None
    line: int
    target: c.Expr
    source: c.Expr = field(default=c.Name(""), compare=False)

    def ends(self, atom: Atom) -> bool:
        """Tell whether the write makes `atom` false, or brings it nearer to that (a counter that goes down)."""
        if not self.place.same(atom.place):
            return False
        if self.kind == "set":
            return self.value is not None and not atom.admits(self.value)
        if atom.op in ("==", "!="):
            # a counter that is waited for counts from zero up
            return atom.value == 0 and self.kind == ("up" if atom.op == "==" else "down")
        return self.kind == ("down" if atom.op in (">", ">=") else "up")

    def may_end(self, atom: Atom) -> bool:
        """Tell whether the write stores a value that is not known here, which may make `atom` false."""
        return self.place.same(atom.place) and self.kind == "set" and self.value is None


@kept
def _found(unit: Unit) -> dict[str, tuple[tuple[Function, int, Store], ...]]:
    return {}


def stores_to(unit: Unit, name: str) -> tuple[tuple[Function, int, Store], ...]:
    """Return every write to a place called `name` in a file, with its function and node."""
    known = _found(unit)
    if name not in known:
        known[name] = tuple(
            (function, node.id, store)
            for function in naming(unit, name)
            for node in build_cfg(function).nodes
            for store in stores(Scope(function, unit), node)
            if store.place.name == name
        )
    return known[name]


def stores(scope: Scope, node: CfgNode) -> Iterator[Store]:
    """Yield the writes to shared places at a node of the control-flow graph."""
    for top in _tops(node):
        for expr in walk(top):
            store = _store(scope, expr)
            if store is not None:
                yield store


def _tops(node: CfgNode) -> Iterator[c.Expr]:
    if node.expr is not None:
        yield node.expr
    elif node.kind == "declaration" and isinstance(node.stmt, c.Declare):
        yield from (variable.init for variable in node.stmt.variables if variable.init is not None)


def _store(scope: Scope, expr: c.Expr) -> Store | None:
    if isinstance(expr, c.Assign):
        return _assigned(scope, expr)
    if isinstance(expr, c.Update):
        place = place_of(scope, expr.operand)
        return Store(place, "up" if expr.op == "++" else "down", None, expr.line, expr.operand) if place else None
    if isinstance(expr, c.Call):
        return _called(scope, expr)
    return None


def _assigned(scope: Scope, expr: c.Assign) -> Store | None:
    place = place_of(scope, expr.target)
    if place is None:
        return None
    if expr.op == "=":
        value = strip(expr.value)
        while isinstance(value, c.Assign):
            value = strip(value.value)
        return Store(place, "set", evaluate(value, scope.unit.constants), expr.line, expr.target, value)
    if expr.op in ("+=", "-="):
        return Store(place, "up" if expr.op == "+=" else "down", None, expr.line, expr.target)
    mask = strip(expr.value)
    if expr.op == "|=":
        return Store(replace(place, bit=spelled(mask)), "set", 1, expr.line, expr.target)
    if expr.op == "&=" and isinstance(mask, c.Unary) and mask.op == "~":
        return Store(replace(place, bit=spelled(mask.operand)), "set", 0, expr.line, expr.target)
    return None


def _called(scope: Scope, expr: c.Call) -> Store | None:
    name = call_name(expr) or ""
    args = expr.args
    if name in _STORES and len(args) == 2:
        target = args[0] if name in ("WRITE_ONCE", "__WRITE_ONCE") else None
        place = place_of(scope, target) if target is not None else target_of(scope, args[0])
        return (
            Store(place, "set", evaluate(strip(args[1]), scope.unit.constants), expr.line, args[0]) if place else None
        )
    if name in _SETS_BIT | _CLEARS_BIT and len(args) == 2:
        place = target_of(scope, args[1])
        bit = replace(place, bit=spelled(args[0])) if place is not None else None
        return _set(bit, 1 if name in _SETS_BIT else 0, expr.line, args[1])
    atomic = _ATOMIC.fullmatch(name)
    if atomic is None or not args:
        return None
    verb = atomic.group(1)
    if verb in ("set", "set_release") and len(args) == 2:
        value = evaluate(strip(args[1]), scope.unit.constants)
        return _set(target_of(scope, args[0]), value, expr.line, args[0], args[1])
    word = verb.removeprefix("fetch_").split("_")[0]
    if word in ("inc", "dec"):
        place = target_of(scope, args[0])
    elif word in ("add", "sub") and len(args) == 2:
        place = target_of(scope, args[1])
    else:
        return None
    return Store(place, "up" if word in ("inc", "add") else "down", None, expr.line, args[-1]) if place else None


def _set(
    place: Place | None, value: int | None, line: int, target: c.Expr, source: c.Expr | None = None
) -> Store | None:
    return Store(place, "set", value, line, target, source or target) if place is not None else None
