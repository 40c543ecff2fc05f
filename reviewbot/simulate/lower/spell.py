# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions as people write them, for schedules."""

from __future__ import annotations

from reviewbot.csource.syntax import (
    Assign,
    Binary,
    Call,
    Cast,
    Char,
    Expr,
    Index,
    Member,
    Name,
    Number,
    String,
    TypeArg,
    Unary,
    Update,
)

MOST = 80


def spell(expr: Expr) -> str:
    """Return the C text of an expression, shortened where it is long."""
    text = _spell(expr, 0)
    return text if len(text) <= MOST else text[: MOST - 1] + "…"


def spell_all(expr: Expr) -> str:
    """Return the C text of an expression, all of it, with parentheses wherever they may matter."""
    if isinstance(expr, Binary):
        return f"({spell_all(expr.left)}) {expr.op} ({spell_all(expr.right)})"
    if isinstance(expr, Unary):
        return f"{expr.op}({spell_all(expr.operand)})"
    if isinstance(expr, Call):
        return f"{spell_all(expr.function)}({', '.join(spell_all(a) for a in expr.args)})"
    return _spell(expr, 0)


def _spell(expr: Expr, depth: int) -> str:
    if depth > 12:
        return "…"
    deeper = depth + 1
    if isinstance(expr, Name):
        return expr.name
    if isinstance(expr, (Number, Char, String)):
        return expr.text
    if isinstance(expr, Member):
        return f"{_spell(expr.base, deeper)}{'->' if expr.arrow else '.'}{expr.field}"
    if isinstance(expr, Index):
        return f"{_spell(expr.base, deeper)}[{_spell(expr.index, deeper)}]"
    if isinstance(expr, Call):
        return f"{_spell(expr.function, deeper)}({', '.join(_spell(a, deeper) for a in expr.args)})"
    if isinstance(expr, Unary):
        return f"{expr.op}{_spell(expr.operand, deeper)}"
    if isinstance(expr, Update):
        inner = _spell(expr.operand, deeper)
        return f"{expr.op}{inner}" if expr.prefix else f"{inner}{expr.op}"
    if isinstance(expr, Binary):
        return f"{_spell(expr.left, deeper)} {expr.op} {_spell(expr.right, deeper)}"
    if isinstance(expr, Assign):
        return f"{_spell(expr.target, deeper)} {expr.op} {_spell(expr.value, deeper)}"
    if isinstance(expr, Cast):
        return f"({expr.type}){_spell(expr.operand, deeper)}"
    if isinstance(expr, TypeArg):
        return str(expr.type)
    return "…"
