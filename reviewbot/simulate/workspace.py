# SPDX-License-Identifier: GPL-2.0-or-later
"""A state opened for one task to work on: cells, frames, locks and the heap; closed into a state again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reviewbot.simulate.memory import (
    BASE,
    FAULTS,
    FREED,
    FUNCTION,
    HEAP_CELLS,
    NULL_PAGE,
    OBJECT,
    SPAN,
    STACK,
    TooBigError,
    ViolationError,
    stack_address,
    stack_of,
)
from reviewbot.simulate.sharing import Locks, Sharing

Frame = tuple[int, int, tuple[Any, ...]]
Active = list[Any]  # a frame that is being run: [function, instruction, registers]
Held = tuple[tuple[int, bool, bool], ...]
Task = tuple[tuple[Frame, ...], tuple[Any, ...], Held]
State = tuple[tuple[Any, ...], tuple[Task, ...]]
IDLE: Task = ((), (), ())


class Workspace:
    """The state that a step works on. `live_task` is False while the world is built or looked at from outside.

    `reads` and `writes` are the shared cells that the step read before it wrote them, and those that it wrote; `local`
    is False once it looked at more than these and its own task.
    """

    def __init__(self, names: Sequence[str], sharing: Sharing) -> None:
        self.names = names
        self.sharing = sharing
        self.live_task = True
        self.task = 0
        self.memory: list[Any] = []
        self.frames: list[Any] = []
        self.stack: list[Any] = []
        self.held: Held = ()
        self.others: list[Task] = []
        self.result: Any = None
        self.where: tuple[int, int] | None = None
        self.reads: dict[int, Any] = {}
        self.writes: dict[int, Any] = {}
        self.local = True
        self.did_sleep = False
        self.complaints: list[tuple[str, str]] = []
        self.task_addresses: list[int] = []
        self.task_offsets: dict[str, int] = {}
        self.texts: dict[int, str] = {}
        self.function_names: Sequence[str] = ()
        self.labels: list[tuple[int, int, str]] = []
        self._tokens: dict[tuple[int, Held], Locks] = {}

    @property
    def tasks(self) -> int:
        """The number of tasks."""
        return len(self.names)

    def open(self, state: State, task: int) -> None:
        """Take up a state to work on as `task`."""
        shared, tasks = state
        self.memory = list(shared)
        self.others = list(tasks)
        self.task = task
        self.did_sleep = False
        self.complaints = []
        self.reads, self.writes, self.local = {}, {}, True
        frames, stack, self.held = tasks[task]
        self.frames = list(frames)
        self.stack = list(stack)

    def look(self, state: State, task: int) -> None:
        """Take up a state only to read it, as `task`."""
        self.memory, self.others = state[0], state[1]  # type: ignore[assignment]
        self.task = task
        self.stack, self.held = state[1][task][1], state[1][task][2]  # type: ignore[assignment]

    def close(self) -> State:
        """Return the state as it is now."""
        self.others[self.task] = (tuple(self.frames), tuple(self.stack), self.held)
        return tuple(self.memory), tuple(self.others)

    def get(self, address: int) -> Any:
        """Return what a cell holds; ViolationError if it is no cell of a live object."""
        if address.__class__ is not int:
            raise TypeError
        at = address - BASE
        if 0 <= at < len(self.memory):
            value = self.memory[at]
            if at not in self.reads and at not in self.writes:
                self.reads[at] = value
            if value.__class__ is str:
                raise ViolationError(FAULTS.get(value, "no-wild-access"), f"a read of {self.describe(address)}")
            return value
        return self._stack_cell(address)[0]

    def put(self, address: int, value: Any) -> None:
        """Write a cell; ViolationError if it is no cell of a live object."""
        if address.__class__ is not int:
            raise TypeError
        at = address - BASE
        if 0 <= at < len(self.memory):
            old = self.memory[at]
            if old.__class__ is str:
                raise ViolationError(FAULTS.get(old, "no-wild-access"), f"a write to {self.describe(address)}")
            if at not in self.reads and at not in self.writes:
                self.reads[at] = old  # that it may be written depends on it
            self.memory[at] = self.writes[at] = value
            return
        _, owner, cell = self._stack_cell(address)
        if owner == self.task:
            self.stack[cell] = value
        else:
            frames, stack, held = self.others[owner]
            self.others[owner] = (frames, (*stack[:cell], value, *stack[cell + 1 :]), held)

    def _stack_cell(self, address: int) -> tuple[Any, int, int]:
        owner = stack_of(address)
        self.local = self.local and owner == self.task
        if 0 <= address < NULL_PAGE:
            raise ViolationError("no-null-dereference", "an access through a null pointer")
        if owner is None or owner > len(self.others):
            raise ViolationError("no-wild-access", f"an access to {self.describe(address)}")
        cells: Sequence[Any] = self.stack if owner == self.task else self.others[owner][1]
        cell = (address - STACK) % SPAN
        if cell >= len(cells):
            raise ViolationError("no-use-after-free", "an access to a local variable of a function that has returned")
        return cells[cell], owner, cell

    def task_address(self, task: int) -> int:
        """Return the address of a task's task_struct."""
        return self.task_addresses[task]

    def task_offset(self, field: str) -> int:
        """Return where the model keeps something in a task_struct."""
        return self.task_offsets[field]

    def text(self, address: int) -> str:
        """Return the string constant at an address, "" if there is none."""
        return self.texts.get(address, "")

    def function_name(self, address: int) -> str:
        """Return the name of the function at an address, "" if there is none."""
        number = address - FUNCTION
        return self.function_names[number] if 0 <= number < len(self.function_names) else ""

    def slept(self) -> None:
        """Record that the task gives up the processor in this step."""
        self.did_sleep = True

    def held_elsewhere(self, lock: int) -> bool:
        """Tell whether a task other than the running one holds the lock."""
        self.local = False
        return any(held[0] == lock for other, task in enumerate(self.others) if other != self.task for held in task[2])

    def hold(self, lock: int, *, exclusive: bool, sleeps: bool) -> None:
        """Record that the running task holds a lock."""
        self.held = tuple(sorted((*self.held, (lock, exclusive, sleeps))))

    def unhold(self, lock: int) -> bool:
        """Record that the running task lets go of a lock; False if it did not hold it."""
        for at, (held, _, _) in enumerate(self.held):
            if held == lock:
                self.held = self.held[:at] + self.held[at + 1 :]
                return True
        return False

    def holds(self, lock: int) -> bool:
        """Tell whether the running task holds the lock."""
        return any(held == lock for held, _, _ in self.held)

    def atomic_context(self) -> bool:
        """Tell whether the running task holds a lock with which it must not sleep."""
        return any(not sleeps for _, _, sleeps in self.held)

    def locks(self) -> Locks:
        """Return the tokens of the locks that the running task holds."""
        if not self.held:
            return _NONE
        key = (self.task, self.held)
        tokens = self._tokens.get(key)
        if tokens is None:
            parts = [self.sharing.exclusive(lock) if exclusive else self.sharing.shared(lock, self.task)
                     for lock, exclusive, _ in self.held]  # fmt: skip
            tokens = self._tokens[key] = frozenset().union(*parts)
        return tokens

    def finished(self, task: int) -> bool:
        """Tell whether a task has returned from its function."""
        self.local = False
        return task != self.task and not self.others[task][0]

    def fail(self, prop: str, text: str) -> None:
        """End the step: the property is violated."""
        raise ViolationError(prop, text)

    def complain(self, prop: str, text: str) -> None:
        """Record that a property is violated; the step goes on."""
        self.complaints.append((prop, text))

    def note_question(self, lock: int) -> None:
        """Record that the code asks whether a lock is held without waiting for it."""
        if self.live_task:
            self.sharing.ask(lock)

    def allocate(self, size: int, value: int | None) -> int:
        """Return a new object: the first free place that no value in the state points into."""
        self.local = False
        need = size + 1
        free = 0
        for at, cell in enumerate(self.memory):
            free = free + 1 if cell == FREED and not self._pointed_at(at + BASE) else 0
            if free == need:
                start = at - size
                break
        else:
            if self.live_task:
                raise TooBigError(f"the heap of {HEAP_CELLS} cells is full")
            start = len(self.memory)
            self.memory.extend([FREED] * need)
        self.memory[start] = f"{OBJECT}{size}"
        self.memory[start + 1 : start + need] = [value] * size
        return BASE + start + 1

    def _pointed_at(self, address: int) -> bool:
        return any(value == address for value in self._values())

    def _values(self) -> Iterator[Any]:
        yield from self.memory
        yield from self.stack
        for frame in self.frames:
            yield from frame[2]
        for other, (frames, stack, _) in enumerate(self.others):
            if other != self.task:
                yield from stack
                for frame in frames:
                    yield from frame[2]

    def object_size(self, address: int) -> int:
        """Return the number of cells of the allocated object that begins at an address, 0 if none does."""
        self.local = False
        at = address - BASE - 1
        header = self.memory[at] if 0 <= at < len(self.memory) else None
        if header.__class__ is not str or not header.startswith(OBJECT):
            return 0
        return int(header.removeprefix(OBJECT))

    def release(self, address: int) -> None:
        """Free an object; ViolationError if there is none at the address."""
        size = self.object_size(address)
        if not size:
            raise ViolationError("no-use-after-free", f"{self.describe(address)} is freed, which is no live object")
        at = address - BASE - 1
        self.memory[at : at + size + 1] = [FREED] * (size + 1)

    def describe(self, address: int) -> str:
        """Return a name for an address."""
        owner = stack_of(address)
        if owner is not None:
            task = self.names[owner] if owner < len(self.names) else "the world"
            return f"the stack of {task}"
        for start, size, name in self.labels:
            if start <= address < start + size:
                return name if address == start else f"{name}+{address - start}"
        if 0 <= address < NULL_PAGE:
            return "a null pointer"
        return "an object" if BASE <= address < BASE + len(self.memory) else "no object at all"

    def spell(self, value: Any) -> str:
        """Return a value for people."""
        if value is None:
            return "garbage"
        if value.__class__ is int and (BASE <= value < BASE + len(self.memory) or stack_of(value) is not None):
            return self.describe(value)
        return str(value)


_NONE: Locks = frozenset()
__all__ = ["IDLE", "Frame", "State", "Task", "Workspace", "stack_address"]
