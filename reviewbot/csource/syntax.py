# SPDX-License-Identifier: GPL-2.0-or-later
"""C as values: expressions and statements that rules and the simulator read.

Equality and hashes leave lines out, so `a == b` says that two expressions are written alike. Parentheses are gone.
"""

from __future__ import annotations

from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class Variable(At):
    """A variable, parameter or field as declared.

    `macro` is the macro that declared it (`DEFINE_WAIT`), `args` that macro's arguments. `cleanup` names the function
    of `__free()` or `__cleanup()`. `bits` is the width of a bit field. An unnamed parameter or field has name "".
    """

    name: str
    type: CType
    init: Expr | None = None
    storage: tuple[str, ...] = ()
    macro: str | None = None
    args: tuple[Expr, ...] = ()
    cleanup: str | None = None
    bits: int | None = None


@dataclass(frozen=True, slots=True)
class Stmt(At):
    """Any statement."""


@dataclass(frozen=True, slots=True)
class Block(Stmt):
    """`{ … }`, or several statements in a row. Labels and cases stand in `body` as markers before what they label.

    `opened` is False when the `{` and the head before it (an `if`, a loop, a switch …) are in code nobody has seen,
    `closed` when the `}` is.
    """

    body: tuple[Stmt, ...]
    end_line: int = field(default=0, compare=False)
    opened: bool = True
    closed: bool = True


@dataclass(frozen=True, slots=True)
class ExprStmt(Stmt):
    """An expression as a statement."""

    expr: Expr


@dataclass(frozen=True, slots=True)
class Declare(Stmt):
    """A declaration of local variables, in order."""

    variables: tuple[Variable, ...]


@dataclass(frozen=True, slots=True)
class If(Stmt):
    """`if`."""

    cond: Expr
    then: Stmt
    otherwise: Stmt | None


@dataclass(frozen=True, slots=True)
class While(Stmt):
    """`while`."""

    cond: Expr
    body: Stmt


@dataclass(frozen=True, slots=True)
class DoWhile(Stmt):
    """`do … while (cond);`"""

    body: Stmt
    cond: Expr


@dataclass(frozen=True, slots=True)
class For(Stmt):
    """`for`; any of the three may be missing."""

    init: Stmt | None
    cond: Expr | None
    step: Expr | None
    body: Stmt


@dataclass(frozen=True, slots=True)
class ForEach(Stmt):
    """An iterator macro with its body: `list_for_each_entry(pos, head, member) …`."""

    macro: str
    args: tuple[Expr, ...]
    body: Stmt


@dataclass(frozen=True, slots=True)
class Switch(Stmt):
    """`switch`."""

    value: Expr
    body: Stmt


@dataclass(frozen=True, slots=True)
class Case(Stmt):
    """`case value:`, `case value ... high:`, or `default:` when `value` is None."""

    value: Expr | None
    high: Expr | None = None


@dataclass(frozen=True, slots=True)
class Label(Stmt):
    """`name:` before the statement that follows it."""

    name: str


@dataclass(frozen=True, slots=True)
class Goto(Stmt):
    """`goto label;`, or `goto *target;` with `label` None."""

    label: str | None
    target: Expr | None = None


@dataclass(frozen=True, slots=True)
class Break(Stmt):
    """`break;`"""


@dataclass(frozen=True, slots=True)
class Continue(Stmt):
    """`continue;`"""


@dataclass(frozen=True, slots=True)
class Fallthrough(Stmt):
    """`fallthrough;`"""


@dataclass(frozen=True, slots=True)
class Return(Stmt):
    """`return;` or `return value;`"""

    value: Expr | None


@dataclass(frozen=True, slots=True)
class Guard(Stmt):
    """`guard(name)(args);`: something is held until the end of the block."""

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class ScopedGuard(Stmt):
    """`scoped_guard (name, args) body`: something is held in `body`."""

    name: str
    args: tuple[Expr, ...]
    body: Stmt


@dataclass(frozen=True, slots=True)
class Asm(Stmt):
    """Inline assembly: which expressions it writes and which it reads."""

    text: str
    outputs: tuple[Expr, ...] = ()
    inputs: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice(Stmt):
    """`#if` inside a function: one of the branches is there; without `#else` the last one is empty."""

    conditions: tuple[str, ...]
    branches: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Gap(Stmt):
    """Code that nobody has seen, from `line` to `last_line`; `cut` when it is the unseen rest of a statement."""

    last_line: int = field(default=0, compare=False)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Unparsed(Stmt):
    """A statement that could not be read; anything may happen in it."""

    text: str
