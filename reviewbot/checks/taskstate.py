# SPDX-License-Identifier: GPL-2.0-or-later
"""The scheduling state of the current task along the paths of a function: running, set to sleep, or not known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import CallEvent, Event, Write, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import Function
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.parse import Unit
from reviewbot.csource.paths import follow

State = Literal["running", "set", "open"]

SETS = words("set_current_state __set_current_state set_special_state set_task_state __set_task_state")
PREPARES = words(
    "prepare_to_wait prepare_to_wait_exclusive prepare_to_wait_event prepare_to_swait_exclusive prepare_to_swait_event"
)
# the task is running when these return
_RUNS = re.compile(
    r"(?:io_|freezable_)?schedule(?:_timeout\w*|_hrtimeout\w*|_preempt_disabled)?|finish_s?wait|wait_woken|msleep\w*"
    r"|ssleep|usleep_range\w*|(?:io_)?wait_(?:event|for_completion)\w*|yield"
)
# a function of another file with such a name may set the state
_MAY_SET = re.compile(r"\w*(?:state|prepare|wait|sleep|freez|park)\w*")
_HELPS = re.compile(r"\w*(?:wait|schedul|sleep)\w*")
_DEEPEST = 3


def states_before(code: Code, names: frozenset[str]) -> Iterator[tuple[CallEvent, frozenset[State]]]:
    """Yield the calls of `names` in a function, with every state that a path reaches them in.

    Unseen code of a function is taken to leave the state as it is, if nothing that is seen of the function has to do
    with waiting; else nothing is known after it.
    """
    calls = [call for call in code.function.calls if call.name in names]
    if not calls:
        return
    waits = code.function.fragment and _waits(code.function)
    given = waits or _given_by_caller(code, [call.line for call in calls])
    follows = _TaskState(code, "open" if given else "running", waits)
    outcome = follow(code.cfg, follows, code.introduced, known)
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, CallEvent) and event.name in names:
                reached = outcome.states(node.id)
                yield event, frozenset(follows.until(node, state, event) for state in reached)


class _TaskState:
    def __init__(self, code: Code, first: State, gaps_set: bool) -> None:
        self.code = code
        self.first = first
        self.gaps_set = gaps_set

    def start(self) -> State:
        return self.first

    def step(self, node: CfgNode, state: State, facts: Facts) -> Iterable[State]:
        if node.kind == "gap" and self.gaps_set:
            return ("open",)
        return (self.until(node, state, None),)

    def along(self, edge: Edge, state: State, facts: Facts) -> State | None:
        return state

    def until(self, node: CfgNode, state: State, stop: Event | None) -> State:
        """Return the state after the events of a node that come before `stop` (all of them if None)."""
        for event in events(self.code.cfg, node.id):
            if event is stop:
                break
            state = self._after(event, state)
        return state

    def _after(self, event: Event, state: State) -> State:
        if isinstance(event, Write) and event.path.root == "current" and event.path.last_field in ("state", "__state"):
            return _value(event.value)
        if not isinstance(event, CallEvent):
            return state
        name, args = event.name, event.args
        if name is None:
            return state if state == "running" else "open"
        if name in SETS and args:
            return _value(args[-1])
        if name in PREPARES:
            return "set"
        if name in ("WRITE_ONCE", "smp_store_mb") and len(args) == 2 and _is_state(args[0]):
            return _value(args[1])
        if _RUNS.fullmatch(name):
            return "running"
        return "open" if may_set_state(self.code.unit, name) else state


def _value(expr: c.Expr | None) -> State:
    if expr == c.Name("TASK_RUNNING"):
        return "running"
    return "set" if isinstance(expr, c.Name) and expr.name.startswith("TASK_") else "open"


def _is_state(expr: c.Expr) -> bool:
    return isinstance(expr, c.Member) and expr.field in ("state", "__state") and expr.base == c.Name("current")


def may_set_state(unit: Unit, name: str, depth: int = 0) -> bool:
    """Tell whether a call of `name` may leave the task in another state than it found it in."""
    function = unit.function(name)
    if function is None:
        return _MAY_SET.fullmatch(name) is not None
    if depth >= _DEEPEST:
        return True
    return any(
        call.name in SETS | PREPARES or (call.name and call.name != name and _inside(unit, call.name, depth))
        for call in function.calls
    )


def _inside(unit: Unit, name: str, depth: int) -> bool:
    return unit.function(name) is not None and may_set_state(unit, name, depth + 1)


def _given_by_caller(code: Code, lines: list[int]) -> bool:
    """Tell whether callers may set the state before they call: a helper for sleeping, or one whose caller waits.

    `lines` are those of the calls in question; where one is in a loop, the helper would have to set the state itself.
    """
    function = code.function
    in_loop = {code.cfg.nodes[node].line for loop in code.cfg.loops for node in loop.body}
    if _HELPS.fullmatch(function.name) and not in_loop & set(lines):
        return True
    timeouts = {p.name for p in function.params}
    if any(
        isinstance(arg, c.Name) and arg.name in timeouts
        for call in function.calls
        if call.name and "schedule" in call.name
        for arg in call.args
    ):
        return True
    callers = [f for f in code.unit.functions if any(call.name == function.name for call in f.calls)]
    return bool(function.name) and any(call.name in SETS | PREPARES for f in callers for call in f.calls)


def _waits(function: Function) -> bool:
    names = {call.name or "" for call in function.calls}
    declared = {variable.macro or "" for variable in function.locals}
    return any(_MAY_SET.fullmatch(name) or name in SETS | PREPARES for name in names | declared if name) or any(
        "WAIT" in name for name in declared
    )
