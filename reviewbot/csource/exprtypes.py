# SPDX-License-Identifier: GPL-2.0-or-later
"""Types of expressions, as far as one file tells them."""

from __future__ import annotations

from dataclasses import replace

from reviewbot.csource import syntax as c
from reviewbot.csource.functions import Function, call_name
from reviewbot.csource.parse import Unit

_DEEPEST = 60


def variable_of(function: Function, unit: Unit | None, name: str) -> c.Variable | None:
    """Return the variable that `name` means in `function`: a local one, a parameter or one of the file."""
    for group in (function.locals, function.params, unit.globals if unit is not None else ()):
        for variable in group:
            if variable.name == name:
                return variable
    return None


def type_of(function: Function, unit: Unit | None, expr: c.Expr, depth: int = 0) -> c.CType | None:
    """Return the type of `expr`, None where this file does not tell it. Arithmetic is taken to be of its left side."""
    if depth > _DEEPEST:
        return None
    if isinstance(expr, c.Name):
        variable = variable_of(function, unit, expr.name)
        return variable.type if variable is not None else None
    if isinstance(expr, (c.Cast, c.CompoundLiteral)):
        return expr.type
    if isinstance(expr, c.Member):
        base = type_of(function, unit, expr.base, depth + 1)
        return _field(unit, base, expr.field) if base is not None else None
    if isinstance(expr, c.Index):
        return _pointee(type_of(function, unit, expr.base, depth + 1))
    if isinstance(expr, c.Unary):
        inner = type_of(function, unit, expr.operand, depth + 1)
        if expr.op == "*":
            return _pointee(inner)
        if expr.op == "&":
            return replace(inner, pointers=inner.pointers + 1) if inner is not None else None
        return c.CType("int") if expr.op == "!" else inner
    if isinstance(expr, c.Call):
        return _returned(unit, call_name(expr))
    if isinstance(expr, (c.Assign, c.Update)):
        return type_of(function, unit, expr.target if isinstance(expr, c.Assign) else expr.operand, depth + 1)
    if isinstance(expr, c.Binary):
        if expr.op in ("&&", "||", "==", "!=", "<", ">", "<=", ">="):
            return c.CType("int")
        return type_of(function, unit, expr.left, depth + 1)
    if isinstance(expr, c.Conditional):
        return type_of(function, unit, expr.then or expr.cond, depth + 1)
    return None


def _pointee(kind: c.CType | None) -> c.CType | None:
    if kind is None:
        return None
    if kind.dims:
        return replace(kind, dims=kind.dims[1:])
    return replace(kind, pointers=kind.pointers - 1) if kind.pointers else None


def _field(unit: Unit | None, base: c.CType, name: str, depth: int = 0) -> c.CType | None:
    if unit is None or depth > _DEEPEST:
        return None
    known = unit.typedefs.get(base.base)
    tag = (known or base).struct
    struct = unit.structs.get(tag) if tag else None
    for field in struct.fields if struct is not None else ():
        if field.name == name:
            return field.type
        if not field.name:
            inner = _field(unit, field.type, name, depth + 1)
            if inner is not None:
                return inner
    return None


def _returned(unit: Unit | None, name: str | None) -> c.CType | None:
    if unit is None or name is None:
        return None
    function = unit.function(name)
    if function is not None:
        return function.returns if function.header_known else None
    return next((p.returns for p in unit.prototypes if p.name == name), None)
