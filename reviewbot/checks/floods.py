# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages in loops that try again and again, which nothing limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.retries import calls_at, calls_in, kernel_threads, sleeps
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import CfgNode, Loop, known
from reviewbot.csource.events import AddressOf, CallEvent, Event, Read, Write, events, events_of
from reviewbot.csource.functions import walk

_CLOCK = re.compile(r"time_(?:before|after|is)|ktime_")
_WORDY = re.compile(r"\w*(?:verbose|debug|dbg)\w*", re.IGNORECASE)
_PRINTS = re.compile(r"printk|(?:pr|dev|netdev)_(?:emerg|alert|crit|err|error|warn|warning|notice|info)")


@dataclass(frozen=True, slots=True)
class Flood:
    """`call` at `line` prints in each round of the loop at `head`, which sleeps in `sleeper` and tries again."""

    call: str
    line: int
    head: int
    sleeper: str


def floods(code: Code) -> Iterator[Flood]:
    """Yield the messages that come again with each attempt of a loop that nothing bounds."""
    if not any(_PRINTS.fullmatch(call.name or "") for call in code.function.calls):
        return
    if code.function.name in kernel_threads(code.unit):
        return
    for loop in code.cfg.loops:
        sleeper = next((call.name for call in calls_in(code, loop.body) if _comes_back(code, call)), None)
        if sleeper is None or not any(known(edge) for edge in loop.back_edges) or _bounded(code, loop):
            continue
        outside = [node.id for node in code.cfg.nodes if node.id not in loop.body]
        for node in sorted(loop.body):
            for call in calls_at(code, node):
                again = code.cfg.path(node, outside, {loop.head}, known) is None
                if not _PRINTS.fullmatch(call.name or "") or not again:
                    continue
                if not _once(code, loop, node) and not _moves_on(code, loop, node):
                    yield Flood(call.name or "", call.line, code.cfg.nodes[loop.head].line, sleeper)


def _comes_back(code: Code, call: CallEvent) -> bool:
    """Tell whether a call sleeps, and not until somebody wakes it for good."""
    return sleeps(code.unit, call.name or "") and c.Name("MAX_SCHEDULE_TIMEOUT") not in call.args


def _bounded(code: Code, loop: Loop) -> bool:
    """Tell whether a loop counts something, walks something, goes by a time, or takes messages: each is another one."""
    nodes = [code.cfg.nodes[n] for n in loop.body]
    if any(node.kind in ("foreach", "switch") for node in nodes):
        return True
    if any(call.name == "kthread_should_stop" for call in calls_in(code, loop.body)):
        return True
    found: list[Event] = [event for node in nodes for event in events(code.cfg, node.id)]
    moved = {e.path.root for e in found if isinstance(e, Write) and e.path.is_variable}
    asked = {
        e.path.root
        for node in nodes
        if node.kind in ("condition", "switch") and node.expr is not None
        for e in events_of(node.expr)
        if isinstance(e, Read)
    }
    counted = {
        e.path.root
        for e in found
        if isinstance(e, Write) and (e.op not in ("=", "declare") or (e.value and c.Name(e.path.root) in walk(e.value)))
    }
    clocks = (call.name or "" for node in nodes if node.kind == "condition" for call in _calls(node))
    return bool(asked & counted & moved) or "jiffies" in asked or any(_CLOCK.match(name) for name in clocks)


def _calls(node: CfgNode) -> Iterator[CallEvent]:
    return (e for e in (events_of(node.expr) if node.expr is not None else ()) if isinstance(e, CallEvent))


def _once(code: Code, loop: Loop, node: int) -> bool:
    """Tell whether a message hangs on a flag that the loop sets, so that it comes once, or on a rate limit."""
    written = {e.path for n in loop.body for e in events(code.cfg, n) if isinstance(e, Write) and _constant(e.value)}
    for other in loop.body:
        at = code.cfg.nodes[other]
        if at.kind != "condition" or at.expr is None or other == node or not code.cfg.dominates(other, node):
            continue
        asks = events_of(at.expr)
        limited = any(isinstance(e, CallEvent) and "ratelimit" in (e.name or "") for e in asks)
        wordy = any(isinstance(part, c.Name) and _WORDY.fullmatch(part.name) for part in walk(at.expr))
        if limited or wordy or any(isinstance(e, Read) and e.path in written for e in asks):
            return True
    return False


def _moves_on(code: Code, loop: Loop, node: int) -> bool:
    """Tell whether what comes after a message changes what the loop's own condition asks for."""
    cfg = code.cfg
    leaves = [cfg.nodes[n] for n in loop.body if any(edge.target not in loop.body for edge in cfg.successors(n))]
    asks = (e for node in leaves if node.kind == "condition" and node.expr is not None for e in events_of(node.expr))
    asked = {e.path for e in asks if isinstance(e, Read)}
    changes = [
        n
        for n in loop.body
        for e in events(cfg, n)
        if isinstance(e, (Write, AddressOf)) and e.path in asked and e.path.steps
    ]
    return any(cfg.path(node, [loop.head], {change}, known) is None for change in changes)


def _constant(value: c.Expr | None) -> bool:
    return value == c.Name("true") or isinstance(value, c.Number)
