# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things are in the machine's memory, and what a cell may hold.

Cells from BASE on are shared: globals, the world's objects, the heap. Each task has a stack of its own from
`STACK + task * SPAN` on. A cell holds a number (addresses are numbers too), a tuple (a wait queue's entries), None
(uninitialised) or one of the words below.
"""

from __future__ import annotations

from reviewbot.simulate.lower.ir import Const

BASE = 1 << 20
STACK = 1 << 30
SPAN = 1 << 12
FUNCTION = 1 << 40

FREED = "freed"  # the cell belongs to no live object
GUARD = "guard"  # the cell lies between two objects
OBJECT = "object "  # followed by its size: the cell before an allocated object

STACK_CELLS = 192
HEAP_CELLS = 96
NULL_PAGE = 4096

# What a fault is called, by what was found in the cell.
FAULTS = {FREED: "no-use-after-free", GUARD: "no-wild-access"}
UNINITIALISED = "no-uninitialised-read"


class ViolationError(Exception):
    """A step broke a property: its name and what happened."""

    def __init__(self, prop: str, text: str) -> None:
        super().__init__(f"{prop}: {text}")
        self.prop = prop
        self.text = text


class UnknownCodeError(Exception):
    """A step ran into code that the machine does not know; the text names it."""


class TooBigError(Exception):
    """A step ran out of stack, heap or instructions; the text says which."""


class ReadError(Exception):
    """A counter that was left out is read after all: its record and name."""

    def __init__(self, field: tuple[str, str]) -> None:
        super().__init__(".".join(field))
        self.field = field


def stack_of(address: int) -> int | None:
    """Return the number of the task in whose stack `address` lies, else None."""
    task = (address - STACK) // SPAN
    return task if 0 <= task < 64 else None


def stack_address(task: int, cell: int) -> int:
    """Return the address of a cell of a task's stack."""
    return STACK + task * SPAN + cell


ZERO = Const(0)
