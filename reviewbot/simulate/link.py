# SPDX-License-Identifier: GPL-2.0-or-later
"""A program made ready to run: instructions as tuples of an opcode, closures and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from reviewbot.simulate.kernel.interface import PrimitiveModel
from reviewbot.simulate.lower import ir
from reviewbot.simulate.lower.compile import closure

SET, LOAD, STORE, JUMP, BRANCH, CALL, CALL_POINTER, RETURN, PRIMITIVE, UNKNOWN, READS = range(11)

Linked = tuple[Any, ...]
Field = tuple[str, str]  # a record's tag and the name of a field of it


@dataclass(frozen=True, slots=True)
class Function:
    """A function that can run. `live` has, for each instruction, the registers to keep when a task stops there."""

    code: ir.Code
    linked: tuple[Linked, ...]
    live: tuple[tuple[int, ...], ...]


def link(
    codes: Sequence[ir.Code],
    live: Sequence[tuple[tuple[int, ...], ...]],
    primitives: Mapping[str, PrimitiveModel],
    unread: frozenset[Field],
    noted: set[Field] | None = None,
) -> list[Function]:
    """Return the functions ready to run; `live` is what `live_registers` says of each.

    Writes to the record fields in `unread`, which nothing reads, are dropped; or, with `noted`, all is done, and those
    of them that are read go there.
    """
    if noted is not None:
        one = partial(_noting, primitives=primitives, asked=unread, noted=noted)
    else:
        one = partial(_one, primitives=primitives, unread=unread)
    return [
        Function(code, (*map(one, code.instructions), (RETURN, None)), kept)
        for code, kept in zip(codes, live, strict=True)
    ]


def _noting(
    item: ir.Instruction, primitives: Mapping[str, PrimitiveModel], asked: frozenset[Field], noted: set[Field]
) -> Linked:
    if not isinstance(item, ir.Load) or item.for_update or item.field is None or item.field not in asked:
        return _one(item, primitives, frozenset())
    address, field = closure(item.address), item.field

    def note(registers: list[Any]) -> Any:
        noted.add(field)
        return address(registers)

    return LOAD, item.into, note, item.text


def _one(item: ir.Instruction, primitives: Mapping[str, PrimitiveModel], unread: frozenset[Field]) -> Linked:
    if isinstance(item, ir.Set):
        return SET, item.into, closure(item.value)
    if isinstance(item, ir.Load) and item.for_update and item.field in unread:
        return PRIMITIVE, primitives["sim_counts"], (closure(item.address),), item.into, item.text
    if isinstance(item, ir.Load):
        if item.field in unread:
            return READS, item.field
        return LOAD, item.into, closure(item.address), item.text
    if isinstance(item, ir.Store) and item.field in unread:
        return SET, 0, closure(ir.Reg(0))
    if isinstance(item, ir.Store):
        return STORE, closure(item.address), closure(item.value), item.text
    if isinstance(item, ir.Jump):
        return JUMP, item.target
    if isinstance(item, ir.Branch):
        return BRANCH, closure(item.value), item.otherwise
    if isinstance(item, ir.Call):
        arguments = tuple(closure(value) for value in item.arguments)
        if isinstance(item.callee, int):
            return CALL, item.callee, arguments, item.into, item.text
        return CALL_POINTER, closure(item.callee), arguments, item.into, item.text
    if isinstance(item, ir.Return):
        return RETURN, None if item.value is None else closure(item.value)
    if isinstance(item, ir.Primitive):
        model = primitives[item.name]
        return PRIMITIVE, model, tuple(closure(value) for value in item.arguments), item.into, item.text
    return UNKNOWN, item.what


def counters(codes: Sequence[ir.Code], used: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return the record fields that some code counts in, and whose address is not taken (`used`).

    As long as nobody reads such a field it cannot change what the code does, and its writes are left out (program
    slicing; Weiser 1981): a retry loop that counts its failures would have endlessly many states otherwise. Whether
    somebody reads it shows when the code runs: ReadError.
    """
    found = {i.field for code in codes for i in code.instructions if isinstance(i, ir.Load) and i.for_update}
    return frozenset(field for field in found if field is not None and field not in used)
