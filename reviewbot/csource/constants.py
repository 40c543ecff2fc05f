# SPDX-License-Identifier: GPL-2.0-or-later
"""Macros of a file and the integer constants that follow from them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from reviewbot.csource import syntax as c
from reviewbot.csource.decls import Enum
from reviewbot.csource.lexical import Directive
from reviewbot.csource.text import squeeze

_DEFINE = re.compile(r"[ \t]*#[ \t]*define[ \t]+(\w+)(\([^()]*\))?")
_WORD = re.compile(r"[A-Za-z_]\w*")
_MAYBE_INTEGER = re.compile(r"[\w\s()+\-*/%<>&|^~!?:]+$")
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Macro:
    """A `#define`; `params` is None for one without parentheses. `body` is on one line."""

    name: str
    params: tuple[str, ...] | None
    body: str
    line: int

    @property
    def words(self) -> frozenset[str]:
        """The identifiers in the body."""
        return frozenset(_WORD.findall(self.body))


def macros(lines: Iterable[Directive], data: bytes) -> Mapping[str, Macro]:
    """Return the macros that the preprocessor lines of `data` define; of several for one name the first counts."""
    out: dict[str, Macro] = {}
    line, counted = 1, 0
    for directive in lines:
        line += data.count(b"\n", counted, directive.start)
        counted = directive.start
        if directive.word != "define":
            continue
        shown = data[directive.start : directive.end].decode("utf-8", "surrogateescape").replace("\\\n", " ")
        found = _DEFINE.match(shown)
        if found is None or found.group(1) in out:
            continue
        given = found.group(2)
        params = tuple(part.strip() for part in given[1:-1].split(",")) if given else None
        out[found.group(1)] = Macro(found.group(1), params, squeeze(shown[found.end() :]), line)
    return out


def evaluate(expr: c.Expr, names: Mapping[str, int], depth: int = 0) -> int | None:
    """Return the value of a constant expression over `names`, None if it has none that can be computed here."""
    if depth > _DEEPEST:
        return None
    if isinstance(expr, (c.Number, c.Char)):
        return expr.value
    if isinstance(expr, c.Name):
        return {"true": 1, "false": 0, "NULL": 0}.get(expr.name, names.get(expr.name))
    if isinstance(expr, c.Cast):
        return evaluate(expr.operand, names, depth + 1)
    if isinstance(expr, c.Unary):
        value = evaluate(expr.operand, names, depth + 1)
        return None if value is None else _unary(expr.op, value)
    if isinstance(expr, c.Conditional):
        cond = evaluate(expr.cond, names, depth + 1)
        if cond is None or expr.then is None:
            return cond
        return evaluate(expr.then if cond else expr.otherwise, names, depth + 1)
    if isinstance(expr, c.Binary):
        left, right = evaluate(expr.left, names, depth + 1), evaluate(expr.right, names, depth + 1)
        return None if left is None or right is None else binary(expr.op, left, right)
    if isinstance(expr, c.Call) and expr.function == c.Name("BIT") and len(expr.args) == 1:
        bit = evaluate(expr.args[0], names, depth + 1)
        return 1 << bit if bit is not None and 0 <= bit < 64 else None
    return None


def _unary(op: str, value: int) -> int | None:
    return {"-": -value, "+": value, "~": ~value, "!": int(not value)}.get(op)


def binary(op: str, left: int, right: int) -> int | None:
    """Return the value of `left op right` in integers without bounds; None for a division by zero and the like."""
    if op in ("/", "%"):
        if right == 0:
            return None
        quotient = abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        return quotient if op == "/" else left - right * quotient
    if op in ("<<", ">>"):
        if not 0 <= right < 64:
            return None
        return left << right if op == "<<" else left >> right
    simple: dict[str, Callable[[int, int], int]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "&": lambda a, b: a & b,
        "|": lambda a, b: a | b,
        "^": lambda a, b: a ^ b,
        "==": lambda a, b: int(a == b),
        "!=": lambda a, b: int(a != b),
        "<": lambda a, b: int(a < b),
        ">": lambda a, b: int(a > b),
        "<=": lambda a, b: int(a <= b),
        ">=": lambda a, b: int(a >= b),
        "&&": lambda a, b: int(bool(a) and bool(b)),
        "||": lambda a, b: int(bool(a) or bool(b)),
    }
    operation = simple.get(op)
    return operation(left, right) if operation else None


def constants(
    defined: Mapping[str, Macro], enums: Iterable[Enum], read: Callable[[str], c.Expr | None]
) -> Mapping[str, int]:
    """Return every constant whose value can be computed; `read` reads an expression from text."""
    values: dict[str, int] = {}
    waiting = {
        name: expr
        for name, macro in defined.items()
        if macro.params is None and macro.body and len(macro.body) < 200 and _MAYBE_INTEGER.match(macro.body)
        if (expr := read(macro.body)) is not None
    }
    for _ in range(_DEEPEST):
        known = len(values)
        for name in list(waiting):
            value = evaluate(waiting[name], values)
            if value is not None:
                values[name] = value
                del waiting[name]
        for enum in enums:
            _enumerate(enum, values)
        if len(values) == known:
            break
    return values


def _enumerate(enum: Enum, values: dict[str, int]) -> None:
    following: int | None = 0
    for name, expr, _ in enum.constants:
        if expr is not None:
            following = evaluate(expr, values)
        if following is not None:
            values[name] = following
            following += 1
