# SPDX-License-Identifier: GPL-2.0-or-later
"""What conditions ask of pointers, and where a function follows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.rule import Code
from reviewbot.checks.texts import naming
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.cfg import Cfg
from reviewbot.csource.events import AddressOf, Event, Read, Write, events
from reviewbot.csource.functions import call_name, children
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.memo import kept

_ERROR_TESTS = words("IS_ERR IS_ERR_VALUE")


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition about a pointer: "null" asks whether it is NULL, "error" whether it is an error pointer.

    `when` is the label of the edge that is taken when it is.
    """

    path: AccessPath
    about: Literal["null", "error", "both"]
    when: Literal["true", "false"]


def asked(expr: c.Expr) -> Asked | None:
    """Return what an atomic condition asks of a pointer (or number), None if it asks something else."""
    expr = strip(expr)
    if isinstance(expr, c.Call):
        name = call_name(expr)
        path = path_of(expr.args[0]) if expr.args else None
        if path is None:
            return None
        if name in _ERROR_TESTS:
            return Asked(path, "error", "true")
        return Asked(path, "both", "true") if name == "IS_ERR_OR_NULL" else None
    if isinstance(expr, c.Binary) and expr.op in ("==", "!="):
        for side, other in ((expr.left, expr.right), (expr.right, expr.left)):
            if is_null(other):
                path = path_of(_target(side))
                return Asked(path, "null", "true" if expr.op == "==" else "false") if path else None
        return None
    path = path_of(_target(expr))
    return Asked(path, "null", "false") if path is not None and not path.root.endswith("()") else None


def _target(expr: c.Expr) -> c.Expr:
    expr = strip(expr)
    return expr.target if isinstance(expr, c.Assign) and expr.op == "=" else expr


def is_null(expr: c.Expr) -> bool:
    """Tell whether an expression is NULL or 0."""
    expr = strip(expr)
    return expr == c.Name("NULL") or (isinstance(expr, c.Number) and expr.value == 0)


def follows(event: Event, pointer: AccessPath) -> bool:
    """Tell whether an event goes to what a pointer points to, whenever its expression is evaluated."""
    if not isinstance(event, (Read, Write)) or event.maybe:
        return False
    rest = event.path.steps[len(pointer.steps) :]
    return event.path.within(pointer) and bool(rest) and rest[0][:2] in ("->", "*", "[]")


def replaces(event: Event, pointer: AccessPath) -> bool:
    """Tell whether an event may give the pointer another value."""
    return isinstance(event, (Write, AddressOf)) and pointer.within(event.path)


def as_value(expr: c.Expr, pointer: AccessPath) -> bool:
    """Tell whether an expression uses the pointer itself: compares it, hands it on, stores it; not only follows it."""
    expr = strip(expr)
    if path_of(expr) == pointer:
        return True
    if isinstance(expr, c.Member):
        base = strip(expr.base)
        return not (expr.arrow and path_of(base) == pointer) and as_value(base, pointer)
    if isinstance(expr, c.Unary) and expr.op in "*&":
        return path_of(strip(expr.operand)) != pointer and as_value(expr.operand, pointer)
    if isinstance(expr, c.Index):
        followed = path_of(strip(expr.base)) == pointer
        return as_value(expr.index, pointer) or (not followed and as_value(expr.base, pointer))
    if isinstance(expr, c.Assign):
        target = path_of(expr.target) != pointer and as_value(expr.target, pointer)
        return target or as_value(expr.value, pointer)
    if isinstance(expr, c.SizeOf):
        return False
    return any(as_value(part, pointer) for part in children(expr))


def nodes_where(cfg: Cfg, pointer: AccessPath, what: Literal["follows", "replaces"]) -> frozenset[int]:
    """Return the nodes with an event that follows, or replaces, a pointer."""
    test = follows if what == "follows" else replaces
    return frozenset(node.id for node in cfg.nodes if any(test(event, pointer) for event in events(cfg, node.id)))


def asks_for(code: Code, field: str) -> list[int]:
    """Return the lines of the conditions in the file that ask for a field itself."""
    lines = []
    for function in naming(code.unit, field):
        for node in code.file.code(function).cfg.nodes:
            question = asked(node.expr) if node.kind == "condition" and node.expr is not None else None
            if question is not None and question.path.last_field == field and question.about != "error":
                lines.append(node.line)
    return lines


def writes_of(code: Code) -> Mapping[str, Sequence[tuple[int, c.Expr | None]]]:
    """Return, for each variable, the nodes that give it another value, and the value where it is one.

    Handing out the address of the variable counts as giving it a value that is not known.
    """
    return _writes(code.cfg)


@kept
def _writes(cfg: Cfg) -> dict[str, list[tuple[int, c.Expr | None]]]:
    found: dict[str, list[tuple[int, c.Expr | None]]] = {}
    for node in cfg.nodes:
        for event in events(cfg, node.id):
            if isinstance(event, (Write, AddressOf)) and event.path.is_variable:
                plain = isinstance(event, Write) and event.op in ("=", "declare")
                value = event.value if isinstance(event, Write) and plain else None
                found.setdefault(event.path.root, []).append((node.id, value))
    return found
