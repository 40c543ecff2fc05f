# SPDX-License-Identifier: GPL-2.0-or-later
"""The instruction set: pure expressions over a frame's registers, and nine kinds of instruction.

Memory is touched by Load and Store only, and everything that the kernel does for the code by Primitive; so what another
task can see is always one whole instruction.
"""

from __future__ import annotations

from dataclasses import dataclass

from reviewbot.simulate.lower.types import Scalar


@dataclass(frozen=True, slots=True)
class Const:
    """A number, an address or a function's address; None is an uninitialised value."""

    value: int | None


@dataclass(frozen=True, slots=True)
class Reg:
    """A register of the frame: a local variable whose address is not taken, or a temporary. Register 0 is the frame."""

    index: int


@dataclass(frozen=True, slots=True)
class Bin:
    """`left op right`, computed in `kind` (None: neither operand nor result is wrapped)."""

    op: str
    left: Pure
    right: Pure
    kind: Scalar | None = None


@dataclass(frozen=True, slots=True)
class Un:
    """`-`, `~`, `!` or `cast` (to `kind`)."""

    op: str
    operand: Pure
    kind: Scalar | None = None


Pure = Const | Reg | Bin | Un


@dataclass(frozen=True, slots=True)
class Set:
    """Put a value in a register."""

    into: int
    value: Pure


@dataclass(frozen=True, slots=True)
class Load:
    """Read a cell. `text` is the C expression that does it, for people; `field` is (tag, name) for a record's field.

    `for_update` is set for the read half of `x += e` and the like whose result nobody uses.
    """

    into: int
    address: Pure
    text: str
    field: tuple[str, str] | None = None
    for_update: bool = False


@dataclass(frozen=True, slots=True)
class Store:
    """Write a cell."""

    address: Pure
    value: Pure
    text: str
    field: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on at an instruction."""

    target: int


@dataclass(frozen=True, slots=True)
class Branch:
    """Go on at the next instruction if the value is not zero, else at `otherwise`."""

    value: Pure
    otherwise: int


@dataclass(frozen=True, slots=True)
class Call:
    """Call a function of the program by its number, or through a pointer."""

    callee: int | Pure
    arguments: tuple[Pure, ...]
    into: int | None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Return:
    """Leave the function."""

    value: Pure | None


@dataclass(frozen=True, slots=True)
class Primitive:
    """Let the kernel model do something; `arguments` are values (addresses for its objects)."""

    name: str
    arguments: tuple[Pure, ...]
    into: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Code that cannot be run: a callee without body and model, or C that could not be lowered."""

    what: str


Instruction = Set | Load | Store | Jump | Branch | Call | Return | Primitive | Unknown


@dataclass(frozen=True, slots=True)
class Code:
    """A lowered function: `lines` has the source line of each instruction, `cells` is the size of its stack objects."""

    name: str
    path: str
    own: bool
    parameters: tuple[int, ...]
    registers: int
    cells: int
    instructions: tuple[Instruction, ...]
    lines: tuple[int, ...]
    names: tuple[str, ...]
