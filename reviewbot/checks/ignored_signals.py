# SPDX-License-Identifier: GPL-2.0-or-later
"""Interruptible sleeps in loops that look at no signal: with one pending they do not sleep, and the loop spins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.below import words_below
from reviewbot.checks.retries import calls_in, kernel_threads, loops_around
from reviewbot.checks.rule import Code, File
from reviewbot.checks.texts import naming
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.functions import Function, walk
from reviewbot.csource.kernelmacros import words

_SETS = words("set_current_state __set_current_state set_special_state prepare_to_wait prepare_to_wait_exclusive")
_SLEEPS = words("schedule io_schedule")
_FREEZES = words(
    "try_to_freeze set_freezable freezable_schedule kthread_should_stop kthread_should_park allow_signal "
    "sigprocmask flush_signals siginitsetinv ignore_signals dequeue_signal recalc_sigpending set_user_nice daemonize"
)
# a fatal signal only is too little: any other ends the sleep as well
_ASKS = re.compile(r"(?!_*fatal)\w*signal_pending\w*|signal_delivered")
_STATE = c.Name("TASK_INTERRUPTIBLE")
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class Ignored:
    """`function` sets the state at `line`; `looper` goes round at `round` without a look at signals."""

    function: Function
    line: int
    looper: Function
    round: int


def ignored_signals(file: File) -> Iterator[Ignored]:
    """Yield the interruptible sleeps of a file that come again and again whatever signal is pending."""
    for function in naming(file.unit, "TASK_INTERRUPTIBLE"):
        if function.name in kernel_threads(file.unit) or _excused(file, function):
            continue
        code = file.code(function)
        for call in function.calls:
            if call.name in _SETS and _STATE in call.args and _sleeps_after(code, call.expr):
                looper = _looper(file, function, call.expr, 0)
                if looper is not None:
                    yield Ignored(function, call.line, *looper)


def _excused(file: File, function: Function) -> bool:
    """Tell whether a function asks for signals, or has to do with threads that get none."""
    called = words_below(file.unit, function.name).called
    return bool(called & _FREEZES) or any(_ASKS.fullmatch(name) for name in called)


def _sleeps_after(code: Code, expr: c.Call) -> bool:
    """Tell whether a plain schedule() follows the setting of the state before the function is left."""
    here = _node(code, expr)
    sleeps = [n.id for n in code.cfg.nodes for e in events(code.cfg, n.id) if _is_sleep(e)]
    return here is not None and any(code.cfg.path(here, sleep, (), known) is not None for sleep in sleeps)


def _is_sleep(event: object) -> bool:
    return isinstance(event, CallEvent) and event.name in _SLEEPS


def _node(code: Code, expr: c.Expr) -> int | None:
    for node in code.cfg.nodes:
        if any(isinstance(e, CallEvent) and e.expr is expr for e in events(code.cfg, node.id)):
            return node.id
    return None


def _looper(file: File, function: Function, expr: c.Expr, depth: int) -> tuple[Function, int] | None:
    """Return the function, this or one that calls it, that repeats a call without end, and the line of its loop."""
    code = file.code(function)
    node = _node(code, expr)
    if node is None:
        return None
    around = loops_around(code, node)
    for loop in around:
        if not _bounded(code, loop.body) and any(known(edge) for edge in loop.back_edges):
            return function, code.cfg.nodes[loop.head].line
    if around or depth >= _DEEPEST or not function.is_static or not function.name:
        return None
    users = [(f, call) for f in naming(file.unit, function.name) for call in f.calls if call.name == function.name]
    for user, call in users:
        if user.name not in kernel_threads(file.unit) and not _excused(file, user):
            found = _looper(file, user, call.expr, depth + 1)
            if found is not None:
                return found
    return None


def _bounded(code: Code, body: frozenset[int]) -> bool:
    """Tell whether a loop counts its rounds, walks something, or asks for a signal by what it calls."""
    if any(code.cfg.nodes[n].kind == "foreach" for n in body):
        return True
    names = {call.name or "" for call in calls_in(code, body)}
    if any(_ASKS.fullmatch(name) for name in names):
        return True
    return any(
        isinstance(part, c.Name) and part.name == "jiffies"
        for n in body
        if (expr := code.cfg.nodes[n].expr) is not None
        for part in walk(expr)
    )
