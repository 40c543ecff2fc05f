# SPDX-License-Identifier: GPL-2.0-or-later
"""Errors that are returned although nothing has failed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.deadstores import dead_stores
from reviewbot.checks.owning.results import Result, result_at
from reviewbot.checks.pointers import writes_of
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import Read, events
from reviewbot.csource.facts import Facts, value
from reviewbot.csource.functions import walk
from reviewbot.csource.paths import follow


@dataclass(frozen=True, slots=True)
class Stale:
    """`result` is returned at `line` with an error of `since`; `noted` is the variable that says that all is well."""

    line: int
    result: str
    since: int
    noted: str | None = None


def stale_errors(code: Code) -> Iterator[Stale]:
    """Yield the errors that are none."""
    function = code.function
    if function.returns.pointers or function.returns.base not in ("int", "ssize_t", "long"):
        return
    yield from _noted(code)
    jumps = [e for e in code.cfg.edges if e.label == "goto" and not e.back]
    # a function that asks for nothing fails on purpose
    if jumps and not function.fragment and len(function.calls) > 1:
        yield from _never_succeeds(code)


def _never_succeeds(code: Code) -> Iterator[Stale]:
    cfg = code.cfg
    outcome = follow(cfg, _Nothing(), code.introduced, known, trusting=True)
    ends = [n for n in cfg.nodes if n.kind == "return" and n.id in outcome.at]
    if not outcome.complete or not ends or not isinstance(ends[-1].expr, c.Name):
        return
    name = ends[-1].expr.name
    values = [v for _, v in writes_of(code).get(name, ())]
    constant = all(isinstance(v, c.Unary) and v.op == "-" for v in values)
    failing = all(
        result_at(code, end, facts) is Result.ERROR and _constant_error(end, facts)
        for end in ends
        for facts in outcome.at[end.id].values()
    )
    if constant and values and failing and _falls_through(code, ends[-1]):
        lines = [cfg.nodes[node].line for node, _ in writes_of(code)[name]]
        yield Stale(ends[-1].line, name, max(lines))


def _constant_error(end: CfgNode, facts: Facts) -> bool:
    found = value(facts, end.expr) if end.expr is not None else None
    return found is not None and found.negative is True


def _falls_through(code: Code, end: CfgNode) -> bool:
    """Tell whether work is done on the way to a return that no jump takes."""
    cfg = code.cfg
    way = cfg.path(cfg.entry, end.id, follow=lambda edge: edge.label != "goto")
    labels = [n for n in way or () if isinstance(cfg.nodes[n].stmt, c.Label)]
    if way is None or not labels:
        return False
    before = cfg.nodes[way[way.index(labels[0]) - 1]]
    return before.kind == "expression"


def _noted(code: Code) -> Iterator[Stale]:
    for dead in dead_stores(code):
        read = any(
            isinstance(event, Read) and event.path.root == dead.name
            for node in code.cfg.nodes
            for event in events(code.cfg, node.id)
        )
        if not read or not isinstance(dead.end.expr, c.Name):
            continue
        outcome = follow(code.cfg, _Passed(dead.node.id), code.introduced, known, trusting=True)
        facts = outcome.at.get(dead.end.id, {}).get(True)
        found = value(facts, dead.end.expr) if facts is not None else None
        asked = any(n.kind == "condition" and n.expr is not None and _asks(n.expr) for n in _before(code, dead.node.id))
        if found is not None and found.zero is False and asked:
            yield Stale(dead.end.line, dead.end.expr.name, dead.node.line, dead.name)


def _asks(expr: c.Expr) -> bool:
    """Tell whether a condition asks a function, which recognises something."""
    return any(isinstance(part, c.Call) for part in walk(expr))


def _before(code: Code, node: int) -> Iterator[CfgNode]:
    yield from (code.cfg.nodes[edge.source] for edge in code.cfg.predecessors(node))


class _Nothing:
    """Nothing but the facts."""

    def start(self) -> bool:
        return True

    def step(self, node: CfgNode, state: bool, facts: Facts) -> Iterable[bool]:
        return (state,)

    def along(self, edge: Edge, state: bool, facts: Facts) -> bool | None:
        return state


class _Passed:
    """True once a node was passed."""

    def __init__(self, node: int) -> None:
        self.node = node

    def start(self) -> bool:
        return False

    def step(self, node: CfgNode, state: bool, facts: Facts) -> Iterable[bool]:
        return (state or node.id == self.node,)

    def along(self, edge: Edge, state: bool, facts: Facts) -> bool | None:
        return state
