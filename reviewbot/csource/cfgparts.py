# SPDX-License-Identifier: GPL-2.0-or-later
"""What single expressions mean to control flow: hints, assertions, calls that do not return."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewbot.csource import syntax as c
from reviewbot.csource.functions import call_name, children, walk
from reviewbot.csource.kernelmacros import words

_HINTS = words("likely unlikely likely_notrace unlikely_notrace __builtin_expect")
# WARN(), WARN_ON_ONCE(), SCHED_WARN_ON(), tracing's MEM_FAIL(): they complain, and return their first argument
_COMPLAINS = re.compile(r"[A-Z_]*(?:WARN|_FAIL)(?:_ON)?(?:_ONCE)?(?:_[A-Z]+)?")
_ASSERTIONS = words("BUG_ON VM_BUG_ON VM_BUG_ON_PAGE VM_BUG_ON_FOLIO VM_BUG_ON_VMA VM_BUG_ON_MM ASSERT J_ASSERT")
_HOLDS = words("ASSERT J_ASSERT")
_NORETURN = words(
    "BUG BUILD_BUG panic do_exit make_task_dead unreachable __builtin_unreachable do_group_exit nmi_panic_self_stop "
    "kthread_exit kthread_complete_and_exit module_put_and_kthread_exit complete_and_exit"
)
# a macro by such a name leaves the function (zstd's RETURN_ERROR), unless it asks first
_LEAVES = re.compile(r"RETURN(?!\w*_IF)_[A-Z_]+")
_MAYBE = words("&& ||")


def unwrap(expr: c.Expr) -> c.Expr:
    """Take off what does not change whether `expr` is true: `likely()`, `WARN_ON()`, `!!`."""
    while True:
        name = call_name(expr) or ""
        if isinstance(expr, c.Call) and expr.args and (name in _HINTS or _complains(name, expr.args)):
            expr = expr.args[0]
        elif (
            isinstance(expr, c.Unary)
            and expr.op == "!"
            and isinstance(expr.operand, c.Unary)
            and expr.operand.op == "!"
        ):
            expr = expr.operand.operand
        else:
            return expr


def _complains(name: str, args: tuple[c.Expr, ...]) -> bool:
    """Tell whether a call gives back its first argument: there is no other than a format and what that shows."""
    return _COMPLAINS.fullmatch(name) is not None and (len(args) == 1 or isinstance(args[1], c.String))


def asserts(expr: c.Expr) -> c.Expr | None:
    """Return the condition that stops the machine when true, for `BUG_ON(condition)` and its like."""
    name = call_name(expr)
    if name not in _ASSERTIONS or not isinstance(expr, c.Call) or not expr.args:
        return None
    return c.Unary("!", expr.args[0], line=expr.line) if name in _HOLDS else expr.args[0]


def is_noreturn(expr: c.Expr) -> bool:
    """Tell whether `expr` is a call that never comes back."""
    name = call_name(expr) or ""
    return name in _NORETURN or _LEAVES.fullmatch(name) is not None


def constant_truth(expr: c.Expr) -> bool | None:
    """Return what a constant condition always is, None for any other."""
    if isinstance(expr, (c.Number, c.Char)) and expr.value is not None:
        return expr.value != 0
    if isinstance(expr, c.Name) and expr.name in ("true", "false", "NULL"):
        return expr.name == "true"
    return None


def statement_exprs(expr: c.Expr, always: bool = True) -> Iterator[tuple[c.Block, bool]]:
    """Yield the body of each outermost `({ … })` in `expr`, and whether it is run whenever `expr` is evaluated."""
    if isinstance(expr, c.StatementExpr):
        yield expr.body, always
        return
    if isinstance(expr, c.SizeOf):
        return
    for place, part in enumerate(children(expr)):
        maybe = place > 0 and (isinstance(expr, c.Conditional) or (isinstance(expr, c.Binary) and expr.op in _MAYBE))
        yield from statement_exprs(part, always and not maybe)


def labels_given(expr: c.Expr, labels: frozenset[str]) -> Iterator[str]:
    """Yield the labels that calls in `expr` are given by name, as `unsafe_put_user(value, place, fault)` jumps."""
    for inner in walk(expr):
        if isinstance(inner, c.Call):
            yield from (arg.name for arg in inner.args if isinstance(arg, c.Name) and arg.name in labels)
