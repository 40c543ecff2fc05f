# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways on which something has failed and the function nevertheless returns zero.

What says that something has failed: an allocation that gave NULL, an error pointer, or a jump to a label whose name
says so and to which nothing but such jumps leads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from reviewbot.checks.pointers import asked, writes_of
from reviewbot.checks.rule import Code
from reviewbot.csource import graph
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import Write, events
from reviewbot.csource.facts import Facts, value
from reviewbot.csource.functions import call_name, walk
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.paths import follow

_RESULTS = words("int long ssize_t s32 s64")
_FAILED = re.compile(r"\w*(?:err|fail|abort|nomem|unwind|rollback|efault)\w*", re.IGNORECASE)
_FAIL_IF_TRUE = words("copy_from_user copy_to_user get_user put_user clear_user strncpy_from_user")
_FAIL_IF_FALSE = words(
    "capable ns_capable try_module_get inode_owner_or_capable access_ok css_tryget css_tryget_online"
)
_NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Failure:
    """At `line` it is known that something failed (`what` says it), after which zero is returned at `returned`."""

    line: int
    what: str
    result: str
    returned: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """An edge on which something has failed: to make `path`, where it is about a pointer."""

    node: int
    label: str
    what: str
    path: AccessPath | None = None


def unreported_failures(code: Code) -> Iterator[Failure]:
    """Yield the failures that the function's result does not tell."""
    function = code.function
    pointer = function.returns.pointers == 1
    if function.fragment or not (pointer or function.returns.base in _RESULTS) or not _returns_errors(code):
        return
    marks = {
        mark.node: mark
        for mark in (*_jumps(code), *_refusals(code), *_tests(code))
        if not _cleared_before(code, mark.node)
    }
    if not marks:
        return
    outcome = follow(code.cfg, _Failed(code, marks), code.introduced, known, trusting=True)
    told = set()
    for node in code.cfg.nodes:
        result = _result(node, pointer) if node.kind == "return" else None
        for state, facts in outcome.at.get(node.id, {}).items() if result is not None else ():
            found = value(facts, result) if result is not None else None
            zero = state != _NOWHERE and found is not None and found.zero
            if zero and state not in told and _tells(code, result, marks[state], node):
                told.add(state)
                name = result.name if isinstance(result, c.Name) else "0"
                yield Failure(code.cfg.nodes[state].line, marks[state].what, name, node.line)


def _tells(code: Code, result: c.Expr | None, mark: _Mark, end: CfgNode) -> bool:
    """Tell whether what is returned is to tell of errors: a variable that gets them, or zero right after the test."""
    if isinstance(result, c.Name):
        return _is_error(code, result.name)
    edges = code.cfg.successors(mark.node)
    return mark.path is not None and any(e.label == mark.label and e.target == end.id for e in edges)


def _is_error(code: Code, name: str) -> bool:
    """Tell whether a variable gets errors: what a call returns, or a negated errno."""
    values = [strip(value) for _, value in writes_of(code).get(name, ()) if value is not None]
    return any(isinstance(value, c.Call) or (isinstance(value, c.Unary) and value.op == "-") for value in values)


def _cleared_before(code: Code, node: int) -> bool:
    """Tell whether a variable is set to zero right before: then zero is what is meant."""
    for _ in range(len(code.cfg.nodes)):
        before = code.cfg.predecessors(node)
        if len(before) != 1 or len(code.cfg.successors(before[0].source)) != 1:
            return False
        node = before[0].source
        store = code.cfg.nodes[node].expr
        if isinstance(store, c.Assign) and strip(store.value) == c.Number("0", 0):
            return True
    return False


def _result(node: CfgNode, pointer: bool) -> c.Expr | None:
    """Return the error that a return tells: its value, or what it makes an error pointer of."""
    returned = strip(node.expr) if node.expr is not None else None
    if pointer:
        made = isinstance(returned, c.Call) and call_name(returned) == "ERR_PTR" and returned.args
        return strip(made[0]) if made else None
    return returned


def _returns_errors(code: Code) -> bool:
    """Tell whether the function names an errno, or deals with error pointers."""
    for expr in code.function.expressions:
        if isinstance(expr, c.Unary) and expr.op == "-" and isinstance(expr.operand, c.Name):
            if re.fullmatch(r"E[A-Z0-9]{2,}", expr.operand.name):
                return True
        elif isinstance(expr, c.Call) and call_name(expr) in ("PTR_ERR", "ERR_PTR", "IS_ERR"):
            return True
    return False


def _tests(code: Code) -> Iterator[_Mark]:
    """Yield the tests that find a failure, where their branch does nothing but leave."""
    api = kernel_api()
    makers = _makers(code)
    for node in code.cfg.nodes:
        question = asked(node.expr) if node.kind == "condition" and node.expr is not None else None
        if question is None or len(made := makers.get(question.path, set())) != 1:
            continue
        (maker,) = made
        failed = (question.about == "null" and maker in api.heap) or (question.about == "error" and maker)
        if failed and (jump := _leaves(code, node, question.when)) is not None:
            zero = isinstance(jump, c.Return) and jump.value is not None and strip(jump.value) == c.Number("0", 0)
            if _set_to_zero(code, node):
                continue  # somebody has thought about it
            if not zero or question.about == "null":
                yield _Mark(node.id, question.when, f"{maker}() has failed here", question.path)


def _refusals(code: Code) -> Iterator[_Mark]:
    """Yield the tests of calls whose very result is a failure, where their branch does nothing but leave."""
    for node in code.cfg.nodes:
        name = call_name(strip(node.expr)) if node.kind == "condition" and node.expr is not None else None
        label = "true" if name in _FAIL_IF_TRUE else "false" if name in _FAIL_IF_FALSE else None
        if label is not None and _leaves(code, node, label) is not None:
            yield _Mark(node.id, label, f"{name}() has failed here")


def _makers(code: Code) -> Mapping[AccessPath, set[str]]:
    found: dict[AccessPath, set[str]] = {}
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, Write):
                made = strip(event.value) if event.value is not None else None
                if made != c.Name("NULL"):
                    found.setdefault(event.path, set()).add(call_name(made) or "" if made is not None else "")
    return found


def _leaves(code: Code, node: CfgNode, label: str) -> c.Stmt | None:
    """Return the jump that an `if` under this condition ends in, where its branch is but that (and messages).

    What goes on behind a branch for success has only left out what it could do without.
    """
    targets = [code.cfg.nodes[edge.target].line for edge in code.cfg.successors(node.id) if edge.label == label]
    for stmt in code.function.statements:
        if isinstance(stmt, c.If) and any(part is node.expr for part in walk(stmt.cond)):
            body = stmt.then.body if isinstance(stmt.then, c.Block) else (stmt.then,)
            leaves = bool(body) and isinstance(body[-1], (c.Goto, c.Return))
            leaves = leaves and any(body[0].line <= line <= body[-1].line for line in targets)
            return body[-1] if leaves and all(isinstance(one, c.ExprStmt) for one in body[:-1]) else None
    return None


def _set_to_zero(code: Code, node: CfgNode) -> bool:
    """Tell whether the branch under a condition sets a variable to zero."""
    for stmt in code.function.statements:
        if isinstance(stmt, c.If) and any(part is node.expr for part in walk(stmt.cond)):
            body = stmt.then.body if isinstance(stmt.then, c.Block) else (stmt.then,)
            stores = (one.expr for one in body if isinstance(one, c.ExprStmt))
            return any(isinstance(e, c.Assign) and strip(e.value) == c.Number("0", 0) for e in stores)
    return False


def _wanted(code: Code, jump: int) -> bool:
    """Tell whether a jump hangs on a parameter alone: the caller asks for nothing but the way back."""
    params = {parameter.name for parameter in code.function.params}
    for edge in code.cfg.predecessors(jump):
        asked_for = code.cfg.nodes[edge.source].expr
        if isinstance(asked_for, c.Name) and asked_for.name in params:
            return True
        before = code.cfg.nodes[edge.source]
        if before.kind == "expression" and len(code.cfg.predecessors(before.id)) == 1 and _wanted(code, before.id):
            return True
    return False


def _jumps(code: Code) -> Iterator[_Mark]:
    """Yield the jumps to labels for failures."""
    cfg = code.cfg
    failing = {n.id for n in cfg.nodes if isinstance(n.stmt, c.Label) and _FAILED.fullmatch(n.stmt.name)}
    jumps = [e for e in cfg.edges if e.label == "goto" and e.target in failing and not e.back]
    if not jumps:
        return
    without: list[list[int]] = [[] for _ in cfg.nodes]
    for edge in cfg.edges:
        if not (edge.label == "goto" and edge.target in failing):
            without[edge.source].append(edge.target)
    normal = graph.reachable(without, [cfg.entry])
    for edge in jumps:
        label = cfg.nodes[edge.target].stmt
        if edge.target not in normal and isinstance(label, c.Label) and not _wanted(code, edge.source):
            yield _Mark(edge.source, "goto", f"This goes to {label.name}")


class _Failed:
    """Holds the node of the last failure on the way."""

    def __init__(self, code: Code, marks: Mapping[int, _Mark]) -> None:
        self.code = code
        self.marks = marks

    def start(self) -> int:
        return _NOWHERE

    def step(self, node: CfgNode, state: int, facts: Facts) -> Iterable[int]:
        path = self.marks[state].path if state != _NOWHERE else None
        if path is not None and node.kind != "gap":
            for event in events(self.code.cfg, node.id):
                cleared = isinstance(event, Write) and event.value is not None and strip(event.value) == c.Name("NULL")
                if isinstance(event, Write) and path.within(event.path) and not cleared:
                    return (_NOWHERE,)
        return (state,)

    def along(self, edge: Edge, state: int, facts: Facts) -> int | None:
        mark = self.marks.get(edge.source)
        if mark is not None and edge.label == mark.label:
            # the test that found the failure says more than the jump that it leads to
            return state if mark.label == "goto" and state != _NOWHERE else edge.source
        return _NOWHERE if edge.back else state
