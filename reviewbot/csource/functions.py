# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions as rules see them: name, parameters, body, and what of them is unseen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from itertools import takewhile

from tree_sitter import Node

from reviewbot.csource import syntax as c
from reviewbot.csource.text import lines_of


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call in a function: `name` is None for one through a pointer."""

    name: str | None
    args: tuple[c.Expr, ...]
    line: int
    expr: c.Call


@dataclass(frozen=True, eq=False)
class Function:
    """A function, whole or in pieces.

    `fragment` says that code of it is unseen: then `name` may be "" (unknown), `header_known` tells whether parameters
    and return type are known, and `gaps` are the unseen stretches in order. Lines are 1-based, `end_line` inclusive.
    `macro` is the macro that defines it (`SYSCALL_DEFINE2`), None for plain C. `node` is the syntax node of a whole
    function. `errors` counts what could not be parsed in it. `known` are the line ranges of it that are seen.
    `file_macros` are the macros that its file defines, each with the words of its body.
    """

    name: str
    path: str
    start_line: int
    end_line: int
    params: tuple[c.Variable, ...]
    returns: c.CType
    read_body: Callable[[], c.Block] = field(repr=False)
    is_static: bool = False
    fragment: bool = False
    header_known: bool = True
    end_known: bool = True
    variadic: bool = False
    macro: str | None = None
    node: Node | None = None
    errors: int = 0
    known: tuple[tuple[int, int], ...] = ()
    source: bytes = field(default=b"", repr=False)
    file_macros: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)

    @cached_property
    def body(self) -> c.Block:
        """The body; it is read when it is first asked for."""
        return self.read_body()

    @cached_property
    def statements(self) -> tuple[c.Stmt, ...]:
        """Every statement, those inside of others included, in the order of the text."""
        return tuple(walk_statements(self.body))

    @cached_property
    def locals(self) -> tuple[c.Variable, ...]:
        """The local variables, in order of declaration; a name may occur twice (in different blocks)."""
        return tuple(v for s in self.statements if isinstance(s, c.Declare) for v in s.variables)

    @cached_property
    def labels(self) -> dict[str, int]:
        """The labels and their lines."""
        return {s.name: s.line for s in self.statements if isinstance(s, c.Label)}

    @cached_property
    def gaps(self) -> tuple[c.Gap, ...]:
        """The stretches of unseen code."""
        return tuple(s for s in self.statements if isinstance(s, c.Gap))

    @cached_property
    def expressions(self) -> tuple[c.Expr, ...]:
        """Every expression, parts of others included, in the order of the text."""
        return tuple(e for s in self.statements for top in own_expressions(s) for e in walk(top))

    @cached_property
    def calls(self) -> tuple[CallSite, ...]:
        """Every call, in the order of the text."""
        return tuple(CallSite(call_name(e), e.args, e.line, e) for e in self.expressions if isinstance(e, c.Call))

    def covers(self, line: int) -> bool:
        """Tell whether 1-based `line` is between the function's first and last line."""
        return self.start_line <= line <= self.end_line

    def line_text(self, line: int) -> str:
        """Return the text of 1-based `line` of the file, without white space at its ends."""
        lines = lines_of(self.source)
        return lines[line - 1].decode("utf-8", "replace").strip() if 0 < line <= len(lines) else ""

    @property
    def header(self) -> str:
        """The text before the body, annotations included."""
        texts = map(self.line_text, range(self.start_line, self.end_line + 1))
        return " ".join(takewhile(lambda text: not text.startswith("{"), texts)).split("{", 1)[0]


def call_name(expr: c.Expr) -> str | None:
    """Return the name of the function that a call calls directly, None for anything else."""
    return expr.function.name if isinstance(expr, c.Call) and isinstance(expr.function, c.Name) else None


_HOLDS_NODES = re.compile(r"Expr|Stmt|Block|InitList")
_slots_of: dict[type, tuple[str, ...]] = {}


def _slots(kind: type[c.Expr] | type[c.Stmt]) -> tuple[str, ...]:
    """Return the names of what a kind of node may have expressions or statements in, going by its annotations."""
    found = _slots_of.get(kind)
    if found is None:
        found = _slots_of[kind] = tuple(slot.name for slot in fields(kind) if _HOLDS_NODES.search(str(slot.type)))
    return found


def children(expr: c.Expr) -> Iterator[c.Expr]:
    """Return the expressions that `expr` is made of, in the order of the text; the body of `({ … })` is left out."""
    return iter(_children(expr))


def _children(expr: c.Expr) -> list[c.Expr]:
    if isinstance(expr, c.InitList):
        return [item.value for item in expr.items]
    found: list[c.Expr] = []
    for slot in _slots(type(expr)):
        value = getattr(expr, slot)
        if isinstance(value, c.Expr):
            found.append(value)
        elif isinstance(value, tuple):
            found += [part for part in value if isinstance(part, c.Expr)]
    return found


def walk(expr: c.Expr) -> Iterator[c.Expr]:
    """Yield `expr` and everything in it, outer before inner, statement expressions included."""
    stack = [expr]
    while stack:
        one = stack.pop()
        yield one
        if isinstance(one, c.StatementExpr):
            tops = [top for stmt in walk_statements(one.body) for top in own_expressions(stmt)]
            stack += tops[::-1]
        else:
            stack += _children(one)[::-1]


def own_expressions(stmt: c.Stmt) -> Iterator[c.Expr]:
    """Yield the outermost expressions of a statement, not those of the statements inside of it."""
    if isinstance(stmt, c.Declare):
        for variable in stmt.variables:
            yield from (size for size in variable.type.dims if size is not None)
            if variable.init is not None:
                yield variable.init
            yield from variable.args
        return
    for slot in _slots(type(stmt)):
        value = getattr(stmt, slot)
        if isinstance(value, c.Expr):
            yield value
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, c.Expr))


def inner_statements(stmt: c.Stmt) -> Iterator[c.Stmt]:
    """Yield the statements directly inside of `stmt`."""
    for slot in _slots(type(stmt)):
        value = getattr(stmt, slot)
        if isinstance(value, c.Stmt):
            yield value
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, c.Stmt))


def walk_statements(stmt: c.Stmt) -> Iterator[c.Stmt]:
    """Yield `stmt` and every statement in it, outer before inner."""
    yield stmt
    for inner in inner_statements(stmt):
        yield from walk_statements(inner)
