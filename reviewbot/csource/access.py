# SPDX-License-Identifier: GPL-2.0-or-later
"""Places in memory, as code names them."""

from __future__ import annotations

from dataclasses import dataclass

from reviewbot.csource import syntax as c
from reviewbot.csource.functions import call_name

CONSTANT_NAMES = frozenset({"true", "false", "NULL"})


@dataclass(frozen=True, slots=True)
class AccessPath:
    """A place in memory as the code names it: `mem->oom_count` is root "mem" with steps ("->oom_count",).

    Other steps are ".field", "*" and "[]". The root is a variable, or `f()` for what a call returns.
    """

    root: str
    steps: tuple[str, ...] = ()

    def __str__(self) -> str:
        out = self.root
        for step in self.steps:
            out = f"(*{out})" if step == "*" else out + step
        return out[1:-1] if self.steps and self.steps[-1] == "*" else out

    @property
    def is_variable(self) -> bool:
        """Tell whether this is a whole variable."""
        return not self.steps

    @property
    def last_field(self) -> str | None:
        """The field that it ends in."""
        return self.steps[-1].lstrip("->.") if self.steps and self.steps[-1][-1] not in "*]" else None

    def within(self, other: AccessPath) -> bool:
        """Tell whether this is `other` or a part of it."""
        return self.root == other.root and self.steps[: len(other.steps)] == other.steps


def strip(expr: c.Expr) -> c.Expr:
    """Take casts off."""
    while isinstance(expr, c.Cast):
        expr = expr.operand
    return expr


def path_of(expr: c.Expr) -> AccessPath | None:
    """Return the place that an expression names, None where it names none."""
    expr = strip(expr)
    if isinstance(expr, c.Name):
        return None if expr.name in CONSTANT_NAMES else AccessPath(expr.name)
    if isinstance(expr, c.Call):
        name = call_name(expr)
        return AccessPath(f"{name}()") if name else None
    if isinstance(expr, c.Unary) and expr.op == "*":
        inner = strip(expr.operand)
        if isinstance(inner, c.Unary) and inner.op == "&":
            return path_of(inner.operand)
        base = path_of(inner)
        return AccessPath(base.root, (*base.steps, "*")) if base else None
    if isinstance(expr, c.Index):
        base = path_of(expr.base)
        return AccessPath(base.root, (*base.steps, "[]")) if base else None
    if isinstance(expr, c.Member):
        inner = strip(expr.base)
        if expr.arrow and isinstance(inner, c.Unary) and inner.op == "&":
            base = path_of(inner.operand)
            return AccessPath(base.root, (*base.steps, f".{expr.field}")) if base else None
        base = path_of(inner)
        if base is None:
            return None
        if not expr.arrow and base.steps and base.steps[-1] == "*":
            return AccessPath(base.root, (*base.steps[:-1], f"->{expr.field}"))
        return AccessPath(base.root, (*base.steps, f"{'->' if expr.arrow else '.'}{expr.field}"))
    return None
