# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests for the OOM killer's victim that decide whether a task tries again."""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.below import words_below
from reviewbot.checks.retries import ASKS_SIGNAL, calls_at, calls_in, loops_around, sleeps
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import CfgNode, Loop, known
from reviewbot.csource.functions import call_name, walk
from reviewbot.csource.kernelmacros import words

_TESTS = words("test_thread_flag test_tsk_thread_flag test_ti_thread_flag")


def tests_for_victims_only(code: Code) -> Iterator[int]:
    """Yield the lines of tests for TIF_MEMDIE that alone decide on another attempt: nothing asks for a signal."""
    calls = code.function.calls
    if not any(call.name in _TESTS and c.Name("TIF_MEMDIE") in call.args for call in calls):
        return
    if any(ASKS_SIGNAL.fullmatch(call.name or "") for call in calls):
        return
    for node in code.cfg.nodes:
        if node.expr is not None and any(_asks(part) for part in walk(node.expr)) and _ends_retries(code, node):
            yield node.line


def _asks(expr: c.Expr) -> bool:
    return call_name(expr) in _TESTS and isinstance(expr, c.Call) and c.Name("TIF_MEMDIE") in expr.args


def _ends_retries(code: Code, node: CfgNode) -> bool:
    """Tell whether a test decides on another attempt: it leaves a loop, or says what a function returns that slept."""
    cfg = code.cfg
    slept = [n for n in cfg.nodes if any(sleeps(code.unit, call.name or "") for call in calls_at(code, n.id))]
    before = any(cfg.path(n.id, node.id, (), known) is not None for n in slept if n.id != node.id)
    if node.kind == "return":
        return before
    if node.kind != "condition":
        return False
    targets = [edge.target for edge in cfg.successors(node.id) if known(edge)]
    returns = [cfg.nodes[target].expr for target in targets if cfg.nodes[target].kind == "return"]
    if before and len(returns) == 2 and returns[0] != returns[1]:
        return True
    for loop in loops_around(code, node.id):
        stays = [t == loop.head or (t in loop.body and _path(code, t, loop.head)) for t in targets]
        if True in stays and False in stays and (_calls_before(code, loop.head, node) or _sleeps_in(code, loop)):
            return True
    away = [t for t in targets if not any(t == n.id or _path(code, t, n.id) for n in slept)]
    tried = _calls_before(code, cfg.entry, node)
    return code.function.fragment and tried and len(away) == len(targets) - 1 == 1 and _leaves(code, away[0])


def _sleeps_in(code: Code, loop: Loop) -> bool:
    """Tell whether a round before may have slept, in functions of which none asks for the victim itself."""
    names = [call.name for call in calls_in(code, loop.body) if call.name and sleeps(code.unit, call.name)]
    return bool(names) and not any("TIF_MEMDIE" in words_below(code.unit, name).named for name in names)


def _path(code: Code, start: int, goal: int, avoiding: int | None = None) -> bool:
    return code.cfg.path(start, goal, () if avoiding is None else (avoiding,), known) is not None


def _calls_before(code: Code, head: int, node: CfgNode) -> bool:
    """Tell whether something was tried on the way from a loop's head to a test."""
    return any(
        list(calls_at(code, n.id))
        for n in code.cfg.nodes
        if n.id != node.id and (n.id == head or _path(code, head, n.id, node.id)) and _path(code, n.id, node.id)
    )


def _leaves(code: Code, target: int) -> bool:
    """Tell whether all that is seen after a branch leads to a return."""
    way = code.cfg.path(target, code.cfg.exit, (), known) or ()
    return any(code.cfg.nodes[n].kind == "return" for n in (target, *way)) and not any(
        code.cfg.nodes[n].kind == "gap" for n in way
    )
