# SPDX-License-Identifier: GPL-2.0-or-later
"""Which cells several tasks really share, learnt while exploring: the reduction of the state space.

A task runs on to just before its next access to a *visible* cell. A cell is visible when two tasks access it, at least
one of them writes (or both do something that does not commute), and no lock is held at both accesses: all other
accesses move freely past the other tasks' steps (Lipton, "Reduction: a method of proving properties of parallel
programs", CACM 1975), and so does the release of a lock, unless somebody asks whether the lock is held.

The set starts empty and only grows. Exploring with a set that is too small meets the first access that proves it too
small (the accesses before it were judged rightly, so nothing before it was lost): then `ChangedError` is raised and the
exploration starts again. What an exploration that ends without one has shown holds for the full space.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

READ, WRITE, ADD = 0, 1, 2
Locks = frozenset[tuple[int, int]]


class ChangedError(Exception):
    """A cell turned out to be shared; explore again."""


class Sharing:
    """The cells known to be visible, and who accessed which other cell under which locks.

    With `everything` each access to shared memory is visible: the full search, which the reduction is tested against.
    With `patient` a new visible cell raises nothing (for a first look around that is thrown away). `version` changes
    with what is visible, but not in a patient time, and when the record of accesses is begun anew. In a `quiet` time
    nothing is recorded, and what would have to be raises ChangedError. `images` gives what an access is for tasks that
    are equal to the one that does it.
    """

    def __init__(self, tasks: int, *, everything: bool = False) -> None:
        self.tasks = tasks
        self.everything = everything
        self.patient = False
        self.quiet = False
        self.images: Callable[[int, int, Locks], Iterable[tuple[int, int, Locks]]] | None = None
        self.stacks = False
        self.version = 0
        self.visible: set[int] = set()
        self.asked: set[int] = set()
        self.seen: dict[tuple[int, int, int], Locks] = {}

    def start(self) -> None:
        """Forget who accessed what, keep what is visible: an exploration begins."""
        self.seen = {}
        self.version += 1

    def exclusive(self, lock: int) -> Locks:
        """Return the tokens of a lock that excludes everybody: common to it and any other holder's."""
        return frozenset((lock, task) for task in range(-1, self.tasks))

    def shared(self, lock: int, task: int) -> Locks:
        """Return the tokens of a lock held for reading: in common with exclusive holders only."""
        return frozenset(((lock, task),))

    def note(self, cell: int, task: int, kind: int, held: Locks) -> None:
        """Record an access to a cell that is not visible, and what it is for each of some equal tasks."""
        if not self.quiet and self._note(cell, task, kind, held) and self.images is not None:
            for image in self.images(cell, task, held):
                self._note(image[0], image[1], kind, image[2])

    def _note(self, cell: int, task: int, kind: int, held: Locks) -> bool:
        """Record one access; False if that was known."""
        key = (cell, task, kind)
        before = self.seen.get(key)
        if before is not None and before <= held:
            return False
        now = held if before is None else before & held
        self.seen[key] = now
        for other in range(self.tasks):
            if other == task:
                continue
            for what in (READ, WRITE, ADD):
                if what == kind and kind != WRITE:
                    continue
                theirs = self.seen.get((cell, other, what))
                if theirs is not None and not (theirs & now):
                    self.reveal(cell)
                    return True
        return True

    def reveal(self, cell: int) -> None:
        """Make a cell visible from now on."""
        if cell not in self.visible:
            self.visible.add(cell)
            self._changed()

    def ask(self, cell: int) -> None:
        """Record that somebody asks, without waiting, whether a lock is held: its release must be visible."""
        if cell not in self.asked:
            self._refuse()
            self.asked.add(cell)
            self._changed()

    def escape(self) -> None:
        """Record that a task can reach another one's stack: stacks are like shared memory from now on."""
        if not self.stacks:
            self._refuse()
            self.stacks = True
            self._changed()

    def spin(self, place: tuple[bool, int]) -> None:
        """Make the cell of (whatever, cell) visible, and explore again: a task would never stop otherwise."""
        self._refuse()
        self.visible.add(place[1])
        self.version += 1
        raise ChangedError

    def _refuse(self) -> None:
        if self.quiet:
            raise ChangedError

    def _changed(self) -> None:
        if not self.patient:
            self.version += 1
            raise ChangedError

    def settle(self) -> None:
        """End a patient time: what was remembered in it was learnt with fewer visible cells."""
        self.patient = False
        self.version += 1
