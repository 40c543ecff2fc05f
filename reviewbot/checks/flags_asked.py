# SPDX-License-Identifier: GPL-2.0-or-later
"""Parameters that say whether a function may wait, and waits that come before they are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.below import words_below
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import Cfg, known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.parse import Unit

_UNBOUNDED = frozenset({"schedule", "io_schedule", "wait_event", "wait_event_killable", "wait_event_interruptible"})


@dataclass(frozen=True, slots=True)
class Bypassed:
    """`call` at `line` waits whatever `flag` says, which `asked` asks before `other` waits."""

    flag: str
    call: str
    line: int
    other: str
    asked: int


def bypassed_flags(code: Code) -> Iterator[Bypassed]:
    """Yield the waits that do not ask a flag of which another wait of the function depends."""
    function = code.function
    if function.fragment and not function.header_known and not function.params:
        flags = set[str]()
    else:
        flags = {p.name for p in function.params if not p.type.pointers and p.type.base in ("bool", "_Bool", "int")}
    waits = [
        (node.id, event)
        for node in code.cfg.nodes
        for event in events(code.cfg, node.id)
        if isinstance(event, CallEvent) and event.name and waits_for_ever(code.unit, event.name)
    ]
    if not flags or len(waits) < 2:
        return
    for flag in sorted(flags - _written(code)):
        asks = _asks(code.cfg, flag)
        guarded = [(node, call, line) for node, call in waits if (line := _behind(code.cfg, asks, node)) is not None]
        free = [(node, call) for node, call in waits if not _any_behind(code.cfg, asks, node)]
        if guarded and free:
            (_, other, asked), (_, call) = guarded[0], free[0]
            if call.name != other.name:
                yield Bypassed(flag, call.name or "", call.line, other.name or "", asked)


def waits_for_ever(unit: Unit, name: str) -> bool:
    """Tell whether a function of the file may sleep, without a timeout, until it is woken."""
    if unit.function(name) is None:
        return False
    called = words_below(unit, name).called
    return bool(called & _UNBOUNDED & (kernel_api().schedules | kernel_api().waits)) and "prepare_to_wait" in called


def _written(code: Code) -> set[str]:
    return {
        e.target.name for e in code.function.expressions if isinstance(e, c.Assign) and isinstance(e.target, c.Name)
    }


def _asks(cfg: Cfg, flag: str) -> list[int]:
    return [node.id for node in cfg.nodes if node.kind == "condition" and node.expr == c.Name(flag)]


def _behind(cfg: Cfg, asks: list[int], node: int) -> int | None:
    """Return the line of a condition whose "false" outcome cannot come to a node in the same round."""
    for ask in asks:
        if cfg.dominates(ask, node):
            reach = {
                edge.label: edge.target == node or cfg.path(edge.target, node, {ask}, known) is not None
                for edge in cfg.successors(ask)
            }
            if reach.get("true") and not reach.get("false"):
                return cfg.nodes[ask].line
    return None


def _any_behind(cfg: Cfg, asks: list[int], node: int) -> bool:
    """Tell whether the flag is asked on some way to a node, be it only on that."""
    return any(cfg.dominates(ask, node) for ask in asks)
