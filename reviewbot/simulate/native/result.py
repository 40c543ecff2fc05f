# SPDX-License-Identifier: GPL-2.0-or-later
"""What the compiled explorer answers, in the shape in which the interpreter's search gives it."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, overload

from reviewbot.simulate.exploration import Choice, Edge, Exploration
from reviewbot.simulate.frontier import Node
from reviewbot.simulate.memory import FREED, GUARD, OBJECT
from reviewbot.simulate.merge import FAULT
from reviewbot.simulate.native.encode import FREED_WORD, GUARD_WORD, NONE_WORD, OBJECT_WORD, QUEUE_WORD
from reviewbot.simulate.workspace import State, Task

Finding = tuple[int, tuple[Choice, ...], int]  # what, the schedule, its preemptions
_LOW = (1 << 64) - 1


class Reader:
    """Takes words from an answer one after the other."""

    def __init__(self, data: bytes) -> None:
        self.words = array("q")
        self.words.frombytes(data)
        self.at = 0

    def word(self) -> int:
        """Return the next word."""
        self.at += 1
        return self.words[self.at - 1]

    def take(self, count: int) -> array[int]:
        """Return the next words."""
        self.at += count
        return self.words[self.at - count : self.at]

    def list(self) -> array[int]:
        """Return as many words as the next one says."""
        return self.take(self.word())


class Ways:
    """The cheapest way to each node: three words for each, by number of the state and of the task that ran last."""

    def __init__(self, words: Sequence[int], tasks: int) -> None:
        self.words = words
        self.tasks = tasks

    def place(self, node: Node) -> int:
        """Return where the words of a node are."""
        return 3 * (node[0] * (self.tasks + 1) + node[1] + 1)

    def node(self, index: int) -> Node:
        """Return the node of a number."""
        return index // (self.tasks + 1), index % (self.tasks + 1) - 1


class Costs(Mapping[Node, tuple[int, int]]):
    """Preemptions and steps of the cheapest way to each node that is reached."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways

    def __getitem__(self, node: Node) -> tuple[int, int]:
        word = self.ways.words[self.ways.place(node)]
        if word < 0:
            raise KeyError(node)
        return word >> 32, word & 0xFFFFFFFF

    def __iter__(self) -> Iterator[Node]:
        return (self.ways.node(at) for at in range(len(self)) if self.ways.words[3 * at] >= 0)

    def __len__(self) -> int:
        return len(self.ways.words) // 3


class Came(Mapping[Node, tuple[Node, Choice] | None]):
    """The last step of the cheapest way to each node, None for the first."""

    def __init__(self, ways: Ways) -> None:
        self.ways = ways

    def __getitem__(self, node: Node) -> tuple[Node, Choice] | None:
        at = self.ways.place(node)
        if self.ways.words[at] < 0:
            raise KeyError(node)
        index, choice = self.ways.words[at + 1], self.ways.words[at + 2]
        return None if index < 0 else (self.ways.node(index), (choice >> 32, choice & 0xFFFFFFFF))

    def __iter__(self) -> Iterator[Node]:
        return iter(Costs(self.ways))

    def __len__(self) -> int:
        return len(self.ways.words) // 3


class States(Sequence[State]):
    """States, decoded when they are asked for. Those that were not sent are not to be had."""

    def __init__(self, count: int, cells: int, tasks: int) -> None:
        self.total = count
        self.cells = cells
        self.tasks = tasks
        self.blocks: list[tuple[Any, ...]] = []
        self.locals: list[Task] = []
        self.parts: dict[int, Sequence[int]] = {}

    def __len__(self) -> int:
        return self.total

    @overload
    def __getitem__(self, number: int) -> State: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[State]: ...
    def __getitem__(self, number: int | slice) -> State | Sequence[State]:
        if isinstance(number, slice):
            return [self[at] for at in range(*number.indices(self.total))]
        if number not in self.parts:
            raise IndexError(number)
        parts = self.parts[number]
        blocks = parts[: len(parts) - self.tasks - 1]
        cells = tuple(chain.from_iterable(map(self.blocks.__getitem__, blocks)))[: self.cells]
        return cells, tuple(self.locals[part] for part in parts[len(blocks) :])


def read_values(reader: Reader, queues: Sequence[tuple[int, ...]]) -> list[Any]:
    """Read cells."""
    words = reader.take(2 * reader.word())
    return [_value((high << 64) | (low & _LOW), queues) for low, high in zip(words[::2], words[1::2], strict=True)]


def _value(number: int, queues: Sequence[tuple[int, ...]]) -> Any:
    word = number >> 120
    if word in (0, -1):
        return number
    if word == QUEUE_WORD >> 120:
        return queues[number & _LOW]
    if word == OBJECT_WORD >> 120:
        return f"{OBJECT}{number & _LOW}"
    return {NONE_WORD: None, FREED_WORD: FREED, GUARD_WORD: GUARD}[number]


def _task(values: list[Any]) -> Task:
    at, frames = 1, []
    for _ in range(values[0]):
        count = values[at + 2]
        frames.append((values[at], values[at + 1], tuple(values[at + 3 : at + 3 + count])))
        at += 3 + count
    stack = tuple(values[at + 1 : at + 1 + values[at]])
    at += 1 + len(stack)
    locks = values[at + 1 :]
    held = tuple((lock, bool(a), bool(b)) for lock, a, b in zip(locks[::3], locks[1::3], locks[2::3], strict=True))
    return tuple(frames), stack, held


def read_exploration(reader: Reader, tasks: int, cells: int) -> tuple[Exploration, list[list[Finding]]]:
    """Return what a search saw, and its findings: violations, what ended runs, unknown code, what was too big."""
    made = Exploration()
    count, made.expanded, made.transitions = reader.word(), reader.word(), reader.word()
    made.complete, made.bounded, made.upto = bool(reader.word()), bool(reader.word()), reader.word()
    raw = [[reader.take(5) for _ in range(reader.word())] for _ in range(4)]
    ways = Ways(reader.take(3 * reader.word()), tasks)
    made.costs, made.came = Costs(ways), Came(ways)
    _read_states(reader, made, States(count, cells, tasks))
    findings = [
        [
            (what, (*made.way_to(ways.node(node)), (task, way)), preemptions)
            for what, node, preemptions, task, way in part
        ]
        for part in raw
    ]
    return made, findings


def read_difference(reader: Reader, cells: int, tasks: int) -> tuple[State, int, int]:
    """Return the step that is not the same for equal tasks: the state before it, who, in which way (-1: none)."""
    task, way = reader.word(), reader.word()
    queues = [tuple(reader.list()) for _ in range(reader.word())]
    shared = tuple(read_values(reader, queues)[:cells])
    return (shared, tuple(_task(read_values(reader, queues)) for _ in range(tasks + 1))), task, way


def _read_states(reader: Reader, made: Exploration, states: States) -> None:
    start = reader.at
    for _ in range(2):  # the queues come last, and values name them
        for _ in range(reader.word()):
            reader.take(2 * reader.word())
    queues = [tuple(reader.list()) for _ in range(reader.word())]
    end, reader.at = reader.at, start
    states.blocks = [tuple(read_values(reader, queues)) for _ in range(reader.word())]
    states.locals = [_task(read_values(reader, queues)) for _ in range(reader.word())]
    reader.at = end
    size = -(-states.cells // len(states.blocks[0])) + states.tasks + 1
    for _ in range(reader.word()):
        number = reader.word()
        states.parts[number] = reader.take(size)
        edges = reader.word()
        if edges >= 0:
            made.edges[number] = tuple(_edge(reader.word(), reader.word()) for _ in range(edges))
    made.states = states


def _edge(word: int, target: int) -> Edge:
    return Edge(word >> 32, word & 0xFFFFFF, target if target >= 0 else FAULT, bool(word >> 24 & 1))
