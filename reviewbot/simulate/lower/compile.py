# SPDX-License-Identifier: GPL-2.0-or-later
"""Pure expressions as Python closures, and which registers are live where.

A closure takes the registers of a frame. It raises TypeError on an uninitialised operand (None), which the machine
turns into a violation. Nothing is generated as text, so nothing of a patch is ever executed on the host.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from reviewbot.simulate.lower.ir import (
    Bin,
    Branch,
    Call,
    Code,
    Const,
    Instruction,
    Jump,
    Load,
    Primitive,
    Pure,
    Reg,
    Return,
    Set,
    Store,
    Un,
)
from reviewbot.simulate.lower.types import Scalar, wrap

Closure = Callable[[list[Any]], Any]


class DivisionFaultError(Exception):
    """A division by zero."""


def _divide(a: int, b: int) -> int:
    if b == 0:
        raise DivisionFaultError
    return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)


def _known(a: Any, b: Any) -> None:
    if a is None or b is None:
        raise TypeError


def _equal(a: Any, b: Any) -> int:
    _known(a, b)
    return 1 if a == b else 0


def _unequal(a: Any, b: Any) -> int:
    _known(a, b)
    return 1 if a != b else 0


def _shift(a: int, b: int) -> int:
    return a << (b & 63)


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divide,
    "%": lambda a, b: a - b * _divide(a, b),
    "&": operator.and_,
    "|": operator.or_,
    "^": operator.xor,
    "<<": _shift,
    ">>": lambda a, b: a >> (b & 63),
    "==": _equal,
    "!=": _unequal,
    "<": lambda a, b: 1 if a < b else 0,
    ">": lambda a, b: 1 if a > b else 0,
    "<=": lambda a, b: 1 if a <= b else 0,
    ">=": lambda a, b: 1 if a >= b else 0,
}


def compute(op: str, left: Any, right: Any, kind: Scalar | None) -> Any:
    """Return `left op right` as C computes it in `kind`; TypeError if an operand is uninitialised."""
    value = OPERATIONS[op](left, right)
    return value if kind is None else wrap(value, kind)


def _not(value: Any) -> int:
    if value is None:
        raise TypeError
    return 0 if value else 1


def closure(value: Pure) -> Closure:
    """Return the function that computes a pure expression from the registers."""
    if isinstance(value, Const):
        constant = value.value
        return lambda r: constant
    if isinstance(value, Reg):
        return operator.itemgetter(value.index)
    if isinstance(value, Un):
        operand, kind = closure(value.operand), value.kind
        if value.op == "!":
            return lambda r: _not(operand(r))
        if value.op == "cast" and kind is not None:
            return lambda r: wrap(operand(r), kind)
        sign: Callable[[Any], Any] = operator.neg if value.op == "-" else operator.invert
        return lambda r: sign(operand(r)) if kind is None else wrap(sign(operand(r)), kind)
    return _binary(value)


def _binary(value: Bin) -> Closure:
    operation, kind = OPERATIONS[value.op], value.kind
    left, right = closure(value.left), closure(value.right)
    if isinstance(value.left, Reg) and isinstance(value.right, Const) and kind is None:
        index, constant = value.left.index, value.right.value
        return lambda r: operation(r[index], constant)
    if kind is None:
        return lambda r: operation(left(r), right(r))
    return lambda r: wrap(operation(left(r), right(r)), kind)


def registers_of(value: Pure) -> int:
    """Return the set of registers that an expression reads, as bits."""
    if isinstance(value, Reg):
        return 1 << value.index
    if isinstance(value, Bin):
        return registers_of(value.left) | registers_of(value.right)
    if isinstance(value, Un):
        return registers_of(value.operand)
    return 0


def uses(instruction: Instruction) -> int:
    """Return the registers that an instruction reads, as bits."""
    return sum_bits(registers_of(value) for value in operands(instruction))


def operands(instruction: Instruction) -> Iterator[Pure]:
    """Yield the expressions that an instruction evaluates."""
    if isinstance(instruction, (Set, Branch)):
        yield instruction.value
    elif isinstance(instruction, Load):
        yield instruction.address
    elif isinstance(instruction, Store):
        yield instruction.address
        yield instruction.value
    elif isinstance(instruction, (Call, Primitive)):
        yield from instruction.arguments
        if isinstance(instruction, Call) and not isinstance(instruction.callee, int):
            yield instruction.callee
    elif isinstance(instruction, Return) and instruction.value is not None:
        yield instruction.value


def sum_bits(parts: Iterator[int]) -> int:
    """Return the union of bit sets."""
    total = 0
    for part in parts:
        total |= part
    return total


def live_registers(code: Code) -> tuple[tuple[int, ...], ...]:
    """Return, for each instruction and the end, the registers whose value may still be read from there on.

    Register 0 is left out: the frame's address follows from the stack.
    """
    size = len(code.instructions)
    live = [0] * (size + 1)
    reads = [uses(instruction) for instruction in code.instructions]
    kept = [~(1 << into) if (into := getattr(i, "into", None)) is not None else -1 for i in code.instructions]
    changed = True
    while changed:
        changed = False
        for at in range(size - 1, -1, -1):
            instruction = code.instructions[at]
            after = live[at + 1]
            if isinstance(instruction, Jump):
                after = live[instruction.target]
            elif isinstance(instruction, Branch):
                after |= live[instruction.otherwise]
            elif isinstance(instruction, Return):
                after = 0
            now = (after & kept[at]) | reads[at]
            if now != live[at]:
                live[at], changed = now, True
    return tuple(tuple(i for i in range(1, code.registers) if bits >> i & 1) for bits in live)
