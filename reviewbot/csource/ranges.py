# SPDX-License-Identifier: GPL-2.0-or-later
"""What can be known of one value: bounds, and single values that it has or has not."""

from __future__ import annotations

import re
from dataclasses import dataclass

from reviewbot.csource import syntax as c

_ERRNO = re.compile(r"E[A-Z0-9]{2,}$")
_CONSTANT = re.compile(r"[A-Z_][A-Z0-9_]*$")
_MOST_POINTS = 6
# a number, or the spelling of a constant whose number is not known here
Point = int | str


@dataclass(frozen=True, slots=True)
class Range:
    """Values from `low` to `high` (None: no bound), without those in `no`; `points` are all there can be if known."""

    low: int | None = None
    high: int | None = None
    no: frozenset[Point] = frozenset()
    points: frozenset[Point] | None = None

    @property
    def point(self) -> Point | None:
        """The one value, if there is but one."""
        return next(iter(self.points)) if self.points is not None and len(self.points) == 1 else None

    @property
    def zero(self) -> bool | None:
        """Tell whether the value is zero, None if that is open."""
        if self.points == frozenset({0}) or (self.low == 0 and self.high == 0):
            return True
        if 0 in self.no or (self.points is not None and all(isinstance(p, int) and p != 0 for p in self.points)):
            return False
        above, below = self.low is not None and self.low > 0, self.high is not None and self.high < 0
        return False if above or below else None

    @property
    def negative(self) -> bool | None:
        """Tell whether the value is below zero, None if that is open."""
        if self.high is not None and self.high < 0:
            return True
        return False if self.low is not None and self.low >= 0 else None


TOP = Range()


def exactly(point: Point) -> Range:
    """Return the range of one value; a negated errno name is known to be from -4095 to -1."""
    points = frozenset({point})
    if isinstance(point, int):
        return Range(point, point, points=points)
    if point.startswith("-") and _ERRNO.match(point[1:]):
        return Range(-4095, -1, points=points)
    return Range(1, 4095, points=points) if _ERRNO.match(point) else Range(points=points)


def _compatible(a: Point, b: Point) -> bool:
    """Tell whether two constants may be equal: those spelled differently differ, as enumerators and errno values do."""
    return a == b or isinstance(a, int) != isinstance(b, int)


def _inside(point: Point, low: int | None, high: int | None) -> bool:
    if not isinstance(point, int):
        return True
    return (low is None or point >= low) and (high is None or point <= high)


def meet(a: Range, b: Range) -> Range | None:
    """Return what satisfies both, None if nothing does."""
    low = a.low if b.low is None else b.low if a.low is None else max(a.low, b.low)
    high = a.high if b.high is None else b.high if a.high is None else min(a.high, b.high)
    no = a.no | b.no
    while low is not None and low in no:
        low += 1
    while high is not None and high in no:
        high -= 1
    if low is not None and high is not None and low > high:
        return None
    points = a.points if b.points is None else b.points
    if a.points is not None and b.points is not None:
        points = frozenset(p for p in a.points if any(_compatible(p, q) for q in b.points))
    if points is None and low is not None and low == high:
        points = frozenset({low})
    if points is not None:
        points = frozenset(p for p in points if p not in no and _inside(p, low, high))
        if not points:
            return None
    if len(no) > _MOST_POINTS:
        no = frozenset({0}) if 0 in no else frozenset()
    return Range(low, high, no, points)


def join(a: Range, b: Range) -> Range:
    """Return what covers both."""
    low = None if a.low is None or b.low is None else min(a.low, b.low)
    high = None if a.high is None or b.high is None else max(a.high, b.high)
    no = frozenset(p for p in a.no | b.no if _excludes(a, p) and _excludes(b, p))
    if _excludes(a, 0) and _excludes(b, 0):
        no |= {0}
    points = a.points | b.points if a.points is not None and b.points is not None else None
    return Range(low, high, no, points if points is not None and len(points) <= _MOST_POINTS else None)


def _excludes(a: Range, point: Point) -> bool:
    if point == 0:
        return a.zero is False
    if point in a.no or not _inside(point, a.low, a.high):
        return True
    return a.points is not None and not any(_compatible(point, p) for p in a.points)


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
    if isinstance(expr, c.Unary) and expr.op == "~":
        # its value depends on the type, its name does not
        inner = point_of(expr.operand)
        return f"~{inner}" if inner is not None else None
    if isinstance(expr, c.Cast):
        return point_of(expr.operand)
    return None
