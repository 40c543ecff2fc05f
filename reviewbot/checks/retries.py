# SPDX-License-Identifier: GPL-2.0-or-later
"""Loops that try again, by a loop statement or by a goto: what a round may do, and what bounds the rounds."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.checks.below import words_below
from reviewbot.checks.rule import Code
from reviewbot.checks.texts import naming
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import Loop
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit

ASKS_SIGNAL = re.compile(r"\w*signal_pending\w*|signal_delivered|kthread_should_stop|kthread_freezable_should_stop")


def calls_at(code: Code, node: int) -> Iterator[CallEvent]:
    """Yield the calls at a node of a function."""
    return (event for event in events(code.cfg, node) if isinstance(event, CallEvent))


def calls_in(code: Code, nodes: frozenset[int]) -> Iterator[CallEvent]:
    """Yield the calls at some nodes of a function."""
    for node in sorted(nodes):
        yield from calls_at(code, node)


def loops_around(code: Code, node: int) -> tuple[Loop, ...]:
    """Return the loops that a node is in, outer ones first."""
    return tuple(loop for loop in code.cfg.loops if node in loop.body)


def sleeps(unit: Unit, name: str) -> bool:
    """Tell whether a function may give up the CPU until something happens."""
    api = kernel_api()
    if unit.function(name) is None:
        return name in api.schedules or name in api.waits
    return bool(words_below(unit, name).called & (api.schedules | api.waits))


_STARTS = re.compile(r"kthread_\w+|kernel_thread|smpboot_register\w*")


@kept
def kernel_threads(unit: Unit) -> frozenset[str]:
    """Return the functions that kernel threads run, which get no signals, with all that these call in the file."""
    started = {
        arg.name
        for function in naming(unit, "kthread_", "kernel_thread", "smpboot_")
        for call in function.calls
        if call.name and _STARTS.fullmatch(call.name)
        for arg in call.args
        if hasattr(arg, "name") and unit.function(arg.name) is not None
    }
    below = {word for name in started for word in words_below(unit, name).called}
    return frozenset(started | (below & {f.name for f in unit.functions}))
