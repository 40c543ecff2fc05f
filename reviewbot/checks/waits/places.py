# SPDX-License-Identifier: GPL-2.0-or-later
"""Places that tasks share (fields and file-scope objects), and what a condition says of the value of one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.exprtypes import type_of
from reviewbot.csource.functions import Function, call_name
from reviewbot.csource.parse import Unit

_NEGATED = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
_TESTS: dict[str, Callable[[int, int], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}


@dataclass(frozen=True, slots=True)
class Place:
    """A field of a structure (`owner` is its tag, None when it is not known) or a file-scope object (`owner` "").

    `bit` is the bit or mask of it that counts, as written; "" for the whole.
    """

    owner: str | None
    name: str
    bit: str = ""

    def same(self, other: Place) -> bool:
        """Tell whether both may be the same place: where an owner is not known the name decides."""
        known = self.owner is None or other.owner is None or self.owner == other.owner
        return known and (self.name, self.bit) == (other.name, other.bit)

    def __str__(self) -> str:
        return f"{self.bit} of {self.name}" if self.bit else self.name


@dataclass(frozen=True, slots=True)
class Atom:
    """`place op value`: what holds, or has to hold, of the number at a place."""

    place: Place
    op: str
    value: int

    def admits(self, value: int) -> bool:
        """Tell whether the atom is true when the place holds `value`."""
        return _TESTS[self.op](value, self.value)

    def negated(self) -> Atom:
        """Return the atom that is true when this one is not."""
        return replace(self, op=_NEGATED[self.op])

    def implies(self, other: Atom) -> bool:
        """Tell whether `other` holds whenever this one does (both are of one place; integers near both decide)."""
        near = {v + d for v in (0, self.value, other.value) for d in (-1, 0, 1)}
        return all(other.admits(value) for value in near if self.admits(value))

    def contradicts(self, other: Atom) -> bool:
        """Tell whether both cannot hold together."""
        near = {v + d for v in (0, self.value, other.value) for d in (-1, 0, 1)}
        return not any(other.admits(value) for value in near if self.admits(value))

    def __str__(self) -> str:
        if self.value == 0 and self.op in ("==", "!="):
            return f"{self.place} is {'zero' if self.op == '==' else 'not zero'}"
        return f"{self.place} {self.op} {self.value}"


@dataclass(frozen=True, slots=True)
class Scope:
    """A function with its file: what names and types mean in it."""

    function: Function
    unit: Unit

    def is_local(self, name: str) -> bool:
        """Tell whether a name is a local variable or a parameter."""
        return any(v.name == name for v in (*self.function.params, *self.function.locals))


def place_of(scope: Scope, expr: c.Expr) -> Place | None:
    """Return the shared place that an lvalue names, None for a local variable or something that cannot be told."""
    expr = strip(expr)
    if isinstance(expr, c.Name):
        return None if scope.is_local(expr.name) else Place("", expr.name)
    if isinstance(expr, c.Member):
        base = type_of(scope.function, scope.unit, expr.base)
        return Place(base.struct if base is not None else None, expr.field)
    return None


def target_of(scope: Scope, expr: c.Expr) -> Place | None:
    """Return the place that a pointer expression points to: `&x->f`, or an array or structure given by its name."""
    expr = strip(expr)
    if isinstance(expr, c.Unary) and expr.op == "&":
        return place_of(scope, expr.operand)
    if isinstance(expr, c.Name):
        aliased = _alias(scope, expr.name)
        return target_of(scope, aliased) if aliased is not None else place_of(scope, expr)
    return place_of(scope, expr) if isinstance(expr, c.Member) else None


def _alias(scope: Scope, name: str) -> c.Expr | None:
    """Return what a local pointer was initialised with, if that is `&something`."""
    for variable in scope.function.locals:
        if variable.name == name and variable.init is not None:
            init = strip(variable.init)
            if isinstance(init, c.Unary) and init.op == "&":
                return init
    return None


def spelled(expr: c.Expr) -> str:
    """Return a bit or mask as a name to compare by."""
    expr = strip(expr)
    if isinstance(expr, c.Name):
        return expr.name
    if isinstance(expr, c.Number):
        return expr.text
    if isinstance(expr, c.Call) and call_name(expr) == "BIT" and len(expr.args) == 1:
        return spelled(expr.args[0])
    if isinstance(expr, c.Binary) and expr.op == "<<" and expr.left == c.Number("1", 1):
        return spelled(expr.right)
    return str(expr)
