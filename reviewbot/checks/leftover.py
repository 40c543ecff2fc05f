# SPDX-License-Identifier: GPL-2.0-or-later
"""Local variables that a patch leaves behind: they were read before, and nothing reads them any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.change import Change
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.functions import walk
from reviewbot.csource.kernelmacros import words

_NUMBERS = words("int long bool ssize_t s32 s64")
_ATTRIBUTE = re.compile(r"__\w*unused|__attribute__|__free|__cleanup|CLASS|guard")


@dataclass(frozen=True, slots=True)
class Leftover:
    """`name`, declared at `line`, is only declared (`sets` is empty), or set and never read."""

    name: str
    line: int
    sets: tuple[int, ...]


def leftovers(change: Change) -> Iterator[Leftover]:
    """Yield the variables of a function that only the function before the patch reads."""
    before, after = change.before, change.after
    old = {variable.name for variable in before.function.locals}
    gone = {name for name in old if any(change.gone(line) for line in _mentions(before, name))}
    for variable in after.function.locals:
        if variable.name not in gone or not _plain(after, variable) or _is_read(after, variable):
            continue
        there = next(one for one in before.function.locals if one.name == variable.name)
        if _is_read(before, there):
            sets = tuple(expr.line for expr in _stores(after, variable.name))
            yield Leftover(variable.name, variable.line, sets)


def _mentions(code: Code, name: str) -> list[int]:
    """Return the lines that name a variable, one for each time (comments count, its members and types do not)."""
    function = code.function
    word = re.compile(rf"(?<![\w.])(?<!->)(?<!struct )(?<!union )(?<!enum ){re.escape(name)}\b")
    lines = range(function.start_line, function.end_line + 1)
    return [line for line in lines for _ in word.finditer(function.line_text(line))]


def _plain(code: Code, variable: c.Variable) -> bool:
    """Tell whether a variable is for nothing but its value, and the only one of its name."""
    alone = sum(one.name == variable.name for one in (*code.function.params, *code.function.locals)) == 1
    special = variable.storage or variable.macro or variable.cleanup
    return alone and not special and not _ATTRIBUTE.search(code.function.line_text(variable.line))


def _stores(code: Code, name: str) -> list[c.Assign]:
    found = [expr for expr in code.function.expressions if isinstance(expr, c.Assign) and expr.op == "="]
    return [expr for expr in found if expr.target == c.Name(name)]


def _is_read(code: Code, variable: c.Variable) -> bool:
    """Tell whether anything but stores names a variable, be it in code for another configuration or in a macro."""
    stores = _stores(code, variable.name)
    values = [variable.init, *(expr.value for expr in stores)]
    # a status is often taken and let go on purpose, or for another rule to see
    if not variable.type.pointers and variable.type.base in _NUMBERS and any(_calls(value) for value in values):
        return True
    if len(_mentions(code, variable.name)) != 1 + len(stores):
        return True
    macros = code.function.file_macros
    return any(variable.name in body for name, body in macros.items() if _mentions(code, name))


def _calls(value: c.Expr | None) -> bool:
    return value is not None and any(isinstance(part, c.Call) for part in walk(strip(value)))
