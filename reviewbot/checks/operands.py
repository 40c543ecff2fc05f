# SPDX-License-Identifier: GPL-2.0-or-later
"""Operands that were copied and not changed: the same on both sides, or in a row where each should have its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.exprtypes import variable_of
from reviewbot.csource.functions import own_expressions, walk
from reviewbot.csource.spell import spell

_TWO_DIFFERENT = frozenset({"==", "!=", "<", ">", "<=", ">=", "&&", "||", "-", "/", "%", "^", "|"})
# fields that are copied under their own names beside the one that is not
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Repeated:
    """`text` at `line` repeats `part`; `first` is the line where it belongs, if another one."""

    line: int
    text: str
    part: str
    why: str
    first: int


def repeated_operands(code: Code) -> Iterator[Repeated]:
    """Yield the operands that are the same where they should differ."""
    yield from _same_sides(code)
    yield from _same_branches(code)
    for stmt in code.function.statements:
        if isinstance(stmt, c.Block):
            yield from _wrong_copies(code, stmt.body)


def _same_sides(code: Code) -> Iterator[Repeated]:
    """Yield `a == a`, `a || b || a`, and the like; calls and numbers may be twice on purpose."""
    for expr in code.function.expressions:
        if not isinstance(expr, c.Binary) or expr.op not in _TWO_DIFFERENT or not _plain(expr.right):
            continue
        others = [expr.left]
        while expr.op in ("&&", "||", "|") and isinstance(others[-1], c.Binary) and others[-1].op == expr.op:
            last = others.pop()
            others += [last.right, last.left] if isinstance(last, c.Binary) else []
        if expr.right in others and _in_source(code, expr.line):
            yield Repeated(expr.line, spell(expr), spell(expr.right), f"on both sides of `{expr.op}`", expr.line)


def _plain(expr: c.Expr) -> bool:
    """Tell whether an expression is a place or asks of one, so that it is the same each time."""
    parts = list(walk(expr))
    places = any(isinstance(part, (c.Member, c.Index)) for part in parts) or isinstance(expr, c.Name)
    fixed = (c.Name, c.Member, c.Index, c.Binary, c.Unary, c.Cast, c.Number)
    constant = isinstance(expr, c.Name) and expr.name.isupper()
    return places and not constant and all(isinstance(part, fixed) for part in parts)


def _in_source(code: Code, line: int) -> bool:
    """Tell whether a line is not one of a macro's use that may expand to anything."""
    return "typecheck" not in code.function.line_text(line)


def _same_branches(code: Code) -> Iterator[Repeated]:
    """Yield the second of two equal conditions of one `if … else if`."""
    inner: set[int] = set()
    for stmt in code.function.statements:
        if not isinstance(stmt, c.If) or id(stmt) in inner:
            continue
        asked: list[c.If] = []
        here: c.Stmt | None = stmt
        while isinstance(here, c.If):
            inner.add(id(here))
            same = next((one for one in asked if one.cond == here.cond), None)
            if same is not None and all(not isinstance(p, (c.Call, c.Assign, c.Update)) for p in walk(here.cond)):
                text = spell(here.cond)
                yield Repeated(here.line, text, text, "in two branches of one if", same.line)
            asked.append(here)
            here = here.otherwise


def _wrong_copies(code: Code, body: Sequence[c.Stmt]) -> Iterator[Repeated]:
    """Yield, in a row of `a->x = b->x; a->y = b->y;`, the one that copies a field that another one has copied."""
    row: list[tuple[c.Assign, c.Member, c.Member]] = []
    for stmt in (*body, None):
        copy = _copy(stmt)
        if copy is not None and (not row or (copy[1].base, copy[2].base) == (row[0][1].base, row[0][2].base)):
            row.append(copy)
            continue
        yield from _judge_row(code, row)
        row = [copy] if copy is not None else []


def _judge_row(code: Code, row: list[tuple[c.Assign, c.Member, c.Member]]) -> Iterator[Repeated]:
    like = {target.field: assign for assign, target, source in row if target.field == source.field}
    unlike = [(assign, target, source) for assign, target, source in row if target.field != source.field]
    if len(like) < _FEWEST or len(unlike) != 1:
        return
    assign, target, source = unlike[0]
    if source.field in like and target.field not in like and _may_have(code, source, target):
        why = f"for {target.field} as well as for {source.field}"
        yield Repeated(assign.line, spell(assign), spell(source), why, like[source.field].line)


def _may_have(code: Code, source: c.Member, target: c.Member) -> bool:
    """Tell whether what is copied from has the field that is copied to, as far as the file shows."""
    kinds = [variable_of(code.function, code.unit, base.name) if isinstance(base := strip(one.base), c.Name) else None
             for one in (source, target)]  # fmt: skip
    if any(kind is None for kind in kinds):
        return True
    bases = [kind.type.base for kind in kinds if kind is not None]
    if bases[0] == bases[1]:
        return True
    record = code.unit.structs.get(bases[0].removeprefix("struct "))
    if record is not None:
        return any(field.name == target.field for field in record.fields)
    return False


def _copy(stmt: c.Stmt | None) -> tuple[c.Assign, c.Member, c.Member] | None:
    tops = list(own_expressions(stmt)) if isinstance(stmt, c.ExprStmt) else []
    assign = tops[0] if tops else None
    if not isinstance(assign, c.Assign) or assign.op != "=":
        return None
    target, source = strip(assign.target), strip(assign.value)
    if isinstance(source, c.Call) and len(source.args) == 1:
        source = strip(source.args[0])
    both = isinstance(target, c.Member) and isinstance(source, c.Member)
    return (assign, target, source) if both else None  # type: ignore[return-value]
