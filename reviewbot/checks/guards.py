# SPDX-License-Identifier: GPL-2.0-or-later
"""The condition that a `continue` hangs on: what it asks for, and what its branch does before going round."""

from __future__ import annotations

import re

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.events import AddressOf, CallEvent, Event, Read, Write, events_of
from reviewbot.csource.functions import call_name, own_expressions, walk, walk_statements

# a condition that reads what others change, and says so
_READS_SHARED = re.compile(
    r"(?:atomic|refcount|percpu|local)\w*_read\w*|READ_ONCE|ACCESS_ONCE|smp_load_acquire|test_bit|test_and_\w+|data_race"
    r"|time_(?:after|before)\w*|need_resched|signal_pending\w*|fatal_signal_pending|\w*trylock\w*|\w*cmpxchg\w*|\w*rand\w*"
)
# what may stand between the condition and the `continue`: it gives back or tells, but gets nothing done
_TRIFLES = re.compile(
    r"\w*(?:unlock|_put|put_|free|release|unmap|drop|print|pr_|warn|WARN|debug|dbg|err|trace|log|count_vm|stat)\w*"
)


def asks_the_same(guard: c.Expr) -> bool:
    """Tell whether a condition changes nothing, and is not one that looks at what others change on purpose."""
    for event in events_of(guard):
        if isinstance(event, (Write, AddressOf)) and (isinstance(event, Write) or event.call is not None):
            return False
        if isinstance(event, CallEvent) and (event.name is None or _READS_SHARED.fullmatch(event.name)):
            return False
    return True


def only_trifles(choice: c.If, jump: c.Continue) -> bool:
    branch = next(b for b in (choice.then, choice.otherwise) if b is not None and _has(b, jump))
    for stmt in walk_statements(branch):
        for top in own_expressions(stmt):
            for expr in walk(top):
                if isinstance(expr, c.Update) or (isinstance(expr, c.Assign) and _moves(expr)):
                    return False
                if isinstance(expr, c.Call) and not _TRIFLES.fullmatch(call_name(expr) or ""):
                    return False
    return True


def _has(stmt: c.Stmt, wanted: c.Stmt) -> bool:
    return any(inner is wanted for inner in walk_statements(stmt))


def _moves(expr: c.Assign) -> bool:
    """Tell whether an assignment takes something on from what it was, or from what a pointer leads to."""
    if expr.op != "=":
        return True
    value = strip(expr.value)
    return not (isinstance(value, (c.Number, c.Char, c.Name)) or _error(value))


def _error(expr: c.Expr) -> bool:
    return isinstance(expr, c.Unary) and expr.op == "-" and isinstance(expr.operand, (c.Name, c.Number))


def depends(code: Code, guard: c.Expr, round_events: list[Event]) -> bool:
    """Tell whether a round may change what the guard asks for.

    What it hands to a function of the file counts by the fields that this function reads, directly or in functions
    that it calls; to an unknown function, by the variable, unless the guard is that it gets nothing done (`!call()`).
    """
    fails = isinstance(guard, c.Unary) and guard.op == "!" and isinstance(guard.operand, c.Call)
    changed = [e.path for e in round_events if isinstance(e, (Write, AddressOf))]
    asked = [e.path for e in events_of(guard) if isinstance(e, Read)]
    calls = [e for e in events_of(guard) if isinstance(e, CallEvent) and e.name]
    fields: set[str] = set()
    unknown = False
    for call in calls:
        read = _fields_read(code, call.name or "", frozenset())
        unknown |= read is None
        fields |= read or set()
    for path in changed:
        same = [one for one in asked if one.root == path.root]
        if any(one.within(path) or (path.within(one) and not one.is_variable) for one in same):
            return True
        if (
            same
            and path.steps
            and calls
            and ((unknown and not fails) or any(step.lstrip("->.") in fields for step in path.steps))
        ):
            return True
    return False


def _fields_read(code: Code, name: str, seen: frozenset[str]) -> set[str] | None:
    """Return the fields that a function of the file may read, None when what it reads is not known."""
    function = code.unit.function(name)
    if function is None or function.fragment:
        return set() if _READS_SHARED.fullmatch(name) else None
    fields = {e.field for e in function.expressions if isinstance(e, c.Member)}
    for call in function.calls:
        if call.name in seen:
            continue
        inner = _fields_read(code, call.name or "", seen | {name})
        if inner is None:
            return None
        fields |= inner
    return fields


def sets_error(choice: c.If) -> bool:
    return any(
        isinstance(s, c.ExprStmt) and isinstance(s.expr, c.Assign) and _error(strip(s.expr.value))
        for branch in (choice.then, choice.otherwise)
        if branch is not None
        for s in walk_statements(branch)
    )
