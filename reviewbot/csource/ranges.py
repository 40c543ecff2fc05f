# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be known of one value: bounds, and single values that it has or has not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewbot.csource import syntax as c

_ERRNO = re.compile(r"E[A-Z0-9]{2,}$")
_CONSTANT = re.compile(r"[A-Z_][A-Z0-9_]*$")
_MOST_EXCEPTIONS = 6
# a number, or the spelling of a constant whose number is not known here
Point = int | str


@dataclass(frozen=True, slots=True)
class Range:
    """Values from `low` to `high` (None: no bound), without those in `no`; `point` is the one value if known."""

    low: int | None = None
    high: int | None = None
    no: frozenset[Point] = frozenset()
    point: Point | None = None

    @property
    def zero(self) -> bool | None:
        """Tell whether the value is zero, None if that is open."""
        if self.point == 0:
            return True
        if isinstance(self.point, int) or 0 in self.no:
            return False
        if (self.low is not None and self.low > 0) or (self.high is not None and self.high < 0):
            return False
        return True if self.low == 0 and self.high == 0 else None

    @property
    def negative(self) -> bool | None:
        """Tell whether the value is below zero, None if that is open."""
        if self.high is not None and self.high < 0:
            return True
        return False if self.low is not None and self.low >= 0 else None


TOP = Range()


def exactly(point: Point) -> Range:
    """Return the range of one value; a negated errno name is known to be from -4095 to -1."""
    if isinstance(point, int):
        return Range(point, point, point=point)
    if point.startswith("-") and _ERRNO.match(point[1:]):
        return Range(-4095, -1, point=point)
    return Range(1, 4095, point=point) if _ERRNO.match(point) else Range(point=point)


def meet(a: Range, b: Range) -> Range | None:
    """Return what satisfies both, None if nothing does."""
    low = a.low if b.low is None else b.low if a.low is None else max(a.low, b.low)
    high = a.high if b.high is None else b.high if a.high is None else min(a.high, b.high)
    no = a.no | b.no
    if isinstance(a.point, int) and isinstance(b.point, int) and a.point != b.point:
        return None
    # two constants spelled differently are taken to differ, as enumerators and errno values do
    if isinstance(a.point, str) and isinstance(b.point, str) and a.point != b.point:
        return None
    point = b.point if a.point is None or isinstance(b.point, int) else a.point
    while low is not None and low in no:
        low += 1
    while high is not None and high in no:
        high -= 1
    if low is not None and high is not None:
        if low > high:
            return None
        if low == high and point is None:
            point = low
    if point is not None and point in no:
        return None
    if len(no) > _MOST_EXCEPTIONS:
        no = frozenset({0}) if 0 in no else frozenset()
    return Range(low, high, no, point)


def join(a: Range, b: Range) -> Range:
    """Return what covers both."""
    low = None if a.low is None or b.low is None else min(a.low, b.low)
    high = None if a.high is None or b.high is None else max(a.high, b.high)
    no = frozenset(p for p in a.no | b.no if _excludes(a, p) and _excludes(b, p))
    if _excludes(a, 0) and _excludes(b, 0):
        no |= {0}
    return Range(low, high, no, a.point if a.point == b.point else None)


def _excludes(a: Range, point: Point) -> bool:
    if point == 0:
        return a.zero is False
    if point in a.no:
        return True
    if isinstance(point, int):
        return (a.low is not None and point < a.low) or (a.high is not None and point > a.high)
    return a.point is not None and a.point != point


def compared(op: str, point: Point) -> Range | None:
    """Return the values x with `x op point`, None where that says nothing."""
    if op == "==":
        return exactly(point)
    if op == "!=":
        return Range(no=frozenset({point}))
    if not isinstance(point, int):
        return None
    return {
        "<": Range(high=point - 1),
        "<=": Range(high=point),
        ">": Range(low=point + 1),
        ">=": Range(low=point),
    }.get(op)


def point_of(expr: c.Expr) -> Point | None:
    """Return the value of a constant expression or the spelling of a named constant, None for anything else."""
    if isinstance(expr, (c.Number, c.Char)):
        return expr.value
    if isinstance(expr, c.Name):
        if expr.name in ("NULL", "false", "true"):
            return int(expr.name == "true")
        return expr.name if _CONSTANT.match(expr.name) else None
    if isinstance(expr, c.Unary) and expr.op == "-":
        inner = point_of(expr.operand)
        if isinstance(inner, int):
            return -inner
        return f"-{inner}" if inner is not None else None
    if isinstance(expr, c.Cast):
        return point_of(expr.operand)
    return None
