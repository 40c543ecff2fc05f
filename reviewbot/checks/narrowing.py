# SPDX-License-Identifier: GPL-2.0-or-later
"""Lengths that are returned through a variable which is narrower than both they and the function's result."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import known
from reviewbot.csource.events import AddressOf, Write, events
from reviewbot.csource.exprtypes import variable_of
from reviewbot.csource.functions import walk
from reviewbot.csource.kernelmacros import words

_NARROW = words("int s32 u32") | {"unsigned int", "unsigned"}
_WIDE = words("size_t ssize_t long u64 s64 loff_t") | {"unsigned long", "long long", "unsigned long long"}
# extended attributes and their lists have 64 KiB at most (XATTR_LIST_MAX in linux/limits.h)
_CAPPED = re.compile(r"(?:\w+_)?(?:store|set)(?:_\w+)?|\w*xattr\w*")
_ATTRIBUTE = re.compile(r"const char \*\w+,\s*size_t \w+\)")
_CUTS = words("min max min_t max_t clamp clamp_t clamp_val array_index_nospec IS_ERR_VALUE IS_ERR")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """`narrow` gets the value of `wide` at `line`, and is returned at line `returned`."""

    line: int
    wide: c.Variable
    narrow: c.Variable
    returned: int


def narrowed_results(code: Code) -> Iterator[Narrowed]:
    """Yield the copies that cut what is returned."""
    # sysfs hands over a page at most (Documentation/filesystems/sysfs.rst), and what reads and writes user memory is
    # never asked for more than an int holds (rw_verify_area() in fs/read_write.c)
    header = code.function.header
    capped = _CAPPED.fullmatch(code.function.name) or "__user" in header or _ATTRIBUTE.search(header)
    if not _is(code.function.returns, _WIDE) or capped:
        return
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if not isinstance(event, Write) or event.op not in ("=", "declare") or not event.path.is_variable:
                continue
            wide = _kind(code, event.value.name, _WIDE) if isinstance(event.value, c.Name) else None
            narrow = _kind(code, event.path.root, _NARROW)
            if wide is None or narrow is None or _bounded(code, wide.name):
                continue
            returned = _returned(code, node.id, narrow.name)
            if returned is not None:
                yield Narrowed(event.line, wide, narrow, returned)


def _is(kind: c.CType, of: frozenset[str]) -> bool:
    return kind.base in of and not kind.pointers and not kind.dims


def _kind(code: Code, name: str, of: frozenset[str]) -> c.Variable | None:
    """Return the variable of a name, None if it is of another type."""
    variable = variable_of(code.function, None, name)
    return variable if variable is not None and not variable.storage and _is(variable.type, of) else None


def _bounded(code: Code, name: str) -> bool:
    """Tell whether something in the function bounds a variable: a comparison, or what picks the smaller of two."""
    for expr in code.function.expressions:
        compares = isinstance(expr, c.Binary) and expr.op in ("<", "<=", ">", ">=", "==")
        picks = isinstance(expr, c.Call) and isinstance(expr.function, c.Name) and expr.function.name in _CUTS
        if (compares or picks) and c.Name(name) in walk(expr):
            return True
    return False


def _returned(code: Code, start: int, name: str) -> int | None:
    """Return the line of a return that gives back what a variable got at a node."""
    cfg = code.cfg
    others = set()
    for node in cfg.nodes:
        if node.id != start and any(
            isinstance(event, (Write, AddressOf)) and event.path.root == name for event in events(cfg, node.id)
        ):
            others.add(node.id)
    ends = [node for node in cfg.nodes if node.kind == "return" and node.expr == c.Name(name)]
    return next((end.line for end in ends if cfg.path(start, end.id, others, known) is not None), None)
