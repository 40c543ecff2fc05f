# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways out of a function that are alike but for one that does not set what the others hand to the caller."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.owning.fates import is_release
from reviewbot.checks.owning.results import Result, result_at
from reviewbot.checks.pointers import asked, is_null
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import AddressOf, CallEvent, Read, Write, events
from reviewbot.csource.facts import Facts, scope
from reviewbot.csource.paths import follow


@dataclass(frozen=True, slots=True)
class Unset:
    """The way out at `line` does not set `*parameter`; those at `others` do. `cleared`: they set it to NULL or zero."""

    line: int
    parameter: str
    others: tuple[int, ...]
    cleared: bool


@dataclass(frozen=True, slots=True)
class _Exit:
    """The straight piece of code before a return: what it clears, and what it gives back."""

    node: CfgNode
    clears: bool
    releases: frozenset[c.Expr]


def unset_outs(code: Code) -> Iterator[Unset]:
    """Yield the ways out that leave a parameter for results unset where those like them set it."""
    for parameter in code.function.params:
        if parameter.type.pointers and parameter.name in scope(code.cfg, code.introduced).private:
            target = AccessPath(parameter.name, ("*",))
            found = _not_cleared(code, target) if parameter.type.pointers > 1 else None
            found = found or _not_set(code, parameter.name, target)
            if found is not None:
                yield found


def _not_cleared(code: Code, target: AccessPath) -> Unset | None:
    exits = [_exit(code, node, target) for node in code.cfg.nodes if node.kind == "return"]
    clearing = [one for one in exits if one.clears]
    if len(clearing) < 2:
        return None
    for one in exits:
        equal = any(other.node.expr == one.node.expr for other in clearing)
        if not one.clears and one.releases and equal and any(one.releases & other.releases for other in clearing):
            return Unset(one.node.line, target.root, tuple(other.node.line for other in clearing), True)
    return None


def _exit(code: Code, node: CfgNode, target: AccessPath) -> _Exit:
    cfg = code.cfg
    clears = False
    releases: set[c.Expr] = set()
    here = node.id
    for _ in range(len(cfg.nodes)):
        for event in events(cfg, here):
            if isinstance(event, Write) and event.path == target:
                clears |= event.value is not None and is_null(event.value)
            elif isinstance(event, CallEvent) and is_release(event.name):
                releases.add(event.expr)
        before = [edge for edge in cfg.predecessors(here) if known(edge)]
        if len(before) != 1 or len(cfg.successors(before[0].source)) != 1:
            break
        here = before[0].source
    return _Exit(node, clears, frozenset(releases))


def _not_set(code: Code, name: str, target: AccessPath) -> Unset | None:
    """Find the one exit with success on which nothing is stored, where all others (two at least) store something."""
    cfg = code.cfg
    touching = [n for n in cfg.nodes if any(isinstance(e, Write) and e.path.within(target) for e in events(cfg, n.id))]
    if len(touching) < 2 or code.function.fragment or not _only_for_results(code, name):
        return None
    outcome = follow(cfg, _Stored(code, frozenset(n.id for n in touching)), code.introduced, known, trusting=True)
    ways: dict[int, set[bool]] = {}
    for node in cfg.nodes:
        if node.kind == "return" and isinstance(node.expr, c.Number) and node.expr.value == 0:
            for state, facts in outcome.at.get(node.id, {}).items():
                if result_at(code, node, facts) is Result.SUCCESS:
                    ways.setdefault(node.id, set()).add(state)
    stored = [n for n, states in ways.items() if states == {True}]
    without = [n for n, states in ways.items() if states == {False}]
    if len(stored) >= 2 and len(without) == 1 and len(stored) + 1 == len(ways) and not _marked(code, without[0]):
        return Unset(cfg.nodes[without[0]].line, name, tuple(cfg.nodes[n].line for n in stored), False)
    return None


def _marked(code: Code, end: int) -> bool:
    """Tell whether another parameter is given a named constant right before a return: it says that there is nothing."""
    cfg = code.cfg
    names = {v.name for v in code.function.params if v.type.pointers}
    here = end
    while len(before := [edge for edge in cfg.predecessors(here) if known(edge)]) == 1:
        here = before[0].source
        if len(cfg.successors(here)) != 1:
            return False
        for event in events(cfg, here):
            if isinstance(event, Write) and event.path.root in names and event.path.steps == ("*",):
                value = event.value
                if isinstance(value, c.Name) and value.name.isupper() and value.name != "NULL":
                    return True
    return False


def _only_for_results(code: Code, name: str) -> bool:
    """Tell whether a parameter is but a place to store to: never read, handed on or asked for."""
    for node in code.cfg.nodes:
        question = asked(node.expr) if node.kind == "condition" and node.expr is not None else None
        if question is not None and question.path.root == name:
            return False
        for event in events(code.cfg, node.id):
            if isinstance(event, Read) and event.path.root == name and event.path.steps:
                return False
            if isinstance(event, AddressOf) and event.path.root == name:
                return False
            if isinstance(event, CallEvent) and any(arg == c.Name(name) for arg in event.args):
                return False
    return True


class _Stored:
    """True once something was stored."""

    def __init__(self, code: Code, storing: frozenset[int]) -> None:
        self.code = code
        self.storing = storing

    def start(self) -> bool:
        return False

    def step(self, node: CfgNode, state: bool, facts: Facts) -> Iterable[bool]:
        return (state or node.id in self.storing,)

    def along(self, edge: Edge, state: bool, facts: Facts) -> bool | None:
        return state
