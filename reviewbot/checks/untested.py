# SPDX-License-Identifier: GPL-2.0-or-later
"""Results that may tell of a failure and are followed, or stored for good, without a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reviewbot.checks.pointers import as_value, asks_for, nodes_where
from reviewbot.checks.rule import Code
from reviewbot.csource import graph
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.cfg import CfgNode, known
from reviewbot.csource.events import AddressOf, CallEvent, Write, events
from reviewbot.csource.functions import call_name, walk
from reviewbot.csource.kernelmacros import words


@dataclass(frozen=True, slots=True)
class Result:
    """What `made` gives is stored in `place` at `line` (of `node`)."""

    node: int
    line: int
    place: AccessPath
    made: c.Call

    @property
    def maker(self) -> str:
        """The name of the function that is called."""
        return call_name(self.made) or ""


@dataclass(frozen=True, slots=True)
class Untested:
    """A result that nobody tests; `followed` is where it is followed, None if it is stored and the function ends."""

    result: Result
    followed: int | None


def results(code: Code, wanted: Callable[[c.Call], bool]) -> Iterator[Result]:
    """Yield the plain assignments of what calls return, of the calls that are wanted."""
    for node in code.cfg.nodes:
        if node.kind == "condition":
            continue
        for event in events(code.cfg, node.id):
            made = strip(event.value) if isinstance(event, Write) and event.value is not None else None
            if not isinstance(event, Write) or not isinstance(made, c.Call) or call_name(made) is None:
                continue
            plain = node.kind == "declaration" or (isinstance(node.expr, c.Assign) and strip(node.expr.value) == made)
            if plain and wanted(made):
                yield Result(node.id, event.line, event.path, made)


def judge(code: Code, result: Result) -> Untested | None:
    """Return how a result is used untested; None if it is tested, handed on, or only might be used."""
    cfg, place = code.cfg, result.place
    after = graph.reachable(cfg.targets, [edge.target for edge in cfg.successors(result.node)])
    uses = (nodes_where(cfg, place, "follows") | _hands_inside(code, place)) & after
    others = nodes_where(cfg, place, "replaces") & after - {result.node}
    asks = {n for n in after - {result.node} if any(as_value(top, place) for top in tops(cfg.nodes[n]))}
    gaps = {n.id for n in cfg.nodes if n.kind == "gap"}
    filled = {n for n in uses if _fills(cfg.nodes[n], place)}
    asks -= filled
    goals = uses - asks - others
    way = cfg.path(result.node, goals, asks | others | gaps, known) if goals else None
    if way is not None:
        return Untested(result, cfg.nodes[way[-1]].line)
    stored = {n for n in asks if _stores(cfg.nodes[n], place)}
    if stored and stored == asks and not uses | others | gaps and place.is_variable:
        return Untested(result, None)
    unseen = gaps & after and place.last_field not in code.introduced
    if place.steps and not asks | uses | others and not unseen and not _asked_elsewhere(code, place, after):
        return Untested(result, None)
    return None


def _asked_elsewhere(code: Code, place: AccessPath, after: frozenset[int]) -> bool:
    """Tell whether other functions ask for the field, or a function or macro of what holds the pointer is tested.

    It may well give the pointer back.
    """
    if place.last_field is not None and len(asks_for(code, place.last_field)) > 1:
        return True
    holder = AccessPath(place.root, place.steps[:-1])
    for node in (code.cfg.nodes[n] for n in after):
        if node.kind == "condition" and node.expr is not None:
            calls = [part for part in walk(node.expr) if isinstance(part, c.Call) and len(part.args) == 1]
            if any(path_of(call.args[0]) == holder for call in calls):
                return True
    return False


# what they are handed as their first argument is written to at once
_FILLS = words(
    "memcpy memset memmove strcpy strscpy strlcpy strncpy sprintf snprintf scnprintf vsnprintf copy_from_user"
)


def _hands_inside(code: Code, place: AccessPath) -> frozenset[int]:
    """Return the nodes that hand a part of what is pointed to to a function, or have it filled."""
    found = set()
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, AddressOf) and event.call is not None and not event.maybe:
                rest = event.path.steps[len(place.steps) :]
                if event.path.within(place) and rest and rest[0][:2] == "->":
                    found.add(node.id)
            elif isinstance(event, CallEvent) and event.name in _FILLS and event.args and not event.maybe:
                found |= {node.id} if path_of(event.args[0]) == place else set()
    return frozenset(found)


def _fills(node: CfgNode, place: AccessPath) -> bool:
    call = strip(node.expr) if node.expr is not None else None
    return isinstance(call, c.Call) and call_name(call) in _FILLS and path_of(call.args[0]) == place


def _stores(node: CfgNode, place: AccessPath) -> bool:
    """Tell whether a node is but an assignment of a pointer to a place that outlives the function."""
    store = node.expr
    if not isinstance(store, c.Assign) or path_of(strip(store.value)) != place:
        return False
    target = path_of(store.target)
    return target is not None and any(step[:2] == "->" for step in target.steps)


def tops(node: CfgNode) -> Iterator[c.Expr]:
    """Yield the outermost expressions of a node."""
    if node.expr is not None:
        yield node.expr
    elif isinstance(node.stmt, c.Declare):
        yield from (v.init for v in node.stmt.variables if v.init is not None)
