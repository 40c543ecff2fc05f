# SPDX-License-Identifier: GPL-2.0-or-later
"""C as values: variables and statements (see `syntax` for the whole)."""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewbot.csource.expressions import At, CType, Expr


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
class Branch(Stmt):
    """The beginning of a branch of a Choice in a control-flow graph: the last condition holds, those before do not."""

    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap(Stmt):
    """Code that nobody has seen, from `line` to `last_line`; `cut` when it is the unseen rest of a statement."""

    last_line: int = field(default=0, compare=False)
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Unparsed(Stmt):
    """A statement that could not be read; anything may happen in it."""

    text: str
