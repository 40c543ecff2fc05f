# SPDX-License-Identifier: GPL-2.0-or-later
"""Sleeps that come right after a task has gone on its queue, with no look at what it waits for in between."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.locking.states import held
from reviewbot.checks.rule import Code
from reviewbot.checks.waits.protocols import calls_at
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import CfgNode, known
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.spell import spell

_PREPARES = words("prepare_to_wait prepare_to_wait_exclusive")
_SLEEPS = words("schedule io_schedule")


@dataclass(frozen=True, slots=True)
class Unlooked:
    """The task goes on `queue` at `line` and sleeps at `sleep`; `asked` is where it looked before, if it did."""

    queue: str
    line: int
    sleep: int
    asked: int


def unlooked_sleeps(code: Code) -> Iterator[Unlooked]:
    """Yield the sleeps that miss a wake-up between the look and the queueing.

    A lock that was dropped on the way here tells that the look was under it: with the lock still held while the task
    goes on the queue, wakers are kept out, without it they are not.
    """
    if not any(call.name in _PREPARES for call in code.function.calls) or code.function.fragment:
        return
    for node in code.cfg.nodes:
        for call in calls_at(code.cfg, node.id):
            if call.name in _PREPARES and call.args:
                sleep = _straight_to_sleep(code, node)
                asked = _asked_under_lock(code, node.id)
                if sleep is not None and asked is not None:
                    yield Unlooked(spell(call.args[0]).lstrip("&"), call.line, sleep, asked)


def _straight_to_sleep(code: Code, node: CfgNode) -> int | None:
    """Return the line of the sleep that follows with nothing in between, None if something does."""
    here = node.id
    while True:
        out = [edge for edge in code.cfg.successors(here) if known(edge)]
        if len(out) != 1:
            return None
        here = out[0].target
        at = code.cfg.nodes[here]
        calls = list(calls_at(code.cfg, here))
        if calls and calls[0].name in _SLEEPS:
            return at.line
        if calls or at.kind not in ("join",):
            return None


def _asked_under_lock(code: Code, node: int) -> int | None:
    """Return the line of a condition that was asked with a lock which is surely dropped at a node."""
    for one in held(code):
        if not one.lock.is_object or not one.complete or one.before(node) != {"freed"}:
            continue
        for other in code.cfg.nodes:
            asks = other.kind == "condition" and one.before(other.id) == {"held"}
            if asks and code.cfg.dominates(other.id, node) and not isinstance(other.expr, c.Name):
                return other.line
    return None
