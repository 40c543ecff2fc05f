# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters that tell sleepers or wakers whether somebody is there: who counts them up, and who sets them back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import File
from reviewbot.checks.texts import naming
from reviewbot.checks.waits.conditions import facts
from reviewbot.checks.waits.lost import is_fresh
from reviewbot.checks.waits.places import Place, Scope
from reviewbot.checks.waits.protocols import waits
from reviewbot.checks.waits.wakes import WAKES_QUEUE
from reviewbot.checks.waits.writes import Store, stores_to
from reviewbot.csource import syntax as c
from reviewbot.csource.functions import Function, own_expressions, walk, walk_statements
from reviewbot.csource.parse import Unit

_SETS_UP = re.compile(r"\w*(?:init|alloc|create|setup|probe|_new|clear|flush|destroy)\w*")
_MAY_WAIT = re.compile(rb"wake_up|wait_event|prepare_to_s?wait")


@dataclass(frozen=True, slots=True)
class Reset:
    """`store` sets a counter to zero in `function`, that `up` counts up and nothing counts down."""

    function: Function
    store: Store
    up: Store
    counter: Function


def resets(file: File) -> Iterator[Reset]:
    """Yield the resets of counters that sleepers or wakers go by, of which the file shows every write."""
    unit = file.unit
    if _MAY_WAIT.search(unit.source.data) is None:
        return
    asked = [atom.place for wait in waits(unit) for atom, _ in wait.conditions] + list(asked_by_wakers(unit))
    if not asked:
        return
    names = sorted({place.name for place in asked})
    for function, _, store in (found for name in names for found in stores_to(unit, name)):
        if store.kind != "set" or store.value != 0 or store.place.bit or _SETS_UP.fullmatch(function.name):
            continue
        if not any(place.same(store.place) for place in asked) or not _known_here(file, store.place):
            continue
        same = [(f, one) for f, _, one in stores_to(unit, store.place.name) if one.place.same(store.place)]
        ups = [(f, one) for f, one in same if one.kind == "up"]
        balanced = any(one.kind == "down" for _, one in same) or is_fresh(function, store)
        if ups and not balanced and not _takes(function, store) and not _is_index(unit, store.place):
            yield Reset(function, store, ups[0][1], ups[0][0])


def _is_index(unit: Unit, place: Place) -> bool:
    """Tell whether elements of an array are found by the number: it says where somebody is, not how many there are."""
    return any(
        isinstance(expr, c.Index) and any(_named(part) == place.name for part in walk(expr.index))
        for function in naming(unit, place.name)
        for expr in function.expressions
    )


def _named(expr: c.Expr) -> str | None:
    return expr.field if isinstance(expr, c.Member) else expr.name if isinstance(expr, c.Name) else None


def _takes(function: Function, store: Store) -> bool:
    """Tell whether a function takes over what was counted and then sets it back, as a reader of events does."""
    values = [v.init for v in function.locals if v.init is not None]
    values += [e.value for e in function.expressions if isinstance(e, c.Assign)]
    return any(part == store.target for value in values for part in walk(value))


def _known_here(file: File, place: Place) -> bool:
    """Tell whether no code outside of what is seen can write the place."""
    if place.name in file.introduced:
        return True
    if not file.whole or not file.unit.path.endswith(".c"):
        return False
    if place.owner == "":
        return any(v.name == place.name and "static" in v.storage for v in file.unit.globals)
    return place.owner in file.unit.structs


def asked_by_wakers(unit: Unit) -> Iterator[Place]:
    """Yield the places that an `if` asks before it wakes a queue."""
    for function in naming(unit, "wake_up"):
        if not any(call.name and WAKES_QUEUE.fullmatch(call.name) for call in function.calls):
            continue
        for stmt in function.statements:
            if isinstance(stmt, c.If) and _wakes(stmt.then):
                yield from (atom.place for atom in facts(Scope(function, unit), stmt.cond, True))


def _wakes(stmt: c.Stmt) -> bool:
    return any(
        isinstance(part, c.Call) and isinstance(part.function, c.Name) and WAKES_QUEUE.fullmatch(part.function.name)
        for inner in walk_statements(stmt)
        for top in own_expressions(inner)
        for part in walk(top)
    )
