# SPDX-License-Identifier: GPL-2.0-or-later
"""C as values: types and expressions (see `syntax` for the whole).

Equality and hashes leave lines out, so `a == b` says that two expressions are written alike. Parentheses are gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewbot.csource.statements import Block


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """Something at a 1-based line of its file."""

    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CType:
    """A type: `base` ("struct page", "unsigned long"), stars, array sizes; `function` for (a pointer to) a function."""

    base: str
    pointers: int = 0
    dims: tuple[Expr | None, ...] = ()
    function: bool = False

    def __str__(self) -> str:
        return self.base + (" " + "*" * self.pointers if self.pointers else "") + "[]" * len(self.dims)

    @property
    def struct(self) -> str | None:
        """The tag of the struct or union that it is or points to."""
        word, _, tag = self.base.partition(" ")
        return tag if word in ("struct", "union") and tag else None


@dataclass(frozen=True, slots=True)
class Expr(At):
    """Any expression."""


@dataclass(frozen=True, slots=True)
class Name(Expr):
    """An identifier: a variable, a function, an enumerator or a macro."""

    name: str


@dataclass(frozen=True, slots=True)
class Number(Expr):
    """A number; `value` is None for a floating one."""

    text: str
    value: int | None


@dataclass(frozen=True, slots=True)
class String(Expr):
    """A string literal as written (adjacent ones and macros between them included)."""

    text: str


@dataclass(frozen=True, slots=True)
class Char(Expr):
    """A character constant."""

    text: str
    value: int | None


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """A call of a function or of a macro that looks like one."""

    function: Expr
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Unary(Expr):
    """One of - + ! ~ * & before its operand."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Update(Expr):
    """`++` or `--`, before (`prefix`) or after its operand."""

    op: str
    prefix: bool
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Expr):
    """An operator between two operands, `&&` and `||` included; assignments and commas are not."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Conditional(Expr):
    """`cond ? then : otherwise`; `then` is None in the GNU form `cond ?: otherwise`."""

    cond: Expr
    then: Expr | None
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Assign(Expr):
    """`target op value` with op `=`, `+=` …"""

    op: str
    target: Expr
    value: Expr


@dataclass(frozen=True, slots=True)
class Member(Expr):
    """`base.field`, or `base->field` when `arrow`."""

    base: Expr
    field: str
    arrow: bool


@dataclass(frozen=True, slots=True)
class Index(Expr):
    """`base[index]`."""

    base: Expr
    index: Expr


@dataclass(frozen=True, slots=True)
class Cast(Expr):
    """`(type)operand`."""

    type: CType
    operand: Expr


@dataclass(frozen=True, slots=True)
class SizeOf(Expr):
    """`sizeof`: exactly one of `type` and `operand` is given (a lone name that may be a type is an operand)."""

    type: CType | None
    operand: Expr | None


@dataclass(frozen=True, slots=True)
class Comma(Expr):
    """Two or more expressions joined by commas."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class InitItem(At):
    """An entry of an initializer list; `designator` is `.name`, `[3]`, `.a.b` … or empty."""

    designator: str
    value: Expr


@dataclass(frozen=True, slots=True)
class InitList(Expr):
    """`{ … }` as an initializer."""

    items: tuple[InitItem, ...]


@dataclass(frozen=True, slots=True)
class CompoundLiteral(Expr):
    """`(type){ … }`."""

    type: CType
    init: InitList


@dataclass(frozen=True, slots=True)
class StatementExpr(Expr):
    """GNU `({ … })`."""

    body: Block


@dataclass(frozen=True, slots=True)
class TypeArg(Expr):
    """A type where a macro takes one as an argument: `container_of(p, struct foo, member)`."""

    type: CType


@dataclass(frozen=True, slots=True)
class OpaqueExpr(Expr):
    """Something that could not be read as an expression; it may read or write anything named in it."""

    text: str
