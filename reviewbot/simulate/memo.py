# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps that were done before: a step depends on where its task stands and on the cells that it reads, on nothing else.

Most states differ from each other in what the *other* tasks do, so most steps were done before in another state. They
are kept as decision trees: which cell is read first, and for each value that it had, which one next, down to what the
step did. A step that reads more than cells (other tasks' stacks and locks, the heap's free places) is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reviewbot.simulate.workspace import State

Key = tuple[int, Any, int]  # the task's number, how it stands, the way that it goes


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did: the cells that it wrote, how the task stands after it, what it complained of, if it slept."""

    writes: tuple[tuple[int, Any], ...]
    task: Any
    complaints: tuple[tuple[str, str], ...]
    slept: bool

    def onto(self, state: State, task: int) -> State:
        """Return the state after the step, from one before it."""
        shared, tasks = state
        if self.writes:
            cells = list(shared)
            for at, value in self.writes:
                cells[at] = value
            shared = tuple(cells)
        return shared, (*tasks[:task], self.task, *tasks[task + 1 :])


class Memo:
    """The steps that are known while what is shared stays as it is; `version` is `Sharing.version` at that time."""

    def __init__(self) -> None:
        self.version = -1
        self._trees: dict[Key, Any] = {}

    def at(self, version: int) -> None:
        """Forget everything unless it was learnt at this version."""
        if version != self.version:
            self.version = version
            self._trees = {}

    def find(self, key: Key, cells: tuple[Any, ...]) -> Done | None:
        """Return what a step does in some shared cells, None if that is not known."""
        node = self._trees.get(key)
        while node.__class__ is tuple:
            node = node[1].get(cells[node[0]])
        found: Done | None = node
        return found

    def add(self, key: Key, reads: Mapping[int, Any], done: Done) -> None:
        """Keep a step: the cells that it read with their values, in the order in which it read them first."""
        path: list[tuple[dict[Any, Any], Any]] = [(self._trees, key)]
        for cell, value in reads.items():
            where, at = path[-1]
            node = where.setdefault(at, (cell, {}))
            path.append((node[1], value))
        where, at = path[-1]
        where[at] = done
