# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks that are held where a function is left, that are taken twice, or that are given back twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.locking.states import Held, held
from reviewbot.checks.locking.uses import Use
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import CfgNode, known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.functions import call_name

_LEAVES_LOCKED = re.compile(r"\w*(?:lock|begin|start|acquire|grab|enter|freeze|suspend|hold|pin|get)\w*")
_MAY_RELEASE = re.compile(r"\w*(?:unlock|release|_drop|drop_|relax|_exit|_end|_done|_finish|_put|put_)\w*")


@dataclass(frozen=True, slots=True)
class Kept:
    """A lock that is held at the exit at `line`; `taken` is where, `released` where other exits release it."""

    name: str
    line: int
    taken: int
    released: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Twice:
    """A lock that `call` at `line` takes though it is held, or gives back though it was given back at `before`."""

    name: str
    what: Literal["taken", "released"]
    call: str
    line: int
    before: int


def kept_at_exits(code: Code) -> Iterator[Kept]:
    """Yield the locks that an exit with an error keeps, while another exit gives them back."""
    if _LEAVES_LOCKED.fullmatch(code.function.name):
        return
    locks = held(code)
    for one in locks:
        if not one.complete or _alike(one, locks):
            continue
        taken = [use for _, use in one.uses if use.effect != "release"]
        released = [use for _, use in one.uses if use.effect == "release"]
        if not taken or not released or _first_released(one):
            continue
        exits = [code.cfg.nodes[edge.source] for edge in code.cfg.predecessors(code.cfg.exit) if known(edge)]
        states = {node.id: one.after(node.id) for node in exits}
        left = any(found and "held" not in found for found in states.values())
        for node in exits:
            if states[node.id] == {"held"} and left and _fails(code, node):
                yield Kept(one.lock.name, _last_line(code, node), one.taken(node.id), tuple(u.line for u in released))


def taken_or_released_twice(code: Code) -> Iterator[Twice]:
    """Yield the calls that take a lock which is surely held, or give one back which surely is not."""
    locks = held(code)
    for one in locks:
        if not one.complete or _alike(one, locks) or not one.lock.is_object:
            continue
        for node, use in one.uses:
            found = _twice(one, node, use, _event(code, node, use))
            if found is not None:
                yield found


def _twice(one: Held, node: int, use: Use, event: CallEvent | None) -> Twice | None:
    if event is None or use.shared:
        return None
    states = one.before(node, event)
    if use.effect in ("acquire", "zero") and states == {"held"}:
        return Twice(one.lock.name, "taken", use.call, use.line, one.taken(node))
    if use.effect == "release" and states == {"freed"}:
        lines = [other.line for _, other in one.uses if other.effect == "release" and other is not use]
        return Twice(one.lock.name, "released", use.call, use.line, lines[0]) if lines else None
    return None


def _event(code: Code, node: int, use: Use) -> CallEvent | None:
    for event in events(code.cfg, node):
        if isinstance(event, CallEvent) and event.name == use.call and event.args == use.args:
            return event
    return None


def _alike(one: Held, locks: tuple[Held, ...]) -> bool:
    """Tell whether another lock of the function may be the same under another name."""
    return sum(other.lock.field == one.lock.field for other in locks) > 1


def _first_released(one: Held) -> bool:
    """Tell whether some way gives the lock back before it takes it: the caller holds it."""
    return any(use.effect == "release" and not one.before(node) <= {"held", "lost", "freed"} for node, use in one.uses)


def _last_line(code: Code, node: CfgNode) -> int:
    """Return the line of a way out: that of the return, or that of the closing brace."""
    return node.line if node.kind == "return" else code.function.end_line


def _fails(code: Code, node: CfgNode) -> bool:
    """Tell whether a return gives an error, or nothing at all: success may mean that the lock is handed on."""
    if any(isinstance(e, CallEvent) and _MAY_RELEASE.fullmatch(e.name or "") for e in events(code.cfg, node.id)):
        return False
    value = strip(node.expr) if node.expr is not None else None
    if value is None:
        return True
    if isinstance(value, c.Unary) and value.op == "-":
        return True
    if value == c.Name("NULL"):
        return True
    return call_name(value) in ("ERR_PTR", "ERR_CAST") or (isinstance(value, c.Number) and value.value not in (0, 1))
