# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads of local variables that nothing was assigned to, without those that only look like it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from reviewbot.checks.rule import Code
from reviewbot.checks.unassigned_doubts import doubtful
from reviewbot.csource import graph
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.assignment import UninitializedRead, definite_assignment
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import AddressOf, Declared, Write, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import walk_statements
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.paths import follow
from reviewbot.csource.spell import spell

# a number: bare, past the condition at that node, one way of which leads aside to an assignment
State = Literal["assigned", "bare", "skipped"] | int
_WORD = re.compile(r"[A-Za-z_]\w*")
_GIVES = words("= declare foreach macro asm")


@dataclass(frozen=True, slots=True)
class UnassignedRead:
    """A read of `name` at `line`; `always` when no assignment can come before it.

    `declared` is the line of the declaration, `branch` (line, condition, "true" or "false") what skips the assignment.
    """

    name: str
    line: int
    declared: int
    always: bool
    branch: tuple[int, str, str] | None


def unassigned_reads(code: Code) -> Iterator[UnassignedRead]:
    """Yield the first unassigned read of each local variable.

    Reads that need a loop to have no round, or a value that no case of a switch has, are left out.
    """
    seen: set[str] = set()
    for found in sorted(definite_assignment(code.cfg, code.introduced), key=lambda one: one.line):
        if found.skipped_switch or found.name in seen or _shadows(code, found) or _assigned_unseen(code, found):
            continue
        passes = found.empty_loop or _passes_a_search(code, found)
        read = _left_in_a_round(code, found) if passes else found
        if read is None or not _comes_bare(code, read) or doubtful(code, read, _assigning(code, read.name)):
            continue
        seen.add(read.name)
        declared = next(v.line for v in code.function.locals if v.name == read.name)
        yield UnassignedRead(read.name, read.line, declared, _never(code, read), _skipping_branch(code, read))


class _Having:
    """Whether a variable has a value: "bare" where it has none.

    Ways that passed by an assignment at different conditions are kept apart: with `if (a && b) x = 1;` later followed
    by `if (a && b) use(x);`, neither "not a" nor "not b" alone is known where they have met.
    """

    def __init__(self, code: Code, name: str) -> None:
        self.code = code
        self.name = name
        self.passing = _passing_by(code, name)

    def start(self) -> State:
        return "assigned"

    def step(self, node: CfgNode, state: State, facts: Facts) -> Iterable[State]:
        for event in events(self.code.cfg, node.id):
            if isinstance(event, Declared) and event.path.root == self.name:
                state = "bare"
            elif isinstance(event, (Write, AddressOf)) and event.path.root == self.name:
                state = "assigned"
        gone = node.kind == "gap" and self.name not in self.code.introduced
        return ("assigned" if gone else state,)

    def along(self, edge: Edge, state: State, facts: Facts) -> State | None:
        return edge.source if state != "assigned" and (edge.source, edge.target) in self.passing else state


class _Skipping(_Having):
    """The same in rounds of a loop; "skipped" is that it has none and this round passes by its assignment."""

    def __init__(self, code: Code, name: str) -> None:
        super().__init__(code, name)
        cfg = code.cfg
        onward = [[edge.target for edge in cfg.successors(node.id) if not edge.back] for node in cfg.nodes]
        leads = graph.reachable(graph.reverse(onward), _assigning(code, name))
        inner = {node: loop.body for loop in cfg.loops for node in loop.body}
        self.beside = {
            (edge.source, edge.target)
            for edge in cfg.edges
            if cfg.nodes[edge.source].kind == "condition"
            and edge.source in leads
            and edge.target in inner.get(edge.source, frozenset()) - leads
        }

    def along(self, edge: Edge, state: State, facts: Facts) -> State | None:
        if state != "assigned" and edge.back:
            return "bare"
        return "skipped" if state == "bare" and (edge.source, edge.target) in self.beside else state


def _comes_bare(code: Code, read: UninitializedRead) -> bool:
    """Tell whether the read is reached with no value when conditions that are written alike turn out alike."""
    outcome = follow(code.cfg, _Having(code, read.name), code.introduced, known, trusting=True)
    return any(state != "assigned" for state in outcome.states(read.node))


def _passing_by(code: Code, name: str) -> frozenset[tuple[int, int]]:
    """Return the edges from conditions past an assignment to which another way from there leads before both meet."""
    cfg = code.cfg
    onward = [[edge.target for edge in cfg.successors(node.id) if not edge.back] for node in cfg.nodes]
    leads = graph.reachable(graph.reverse(onward), _assigning(code, name))
    return frozenset(
        (edge.source, edge.target)
        for edge in cfg.edges
        if cfg.nodes[edge.source].kind == "condition" and edge.source in leads and edge.target not in leads
    )


def _passes_a_search(code: Code, read: UninitializedRead) -> bool:
    """Tell whether the path goes to the end of a loop in whose text the variable is assigned (before a `break`)."""
    cfg = code.cfg
    assigned = {cfg.nodes[node].line for node in _assigning(code, read.name)}
    for loop in cfg.loops:
        stmt = cfg.nodes[loop.head].stmt
        if loop.head not in read.path or not isinstance(stmt, (c.While, c.For, c.ForEach)):
            continue
        end = max((inner.line for inner in walk_statements(stmt)), default=stmt.line)
        if any(stmt.line <= line <= end for line in assigned) and not stmt.line <= read.line <= end:
            return True
    return False


def _left_in_a_round(code: Code, read: UninitializedRead) -> UninitializedRead | None:
    """Return the read as one that is reached from a round which passes by the assignment and leaves the loop."""
    outcome = follow(code.cfg, _Skipping(code, read.name), code.introduced, known, trusting=True)
    if "skipped" not in outcome.states(read.node):
        return None
    return replace(read, path=outcome.witness(read.node, "skipped"))


def _never(code: Code, read: UninitializedRead) -> bool:
    return code.cfg.path(code.cfg.entry, _assigning(code, read.name), [read.node]) is None


def _assigned_unseen(code: Code, read: UninitializedRead) -> bool:
    """Tell whether something may assign the variable that does not look like an assignment.

    A macro of the file may name it. A structure is filled in by its fields. And a variable without a value that is
    given to a call is given to a macro that assigns it: as the argument of a function it would be of no use.
    """
    function = code.function
    name = c.Name(read.name)
    if any(isinstance(e, c.Member) and not e.arrow and e.base == name for e in function.expressions):
        return True
    if read.name in _words_of_macros(code):
        return True
    given = [call for call in function.calls if name in map(strip, call.args) and not _is_function(code, call.name)]
    if any(isinstance(strip(arg), c.StatementExpr) for call in given for arg in call.args):
        # a macro that runs statements with it, as an iterator does
        return True
    if any(isinstance(arg, c.Name) and arg.name in function.labels for call in given for arg in call.args):
        # a macro that jumps may assign as well
        return True
    if not given or not _never(code, read):
        return False
    return not _assigning(code, read.name) or any(call.line <= read.line for call in given)


def _words_of_macros(code: Code) -> set[str]:
    """Return what the macros of the file that the function uses consist of, those that they use included."""
    macros = code.unit.macros
    found: set[str] = set()
    fresh = {e.name for e in code.function.expressions if isinstance(e, c.Name)} & macros.keys()
    while fresh:
        words_ = {word for name in fresh for word in _WORD.findall(macros[name].body)} - found
        found |= words_
        fresh = words_ & macros.keys()
    return found


def _shadows(code: Code, read: UninitializedRead) -> bool:
    """Tell whether the name means more than one variable of the function."""
    function = code.function
    return sum(v.name == read.name for v in (*function.params, *function.locals)) > 1


def _is_function(code: Code, name: str | None) -> bool:
    return name is None or code.unit.function(name) is not None or any(p.name == name for p in code.unit.prototypes)


def _assigning(code: Code, name: str) -> set[int]:
    """Return the nodes that give the variable a value which does not come from the one it has."""
    cfg = code.cfg
    return {
        node.id
        for node in cfg.nodes
        if any(
            isinstance(event, Write) and event.path.root == name and event.op in _GIVES
            for event in events(cfg, node.id)
        )
    }


def _skipping_branch(code: Code, read: UninitializedRead) -> tuple[int, str, str] | None:
    """Return the last condition of the path whose other outcome leads aside to an assignment."""
    cfg = code.cfg
    assigning = _assigning(code, read.name)
    found = None
    for source, target in pairwise(read.path):
        node = cfg.nodes[source]
        if node.kind != "condition" or node.expr is None:
            continue
        for edge in cfg.successors(source):
            if edge.target == target or edge.label == "unknown":
                continue
            if edge.target in assigning or cfg.path(edge.target, assigning, read.path) is not None:
                found = node.line, spell(node.expr), "true" if edge.label == "false" else "false"
    return found
