# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding out what belongs to which of some equal tasks, and where they are told apart.

A task, and the one whose place it takes in the turned state, do the same. Where one of them names a place that the
other does not, the two places belong to them. What is found so may be wrong or too little: it is a guess, and each step
of the search is compared with its images in any case.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reviewbot.simulate.equals import Trials, Tried, attempt
from reviewbot.simulate.memory import BASE, HEAP_CELLS, OBJECT, TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.sharing import ChangedError
from reviewbot.simulate.symmetry import NotSymmetricError, Symmetry
from reviewbot.simulate.workspace import State, Task
from reviewbot.simulate.world import World


def find_symmetry(world: World, states: Sequence[State]) -> Symmetry | None:
    """Return the symmetry of a world's equal tasks as some states of a search show it.

    None if there are no equal tasks, or they differ from the beginning.
    """
    symmetry = Symmetry(world.equal, world.machine.tasks)
    if len(symmetry.turns) < 2:
        return None
    sharing = world.machine.sharing
    sharing.quiet = True
    try:
        symmetry.likeness = likeness = Likeness(world, symmetry)
        return symmetry if likeness.find(states) else None
    except (ViolationError, UnknownCodeError, TooBigError, ChangedError, NotSymmetricError):
        return None
    finally:
        sharing.quiet = False


class Likeness:
    """What is known of the equal tasks of a world; it learns more from steps in which they differ."""

    def __init__(self, world: World, symmetry: Symmetry) -> None:
        self.machine = world.machine
        self.symmetry = symmetry
        self.first = world.initial()
        self.top = BASE + len(self.first[0]) - HEAP_CELLS
        self.trials = Trials(world.machine, symmetry)
        self.visible = frozenset(world.machine.sharing.visible)

    def find(self, states: Sequence[State]) -> bool:
        """Learn from the first state and from steps in others; False if not even the first state can be turned."""
        for kind, members in enumerate(self.symmetry.classes):
            self._add(kind, [self.machine.task_addresses[task] for task in members])
        if not self._settle():
            return False
        places: dict[tuple[int, Task], State] = {}
        for state in states:
            for task in range(self.machine.tasks):
                places.setdefault((task, state[1][task]), state)
        for (task, _), state in places.items():
            for way in range(self._ways(state, task)):
                while self._compare(state, task, way, attempt(self.machine, state, task, way)):
                    if not self._settle():
                        return False
        for (task, stands), state in places.items():
            if (task, stands) not in self.symmetry.tight and not self._same(state, task):
                self.symmetry.tighten(task, stands)
        return True

    def _same(self, state: State, task: int) -> bool:
        return self.trials.same_condition(state, task) and all(
            self.trials.same(state, task, way, attempt(self.machine, state, task, way))
            for way in range(self._ways(state, task))
        )

    def differs(self, state: State, task: int, way: int | None) -> None:
        """Learn from a step that is not the same for equal tasks (`way` None: from what the task waits for).

        It may show what belongs to them; if not, they are told apart there. With something new that belongs to them,
        what was found to tell them apart is forgotten, and so is what seemed to be shared by them. Raises
        NotSymmetricError if they cannot be made the same.
        """
        sharing = self.machine.sharing
        sharing.quiet = True
        try:
            if way is not None and self._compare(state, task, way, attempt(self.machine, state, task, way)):
                self.symmetry.tight.clear()
                sharing.visible = set(self.visible)
                if not self._settle():
                    raise NotSymmetricError("equal tasks do not begin in the same way")
            else:
                self.symmetry.tighten(task, state[1][task])
        finally:
            sharing.quiet = False

    def _add(self, kind: int, row: Sequence[int]) -> bool:
        """Let addresses belong to the tasks of a class, and with them the objects that they lie in."""
        spans = [self._span(address) for address in row]
        offsets = {(address - span[0], span[1]) for address, span in zip(row, spans, strict=True)}
        if len(offsets) > 1:
            return self.symmetry.add(kind, row)
        size = offsets.pop()[1]
        return sum(self.symmetry.add(kind, [span[0] + at for span in spans]) for at in range(size)) > 0

    def _span(self, address: int) -> tuple[int, int]:
        """Return where the allocated object around an address begins, and its size; a static cell is one by itself."""
        cells = self.first[0]
        at = address - BASE
        for header in range(at, 0, -1):
            value = cells[header]
            if value.__class__ is str:
                size = int(value.removeprefix(OBJECT)) + 1 if value.startswith(OBJECT) else 0
                return (BASE + header, size) if at < header + size else (address, 1)
        return address, 1

    def _settle(self) -> bool:
        """Work out which cells tell the tasks apart; False if their beginning cannot be made the same."""
        symmetry = self.symmetry
        symmetry.frozen = frozenset()
        again = True
        while again:
            symmetry.settle()
            again = False
            for kind, row in list(symmetry.rows):
                values = [self.first[0][address - BASE] for address in row]
                again = self._learn(kind, values) or again
        while True:
            symmetry.settle()
            wrong = {
                cell
                for which in range(1, len(symmetry.turns))
                for cell, pair in enumerate(zip(symmetry.turn(which, self.first)[0], self.first[0], strict=True))
                if pair[0] != pair[1]
            }
            if not wrong - symmetry.frozen:
                break
            rows = [{address - BASE for address in row} for _, row in symmetry.rows]
            symmetry.frozen |= wrong.union(*(row for row in rows if row & wrong))
        return all(symmetry.turn(which, self.first) == self.first for which in range(1, len(symmetry.turns)))

    def _learn(self, kind: int, row: Sequence[Any]) -> bool:
        if any(value.__class__ is not int or not BASE < value < self.top for value in row):
            return False
        return self._add(kind, row)

    def _ways(self, state: State, task: int) -> int:
        try:
            return self.machine.alternatives(state, task)
        except ViolationError:
            return 0

    def _compare(self, state: State, task: int, way: int, done: Tried) -> bool:
        """Do a step for each task of a class in its place: True if that shows what belongs to them."""
        symmetry = self.symmetry
        for kind, members in enumerate(symmetry.classes):
            if task not in members:
                continue
            images = []
            for other in members:
                turn = list(range(symmetry.tasks))
                turn[task], turn[other] = other, task
                which = symmetry.turns.index(tuple(turn))
                image = attempt(self.machine, symmetry.turn(which, state), other, way) if which else done
                images.append(list(_named(image, other)))
            if len({len(named) for named in images}) == 1:
                found = [self._learn(kind, row) for row in zip(*images, strict=True) if len(set(row)) == len(row)]
                return any(found)
        return False


def _named(done: Tried, task: int) -> Iterator[Any]:
    """Yield all that a step names, in its order: the cells that it reads and writes, what is in them, what it keeps."""
    for cell, value in done.reads:
        yield from (cell + BASE, value)
    for cell in done.writes:
        yield cell + BASE
    if done.after is not None:
        for cell in done.writes:
            yield done.after[0][cell]
        frames, stack, held = done.after[1][task]
        for frame in frames:
            yield from frame[2]
        yield from stack
        yield from (lock for lock, _, _ in held)
