# SPDX-License-Identifier: GPL-2.0-or-later
"""Random schedules for what is too large to be searched: probabilistic concurrency testing.

Each run gives every task a random priority and always lets the highest one that is able go on; at `DEPTH - 1` random
steps the one that runs falls behind all others. A violation that needs few such points has a known chance to be found
(Burckhardt et al., "A randomized scheduler with probabilistic guarantees of finding bugs", ASPLOS 2010). Nothing that
is not found is shown to hold.
"""

from __future__ import annotations

from random import Random

from reviewbot.simulate.exploration import Choice, Exploration
from reviewbot.simulate.frontier import Node
from reviewbot.simulate.memory import TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.sharing import ChangedError
from reviewbot.simulate.workspace import State
from reviewbot.simulate.world import World

DEPTH = 3
MOST_STEPS = 500  # of one run, which may go round for ever


def sample(world: World, runs: int, seed: int) -> Exploration:
    """Return what `runs` random schedules show; the same for the same seed."""
    while True:
        world.machine.sharing.start()
        try:
            return _Sampler(world, seed).sample(runs)
        except ChangedError:
            continue  # a cell turned out to be shared: the steps are smaller from now on


class _Sampler:
    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = Random(seed)
        self.states: list[State] = []
        self.costs: dict[Node, tuple[int, int]] = {}
        self.came: dict[Node, tuple[Node, Choice] | None] = {}
        self.seen = Exploration(states=self.states, costs=self.costs, came=self.came, complete=False)
        self.longest = 10

    def sample(self, runs: int) -> Exploration:
        initial = self.world.initial()
        for _ in range(runs):
            self._run(initial)
        self.seen.expanded = len(self.states)
        return self.seen

    def _run(self, state: State) -> None:
        tasks = list(range(self.world.machine.tasks))
        self.chance.shuffle(tasks)
        falls = {self.chance.randrange(self.longest) for _ in range(DEPTH - 1)}
        node = self._reach(state, None)
        for step in range(MOST_STEPS):
            able = {task: ways for task in tasks if (ways := self._ways(state, task))}
            if not able:
                self.seen.edges[node[0]] = ()
                break
            task = next(one for one in tasks if one in able)
            choice = task, self.chance.randrange(able[task])
            after = self._step(node, state, choice)
            if after is None:
                break
            state, node = after, self._reach(after, (node, choice))
            self.longest = max(self.longest, step + 1)
            if step in falls:
                tasks.remove(task)
                tasks.append(task)

    def _reach(self, state: State, came: tuple[Node, Choice] | None) -> Node:
        node = (len(self.states), came[1][0] if came else -1)
        self.states.append(state)
        self.came[node] = came
        preemptions, length = self.costs[came[0]] if came else (0, -1)
        other = came is not None and came[0][1] not in (-1, came[1][0])
        left = other and came is not None and bool(self._ways(self.states[came[0][0]], came[0][1]))
        self.costs[node] = (preemptions + left, length + 1)
        return node

    def _ways(self, state: State, task: int) -> int:
        try:
            return self.world.machine.alternatives(state, task)
        except ViolationError:
            return 1  # the step itself breaks the property, and says so

    def _step(self, node: Node, state: State, choice: Choice) -> State | None:
        seen, machine = self.seen, self.world.machine
        seen.transitions += 1
        try:
            after = machine.step(state, *choice)
        except ViolationError as fault:
            self._report(node, choice, fault.prop, fault.text)
        except UnknownCodeError as reason:
            seen.unknown.setdefault(str(reason), (*seen.way_to(node), choice))
        except TooBigError as reason:
            seen.too_big.setdefault(str(reason), (*seen.way_to(node), choice))
        else:
            for prop, text in machine.complaints:
                self._report(node, choice, prop, text)
            return after
        return None

    def _report(self, node: Node, choice: Choice, prop: str, text: str) -> None:
        if prop not in self.seen.found:
            self.seen.report(prop, text, (*self.seen.way_to(node), choice), self.costs[node][0])
