# SPDX-License-Identifier: GPL-2.0-or-later
"""Pointers that are followed on a way on which they are known to be NULL, or that everybody else tests first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.pointers import asked, asks_for, follows, is_null, replaces, writes_of
from reviewbot.checks.rule import Code
from reviewbot.checks.texts import naming
from reviewbot.checks.untested import Result, judge, results, tops
from reviewbot.csource import graph
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import CallEvent, Declared, Write, events
from reviewbot.csource.facts import Facts, scope
from reviewbot.csource.functions import call_name, walk
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.paths import follow

# tests of what a function gives back elsewhere in the file before it is believed to give back NULL
_ENOUGH = 3
_NO_LOOKUPS = words("of_match_node of_get_property strchr strrchr strstr memchr xa_load")
# they try for ever, unless they are told that they may fail (fs/xfs/kmem.c)
_NO_FAIL = words("kmem_alloc kmem_zalloc kmem_alloc_large")
_MAKES = re.compile(r"\w*(?:alloc|dup|create|new)\w*")


@dataclass(frozen=True, slots=True)
class NullUse:
    """`name` is followed at `line` though it is NULL on a way there, which `since` (a line) tells.

    `tested`: a test said so; otherwise it was set.
    """

    name: str
    line: int
    since: int
    tested: bool


def null_uses(code: Code) -> Iterator[NullUse]:
    """Yield the first use of each pointer variable on a way on which it is NULL."""
    private = scope(code.cfg, code.introduced).private
    own = {v.name for v in (*code.function.params, *code.function.locals) if v.type.pointers and not v.type.dims}
    for name in sorted(own & private):
        pointer = AccessPath(name)
        sources = _sources(code, pointer)
        uses = [n for n in code.cfg.nodes if any(follows(e, pointer) for e in events(code.cfg, n.id))]
        if not sources or not uses:
            continue
        outcome = follow(code.cfg, _Null(code, pointer, sources), code.introduced, known, trusting=True)
        found = sorted(
            (n.line, state)
            for n in uses
            for state in outcome.states(n.id)
            if state != _FINE
            and _unconditional(code, n.id, state, pointer)
            and not _chosen(code, outcome.witness(n.id, state), state, pointer)
        )
        # a macro that hides `&&` asks and follows on one line
        found = [(line, state) for line, state in found if line != code.cfg.nodes[state].line]
        if found and outcome.complete:
            line, state = found[0]
            yield NullUse(name, line, code.cfg.nodes[state].line, code.cfg.nodes[state].kind == "condition")


_FINE = -1


def _sources(code: Code, pointer: AccessPath) -> frozenset[int]:
    """Return the nodes that set a pointer to NULL, or find it to be that and leave by a `goto`."""
    writes = writes_of(code).get(pointer.root, ())
    found = {node for node, value in writes if value is not None and is_null(value)}
    if len(writes) - len(found) != 1:
        # one of several assignments, by cases that are taken to be all there are
        found = set()
    for node in code.cfg.nodes:
        question = asked(node.expr) if node.kind == "condition" and node.expr is not None else None
        if question is not None and question.path == pointer and question.about != "error":
            (edge,) = (e for e in code.cfg.successors(node.id) if e.label == question.when)
            if any(after.label == "goto" for after in code.cfg.successors(edge.target)):
                found.add(node.id)
    return frozenset(found)


def _unconditional(code: Code, use: int, source: int, pointer: AccessPath) -> bool:
    """Tell whether nothing that is asked between the last assignment and the use may be a way to know.

    A condition that leads past the use may be bound up with what the pointer is, in a way that is not seen here.
    """
    cfg = code.cfg
    writers = {node for node, _ in writes_of(code).get(pointer.root, ())}
    before = graph.reachable(cfg.sources, [use])
    for node in cfg.nodes:
        if node.kind not in ("condition", "switch", "foreach") or node.id not in before or node.id == source:
            continue
        if cfg.postdominates(use, node.id) or cfg.dominates(node.id, source):
            continue
        after = graph.reachable(cfg.targets, [node.id])
        if not any(writer in after and writer in before for writer in writers):
            return False
    return True


def _chosen(code: Code, way: tuple[int, ...], source: int, pointer: AccessPath) -> bool:
    """Tell whether a condition that is asked again and again chose not to give the pointer a value this time.

    It is mostly bound up with a counter, so that the first round always gives one.
    """
    writers = {node for node, _ in writes_of(code).get(pointer.root, ())} - {source}
    since = len(way) - 1 - way[::-1].index(source) if source in way else 0
    for node, taken in zip(way[since + 1 :], way[since + 2 :], strict=False):
        others = [edge.target for edge in code.cfg.successors(node) if edge.target != taken]
        after = graph.reachable(code.cfg.targets, others, frozenset({source}))
        if node in after and after & writers:
            return True
    return False


class _Null:
    """Holds the node since which the pointer is NULL."""

    def __init__(self, code: Code, pointer: AccessPath, sources: frozenset[int]) -> None:
        self.code = code
        self.pointer = pointer
        self.sources = sources
        writers = {n for n, _ in writes_of(code).get(pointer.root, ())}
        self.filling = [loop for loop in code.cfg.loops if loop.body & writers]
        self.writers = writers

    def start(self) -> int:
        return _FINE

    def step(self, node: CfgNode, state: int, facts: Facts) -> Iterable[int]:
        if node.kind == "gap":
            return (_FINE,)
        for event in events(self.code.cfg, node.id):
            if follows(event, self.pointer):
                # whatever comes after has survived this
                state = _FINE
            if isinstance(event, CallEvent) and self._asked_by(event):
                state = _FINE  # a macro that asks, and leaves
            if isinstance(event, Declared) and event.path == self.pointer:
                state = _FINE
            if replaces(event, self.pointer):
                null = isinstance(event, Write) and event.path == self.pointer and not event.maybe
                value = event.value if isinstance(event, Write) and null else None
                state = node.id if value is not None and is_null(value) else _FINE
        return (state,)

    def _asked_by(self, call: CallEvent) -> bool:
        questions = [asked(arg) for arg in call.args if isinstance(strip(arg), (c.Binary, c.Unary))]
        return (call.name or "").isupper() and any(q is not None and q.path == self.pointer for q in questions)

    def along(self, edge: Edge, state: int, facts: Facts) -> int | None:
        node = self.code.cfg.nodes[edge.source]
        question = asked(node.expr) if node.kind == "condition" and node.expr is not None else None
        if question is not None and question.path == self.pointer and question.about != "error":
            if edge.label != question.when:
                return _FINE
            return edge.source if edge.source in self.sources else state
        if node.kind == "condition" and isinstance(node.expr, c.Binary) and node.expr.op in ("==", "!="):
            sides = [path_of(side) for side in (node.expr.left, node.expr.right)]
            if self.pointer in sides and question is None:
                return _FINE
        # a loop that would set it is taken to run, a switch to have the case that comes
        if any(edge.source in loop.body and edge.target not in loop.body for loop in self.filling):
            return _FINE
        if edge.label == "default" and not isinstance(self.code.cfg.nodes[edge.target].stmt, c.Case):
            return _FINE
        return state


@dataclass(frozen=True, slots=True)
class Unlike:
    """A result that is followed untested at `followed`; `others` are the lines that test what the same call gives."""

    result: Result
    followed: int
    others: tuple[int, ...]


def unlike_others(code: Code) -> Iterator[Unlike]:
    """Yield the results of lookups that are followed untested, where the rest of the file tests them."""
    for result in results(code, _lookup):
        untested = judge(code, result)
        if untested is None or untested.followed is None:
            continue
        shared = _shared_field(result)
        named = result.maker in kernel_api().looked_up - _NO_LOOKUPS
        if not named and shared is None and (not _MAKES.fullmatch(result.maker) or result.maker in _NO_FAIL):
            continue
        tests, count = _others(code, result)
        if shared is not None:
            asks = asks_for(code, shared)
            tests, count = tests + asks, count + len(asks)
            enough = len(tests) > 1 or (len(tests) == 1 and _may_stay_empty(code, shared))
        else:
            enough = len(tests) >= _ENOUGH and not _counted_first(code, result)
        if named or (enough and len(tests) == count):
            yield Unlike(result, untested.followed, tuple(tests))


def _counted_first(code: Code, result: Result) -> bool:
    """Tell whether a number was compared on the way to a call: it may say that there are enough to be had."""
    cfg = code.cfg
    heads = {loop.head for loop in cfg.loops}
    return any(
        isinstance(node.expr, c.Binary)
        and node.expr.op in ("<", "<=", ">", ">=")
        and cfg.dominates(node.id, result.node)
        for node in cfg.nodes
        if node.kind == "condition" and node.id not in heads and not cfg.postdominates(result.node, node.id)
    )


def _shared_field(result: Result) -> str | None:
    """Return the field that a result of rcu_dereference() was read from: what others see and replace."""
    path = path_of(strip(result.made.args[0])) if result.made.args else None
    # what hangs on the processor or the task itself (`cpu_rq(cpu)->curr`) is always there
    shared = path is not None and result.maker == "rcu_dereference" and not path.root.endswith("()")
    return path.last_field if shared and path is not None else None


def _may_stay_empty(code: Code, field: str) -> bool:
    """Tell whether somebody in the file gives a field NULL, or memory that there may not be."""
    for function in naming(code.unit, field):
        cfg = code.file.code(function).cfg
        writes = [e for node in cfg.nodes for e in events(cfg, node.id) if isinstance(e, Write)]
        values = [strip(w.value) for w in writes if w.path.last_field == field and w.value is not None]
        if any(is_null(value) or call_name(value) in kernel_api().allocated for value in values):
            return True
    return False


def _others(code: Code, result: Result) -> tuple[list[int], int]:
    """Return the lines of the tests of what the same call gives elsewhere in the file, and how often it is called."""
    source = _source(result)
    tests, count = [], 0
    for function in naming(code.unit, result.maker):
        if all(call.name != result.maker for call in function.calls):
            continue
        other = code.file.code(function)
        for site in results(other, _lookup):
            if _source(site) == source and not (site.node == result.node and function is code.function):
                count += 1
                test = _test(other, site)
                tests += [test] if test is not None else []
    return tests, count


def _lookup(made: c.Call) -> bool:
    name = call_name(made) or ""
    api = kernel_api()
    return name not in api.allocated and not name.isupper() and name not in _ACCESSORS


_ACCESSORS = words("container_of list_entry list_first_entry rb_entry hlist_entry per_cpu_ptr this_cpu_ptr READ_ONCE")


def _source(result: Result) -> str:
    """Return what a result is of: the function, and for rcu_dereference() the field that it reads."""
    field = _shared_field(result)
    return f"{result.maker}({field})" if field is not None else result.maker


def _test(code: Code, result: Result) -> int | None:
    """Return the line of a test for NULL of a result, after it was made."""
    for node in code.cfg.nodes:
        parts = [part.cond for top in tops(node) for part in walk(top) if isinstance(part, c.Conditional)]
        for condition in [node.expr, *parts] if node.kind == "condition" and node.expr is not None else parts:
            question = asked(condition)
            about = question is not None and question.path == result.place and question.about != "error"
            if about and code.cfg.dominates(result.node, node.id):
                return node.line
    return None
