# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a step is the same for all equal tasks: it is done in each turned state and compared (symmetry.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from reviewbot.simulate.kernel.interface import always
from reviewbot.simulate.link import PRIMITIVE
from reviewbot.simulate.lower.compile import DivisionFaultError
from reviewbot.simulate.machine import Machine
from reviewbot.simulate.memory import BASE, ReadError, TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.sharing import ChangedError
from reviewbot.simulate.symmetry import NotSymmetricError, Symmetry
from reviewbot.simulate.workspace import State, Task


@dataclass(frozen=True, slots=True)
class Tried:
    """What a step came to: the state after it, or the fault that ended it; and what it read and did."""

    after: State | None
    fault: tuple[str, str] | None
    complaints: tuple[str, ...]
    slept: bool
    local: bool
    reads: tuple[tuple[int, Any], ...]
    writes: tuple[int, ...]


def noted(machine: Machine, after: State | None, fault: Exception | None) -> Tried:
    """Return what the machine's last step came to."""
    return Tried(
        after, _fault(fault), tuple(prop for prop, _ in machine.complaints), machine.did_sleep, machine.local,
        tuple(machine.reads.items()), tuple(machine.writes),
    )  # fmt: skip


def _fault(fault: Exception | None) -> tuple[str, str] | None:
    if fault is None:
        return None
    if isinstance(fault, ViolationError):
        return "violation", fault.prop
    return type(fault).__name__, str(fault) if isinstance(fault, UnknownCodeError) else ""


def attempt(machine: Machine, state: State, task: int, way: int) -> Tried:
    """Do a step that nobody takes: nothing that it accesses is recorded, and it is not remembered."""
    sharing = machine.sharing
    was, sharing.quiet = sharing.quiet, True
    try:
        return noted(machine, machine.fresh_step(state, task, way), None)
    except (ViolationError, UnknownCodeError, TooBigError, ChangedError, ReadError) as fault:
        return noted(machine, None, fault)
    finally:
        sharing.quiet = was


def told(machine: Machine, state: State, task: int, way: int) -> list[tuple[str, str]]:
    """Return what a step breaks or complains of, without recording what it accesses."""
    was, machine.sharing.quiet = machine.sharing.quiet, True
    try:
        machine.alternatives(state, task)
        machine.fresh_step(state, task, way)
    except ViolationError as fault:
        return [(fault.prop, fault.text)]
    finally:
        machine.sharing.quiet = was
    return list(machine.complaints)


class Trials:
    """Compares the steps of one machine with their images. `tried` are the conditions that were compared."""

    def __init__(self, machine: Machine, symmetry: Symmetry) -> None:
        self.machine = machine
        self.symmetry = symmetry
        self.tried: dict[tuple[int, Task], bool] = {}

    def check_frozen(self, state: State, after: State | None) -> None:
        """Raise NotSymmetricError if a step changes a frozen cell: what is told of steps takes these for constant."""
        if after is not None and any(after[0][cell] != state[0][cell] for cell in self.symmetry.frozen):
            raise NotSymmetricError("something that tells equal tasks apart changes")

    def same(self, state: State, task: int, way: int, done: Tried) -> bool:
        """Tell whether a step leads from each turned state to the turned state after it.

        So it does then from every other state in which it reads the same: its image reads the turned cells and no
        others.
        """
        symmetry = self.symmetry
        for which in range(1, len(symmetry.turns)):
            image = attempt(self.machine, symmetry.turn(which, state), symmetry.turns[which][task], way)
            if image.fault != done.fault or image.complaints != done.complaints:
                return False
            if done.after is None or image.after is None:
                continue
            if (image.slept, image.local) != (done.slept, done.local):
                return False
            if done.local and not self._same_reads(which, done, image):
                return False
            if symmetry.turn(which, done.after) != image.after:
                return False
        return True

    def _same_reads(self, which: int, done: Tried, image: Tried) -> bool:
        symmetry = self.symmetry
        turned = [
            (symmetry.cell(which, cell), symmetry._value(which, value))
            for cell, value in done.reads
            if cell not in symmetry.frozen
        ]
        return turned == [read for read in image.reads if read[0] not in symmetry.frozen]

    def same_condition(self, state: State, task: int) -> bool:
        """Tell whether what a task waits for is the same for all equal tasks.

        The conditions of primitives look at the cells that their arguments name, at the cells next to those and at the
        task's own state and signals; they compare with numbers that are no addresses, or look for an address in a
        queue. So it is enough that the arguments are turned, and that these cells are.
        """
        place = task, state[1][task]
        if place not in self.tried:
            self.tried[place] = self._same_condition(state, task)
        return self.tried[place]

    def _same_condition(self, state: State, task: int) -> bool:
        values = argument_values(self.machine, state, task)
        if values is None:
            return True
        for which in range(1, len(self.symmetry.turns)):
            image = self.symmetry.turn(which, state)
            others = argument_values(self.machine, image, self.symmetry.turns[which][task])
            if others != [self._value_or_none(which, value) for value in values]:
                return False
            if not all(self._moves(which, cell) for cell in self._looked_at(task, values)):
                return False
        return True

    def _value_or_none(self, which: int, value: Any) -> Any:
        return None if value is None else self.symmetry.value(which, value)

    def _looked_at(self, task: int, values: list[Any]) -> Iterator[int]:
        machine = self.machine
        for value in values:
            if value.__class__ is int and BASE <= value < BASE + len(machine.memory):
                yield from (value, value + 1)
        for name in ("sim_state", "sim_signal"):
            yield machine.task_addresses[task] + machine.task_offsets[name]

    def _moves(self, which: int, address: int) -> bool:
        """Tell whether an address is turned to where the contents of its cell go."""
        return self.symmetry.cell(which, address - BASE) + BASE == self.symmetry.value(which, address)


def argument_values(machine: Machine, state: State, task: int) -> list[Any] | None:
    """Return the arguments of the primitive that a task stands before; None if it waits for nothing there."""
    frames, stack, _ = state[1][task]
    if not frames:
        return None
    item = machine.functions[frames[-1][0]].linked[frames[-1][1]]
    if item[0] != PRIMITIVE or item[1].ready is always:
        return None
    machine.look(state, task)
    registers = machine.unpack(frames[-1], len(stack))
    try:
        return [argument(registers) for argument in item[2]]
    except (TypeError, DivisionFaultError):
        return [None]
