# SPDX-License-Identifier: GPL-2.0-or-later
"""Values that cannot be negative."""

from __future__ import annotations

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.exprtypes import type_of
from reviewbot.csource.kernelmacros import words

_UNSIGNED = words("u8 u16 u32 u64 __u8 __u16 __u32 __u64 uint8_t uint16_t uint32_t uint64_t size_t uint ulong")


def unsigned_type(code: Code, expr: c.Expr) -> c.CType | None:
    """Return the type of an expression if it is unsigned, None where it is not or the file does not tell."""
    kind = type_of(code.function, code.unit, strip(expr))
    if kind is None or kind.pointers or kind.dims or kind.function:
        return None
    return kind if "unsigned" in kind.base.split() or kind.base in _UNSIGNED else None
