# SPDX-License-Identifier: GPL-2.0-or-later
"""Assignments of one object's field to another's."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c


@dataclass(frozen=True, slots=True)
class Copy:
    """`to.field = of.source`, the objects as expressions; two are equal when written alike, wherever they are."""

    to: c.Expr
    of: c.Expr
    field: str
    source: str
    line: int = dataclasses.field(compare=False)


def copies(code: Code) -> tuple[Copy, ...]:
    """Return the copies of fields in a function, in order."""
    return tuple(
        Copy(one.target.base, one.value.base, one.target.field, one.value.field, one.line)
        for one in code.function.expressions
        if isinstance(one, c.Assign)
        and one.op == "="
        and isinstance(one.target, c.Member)
        and isinstance(one.value, c.Member)
    )
