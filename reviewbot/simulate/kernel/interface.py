# SPDX-License-Identifier: GPL-2.0-or-later
"""What a primitive is to the machine, and what the machine is to a primitive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from reviewbot.simulate.memory import BASE
from reviewbot.simulate.sharing import ADD, READ, WRITE

Values = Sequence[Any]


class Kernel(Protocol):
    """The machine while it runs a step, as primitives see it. Addresses and values are numbers."""

    task: int
    names: Sequence[str]

    @property
    def tasks(self) -> int:
        """The number of tasks."""

    def get(self, address: int) -> Any:
        """Return what a cell holds; a fault if it is no cell of a live object."""

    def put(self, address: int, value: Any) -> None:
        """Write a cell; a fault if it is no cell of a live object."""

    def task_address(self, task: int) -> int:
        """Return the address of a task's task_struct."""

    def task_offset(self, field: str) -> int:
        """Return where the model keeps `sim_state`, `sim_signal` or `sim_flags` in a task_struct."""

    def text(self, address: int) -> str:
        """Return the string constant at an address."""

    def function_name(self, address: int) -> str:
        """Return the name of the function at an address, "" if there is none."""

    def held_elsewhere(self, lock: int) -> bool:
        """Tell whether a task other than the running one holds the lock."""

    def slept(self) -> None:
        """Record that the task really gives up the processor in this step, until a timer or a wake-up."""

    def hold(self, lock: int, *, exclusive: bool, sleeps: bool) -> None:
        """Record that the running task holds a lock; `sleeps` tells that one may sleep with it."""

    def unhold(self, lock: int) -> bool:
        """Record that the running task lets go of a lock; False if it did not hold it."""

    def holds(self, lock: int) -> bool:
        """Tell whether the running task holds the lock."""

    def atomic_context(self) -> bool:
        """Tell whether the running task holds a lock with which it must not sleep."""

    def allocate(self, size: int, value: int | None) -> int:
        """Return a new object of `size` cells, each holding `value`."""

    def object_size(self, address: int) -> int:
        """Return the number of cells of the object that begins at an address, 0 if none does."""

    def release(self, address: int) -> None:
        """Free an object; a fault if there is none at the address."""

    def finished(self, task: int) -> bool:
        """Tell whether a task has returned from its function."""

    def fail(self, prop: str, text: str) -> None:
        """End the step: the property is violated."""

    def complain(self, prop: str, text: str) -> None:
        """Record that a property is violated; the step goes on."""

    def note_question(self, lock: int) -> None:
        """Record that the code asks whether a lock is held without waiting for it."""


Waiting = Literal["sleeps", "blocks", "rests"]
RETRY = object()  # what `run` returns when the operation is still to be done
RCU = BASE  # the cell that stands for all read-side critical sections
Ready = Callable[[Kernel, Values], int]
Touches = Callable[[Kernel, Values], Iterable[tuple[int, int]]]
Run = Callable[[Kernel, Values, int], Any]


def always(kernel: Kernel, values: Values) -> int:
    """One outcome, at any time."""
    return 1


def nothing(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    """No shared cell."""
    return ()


def first_read(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    """The cell of the first argument is read."""
    return ((values[0], READ),)


def first_written(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    """The cell of the first argument is written."""
    return ((values[0], WRITE),)


def first_added(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    """Something is added to the cell of the first argument."""
    return ((values[0], ADD),)


@dataclass(frozen=True, slots=True)
class PrimitiveModel:
    """A primitive. `ready` says in how many ways it can go on now (0: it must wait), `touches` which cells it accesses,
    `run` does it in the given way and returns its value. `moves_left`: it is the release of what it touches.
    `quiet` primitives are left out of schedules. `waiting` says what a task that stays before it for ever does.
    """

    name: str
    run: Run
    ready: Ready = always
    touches: Touches = nothing
    moves_left: bool = False
    quiet: bool = False
    arity: int = 1
    waiting: Waiting = "sleeps"
