# SPDX-License-Identifier: GPL-2.0-or-later
"""Which pointers a function asks for errors or for NULL, and which calls made them."""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.functions import call_name
from reviewbot.csource.summary import spell_place


def error_tests(code: Code) -> frozenset[str]:
    """Return the places that a function hands to IS_ERR() or IS_ERR_OR_NULL(), as spelled."""
    tests = (one for one in code.function.calls if one.name in ("IS_ERR", "IS_ERR_OR_NULL") and one.args)
    return frozenset(place for one in tests if (place := spell_place(one.args[0])) is not None)


def null_tests(code: Code) -> Iterator[tuple[str, int]]:
    """Yield the places that conditions compare with NULL, and their lines."""
    for node in code.cfg.nodes:
        expr = node.expr if node.kind == "condition" else None
        if isinstance(expr, c.Unary) and expr.op == "!":
            expr = expr.operand
        elif isinstance(expr, c.Binary) and expr.op in ("==", "!=") and expr.right == c.Name("NULL"):
            expr = expr.left
        place = spell_place(expr) if expr is not None else None
        if place is not None:
            yield place, node.line


def origins(code: Code, place: str) -> frozenset[str]:
    """Return the names of the functions whose results a function assigns to a place."""
    values = [v.init for v in code.function.locals if v.name == place and v.init is not None]
    assigned = (one for one in code.function.expressions if isinstance(one, c.Assign))
    values += [one.value for one in assigned if spell_place(one.target) == place]
    return frozenset(name for value in values if (name := call_name(strip(value))) is not None)
