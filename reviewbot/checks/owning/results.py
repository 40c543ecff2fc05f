# SPDX-License-Identifier: GPL-2.0-or-later
"""What a function tells its caller at a way out: that it failed, that it succeeded, or neither for sure."""

from __future__ import annotations

from enum import Enum

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import CfgNode
from reviewbot.csource.facts import Facts, value
from reviewbot.csource.functions import call_name
from reviewbot.csource.kernelmacros import words


class Result(Enum):
    """An error, success, nothing at all (void), or open."""

    ERROR = 1
    SUCCESS = 2
    NOTHING = 3
    OPEN = 4


_ERRORS = words("ERR_PTR PTR_ERR ERR_CAST ERR_PTR_USR")
# what else than zero these return is an error; others may be counts
_NUMBERS = words("int vm_fault_t s32")


def result_at(code: Code, node: CfgNode, facts: Facts) -> Result:
    """Return what leaving at a node means."""
    returns = code.function.returns
    if node.kind != "return" or node.expr is None:
        return Result.NOTHING
    expr = strip(node.expr)
    if isinstance(expr, c.Call) and call_name(expr) in _ERRORS:
        return Result.ERROR
    found = value(facts, expr)
    if found is None:
        return Result.OPEN
    if found.negative:
        return Result.ERROR
    if returns.pointers:
        if found.zero:
            return Result.ERROR
        test = value(facts, c.Call(c.Name("IS_ERR"), (expr,)))
        return Result.ERROR if test is not None and test.zero is False else Result.OPEN
    if found.zero:
        return Result.SUCCESS if returns.base != "bool" else Result.OPEN
    if found.zero is False and returns.base in _NUMBERS and isinstance(expr, c.Name):
        return Result.ERROR if found.point is None else Result.OPEN
    return Result.OPEN
