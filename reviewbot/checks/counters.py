# SPDX-License-Identifier: GPL-2.0-or-later
"""Retry counters that are set back in the loop that they should end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.retries import sleeps
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import CfgNode, Loop, known
from reviewbot.csource.events import AddressOf, Event, Read, Write, events, events_of
from reviewbot.csource.functions import call_name, own_expressions, walk, walk_statements


@dataclass(frozen=True, slots=True)
class SetBack:
    """`counter` runs out at `asked`, and is set back at `line`, from where the loop at `head` only goes on."""

    counter: str
    line: int
    asked: int
    head: int


def counters_set_back(code: Code) -> Iterator[SetBack]:
    """Yield the counters that bound nothing, because they start anew in the loop whenever they have run out."""
    scalars = {
        v.name
        for v in (*code.function.params, *code.function.locals)
        if not v.type.pointers and not v.type.dims and not v.type.base.startswith(("struct", "union"))
    }
    seen: set[tuple[str, int]] = set()
    if code.function.fragment:
        yield from _unseen_loop(code)
    resets = [reset for _, reset in _given_up(code)]
    for loop in code.cfg.loops:
        if not any(known(edge) for edge in loop.back_edges):
            continue
        found = [(node, event) for node in sorted(loop.body) for event in events(code.cfg, node)]
        counted = {e.path.root for _, e in found if isinstance(e, Write) and _counts(e) and e.path.root in scalars}
        if not counted or _goes_on_to_an_end(code, loop, [event for _, event in found], counted):
            continue
        for node, event in found:
            if isinstance(event, Write) and event.path.root in counted and _is_one_of(event, resets):
                asked = _ran_out(code, loop, node, event)
                key = (event.path.root, event.line)
                if asked is not None and key not in seen:
                    seen.add(key)
                    yield SetBack(event.path.root, event.line, asked.line, code.cfg.nodes[loop.head].line)


def _unseen_loop(code: Code) -> Iterator[SetBack]:
    """Yield the counters of `if (!n--) { …; n = MOST; }` whose loop is unseen.

    A counter that is tested while it is counted down is one of rounds.
    """
    for stmt, reset in _given_up(code):
        cond = stmt.cond
        inner = cond.operand if isinstance(cond, c.Unary) and cond.op == "!" else None
        if isinstance(inner, c.Update) and isinstance(inner.operand, c.Name) and inner.operand == reset.target:
            yield SetBack(inner.operand.name, reset.line, stmt.line, stmt.line)


def _given_up(code: Code) -> Iterator[tuple[c.If, c.Assign]]:
    """Yield the branches that might leave the function, sleep, and end in an assignment.

    A branch that only does this or that every so often has none of both.
    """
    for stmt in code.function.statements:
        block = stmt.then if isinstance(stmt, c.If) else None
        last = block.body[-1] if isinstance(block, c.Block) and block.body else None
        reset = last.expr if isinstance(last, c.ExprStmt) else None
        if not isinstance(stmt, c.If) or block is None or not isinstance(reset, c.Assign) or reset.op != "=":
            continue
        inside = list(walk_statements(block))
        leaves = any(isinstance(one, (c.Return, c.Goto)) for one in inside)
        parts = (part for one in inside for top in own_expressions(one) for part in walk(top))
        if leaves and any(sleeps(code.unit, call_name(part) or "") for part in parts):
            yield stmt, reset


def _counts(event: Write) -> bool:
    return event.path.is_variable and event.op in ("++", "--", "+=", "-=")


def _is_one_of(event: Write, resets: list[c.Assign]) -> bool:
    return any(event.value is reset.value and c.Name(event.path.root) == reset.target for reset in resets)


def _ran_out(code: Code, loop: Loop, node: int, event: Write) -> CfgNode | None:
    """Return the condition that finds that the counter has run out, if a write starts it anew after that for good."""
    name = c.Name(event.path.root)
    if event.value is None or any(part == name for part in walk(event.value)):
        return None
    cfg = code.cfg
    outside = [n.id for n in cfg.nodes if n.id not in loop.body]
    if cfg.path(node, outside, {loop.head}, known) is not None or cfg.path(node, loop.head, (), known) is None:
        return None
    for other in sorted(loop.body):
        at = cfg.nodes[other]
        if at.kind != "condition" or at.expr is None or not _asks_for_none_left(at.expr, name):
            continue
        leads = [e for e in cfg.successors(other) if e.target == node or cfg.path(e.target, node, {loop.head, other})]
        if len(leads) == 1 and cfg.dominates(other, node):
            return at
    return None


def _asks_for_none_left(expr: c.Expr, name: c.Name) -> bool:
    """Tell whether a condition is about the counter alone: `n`, `n--`, `n > MOST`."""
    parts = [part for part in walk(expr) if isinstance(part, (c.Name, c.Call, c.Member))]
    return name in parts and all(part == name or (isinstance(part, c.Name) and part.name.isupper()) for part in parts)


def _goes_on_to_an_end(code: Code, loop: Loop, found: list[Event], counters: set[str]) -> bool:
    """Tell whether a loop walks through something, so that a counter in it only says when to do this or that."""
    nodes = [code.cfg.nodes[n] for n in loop.body]
    if any(node.kind == "foreach" for node in nodes):
        return True
    pointers = {v.name for v in (*code.function.params, *code.function.locals) if v.type.pointers or v.type.dims}
    moved = set()
    for event in found:
        if isinstance(event, Write) and event.path.is_variable:
            again = event.value is not None and any(p == c.Name(event.path.root) for p in walk(event.value))
            if event.op not in ("=", "declare") or again or event.path.root in pointers:
                moved.add(event.path.root)
        elif isinstance(event, (Write, AddressOf)) and event.path.root in counters:
            moved.add(event.path.root)
    asked = {
        event.path.root
        for node in nodes
        if node.kind in ("condition", "switch") and node.expr is not None
        if any(edge.target not in loop.body for edge in code.cfg.successors(node.id))
        for event in events_of(node.expr)
        if isinstance(event, Read)
    }
    return bool(asked & moved)
