# SPDX-License-Identifier: GPL-2.0-or-later
"""Which local variables are read before anything was assigned to them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg, CfgNode, Edge, Loop, known
from reviewbot.csource.dataflow import solve
from reviewbot.csource.events import AddressOf, Declared, Event, Read, Write, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import call_name
from reviewbot.csource.paths import follow


@dataclass(frozen=True, slots=True)
class UninitializedRead:
    """A read of `name` at `node` that a way from the entry reaches without an assignment.

    `path` are the nodes of that way. `empty_loop` tells that it passes over a loop that would have assigned,
    `skipped_switch` that it needs a value that no case of a switch has.
    """

    name: str
    node: int
    line: int
    path: tuple[int, ...]
    empty_loop: bool
    skipped_switch: bool


_SCALAR = re.compile(r"(?:__)?(?:[us]|[bl]e)\d+|u?int\d*|u?(?:char|short|long)|bool|float|double|signed|unsigned|\w+_t")


def _judged(variable: c.Variable) -> bool:
    # what `typeof` of an expression is may well be an array, and so may what an unknown typedef is
    base = variable.type.base
    named = " " not in base and not variable.type.pointers and _SCALAR.fullmatch(base) is None
    unclear = named or base.startswith(("typeof", "__typeof"))
    return not (variable.type.dims or variable.storage or variable.macro or unclear)


def _assigns(event: Event, name: str) -> bool:
    """Tell whether an event may give the variable a value; handing its address away is taken to do so."""
    return isinstance(event, (Write, AddressOf)) and event.path.root == name and "->" not in "".join(event.path.steps)


def _reads(event: Event, name: str) -> bool:
    if not isinstance(event, Read) or event.path.root != name or event.maybe:
        return False
    # what is indexed inside of a structure may well be an array
    return not (event.indexed and event.path.steps)


class _MaybeUnassigned:
    """All variables at once and without facts: which may be unassigned."""

    forward = True

    def __init__(self, cfg: Cfg, names: frozenset[str], introduced: frozenset[str]) -> None:
        self.cfg = cfg
        self.names = names
        self.kept_by_gaps = names & introduced

    def start(self) -> frozenset[str]:
        return frozenset()

    def transfer(self, node: CfgNode, state: frozenset[str]) -> frozenset[str]:
        if node.kind == "gap":
            return state & self.kept_by_gaps
        for event in events(self.cfg, node.id):
            if isinstance(event, Declared):
                if event.path.root in self.names:
                    state |= {event.path.root}
            elif isinstance(event, (Write, AddressOf)) and _assigns(event, event.path.root):
                state -= {event.path.root}
        return state

    def along(self, edge: Edge, state: frozenset[str]) -> frozenset[str]:
        return state

    def join(self, a: frozenset[str], b: frozenset[str]) -> frozenset[str]:
        return a | b


class _Unassigned:
    """One variable: True while it is declared and unassigned."""

    def __init__(self, cfg: Cfg, name: str, introduced: frozenset[str]) -> None:
        self.cfg = cfg
        self.name = name
        self.kept_by_gaps = name in introduced

    def start(self) -> bool:
        return False

    def step(self, node: CfgNode, state: bool, facts: Facts) -> Iterable[bool]:
        if node.kind == "gap":
            return (state and self.kept_by_gaps,)
        for event in events(self.cfg, node.id):
            if isinstance(event, Declared) and event.path.root == self.name:
                state = True
            elif _assigns(event, self.name):
                state = False
        return (state,)

    def along(self, edge: Edge, state: bool, facts: Facts) -> bool | None:
        return state


def definite_assignment(cfg: Cfg, introduced: frozenset[str] = frozenset()) -> tuple[UninitializedRead, ...]:
    """Return the reads of local variables that may come before any assignment, one for each variable and line.

    Of a function with unseen code only the variables in `introduced` are judged: those whose declaration a patch adds,
    so that unseen (unchanged) code cannot assign them. Arrays are not judged.
    """
    function = cfg.function
    shadowed = {v.name for v in function.locals}
    names = frozenset(v.name for v in function.locals if _judged(v)) & shadowed
    if function.fragment:
        names &= introduced
    if not names:
        return ()
    rough = solve(cfg, _MaybeUnassigned(cfg, names, introduced), known)
    suspects: dict[str, list[int]] = {}
    for node in cfg.nodes:
        state = rough.before.get(node.id, frozenset())
        if node.kind == "declaration" or state:
            for name in _read_unassigned(cfg, node.id, state, names):
                suspects.setdefault(name, []).append(node.id)
    found = []
    for name, nodes in sorted(suspects.items()):
        outcome = follow(cfg, _Unassigned(cfg, name, introduced), introduced, known, trusting=True)
        lines: set[int] = set()
        for node_id in nodes:
            line = cfg.nodes[node_id].line
            if line in lines:
                continue
            only = frozenset({name})
            for unassigned in outcome.states(node_id):
                if name in _read_unassigned(cfg, node_id, only if unassigned else frozenset(), only):
                    lines.add(line)
                    path = outcome.witness(node_id, unassigned)
                    if not _by_configuration(cfg, path):
                        found.append(_report(cfg, name, node_id, path))
                    break
    return tuple(found)


def _read_unassigned(cfg: Cfg, node: int, state: frozenset[str], names: frozenset[str]) -> set[str]:
    """Return the names that are read at a node while unassigned."""
    out = set()
    unassigned = set(state)
    for event in events(cfg, node):
        if isinstance(event, Declared) and event.path.root in names:
            unassigned.add(event.path.root)
        elif isinstance(event, (Write, AddressOf)) and _assigns(event, event.path.root):
            unassigned.discard(event.path.root)
        elif isinstance(event, Read) and event.path.root in unassigned and _reads(event, event.path.root):
            out.add(event.path.root)
    return {name for name in out if not _says_nothing(cfg.nodes[node], name)}


def _says_nothing(node: CfgNode, name: str) -> bool:
    """Tell whether the node is one of the idioms that only quiet a compiler: `x = x`, `(void)x`."""
    expr = node.expr
    if isinstance(expr, c.Cast) and expr.type == c.CType("void"):
        return True
    if isinstance(expr, c.Assign):
        return expr.target == expr.value == c.Name(name)
    if isinstance(node.stmt, c.Declare):
        return any(v.name == name and v.init == c.Name(name) for v in node.stmt.variables)
    return False


def _by_configuration(cfg: Cfg, path: tuple[int, ...]) -> bool:
    """Tell whether a way needs two configuration options at once to be off, which may exclude each other."""
    steps = set(pairwise(path))
    off = {
        cfg.nodes[edge.source].expr
        for edge in cfg.edges
        if edge.label == "false" and (edge.source, edge.target) in steps and _is_configured(cfg.nodes[edge.source])
    }
    return len(off) > 1


def _is_configured(node: CfgNode) -> bool:
    return node.expr is not None and call_name(node.expr) in ("IS_ENABLED", "IS_BUILTIN", "IS_REACHABLE", "IS_MODULE")


def _report(cfg: Cfg, name: str, node: int, path: tuple[int, ...]) -> UninitializedRead:
    assigning = {n.id for n in cfg.nodes if any(_assigns(event, name) for event in events(cfg, n.id))}
    steps = set(pairwise(path))
    passed = {edge.source for edge in cfg.edges if edge.label == "false" and (edge.source, edge.target) in steps}
    on_path = set(path)
    empty = any(
        loop.body & assigning and not loop.body & assigning & on_path and (loop.head in on_path) and passed & loop.body
        for loop in cfg.loops
        if node not in loop.body and not _within(cfg, loop, node)
    )
    skipped = any(
        edge.label == "default" and (edge.source, edge.target) in steps and not _is_default(cfg.nodes[edge.target])
        for edge in cfg.edges
    )
    return UninitializedRead(name, node, cfg.nodes[node].line, path, empty, skipped)


def _within(cfg: Cfg, loop: Loop, node: int) -> bool:
    """Tell whether a node stands in the text of a loop: what leads to a `break` is no part of the loop's rounds."""
    stmt = cfg.nodes[loop.head].stmt
    body = stmt.body if isinstance(stmt, (c.While, c.DoWhile, c.For, c.ForEach)) else None
    return isinstance(body, c.Block) and stmt is not None and stmt.line <= cfg.nodes[node].line <= body.end_line


def _is_default(node: CfgNode) -> bool:
    return isinstance(node.stmt, c.Case) and node.stmt.value is None
