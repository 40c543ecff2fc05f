# SPDX-License-Identifier: GPL-2.0-or-later
"""Counters that a function counts up, and on some ways out does not count down again.

Like a lock, a counter is followed by itself along the paths: raised, or lowered again. What counts is done by the
function itself or by a function of the file that it calls or hands to somebody who calls it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.rule import Code, File
from reviewbot.checks.texts import naming
from reviewbot.checks.waits.counters import asked_by_wakers
from reviewbot.checks.waits.places import Place
from reviewbot.checks.waits.protocols import waits
from reviewbot.checks.waits.writes import Store, stores_to
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import CfgNode, Edge, build_cfg, known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import Function
from reviewbot.csource.paths import follow

State = Literal["even", "raised", "lost"]


@dataclass(frozen=True, slots=True)
class Unbalanced:
    """`function` raises `counter` at `line`, lowers it at `lowered`, and leaves at `left` with it raised."""

    function: Function
    counter: Place
    line: int
    lowered: int
    left: int


def unbalanced(file: File) -> Iterator[Unbalanced]:
    """Yield the counters that sleepers or wakers go by and that a function leaves raised on one way of several."""
    unit = file.unit
    if b"wait" not in unit.source.data or b"wake_up" not in unit.source.data:
        return
    asked = {atom.place for wait in waits(unit) for atom, _ in wait.conditions} | set(asked_by_wakers(unit))
    for place in sorted(asked, key=str):
        if place.bit:
            continue
        changes = [(f, node, store) for f, node, store in stores_to(unit, place.name) if store.place.same(place)]
        raising = {f.name for f, node, store in changes if store.kind == "up" and _always(f, node)} - {""}
        lowering = {f.name for f, _, store in changes if _lowers(store)} - {""}
        if raising and lowering and not raising & lowering:
            for function in naming(unit, *sorted(raising)):
                found = _left_raised(file.code(function), place, raising, lowering)
                if found is not None:
                    yield found


def _lowers(store: Store) -> bool:
    return store.kind == "down" or (store.kind == "set" and store.value == 0)


def _left_raised(code: Code, place: Place, raising: set[str], lowering: set[str]) -> Unbalanced | None:
    steps = _Counter(code, raising, lowering)
    ups = [n for n in code.cfg.nodes if steps.at(n) == "raised"]
    downs = [n for n in code.cfg.nodes if steps.at(n) == "even"]
    if not ups or not downs or any(code.cfg.path(down.id, ups[0].id, (), known) is not None for down in downs):
        return None
    outcome = follow(code.cfg, steps, code.introduced, known, True)
    if not outcome.complete:
        return None
    leaving = [code.cfg.nodes[edge.source] for edge in code.cfg.predecessors(code.cfg.exit) if known(edge)]
    left = [node for node in leaving if _leaves_raised(node, outcome.states(node.id), steps)]
    if not left:
        return None
    return Unbalanced(code.function, place, ups[0].line, downs[0].line, left[0].line)


def _leaves_raised(node: CfgNode, states: tuple[State, ...], steps: _Counter) -> bool:
    """Tell whether a way out leaves the counter raised for no reason: with an error, or on some of its ways only."""
    after = {one for state in states for one in steps.step(node, state, {})}
    value = strip(node.expr) if node.kind == "return" and node.expr is not None else None
    fails = isinstance(value, c.Unary) and value.op == "-"
    # a pointer that is handed out may well be what was counted
    handed_out = isinstance(value, c.Name) and steps.code.function.returns.pointers
    return "raised" in after and (fails or ("even" in after and not handed_out))


def _always(function: Function, node: int) -> bool:
    """Tell whether every call of a function comes to a node."""
    cfg = build_cfg(function)
    return not function.fragment and cfg.dominates(node, cfg.exit)


class _Counter:
    """Follows one counter."""

    def __init__(self, code: Code, raising: set[str], lowering: set[str]) -> None:
        self.code = code
        self.raising = raising
        self.lowering = lowering

    def start(self) -> State:
        return "lost"

    def at(self, node: CfgNode) -> State | None:
        """Return what a node makes of the counter, None if it leaves it alone."""
        if node.kind in ("gap", "unparsed"):
            return "lost"
        for event in events(self.code.cfg, node.id):
            if isinstance(event, CallEvent):
                names = {event.name} | {arg.name for arg in map(strip, event.args) if isinstance(arg, c.Name)}
                if names & self.raising:
                    return "raised"
                if names & self.lowering:
                    return "even"
        return None

    def step(self, node: CfgNode, state: State, facts: Facts) -> Iterable[State]:
        return (self.at(node) or state,)

    def along(self, edge: Edge, state: State, facts: Facts) -> State | None:
        return state
