# SPDX-License-Identifier: GPL-2.0-or-later
"""Structures that are handed to user space with bytes in them that nobody has written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.constants import evaluate
from reviewbot.csource.events import AddressOf, CallEvent, Write, events
from reviewbot.csource.kernelmacros import words

# what copies a structure out, and the position of the structure
_OUT = {"copy_to_user": 1, "__copy_to_user": 1, "nla_put": 3, "skb_put_data": 1, "put_cmsg": 4, "copy_to_sockptr": 1}
# the same on all machines that Linux runs on; long and pointers are taken from 64-bit ones
_SIZES = (
    dict.fromkeys(words("char u8 s8 __u8 __s8 bool uint8_t int8_t"), 1)
    | dict.fromkeys(words("short u16 s16 __u16 __s16 uint16_t int16_t __be16 __le16"), 2)
    | dict.fromkeys(words("int unsigned u32 s32 __u32 __s32 uint32_t int32_t __be32 __le32 uid_t pid_t"), 4)
    | dict.fromkeys(words("long u64 s64 __u64 __s64 uint64_t int64_t __be64 __le64 size_t loff_t __aligned_u64"), 8)
)
_SKIPPED = re.compile(r"\b(?:unsigned|signed|const|volatile)\b ?")


@dataclass(frozen=True, slots=True)
class Leaked:
    """The local `name` goes to user space by `call` at `line`; `what` of it was never written."""

    line: int
    call: str
    name: str
    declared: int
    what: str


def leaked_structures(code: Code) -> Iterator[Leaked]:
    """Yield the structures that are handed out with unwritten bytes."""
    for variable in code.function.locals:
        if variable.init is not None or variable.type.pointers or variable.type.dims or "static" in variable.storage:
            continue
        struct = code.unit.structs.get(variable.type.struct or "")
        if struct is None or struct.kind != "struct" or "packed" in code.function.line_text(struct.end_line):
            continue
        for node in code.cfg.nodes:
            for event in events(code.cfg, node.id):
                if isinstance(event, CallEvent) and _hands_out(event, variable.name):
                    what = _unwritten(code, variable.name, struct.fields, event)
                    if what is not None:
                        yield Leaked(event.line, event.name or "", variable.name, variable.line, what)


def _hands_out(event: CallEvent, name: str) -> bool:
    position = _OUT.get(event.name or "")
    if position is None or len(event.args) <= position:
        return False
    arg = strip(event.args[position])
    return isinstance(arg, c.Unary) and arg.op == "&" and path_of(arg.operand) == AccessPath(name)


def _unwritten(code: Code, name: str, fields: tuple[c.Variable, ...], out: CallEvent) -> str | None:
    """Return what of a variable nobody writes: a field, or the bytes between two; None if it cannot be told."""
    written = set()
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, (Write, AddressOf)) and event.path.root == name:
                handed_out = isinstance(event, AddressOf) and event.call == out.name
                if not event.path.steps and not handed_out:
                    return None
                written |= {event.path.steps[0].lstrip(".")} if event.path.steps else set()
    missing = [field.name for field in fields if field.name and field.name not in written]
    if missing and written:
        return f"the field {missing[0]}"
    gap = _gap(code, fields)
    return f"the padding {gap}" if gap is not None and written else None


def _gap(code: Code, fields: tuple[c.Variable, ...]) -> str | None:
    """Return where a structure has padding; None if it has none, or a field is of a size that is not known."""
    place = widest = 0
    last = ""
    for field in fields:
        base = _SKIPPED.sub("", field.type.base).strip() or "int"
        size = 8 if field.type.pointers else _SIZES.get(base.split()[0] if base.split() else base)
        if size is None or not field.name or field.type.function:
            return None
        if place % size:
            return f"after {last}"
        count = 1
        for dim in field.type.dims:
            number = evaluate(dim, code.unit.constants) if dim is not None else None
            if number is None:
                return None
            count *= number
        place, widest, last = place + size * count, max(widest, size), field.name
    return f"after {last}" if widest and place % widest else None
