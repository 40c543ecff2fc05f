# SPDX-License-Identifier: GPL-2.0-or-later
"""The states of a search: stored once for all that they turn into, numbered one by one.

A state that is stored has a number for each permutation of the equal tasks: that of the state that it turns into by it.
One that stands for itself only has a single number, and with no equal tasks each has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from reviewbot.simulate.equals import Trials, noted
from reviewbot.simulate.machine import Machine
from reviewbot.simulate.sharing import ChangedError
from reviewbot.simulate.symmetry import Symmetry
from reviewbot.simulate.workspace import State

FAULT = -1


@dataclass(frozen=True, slots=True)
class Step:
    """A step from a stored state: who, in which way, to which stored state (FAULT: none), whether the task slept.

    `turned` says how the state after the step was turned to get the stored one.
    """

    task: int
    way: int
    target: int
    slept: bool = False
    turned: int = 0


class Numbered(Sequence[State]):
    """The states by their numbers. Its length is how many are stored."""

    def __init__(self, symmetry: Symmetry | None) -> None:
        self.symmetry = symmetry
        self.stored: list[State] = []
        self.first: list[int] = []  # the first number of each stored state
        self.owner: list[int] = []  # the stored state of each number

    def __len__(self) -> int:
        return len(self.stored)

    @overload
    def __getitem__(self, number: int) -> State: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[State]: ...
    def __getitem__(self, number: int | slice) -> State | Sequence[State]:
        if isinstance(number, slice):
            return self.stored[number]
        state = self.stored[self.owner[number]]
        return state if self.symmetry is None else self.symmetry.turn(self.turned(number), state)

    def turned(self, number: int) -> int:
        """Return which permutation makes a state of the stored one."""
        return number - self.first[self.owner[number]]

    def add(self, state: State, count: int) -> int:
        """Store a state that stands for `count`."""
        stored = len(self.stored)
        self.stored.append(state)
        self.first.append(len(self.owner))
        self.owner += [stored] * count
        return stored

    def alone(self, stored: int) -> bool:
        """Tell whether a stored state stands for itself only."""
        here = self.first[stored]
        return (self.first[stored + 1] if stored + 1 < len(self.first) else len(self.owner)) == here + 1


class Merger:
    """Stores states, and finds the stored one of a state."""

    def __init__(self, machine: Machine, symmetry: Symmetry | None) -> None:
        self.machine = machine
        self.symmetry = symmetry
        self.states = Numbered(symmetry)
        self._stored: dict[State, int] = {}
        self._trials = None if symmetry is None else Trials(machine, symmetry)

    def store(self, state: State, turned: int) -> tuple[int, int]:
        """Return the stored state of one, and how that was turned for it; a new one is turned as asked for."""
        symmetry = self.symmetry
        if symmetry is None:
            number = self._stored.get(state)
            return (self._new(state, 1) if number is None else number), 0
        if symmetry.is_tight(state):
            state = symmetry.turn(turned, state)
            number = self._stored.get(state)
            return (self._new(state, 1) if number is None else number), turned
        for which in range(len(symmetry.turns)):
            number = self._stored.get(symmetry.turn(which, state))
            if number is not None:
                return number, which
        return self._new(symmetry.turn(turned, state), len(symmetry.turns)), turned

    def end(self, step: Step, turned: int) -> int:
        """Return the number of the state that a step leads to when all is turned."""
        symmetry, states = self.symmetry, self.states
        if symmetry is None or step.target == FAULT:
            return step.target
        turned = symmetry.product[turned][symmetry.inverse[step.turned]]
        if turned and states.alone(step.target):
            state = symmetry.turn(turned, states.stored[step.target])
            return states.first[self.store(state, 0)[0]]
        return states.first[step.target] + turned

    def _new(self, state: State, count: int) -> int:
        number = self._stored[state] = self.states.add(state, count)
        return number

    def look(self, state: State, task: int) -> None:
        """Compare what a task waits for with what equal tasks would; ChangedError if that tells them apart."""
        if self._trials is not None and not self._known(state, task) and not self._trials.same_condition(state, task):
            self._differs(state, task, None)

    def compare(self, state: State, task: int, way: int, after: State | None, fault: Exception | None = None) -> None:
        """Compare the machine's last step with its images; ChangedError if it is not the same for equal tasks."""
        if self._trials is None or not self.machine.fresh:
            return
        self._trials.check_frozen(state, after)
        if self._known(state, task):
            return
        if not self._trials.same(state, task, way, noted(self.machine, after, fault)):
            self._differs(state, task, way)

    def _known(self, state: State, task: int) -> bool:
        return self.symmetry is not None and (task, state[1][task]) in self.symmetry.tight

    def _differs(self, state: State, task: int, way: int | None) -> None:
        assert self.symmetry is not None and self.symmetry.likeness is not None
        self.symmetry.likeness.differs(state, task, way)
        raise ChangedError
