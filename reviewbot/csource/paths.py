# SPDX-License-Identifier: GPL-2.0-or-later
"""Following a property along paths whose conditions do not contradict each other.

States of a property are kept apart where ways meet, each with the facts that hold on every way that brings it: ways
are only told apart as far as the property is. (Das, Lerner, Seigle: "ESP: Path-Sensitive Program Verification in
Polynomial Time", PLDI 2002.)
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Generic, Protocol, TypeVar

from reviewbot.csource import facts as f
from reviewbot.csource import graph
from reviewbot.csource.cfg import Cfg, CfgNode, Edge

P = TypeVar("P", bound=Hashable)
_MOST_STATES = 24
_MOST_VISITS = 60


class Property(Protocol[P]):
    """What is followed: a small, hashable state that nodes and edges change."""

    def start(self) -> P:
        """Return the state at the entry."""

    def step(self, node: CfgNode, state: P, facts: f.Facts) -> Iterable[P]:
        """Return the states after a node; none ends the path there."""

    def along(self, edge: Edge, state: P, facts: f.Facts) -> P | None:
        """Return the state after an edge, None if it is not to be followed."""


@dataclass(frozen=True, slots=True)
class Outcome(Generic[P]):
    """The states with which each node is reached, and what is known there in each of them.

    `complete` is False when bounds were hit: states may be missing then.
    """

    at: dict[int, dict[P, f.Facts]]
    came: dict[tuple[int, P], tuple[int, P]]
    complete: bool

    def states(self, node: int) -> tuple[P, ...]:
        """Return the states with which `node` is reached."""
        return tuple(self.at.get(node, ()))

    def witness(self, node: int, state: P) -> tuple[int, ...]:
        """Return a way from the entry to `node` that brings `state`, as nodes."""
        way = [node]
        here = (node, state)
        seen = {here}
        while here in self.came and self.came[here] not in seen:
            here = self.came[here]
            seen.add(here)
            way.append(here[0])
        return tuple(reversed(way))


def follow(
    cfg: Cfg,
    prop: Property[P],
    introduced: frozenset[str] = frozenset(),
    edges: Callable[[Edge], bool] | None = None,
    trusting: bool = False,
) -> Outcome[P]:
    """Follow a property through a function; `edges` tells which edges exist (all by default).

    `introduced` are names that unseen code cannot mention; for `trusting` see `facts.Scope`.
    """
    scope = f.scope(cfg, introduced, trusting)
    order = {node: place for place, node in enumerate(reversed(graph.postorder(cfg.targets, cfg.entry)))}
    at: dict[int, dict[P, f.Facts]] = {cfg.entry: {prop.start(): f.NOTHING}}
    came: dict[tuple[int, P], tuple[int, P]] = {}
    fresh: dict[int, dict[P, None]] = {cfg.entry: {prop.start(): None}}
    queue = [(0, cfg.entry)]
    visits: dict[int, int] = {}
    complete = True
    while queue:
        _, node = heappop(queue)
        states = fresh.pop(node, None)
        if states is None:
            continue
        visits[node] = visits.get(node, 0) + 1
        if visits[node] > _MOST_VISITS:
            complete = False
            continue
        for state in states:
            facts = at[node][state]
            following = list(prop.step(cfg.nodes[node], state, facts))
            if not following:
                continue
            passed = f.after_node(facts, cfg, cfg.nodes[node], scope)
            if passed is None:
                continue
            for edge in cfg.successors(node):
                if edges is not None and not edges(edge):
                    continue
                known = f.after_edge(passed, cfg, edge, scope)
                if known is None:
                    continue
                for after in following:
                    moved = prop.along(edge, after, known)
                    if moved is None:
                        continue
                    there = at.setdefault(edge.target, {})
                    if moved not in there and len(there) >= _MOST_STATES:
                        complete = False
                        continue
                    merged = known if moved not in there else f.join(there[moved], known)
                    if moved not in there:
                        came[(edge.target, moved)] = (node, state)
                    elif merged == there[moved]:
                        continue
                    there[moved] = merged
                    fresh.setdefault(edge.target, {})[moved] = None
                    heappush(queue, (order.get(edge.target, len(order)), edge.target))
    return Outcome(at, came, complete)


class _Reach:
    """The property "has not met a node to avoid"."""

    def __init__(self, start: int, avoiding: frozenset[int]) -> None:
        self.begin = start
        self.avoiding = avoiding

    def start(self) -> bool:
        return False

    def step(self, node: CfgNode, state: bool, facts: f.Facts) -> Iterable[bool]:
        if state and node.id in self.avoiding and node.id != self.begin:
            return ()
        return (True, False) if node.id == self.begin and not state else (state,)

    def along(self, edge: Edge, state: bool, facts: f.Facts) -> bool | None:
        return state


def feasible_path(
    cfg: Cfg,
    start: int,
    goals: Iterable[int],
    avoiding: Iterable[int] = (),
    introduced: frozenset[str] = frozenset(),
    edges: Callable[[Edge], bool] | None = None,
) -> tuple[int, ...] | None:
    """Return a way from the entry over `start` to one of `goals` whose conditions do not contradict each other.

    Between start and goal no node of `avoiding` is passed. None if there is no such way.
    """
    outcome = follow(cfg, _Reach(start, frozenset(avoiding)), introduced, edges)
    for goal in goals:
        if True in outcome.states(goal):
            way = outcome.witness(goal, True)
            if start in way:
                return way
    return None
