# SPDX-License-Identifier: GPL-2.0-or-later
"""The order in which the functions of a file nest their locks, and where two of them disagree."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from reviewbot.checks.below import words_of
from reviewbot.checks.locking.states import Held, held
from reviewbot.checks.locking.uses import Use, uses
from reviewbot.checks.rule import Code, File
from reviewbot.checks.texts import texts
from reviewbot.checks.waits.places import Place, Scope, target_of
from reviewbot.csource import syntax as c
from reviewbot.csource.api import kernel_api
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.functions import Function
from reviewbot.csource.parse import Unit

_TAKES = frozenset(name for name, call in kernel_api().locks.items() if call.effect in ("acquire", "zero"))
_TAKEN = re.compile(rf"\b(?:{'|'.join(sorted(_TAKES))})[ \t]*\([ \t]*&?([\w.]+)".encode())
_MOST_FIELDS = 12
_KINDS = frozenset({"spinlock", "rwlock", "mutex", "semaphore"})


@dataclass(frozen=True, slots=True)
class Nesting:
    """In `function`, `inner` is taken at `line` (by `call`, where that is another function) while `outer` is held."""

    function: Function
    outer: Place
    inner: Place
    taken: int
    line: int
    call: str


@dataclass(frozen=True, slots=True)
class Inversion:
    """Two nestings of the same two locks in opposite order; `rare` is the one that fewer places have."""

    rare: Nesting
    usual: Nesting


def inversions(file: File) -> Iterator[Inversion]:
    """Yield the pairs of locks that the functions of a file nest in both orders, each pair once."""
    by_pair: dict[tuple[Place, Place], list[Nesting]] = {}
    for nesting in _nestings(file):
        by_pair.setdefault((nesting.outer, nesting.inner), []).append(nesting)
    for (outer, inner), some in by_pair.items():
        others = by_pair.get((inner, outer), [])
        if others and (len(some), -some[-1].line) < (len(others), -others[-1].line):
            yield Inversion(some[-1], others[0])


def _nestings(file: File) -> Iterator[Nesting]:
    unit = file.unit
    takers, nesting = _worth(unit)
    for function in nesting:
        code = file.code(function)
        scope = Scope(function, unit)
        for one in held(code):
            outer = _class(scope, one)
            if outer is not None and one.complete:
                yield from _inside(code, scope, one, outer, takers)


@lru_cache(maxsize=4096)
def _fields(text: bytes) -> frozenset[bytes]:
    """Return the names of the locks that a function of this text takes; it is the same in most versions of a file."""
    return frozenset(name.rpartition(b".")[2] for name in _TAKEN.findall(text.replace(b"->", b".")))


def _worth(unit: Unit) -> tuple[dict[str, Function], list[Function]]:
    """Return the functions that take a lock, by name, and those of them worth reading, going by their text alone.

    Two functions can only disagree if both have to do with the same two locks, be it through functions they call.
    """
    own = [_fields(text) for text in texts(unit)]
    takers = {f.name: f for f, fields in zip(unit.functions, own, strict=True) if fields and f.name}
    by_name = {f.name: fields for f, fields in zip(unit.functions, own, strict=True)}
    words = words_of(unit)
    pairs: dict[frozenset[bytes], list[Function]] = {}
    for function, fields in zip(unit.functions, own, strict=True):
        if not fields:
            continue
        called = words[function.name].called & takers.keys()
        around = sorted(fields.union(*(by_name[name] for name in called)))
        for place, one in enumerate(around[:_MOST_FIELDS]):
            for other in around[place + 1 : _MOST_FIELDS]:
                pairs.setdefault(frozenset((one, other)), []).append(function)
    worth = {id(function) for some in pairs.values() if len(some) > 1 for function in some}
    return takers, [function for function in unit.functions if id(function) in worth]


def _class(scope: Scope, one: Held) -> Place | None:
    """Return the kind of lock that is followed, None if it is not taken by the function or cannot be told."""
    taken = [use for _, use in one.uses if use.effect != "release"]
    if not taken or one.lock.kind not in _KINDS or not taken[0].args or taken[0].shared:
        return None
    return place_at(scope, taken[0])


def place_at(scope: Scope, use: Use) -> Place | None:
    """Return the lock that a call takes as a place of its kind: all objects of one structure have one."""
    if not use.args or use.lock.kind not in _KINDS:
        return None
    place = target_of(scope, use.args[-1] if "dec_and_lock" in use.call else use.args[0])
    known = place is not None and (place.owner or (place.owner == "" and _is_global(scope.unit, place.name)))
    return place if known else None


def _is_global(unit: Unit, name: str) -> bool:
    return any(variable.name == name for variable in unit.globals)


def _inside(code: Code, scope: Scope, one: Held, outer: Place, takers: dict[str, Function]) -> Iterator[Nesting]:
    for node in code.cfg.nodes:
        if "held" not in one.outcome.states(node.id) and all(at != node.id for at, _ in one.uses):
            continue
        for event in events(code.cfg, node.id):
            if not isinstance(event, CallEvent) or event.name is None or event.maybe:
                continue
            for inner in _taken_by(code.unit, scope, event, takers):
                if inner != outer and one.before(node.id, event) == {"held"}:
                    yield Nesting(code.function, outer, inner, one.taken(node.id), event.line, event.name)


def _taken_by(unit: Unit, scope: Scope, event: CallEvent, takers: dict[str, Function]) -> Iterator[Place]:
    """Yield the locks that a call takes: itself, or the function of the file that it calls, first thing."""
    if event.name in _TAKES:
        for use in uses(scope.function):
            if use.call == event.name and use.args == event.args and not use.shared:
                place = place_at(scope, use)
                if place is not None:
                    yield place
                return
    callee = takers.get(event.name or "")
    if callee is None or callee is scope.function:
        return
    inside = Scope(callee, unit)
    first = next((s for s in callee.body.body if isinstance(s, c.ExprStmt)), None)
    for use in uses(callee):
        if first is not None and use.line == first.line and use.effect == "acquire" and not use.shared:
            place = place_at(inside, use)
            if place is not None:
                yield place
