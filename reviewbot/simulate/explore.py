# SPDX-License-Identifier: GPL-2.0-or-later
"""Exploring every interleaving: states, edges, and the cheapest way to each place.

The order is by number of preemptions, then by number of steps (a preemption is a switch away from a task that could
have gone on). So the first schedule that is found for a violation has the fewest preemptions and is the shortest of
these, and a search that runs out of states has still seen all schedules up to some number of preemptions
(Musuvathi and Qadeer, "Iterative context bounding for systematic testing of multithreaded programs", PLDI 2007).
Each state is expanded once, whatever the number of ways to it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from reviewbot.simulate.equals import told
from reviewbot.simulate.machine import Machine
from reviewbot.simulate.memory import TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.merge import FAULT, Merger, Numbered, Step
from reviewbot.simulate.sharing import ChangedError
from reviewbot.simulate.symmetry import Symmetry
from reviewbot.simulate.workspace import State

Choice = tuple[int, int]  # (task, way)
Node = tuple[int, int]  # (number of a state, who ran last; -1 at the start)
WALKS = 40  # random walks that find most of the shared cells
WALK_STEPS = 200
MOST_WALKED = 800  # steps of all walks together
ENOUGH = 5  # walks in a row that find nothing new
STAY = 0.6  # how often a walk goes on with the same task


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
    has seen all schedules of up to `preemptions` preemptions (-1: not even those without any). `stopped` says what else
    ended it. `expanded` stored states were looked at; `edges` may lack those that neither are final nor lie on a cycle.
    `seconds` of processor time and bytes of `memory` are the compiled explorer's own, 0 where the interpreter searched.
    """

    states: Sequence[State] = field(default_factory=list)
    edges: dict[int, tuple[Edge, ...]] = field(default_factory=dict)
    found: dict[str, Found] = field(default_factory=dict)
    unknown: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    too_big: dict[str, tuple[Choice, ...]] = field(default_factory=dict)
    costs: Mapping[Node, tuple[int, int]] = field(default_factory=dict)
    came: Mapping[Node, tuple[Node, Choice] | None] = field(default_factory=dict)
    cut: dict[str, None] = field(default_factory=dict)
    transitions: int = 0
    expanded: int = 0
    stopped: str = ""
    seconds: float = 0.0
    memory: int = 0
    complete: bool = True
    preemptions: int = -1

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
        return min(nodes, key=lambda node: self.costs[node])

    def report(self, prop: str, text: str, schedule: tuple[Choice, ...], preemptions: int) -> None:
        """Record a violation unless one of the same property was found before."""
        self.found.setdefault(prop, Found(prop, text, schedule, preemptions))


class Explorer:
    """Explores one world. `initial` makes its first state (which depends on what is known to be shared), `most` is the
    number of stored states after which it gives up. `look`: nothing is known to be shared yet, so look around first.
    With `symmetry` states that only differ in which of some equal tasks is which are stored and expanded as one.
    """

    def __init__(
        self,
        machine: Machine,
        initial: Callable[[], State],
        most: int,
        *,
        look: bool = True,
        symmetry: Symmetry | None = None,
    ) -> None:
        self.machine = machine
        self.initial = initial
        self.most = most
        self.look = look
        self.symmetry = symmetry
        self.tasks = machine.tasks
        self.walked = 0

    def explore(self) -> Exploration:
        """Return all that can happen; the set of shared cells is learnt on the way.

        Raises NotSymmetricError if equal tasks turn out to be different, or to save too little.
        """
        sharing, symmetry = self.machine.sharing, self.symmetry
        if self.look:
            self.look_around()
        sharing.images = symmetry.images if symmetry is not None else None
        result = None
        while result is None:
            if symmetry is not None:
                symmetry.close(sharing)
            sharing.start()
            try:
                result = self._search(self.most)
            except ChangedError:
                continue
            except MemoryError:
                result = Exploration(complete=False, stopped="the states need more memory than there is")
        return result

    def look_around(self) -> None:
        """Walk at random to the ends, some times over: this finds nearly all the cells that are shared."""
        sharing, chance = self.machine.sharing, Random(0)
        sharing.patient = True
        self.walked = walks = vain = 0
        while walks < WALKS and self.walked < MOST_WALKED and vain < ENOUGH:
            sharing.start()
            with suppress(ChangedError):
                while walks < WALKS and self.walked < MOST_WALKED and vain < ENOUGH:
                    walks, known = walks + 1, len(sharing.visible)
                    self._walk(self.initial(), chance)
                    vain = vain + 1 if len(sharing.visible) == known else 0
        sharing.settle()

    def _walk(self, state: State, chance: Random) -> None:
        last = 0
        for _ in range(WALK_STEPS):
            self.walked += 1
            ways = [(task, self._ways(state, task)) for task in range(self.tasks)]
            able = [(task, count) for task, count in ways if count]
            if not able:
                return
            same = [item for item in able if item[0] == last]
            last, count = same[0] if same and chance.random() < STAY else chance.choice(able)
            try:
                state = self.machine.step(state, last, chance.randrange(count))
            except (ViolationError, UnknownCodeError, TooBigError):
                return

    def _ways(self, state: State, task: int) -> int:
        try:
            return self.machine.alternatives(state, task)
        except ViolationError:
            return 0

    def _search(self, most: int) -> Exploration:
        merger = Merger(self.machine, self.symmetry)
        merger.store(self.initial(), 0)
        states = merger.states
        steps: dict[int, tuple[Step, ...]] = {}
        costs: dict[Node, tuple[int, int]] = {(0, -1): (0, 0)}
        came: dict[Node, tuple[Node, Choice] | None] = {(0, -1): None}
        result = Exploration(states if self.symmetry is not None else states.stored, costs=costs, came=came)
        heap: list[tuple[int, int, int, int]] = [(0, 0, 0, -1)]
        while heap:
            preemptions, length, number, last = heapq.heappop(heap)
            node = (number, last)
            if costs[node] < (preemptions, length):
                continue
            if number not in result.edges:
                stored, turned = states.owner[number], states.turned(number)
                if stored not in steps:
                    if len(steps) >= most:
                        result.complete, result.preemptions = False, preemptions - 1
                        break
                    if self.symmetry is not None:
                        self.symmetry.ask_whether_it_pays(len(steps), len(result.edges))
                    steps[stored] = self._expand(result, merger, node)
                    result.expanded += 1
                result.edges[number] = tuple(
                    [Edge(self._turned(turned, s.task), s.way, merger.end(s, turned), s.slept) for s in steps[stored]]
                )
            edges = result.edges[number]
            could = any(edge.task == last for edge in edges)
            for edge in edges:
                if edge.target == FAULT:
                    continue
                cost = (preemptions + (1 if could and edge.task != last else 0), length + 1)
                after = (edge.target, edge.task)
                if after not in costs or cost < costs[after]:
                    costs[after] = cost
                    came[after] = (node, (edge.task, edge.way))
                    heapq.heappush(heap, (*cost, *after))
        return result

    def _turned(self, which: int, task: int) -> int:
        return self.symmetry.turns[which][task] if self.symmetry is not None else task

    def _expand(self, result: Exploration, merger: Merger, node: Node) -> tuple[Step, ...]:
        """Return the steps from the stored state of a node, doing each."""
        machine, states = self.machine, merger.states
        state, turned = states.stored[states.owner[node[0]]], states.turned(node[0])
        steps = []
        for task in range(self.tasks):
            merger.look(state, task)
            try:
                ways = machine.alternatives(state, task)
            except ViolationError as fault:
                ways = 0
                steps.append(Step(task, 0, FAULT))
                self._fault(result, node, (task, 0), fault)
            for way in range(ways):
                result.transitions += 1
                try:
                    after = machine.step(state, task, way)
                except (ViolationError, UnknownCodeError, TooBigError) as fault:
                    merger.compare(state, task, way, None, fault)
                    steps.append(Step(task, way, FAULT))
                    self._fault(result, node, (task, way), fault)
                    continue
                slept, complaints = machine.did_sleep, machine.complaints
                merger.compare(state, task, way, after)
                for prop, text in complaints:
                    self._report(result, node, (task, way), prop, text)
                target, how = merger.store(after, turned)
                steps.append(Step(task, way, target, slept, how))
        return tuple(steps)

    def _fault(self, result: Exploration, node: Node, choice: Choice, fault: Exception) -> None:
        if isinstance(fault, ViolationError):
            self._report(result, node, choice, fault.prop, fault.text)
            result.cut[fault.prop] = None
            return
        stopped = result.unknown if isinstance(fault, UnknownCodeError) else result.too_big
        task = self._turned(self._which(result, node), choice[0])
        stopped.setdefault(str(fault), (*result.way_to(node), (task, choice[1])))

    def _report(self, result: Exploration, node: Node, choice: Choice, prop: str, text: str) -> None:
        """Record a violation in a step of the stored state of a node: it is the turned step that comes to pass."""
        if prop in result.found:
            return
        which = self._which(result, node)
        task, way = self._turned(which, choice[0]), choice[1]
        if which:
            text = dict(reversed(told(self.machine, result.states[node[0]], task, way)))[prop]
        result.report(prop, text, (*result.way_to(node), (task, way)), result.costs[node][0])

    def _which(self, result: Exploration, node: Node) -> int:
        return result.states.turned(node[0]) if isinstance(result.states, Numbered) else 0
