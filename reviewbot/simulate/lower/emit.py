# SPDX-License-Identifier: GPL-2.0-or-later
"""The code of one function while it is being made: registers, stack objects, labels, instructions."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reviewbot.simulate.lower.ir import Bin, Branch, Code, Const, Instruction, Jump, Pure, Reg, Set
from reviewbot.simulate.lower.types import Scalar, Type


class LoweringError(Exception):
    """A piece of C that the machine has no instructions for; the text says what."""


@dataclass(frozen=True, slots=True)
class InRegister:
    """An lvalue that is a register."""

    index: int
    type: Type


@dataclass(frozen=True, slots=True)
class InMemory:
    """An lvalue in memory; `field` is (tag, name) when it is a member of a record."""

    address: Pure
    type: Type
    text: str
    field: tuple[str, str] | None = None


Place = InRegister | InMemory
FRAME = Reg(0)


def plus(base: Pure, offset: int) -> Pure:
    """Return `base + offset`, folded."""
    if offset == 0:
        return base
    if isinstance(base, Const) and base.value is not None:
        return Const(base.value + offset)
    if isinstance(base, Bin) and base.op == "+" and base.kind is None and isinstance(base.right, Const):
        return plus(base.left, (base.right.value or 0) + offset)
    return Bin("+", base, Const(offset))


class Emitter:
    """Collects instructions. Jumps name labels until `finish` turns these into instruction numbers."""

    def __init__(self) -> None:
        self.instructions: list[Instruction] = []
        self.lines: list[int] = []
        self.line = 0
        self.registers = 1
        self.cells = 0
        self.names: dict[int, str] = {0: "frame"}
        self.labels: dict[int, int] = {}
        self.next_label = 0

    def register(self, name: str = "") -> int:
        """Take a new register."""
        index = self.registers
        self.registers += 1
        self.names[index] = name
        return index

    def object(self, size: int) -> Pure:
        """Take `size` cells of the frame's stack; return their address."""
        at = self.cells
        self.cells += size
        return plus(FRAME, at)

    def emit(self, instruction: Instruction) -> None:
        """Append an instruction at the current source line."""
        self.instructions.append(instruction)
        self.lines.append(self.line)

    def label(self) -> int:
        """Make a label that is placed later."""
        self.next_label += 1
        return self.next_label

    def place_label(self, label: int) -> None:
        """Let a label be here."""
        self.labels[label] = len(self.instructions)

    def keep(self, value: Pure, name: str = "") -> Reg:
        """Put a value in a new register."""
        index = self.register(name)
        self.emit(Set(index, value))
        return Reg(index)

    def mark(self) -> tuple[int, int]:
        """Remember where the code ends, for `rewind`."""
        return len(self.instructions), len(self.lines)

    def rewind(self, mark: tuple[int, int]) -> None:
        """Forget what was emitted since `mark`."""
        del self.instructions[mark[0] :]
        del self.lines[mark[1] :]
        for label, at in list(self.labels.items()):
            if at > mark[0]:
                del self.labels[label]

    def finish(self, name: str, path: str, own: bool, parameters: tuple[int, ...]) -> Code:
        """Return the function; jumps get their targets, a label that was never placed falls on the end."""
        end = len(self.instructions)
        done: list[Instruction] = []
        for instruction in self.instructions:
            if isinstance(instruction, Jump):
                instruction = replace(instruction, target=self.labels.get(instruction.target, end))
            elif isinstance(instruction, Branch):
                instruction = replace(instruction, otherwise=self.labels.get(instruction.otherwise, end))
            done.append(instruction)
        names = tuple(self.names.get(index, "") for index in range(self.registers))
        return Code(
            name, path, own, parameters, self.registers, self.cells, tuple(done), tuple(self.lines), names
        )  # fmt: skip


def is_scalar(kind: Type) -> bool:
    """Tell whether a value of this type fits a cell and wraps."""
    return isinstance(kind, Scalar)
