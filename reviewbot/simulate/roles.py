# SPDX-License-Identifier: GPL-2.0-or-later
"""Roles in a series whose tree is not at hand: which of the functions that it brings does what.

Nothing is found by a patch's own names. The *handler* is a function that the series brings whole, that takes a group,
reaches the killer (a function of the kernel's, named by the world) and is called from code of which only parts are
seen. What happens *after an uncharge* is the statement, in code of which only parts are seen, that reaches a wake-up
and comes after the counter went down. Both are written out as C for the world to call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reviewbot.csource.functions import Function, call_name, walk
from reviewbot.csource.parse import Unit, parse
from reviewbot.csource.syntax import (
    Call,
    Continue,
    Expr,
    ExprStmt,
    Goto,
    If,
    Name,
    Return,
    Stmt,
    Unary,
    Variable,
)
from reviewbot.model.diff import Patch
from reviewbot.model.tree import SourceFile
from reviewbot.simulate.kernel.table import IGNORED, PRIMITIVES
from reviewbot.simulate.lower.rewrite import walk as walk_tree
from reviewbot.simulate.lower.spell import spell_all

WAKERS = frozenset(
    ("wake_up", "wake_up_all", "wake_up_nr", "wake_up_interruptible", "wake_up_interruptible_all", "__wake_up")
)
LOWERED = frozenset(("res_counter_uncharge", "page_counter_uncharge", "__css_put", "css_put"))
_SECTION = re.compile(r"\s*(?:static\s+)?struct\s+(\w{1,80})\s*\{\s*")


@dataclass(frozen=True, slots=True)
class Roles:
    """C that binds the roles to a series' functions, and whom it calls; `missing` names the roles nobody has."""

    text: str
    names: tuple[str, ...]
    missing: tuple[str, ...]


def find_roles(units: Sequence[Unit], killer: str, group_type: str) -> Roles:
    """Find the roles in the files of a reconstructed snapshot."""
    whole = {f.name: f for unit in units for f in unit.functions if f.name and not f.fragment and not f.gaps}
    parts = [f for unit in units for f in unit.functions if f.fragment or f.gaps]
    parts += [f for f in whole.values() if f.name not in _reaching(whole, {killer})]
    text = []
    names: list[str] = []
    handler = _handler(whole, parts, killer, group_type)
    if handler is not None:
        function, again = handler
        names.append(function.name)
        text.append(_handler_text(function, again, group_type))
    after = _after_uncharge(whole, parts, group_type)
    text.append(
        f"void role_after_uncharge(struct {group_type} *group)\n{{\n\t{after or ';'}\n}}\n"
    )  # a series that wakes nobody there has an empty one
    missing = () if handler is not None else ("the handler of a full group",)
    return Roles("\n".join(text), tuple(names), missing)


def _reaching(whole: dict[str, Function], goals: set[str] | frozenset[str]) -> set[str]:
    """Return the whole functions that call one of the goals, directly or not."""
    found: set[str] = set()
    changed = True
    while changed:
        changed = False
        for name, function in whole.items():
            if name in found:
                continue
            called = {part.name for stmt in (function.body,) for part in walk_tree(stmt) if isinstance(part, Name)}
            if called & goals or called & found:
                found.add(name)
                changed = True
    return found


def _handler(
    whole: dict[str, Function], parts: Sequence[Function], killer: str, group_type: str
) -> tuple[Function, bool | None] | None:
    """Return the handler and whether a true result means to try again (None: it has no result)."""
    able = {name for name in _reaching(whole, {killer}) if _group_parameter(whole[name], group_type) is not None}
    for part in parts:
        for stmt in part.statements:
            for name, again in _uses(stmt):
                if name in able and name != killer:
                    function = whole[name]
                    return function, None if _is_void(function) else again
    return None


def _is_void(function: Function) -> bool:
    return function.returns.base.split()[-1:] == ["void"] and not function.returns.pointers


def _uses(stmt: Stmt) -> Iterator[tuple[str, bool]]:
    """Yield the functions that a statement itself calls, with whether a true result leads to another try."""
    if isinstance(stmt, If):
        negated = isinstance(stmt.cond, Unary) and stmt.cond.op == "!"
        then = next((s for s in walk_tree(stmt.then) if isinstance(s, (Goto, Continue, Return))), None)
        retries = isinstance(then, (Goto, Continue))
        for expr in walk(stmt.cond):
            name = call_name(expr)
            if name:
                yield name, retries != negated
    elif isinstance(stmt, ExprStmt):
        for expr in walk(stmt.expr):
            name = call_name(expr)
            if name:
                yield name, True


def _group_parameter(function: Function, group_type: str) -> int | None:
    for at, variable in enumerate(function.params):
        if variable.type.struct == group_type and variable.type.pointers == 1:
            return at
    return None


def _handler_text(function: Function, again: bool | None, group_type: str) -> str:
    at = _group_parameter(function, group_type)
    arguments = ", ".join(
        "group" if i == at else "mask" if variable.type.base == "gfp_t" else "0"
        for i, variable in enumerate(function.params)
    )
    call = f"{function.name}({arguments})"
    body = f"{call};\n\treturn 1;" if again is None else f"return {'' if again else '!'}{call};"
    return f"int role_handler(struct {group_type} *group, gfp_t mask)\n{{\n\t{body}\n}}\n"


def _after_uncharge(whole: dict[str, Function], parts: Sequence[Function], group_type: str) -> str:
    wakers = _reaching(whole, WAKERS) | WAKERS
    for part in parts:
        lowered = False
        for stmt in part.statements:
            calls = {call_name(e) for e in _own_calls(stmt)}
            lowered = lowered or bool(calls & LOWERED)
            if not lowered:
                continue
            if isinstance(stmt, If) and _wakes(stmt.then, wakers) and stmt.otherwise is None:
                text = _bound(stmt, whole, group_type)
                if text is not None:
                    return text
            elif isinstance(stmt, ExprStmt) and _wakes(stmt, wakers):
                text = _bound_call(stmt.expr, whole, group_type)
                if text is not None:
                    return text + ";"
    return ""


def _own_calls(stmt: Stmt) -> Iterator[Expr]:
    if isinstance(stmt, ExprStmt):
        yield from walk(stmt.expr)


def _wakes(stmt: Stmt, wakers: set[str] | frozenset[str]) -> bool:
    """Tell whether a statement is a call that wakes, and nothing else."""
    inner = stmt
    body = getattr(stmt, "body", None)
    if isinstance(body, tuple) and len(body) == 1:
        inner = body[0]
    return isinstance(inner, ExprStmt) and call_name(inner.expr) in wakers


def _bound(stmt: If, whole: dict[str, Function], group_type: str) -> str | None:
    then = stmt.then
    body = getattr(then, "body", None)
    if isinstance(body, tuple):
        then = body[0]
    if not isinstance(then, ExprStmt):
        return None
    condition = _bound_call(stmt.cond, whole, group_type)
    call = _bound_call(then.expr, whole, group_type)
    return None if condition is None or call is None else f"if ({condition})\n\t\t{call};"


def _bound_call(expr: Expr, whole: dict[str, Function], group_type: str) -> str | None:
    """Return an expression as C with `group` in place of every argument that is a group; None if more is unknown."""

    def bind(part: Expr) -> Expr:
        if not isinstance(part, Call) or not isinstance(part.function, Name):
            return part
        function = whole.get(part.function.name)
        at = None if function is None else _group_parameter(function, group_type)
        if at is None:
            return part
        return replace(part, args=tuple(Name("group") if i == at else arg for i, arg in enumerate(part.args)))

    bound = replace(expr, operand=bind(expr.operand)) if isinstance(expr, Unary) else bind(expr)
    known = {"group", *whole, *PRIMITIVES, *IGNORED, *WAKERS}
    free = {part.name for part in walk(bound) if isinstance(part, Name)} - known
    arguments = [part for part in walk(bound) if isinstance(part, Call) and call_name(part) in WAKERS]
    free -= {n.name for call in arguments for arg in call.args for n in walk(arg) if isinstance(n, Name)}
    return None if free else spell_all(bound)


def record_fields(patches: Sequence[Patch]) -> dict[str, tuple[Variable, ...]]:
    """Return the fields of records that the hunks of some patches show, by the record's tag."""
    found: dict[str, dict[str, Variable]] = {}
    for patch in patches:
        for diff in patch.files:
            for hunk in diff.hunks:
                section = _SECTION.match(hunk.section[:300])
                if section is None:
                    continue
                lines = [line.text for line in hunk.lines if line.mark != "-"]
                for variable in _fields("\n".join(lines)):
                    found.setdefault(section[1], {})[variable.name] = variable
    return {tag: tuple(fields.values()) for tag, fields in found.items()}


def _fields(text: str) -> tuple[Variable, ...]:
    """Read lines from the middle of a record: a comment cut off at either end is dropped, and all after the record."""
    end, start = text.find("*/"), text.find("/*")
    if end >= 0 and (start < 0 or end < start):
        text = text[end + 2 :]
    if text.rfind("/*") > text.rfind("*/"):
        text = text[: text.rfind("/*")]
    text = text.partition("\n}")[0]
    data = b"struct shown {\n" + text.encode("utf-8", "replace") + b"\n};\n"
    unit = parse(SourceFile("shown", data, f"shown-{hash(data)}"))
    shown = unit.structs.get("shown")
    return () if shown is None or unit.errors else shown.fields
