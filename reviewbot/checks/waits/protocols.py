# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding the waits of a file: which queue, and what has to hold of shared places as long as a task sleeps there.

The shape is that of include/linux/wait.h: a task goes on the queue and sets its state, looks at its condition, and
calls schedule() if it has to go on sleeping; wait_event() is the same as a macro. A wait with a timeout looks again by
itself and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.texts import texts
from reviewbot.checks.waits.conditions import facts, necessary
from reviewbot.checks.waits.places import Atom, Place, Scope, place_of, target_of
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg, build_cfg, known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.functions import Function
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit

_PREPARES = words(
    "prepare_to_wait prepare_to_wait_exclusive prepare_to_wait_event prepare_to_swait_exclusive "
    "prepare_to_swait_event add_wait_queue add_wait_queue_exclusive"
)
_FINISHES = words("finish_wait finish_swait remove_wait_queue")
_SLEEPS = words("schedule io_schedule freezable_schedule schedule_preempt_disabled")
_EVENT = re.compile(r"(?:io_|s)?wait_event(?:_[a-z_]+)?")
_TAKES_LOCK = re.compile(r"(?:raw_)?spin_lock(?:_irq|_irqsave|_bh)?|mutex_lock\w*|(?:read|write)_lock\w*")
_DROPS_LOCK = re.compile(r"(?:raw_)?spin_unlock\w*|mutex_unlock|(?:read|write)_unlock\w*")
_WORTH_LOOKING = re.compile(rb"prepare_to_s?wait|add_wait_queue|wait_event|finish_wait")


@dataclass(frozen=True, slots=True)
class Wait:
    """A place where tasks sleep on `queue`; `conditions` (with their lines) all hold while they do.

    `line` is where the task goes on the queue, `sleep` where it sleeps.
    """

    function: Function
    line: int
    sleep: int
    queue: Place
    conditions: tuple[tuple[Atom, int], ...]


@kept
def waits(unit: Unit) -> tuple[Wait, ...]:
    """Return the waits without timeout of a file whose queue can be told."""
    if _WORTH_LOOKING.search(unit.source.data) is None:
        return ()
    worth = [f for f, text in zip(unit.functions, texts(unit), strict=True) if _WORTH_LOOKING.search(text)]
    return tuple(wait for function in worth for wait in _waits(Scope(function, unit)))


def calls_at(cfg: Cfg, node: int) -> Iterator[CallEvent]:
    """Yield the calls of a node, in order of evaluation."""
    return (event for event in events(cfg, node) if isinstance(event, CallEvent))


def _waits(scope: Scope) -> Iterator[Wait]:
    names = {call.name for call in scope.function.calls if call.name}
    if not names & (_PREPARES | _FINISHES) and not any(_EVENT.fullmatch(name) for name in names):
        return
    cfg = build_cfg(scope.function)
    by_name = [(node.id, call) for node in cfg.nodes for call in calls_at(cfg, node.id) if call.name]
    sleeps = [(node, call) for node, call in by_name if _sleeps(call)]
    ends = {node for node, call in by_name if call.name in _FINISHES}
    if scope.function.fragment:
        yield from _ends_of_waits(scope, cfg, by_name)
    for node, call in by_name:
        name = call.name or ""
        if name in _PREPARES and len(call.args) >= 2:
            queue = target_of(scope, call.args[0])
            others = {at for at, one in by_name if one.name in _PREPARES and at != node}
            for sleep, slept in sleeps if queue is not None else ():
                if queue is not None and cfg.path(node, sleep, ends | others) is not None:
                    held = necessary(scope, cfg, node, sleep, ends | others) or _asked_before(scope, cfg, node)
                    yield Wait(scope.function, call.line, slept.line, queue, held)
        elif _EVENT.fullmatch(name) and "timeout" not in name and len(call.args) >= 2:
            queue = place_of(scope, call.args[0])
            if queue is not None:
                asked = call.args[1]
                held = tuple((atom, asked.line) for atom in facts(scope, asked, False))
                yield Wait(scope.function, call.line, call.line, queue, held)


def _ends_of_waits(scope: Scope, cfg: Cfg, by_name: list[tuple[int, CallEvent]]) -> Iterator[Wait]:
    """Yield the waits of which only the end is seen: a sleep, and what takes the task off the queue after it."""
    prepares = {node for node, call in by_name if call.name in _PREPARES}
    finishes = [(node, call) for node, call in by_name if call.name in _FINISHES and call.args]
    for sleep, slept in by_name:
        if not _sleeps(slept) or any(cfg.path(node, sleep) is not None for node in prepares):
            continue
        for finish, call in finishes:
            queue = target_of(scope, call.args[0])
            others = {node for node, _ in finishes if node != finish}
            if queue is not None and cfg.path(sleep, finish, others, known) is not None:
                held = necessary(scope, cfg, cfg.entry, sleep)
                yield Wait(scope.function, slept.line, slept.line, queue, held)


def _asked_before(scope: Scope, cfg: Cfg, prepare: int) -> tuple[tuple[Atom, int], ...]:
    """Return what was asked before the task went on the queue, under a lock that is still held then."""
    named = {node.id: {call.name or "" for call in calls_at(cfg, node.id)} for node in cfg.nodes}
    locks = [n for n, names in named.items() if any(_TAKES_LOCK.fullmatch(name) for name in names)]
    unlocks = {n for n, names in named.items() if any(_DROPS_LOCK.fullmatch(name) for name in names)}
    for lock in locks:
        if cfg.dominates(lock, prepare) and cfg.path(lock, prepare, unlocks) is not None:
            return necessary(scope, cfg, lock, prepare)
    return ()


def _sleeps(call: CallEvent) -> bool:
    if call.name == "schedule_timeout":
        return call.args == (c.Name("MAX_SCHEDULE_TIMEOUT"),)
    return call.name in _SLEEPS
