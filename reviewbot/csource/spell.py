# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions as C again, on one line, for messages to people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reviewbot.csource import syntax as c

_BINDS = {
    "*": 10,
    "/": 10,
    "%": 10,
    "+": 9,
    "-": 9,
    "<<": 8,
    ">>": 8,
    "<": 7,
    ">": 7,
    "<=": 7,
    ">=": 7,
    "==": 6,
    "!=": 6,
    "&": 5,
    "^": 4,
    "|": 3,
    "&&": 2,
    "||": 1,
}
_PREFIX, _POSTFIX, _TERNARY, _ASSIGNMENT, _COMMA = 11, 12, 0, -1, -2


def spell(expr: c.Expr, longest: int = 80) -> str:
    """Return `expr` as C with the parentheses that it needs, cut off after `longest` characters."""
    text = _spell(expr)[0]
    return text if len(text) <= longest else text[: longest - 4].rstrip() + " ..."


def _spell(expr: c.Expr) -> tuple[str, int]:
    made = _SPELL.get(type(expr))
    return made(expr) if made is not None else ("...", _POSTFIX)


def _in(expr: c.Expr, least: int) -> str:
    text, binds = _spell(expr)
    return f"({text})" if binds < least else text


def _list(exprs: tuple[c.Expr, ...]) -> str:
    return ", ".join(_in(expr, _ASSIGNMENT) for expr in exprs)


def _binary(e: c.Binary) -> tuple[str, int]:
    binds = _BINDS.get(e.op, 10)
    return f"{_in(e.left, binds)} {e.op} {_in(e.right, binds + 1)}", binds


def _conditional(e: c.Conditional) -> tuple[str, int]:
    then = f" {_in(e.then, _COMMA)} " if e.then is not None else ""
    return f"{_in(e.cond, 1)} ?{then}: {_in(e.otherwise, _TERNARY)}", _TERNARY


def _sizeof(e: c.SizeOf) -> tuple[str, int]:
    return f"sizeof({e.type if e.type is not None else _in(e.operand or c.Name(''), _COMMA)})", _POSTFIX


def _update(e: c.Update) -> tuple[str, int]:
    if e.prefix:
        return f"{e.op}{_in(e.operand, _PREFIX)}", _PREFIX
    return f"{_in(e.operand, _POSTFIX)}{e.op}", _POSTFIX


_SPELL: dict[type[c.Expr], Callable[[Any], tuple[str, int]]] = {
    c.Name: lambda e: (e.name, _POSTFIX),
    c.Number: lambda e: (e.text, _POSTFIX),
    c.String: lambda e: (e.text, _POSTFIX),
    c.Char: lambda e: (e.text, _POSTFIX),
    c.TypeArg: lambda e: (str(e.type), _POSTFIX),
    c.OpaqueExpr: lambda e: (e.text, _POSTFIX),
    c.Call: lambda e: (f"{_in(e.function, _POSTFIX)}({_list(e.args)})", _POSTFIX),
    c.Index: lambda e: (f"{_in(e.base, _POSTFIX)}[{_in(e.index, _COMMA)}]", _POSTFIX),
    c.Member: lambda e: (f"{_in(e.base, _POSTFIX)}{'->' if e.arrow else '.'}{e.field}", _POSTFIX),
    c.Unary: lambda e: (f"{e.op}{_in(e.operand, _PREFIX)}", _PREFIX),
    c.Cast: lambda e: (f"({e.type}){_in(e.operand, _PREFIX)}", _PREFIX),
    c.Update: _update,
    c.SizeOf: _sizeof,
    c.Binary: _binary,
    c.Conditional: _conditional,
    c.Assign: lambda e: (f"{_in(e.target, _PREFIX)} {e.op} {_in(e.value, _ASSIGNMENT)}", _ASSIGNMENT),
    c.Comma: lambda e: (", ".join(_in(part, _ASSIGNMENT) for part in e.parts), _COMMA),
    c.StatementExpr: lambda e: ("({ ... })", _POSTFIX),
    c.InitList: lambda e: ("{ ... }", _POSTFIX),
    c.CompoundLiteral: lambda e: (f"({e.type}){{ ... }}", _POSTFIX),
}
