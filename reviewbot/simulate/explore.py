# SPDX-License-Identifier: GPL-2.0-or-later
"""Exploring every interleaving: states, edges, and the best way to each place, in the order of the frontier.

Each state is expanded once, whatever the number of ways to it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from random import Random

from reviewbot.simulate.equals import told
from reviewbot.simulate.exploration import Choice, Edge, Exploration
from reviewbot.simulate.frontier import ANY, Frontier, Node, Scope, rank
from reviewbot.simulate.machine import Machine
from reviewbot.simulate.memory import TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.merge import FAULT, Merger, Numbered, Step
from reviewbot.simulate.sharing import ChangedError
from reviewbot.simulate.symmetry import Symmetry
from reviewbot.simulate.workspace import State

WALKS = 40  # random walks that find most of the shared cells
WALK_STEPS = 200
MOST_WALKED = 800  # steps of all walks together
ENOUGH = 2  # walks in a row that find nothing new
STAY = 0.6  # how often a walk goes on with the same task


class Explorer:
    """Explores one world. `initial` makes its first state (which depends on what is known to be shared), `most` is the
    number of stored states after which it gives up. `look`: nothing is known to be shared yet, so look around first.
    `scope` is the order, and which schedules are left out. With `symmetry` states that only differ in which of some
    equal tasks is which are stored and expanded as one.
    """

    def __init__(
        self,
        machine: Machine,
        initial: Callable[[], State],
        most: int,
        *,
        look: bool = True,
        symmetry: Symmetry | None = None,
        scope: Scope = ANY,
    ) -> None:
        self.machine = machine
        self.initial = initial
        self.most = most
        self.look = look
        self.symmetry = symmetry
        self.scope = scope
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
        frontier = Frontier(self.scope.order)
        frontier.add((0, -1), (0, 0))
        came: dict[Node, tuple[Node, Choice] | None] = {(0, -1): None}
        seen = states if self.symmetry is not None else states.stored
        result = Exploration(seen, costs=frontier.costs, came=came, scope=self.scope)
        while (node := frontier.take()) is not None:
            number, last = node
            preemptions, length = frontier.costs[node]
            if number not in result.edges:
                stored, turned = states.owner[number], states.turned(number)
                if stored not in steps:
                    if len(steps) >= most:
                        result.complete = result.bounded = False
                        result.upto = rank(self.scope.order, (preemptions, length))[0] - 1
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
            for edge in edges if self.scope.order != "depth" else reversed(edges):
                if edge.target == FAULT:
                    continue
                more = preemptions + (1 if could and edge.task != last else 0)
                if self.scope.preemptions is not None and more > self.scope.preemptions:
                    result.complete, result.bounded, result.upto = False, True, self.scope.preemptions
                elif frontier.add((edge.target, edge.task), (more, length + 1)):
                    came[edge.target, edge.task] = (node, (edge.task, edge.way))
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
