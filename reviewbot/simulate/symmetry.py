# SPDX-License-Identifier: GPL-2.0-or-later
"""Tasks that are equal: states that differ only in which of them is which are stored and expanded as one (Ip and Dill,
"Better verification through symmetry", Formal Methods in System Design 9, 1996).

A permutation of equal tasks *turns* a state: how the tasks stand changes places, cells that belong to them (`rows`: for
each task of a class the address that plays the same part) change places, and every value that is the address of such a
cell or lies in such a task's stack is replaced. A few cells are *frozen*: what they hold from the beginning tells the
tasks apart (a number, the place in a list), so they keep it.

Nothing here has to know what a value means. That a number is taken for an address, that addresses are compared by `<`,
that a list has an order: all of it shows in a step that, done in the turned state, does not lead to the turned state
after it, and each step is tried so (equals.py). Where a task stands before such a step it is at a *tight* place, and
the state stands for itself only. Any other state stands for all that it turns into: what can happen in them is known
from it. Which of them are reached is kept, so that the search still goes through the real states one by one, and knows
who runs: only so can fairness be judged (Emerson and Sistla, "Utilizing symmetry when model-checking under fairness
assumptions", TOPLAS 19, 1997, keep permutations on the edges to that end).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from typing import Any, Protocol

from reviewbot.simulate.memory import BASE, STACK_CELLS, stack_address
from reviewbot.simulate.sharing import Locks, Sharing
from reviewbot.simulate.workspace import State, Task

MOST_EQUAL = 4  # of a class; more of them are left as they are
MOST_TURNS = 24
PAYS_AT = 1_000  # stored states after which it shows whether symmetry pays
PAYS = 150  # real states for each hundred of them, at least


class NotSymmetricError(Exception):
    """Tasks that seemed to be equal are not: search without symmetry."""


class Learner(Protocol):
    """Learns what belongs to equal tasks, and where they are told apart (likeness.py)."""

    def differs(self, state: State, task: int, way: int | None) -> None:
        """Learn from a step, or from what a task waits for, that is not the same for equal tasks."""


class Symmetry:
    """The permutations of equal tasks, and what each does to a state. The first one is the identity.

    `product[a][b]` does b first. `tight` are the places (task, how it stands) at which equal tasks are told apart.
    """

    def __init__(self, classes: Sequence[Sequence[int]], tasks: int) -> None:
        self.tasks = tasks
        self.likeness: Learner | None = None
        self.pays = PAYS
        self.classes, self.turns = _turns(classes, tasks)
        self.rows: list[tuple[int, tuple[int, ...]]] = []  # class, and an address for each of its tasks
        self.known: set[int] = set()
        self.frozen: frozenset[int] = frozenset()
        self.tight: set[tuple[int, Task]] = set()
        number = {turn: at for at, turn in enumerate(self.turns)}
        self.inverse = [number[tuple(sorted(range(tasks), key=turn.__getitem__))] for turn in self.turns]
        self.product = [[number[tuple(one[at] for at in other)] for other in self.turns] for one in self.turns]
        self.moves: list[dict[int, int]] = []
        self.places: list[list[tuple[int, int]]] = []
        self._locals: list[dict[Task, Task]] = []
        self.settle()

    def add(self, kind: int, row: Sequence[int]) -> bool:
        """Let addresses belong to the tasks of a class, one to each; False if one of them belongs to a task already."""
        if self.known & set(row) or len(set(row)) < len(row):
            return False
        self.rows.append((kind, tuple(row)))
        self.known.update(row)
        return True

    def settle(self) -> None:
        """Work out what each permutation does; to be called after the rows or the frozen cells have changed."""
        self.moves, self.places = [], []
        self._locals = [{} for _ in self.turns]
        for turn in self.turns:
            moved = {
                address: row[members.index(turn[task])]
                for kind, row in self.rows
                for members in (self.classes[kind],)
                for task, address in zip(members, row, strict=True)
                if turn[task] != task
            }
            self.places.append(
                [(a - BASE, b - BASE) for a, b in moved.items() if not {a - BASE, b - BASE} & self.frozen]
            )
            for task in range(self.tasks):
                if turn[task] != task:
                    for cell in range(STACK_CELLS):
                        moved[stack_address(task, cell)] = stack_address(turn[task], cell)
            self.moves.append(moved)

    def turn(self, which: int, state: State) -> State:
        """Return a turned state."""
        if not which:
            return state
        shared, tasks = state
        get = self.moves[which].get
        cells = [get(v, v) if v.__class__ is not tuple else self._value(which, v) for v in shared]
        renamed = tuple(cells)
        for here, there in self.places[which]:
            cells[there] = renamed[here]
        for cell in self.frozen:
            cells[cell] = shared[cell]
        turn = self.turns[which]
        stand = list(tasks)
        for task in range(self.tasks):
            stand[turn[task]] = self.turn_task(which, tasks[task])
        return tuple(cells), tuple(stand)

    def turn_task(self, which: int, task: Task) -> Task:
        """Return how a task stands when every value is turned."""
        if not which:
            return task
        made = self._locals[which].get(task)
        if made is None:
            frames, stack, held = task
            made = self._locals[which][task] = (
                tuple((function, at, self._values(which, values)) for function, at, values in frames),
                self._values(which, stack),
                tuple(sorted((self.value(which, lock), exclusive, sleeps) for lock, exclusive, sleeps in held)),
            )
        return made

    def _values(self, which: int, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([self._value(which, value) for value in values])

    def _value(self, which: int, value: Any) -> Any:
        if value.__class__ is tuple:  # a queue
            return tuple([self.value(which, entry) for entry in value])
        return self.moves[which].get(value, value)

    def value(self, which: int, value: int) -> int:
        """Return a turned number: another one if it is an address that belongs to one of the tasks."""
        return self.moves[which].get(value, value)

    def cell(self, which: int, cell: int) -> int:
        """Return where the contents of a shared cell go."""
        return cell if cell in self.frozen else self.value(which, cell + BASE) - BASE

    def is_tight(self, state: State) -> bool:
        """Tell whether some task stands at a tight place."""
        tight = self.tight
        return bool(tight) and any((task, state[1][task]) in tight for task in range(self.tasks))

    def tighten(self, task: int, stands: Task) -> None:
        """Make a place tight, for each of the equal tasks."""
        for which, turn in enumerate(self.turns):
            self.tight.add((turn[task], self.turn_task(which, stands)))

    def images(self, cell: int, task: int, held: Locks) -> Iterator[tuple[int, int, Locks]]:
        """Yield what an access of a task to a cell under some locks is when turned."""
        for which, turn in enumerate(self.turns[1:], 1):
            locks = frozenset((self.value(which, lock), turn[t] if t >= 0 else t) for lock, t in held)
            yield self.value(which, cell), turn[task], locks

    def ask_whether_it_pays(self, stored: int, real: int) -> None:
        """Raise NotSymmetricError when so many states are stored, and stand for so few."""
        if stored == PAYS_AT and real * 100 < stored * self.pays:
            raise NotSymmetricError("equal tasks are told apart too soon")

    def close(self, sharing: Sharing) -> None:
        """Make visible for each of the equal tasks what is so for one, so that their steps end at the same places."""
        for cells in (sharing.visible, sharing.asked):
            for which in range(1, len(self.turns)):
                cells |= {self.value(which, cell) for cell in cells}


def _turns(classes: Sequence[Sequence[int]], tasks: int) -> tuple[list[tuple[int, ...]], list[tuple[int, ...]]]:
    """Return the classes that are used, and all permutations of their tasks, each a tuple that maps tasks."""
    used: list[tuple[int, ...]] = []
    turns = [tuple(range(tasks))]
    for members in classes:
        members = tuple(members[:MOST_EQUAL])
        orders = list(permutations(members))
        if len(members) < 2 or len(turns) * len(orders) > MOST_TURNS:
            continue
        used.append(members)
        turns = [
            tuple(dict(zip(members, order, strict=True)).get(task, image) for task, image in enumerate(turn))
            for turn, order in product(turns, orders)
        ]
    return used, turns
