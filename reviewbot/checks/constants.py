# SPDX-License-Identifier: GPL-2.0-or-later
"""Conditions that come out the same whatever their variables are, by the way they are written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.csource import ranges
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.constants import evaluate
from reviewbot.csource.functions import walk
from reviewbot.csource.spell import spell


@dataclass(frozen=True, slots=True)
class Constant:
    """The condition `text` at `line` is always `outcome`; `why` is a clause for people."""

    line: int
    text: str
    outcome: str
    why: str


def constant_conditions(code: Code) -> Iterator[Constant]:
    """Yield the conditions that ask for nothing."""
    for expr in code.function.expressions:
        if isinstance(expr, c.Binary) and expr.op in ("&&", "||"):
            yield from _exclusive(code, expr)
        elif isinstance(expr, c.Binary) and expr.op == "&":
            yield from _not_and(code, expr)
    for node in code.cfg.nodes:
        if node.kind == "condition" and isinstance(node.expr, c.Binary) and node.expr.op == "|":
            yield from _or(code, node.expr)


def _exclusive(code: Code, expr: c.Binary) -> Iterator[Constant]:
    """`x != A || x != B`, `x == A && x == B`."""
    wanted, outcome = ("!=", "true") if expr.op == "||" else ("==", "false")
    parts = [_compared(code, side, wanted) for side in (_last(expr.left, expr.op), expr.right)]
    first, second = parts
    if first is None or second is None or first[0] != second[0] or first[1] == second[1]:
        return
    if isinstance(first[1], int) != isinstance(second[1], int):
        return
    if not any(isinstance(part, (c.Call, c.Assign, c.Update, c.StatementExpr)) for part in walk(expr)):
        why = f"{spell(first[0])} is one of the two at most."
        yield Constant(expr.line, spell(expr), outcome, why)


def _last(expr: c.Expr, op: str) -> c.Expr:
    """Return the operand before the last one of a chain."""
    return expr.right if isinstance(expr, c.Binary) and expr.op == op else expr


def _compared(code: Code, expr: c.Expr, op: str) -> tuple[c.Expr, int | str] | None:
    expr = strip(expr)
    if not isinstance(expr, c.Binary) or expr.op != op:
        return None
    number = evaluate(expr.right, code.unit.constants)
    point = number if number is not None else ranges.point_of(expr.right)
    return (strip(expr.left), point) if point is not None else None


def _or(code: Code, expr: c.Binary) -> Iterator[Constant]:
    """`flags | FLAG` with a flag that is not zero."""
    number = evaluate(expr.right, code.unit.constants)
    if number and evaluate(expr.left, code.unit.constants) is None:
        yield Constant(expr.line, spell(expr), "true", f"{spell(expr.right)} is not zero.")


def _not_and(code: Code, expr: c.Binary) -> Iterator[Constant]:
    """`!flags & FLAG`: `!` binds first, and the lowest bit is all that is left."""
    left = strip(expr.left)
    if not isinstance(left, c.Unary) or left.op != "!" or isinstance(strip(left.operand), c.Call):
        return
    number = evaluate(expr.right, code.unit.constants)
    if number is not None and not number & 1:
        yield Constant(expr.line, spell(expr), "false", f"`!` binds closer than `&`, and {spell(expr.right)} is not 1.")
