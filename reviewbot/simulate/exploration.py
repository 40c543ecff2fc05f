# SPDX-License-Identifier: GPL-2.0-or-later
"""What a search saw: states, edges between them, the way to each, and violations with their schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from reviewbot.simulate.frontier import ANY, Cost, Node, Scope, rank
from reviewbot.simulate.workspace import State

Choice = tuple[int, int]  # (task, way)


@dataclass(frozen=True, slots=True)
class Edge:
    """A step: who, in which way, to which state (FAULT: none), whether the task slept in it."""

    task: int
    way: int
    target: int
    slept: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A violation and the schedule that leads to it."""

    prop: str
    text: str
    schedule: tuple[Choice, ...]
    preemptions: int


@dataclass(slots=True)
class Exploration:
    """What a search saw. `edges[n]` are the steps from state n; a state without any is final. States that equal tasks
    turn into each other are stored once: `len(states)` is how many are stored, the numbers go further.

    `cut` are the properties whose violation ended a run: what would have come after is not known. `unknown` and
    `too_big` map what stopped a step to a schedule. `complete` is False when the search ran out of states: then it
    has seen all schedules of up to `upto` preemptions or, shortest first, steps (-1: not even those with none). It is
    also False when schedules with more preemptions than were asked for were left out, and only for that if `bounded`.
    `stopped` says what else ended it. `expanded` stored states were looked at; `edges` may lack those that neither are
    final nor lie on a cycle. `seconds` of processor time and bytes of `memory` are the compiled explorer's own, 0 where
    the interpreter searched.
    """

    states: Sequence[State] = field(default_factory=list)
    edges: dict[int, tuple[Edge, ...]] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    unknown: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    too_big: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    costs: Mapping[Node, Cost] = field(default_factory=dict)
    came: Mapping[Node, tuple[Node, Choice] | None] = field(default_factory=dict)
    cut: dict[str, None] = field(default_factory=dict)
    transitions: int = 0
    expanded: int = 0
    stopped: str = ""
    seconds: float = 0.0
    memory: int = 0
    complete: bool = True
    bounded: bool = False
    upto: int = -1
    scope: Scope = ANY

    @property
    def over(self) -> bool:
        """Whether a search with room for more states would see no more."""
        return self.complete or self.bounded or bool(self.stopped)

    @property
    def extent(self) -> str:
        """Which schedules were all seen, in words."""
        if self.complete:
            return "every interleaving"
        if self.scope.order == "depth":
            return f"depth first, the first {self.expanded} states"
        unit = "steps" if self.scope.order == "length" else "preemptions"
        return f"up to {self.upto} {unit}"

    def way_to(self, node: Node) -> tuple[Choice, ...]:
        """Return the cheapest schedule to a node: a state and who ran last."""
        steps = []
        step = self.came[node]
        while step is not None:
            node, choice = step
            steps.append(choice)
            step = self.came[node]
        return tuple(reversed(steps))

    def cheapest(self, number: int, tasks: int) -> Node:
        """Return the node of a state that is reached most cheaply."""
        nodes = [(number, last) for last in range(-1, tasks) if (number, last) in self.costs]
        return min(nodes, key=self.cost_rank)

    def cost_rank(self, node: Node) -> Cost:
        """Return what nodes are compared by: less is sooner in the order of the search."""
        return rank(self.scope.order, self.costs[node])

    def report(self, prop: str, text: str, schedule: tuple[Choice, ...], preemptions: int) -> None:
        """Record a violation unless one of the same property was found before."""
        self.found.setdefault(prop, Found(prop, text, schedule, preemptions))
