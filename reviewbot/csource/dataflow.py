# SPDX-License-Identifier: GPL-2.0-or-later
"""Data flow over control-flow graphs: the worklist that rules bring their lattices to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Generic, Protocol, TypeVar

from reviewbot.csource import graph
from reviewbot.csource.cfg import Cfg, CfgNode, Edge

S = TypeVar("S")
# a node whose state still changes after so many visits is in a lattice that is too high
_MOST_VISITS = 400


class DidNotSettleError(Exception):
    """An analysis went round a loop without coming to rest; its lattice has no bound, which is a programming error."""


class Analysis(Protocol[S]):
    """An analysis: states of type S, compared by `==`, with an upper bound of any two."""

    forward: bool

    def start(self) -> S:
        """Return the state at the entry (forward) or at the exit (backward)."""

    def transfer(self, node: CfgNode, state: S) -> S:
        """Return the state on the far side of a node."""

    def along(self, edge: Edge, state: S) -> S | None:
        """Return the state after an edge is taken, None if it cannot be taken in that state."""

    def join(self, a: S, b: S) -> S:
        """Return the least state that covers both."""


@dataclass(frozen=True, slots=True)
class Solution(Generic[S]):
    """States before and after each node in the direction of the analysis; nodes that are not reached are missing."""

    before: Mapping[int, S]
    after: Mapping[int, S]


def solve(cfg: Cfg, analysis: Analysis[S], follow: Callable[[Edge], bool] | None = None) -> Solution[S]:
    """Run an analysis to its least fixed point; `follow` tells which edges exist for it (all by default)."""
    begin = cfg.entry if analysis.forward else cfg.exit
    adjacent = cfg.targets if analysis.forward else cfg.sources
    order = {node: place for place, node in enumerate(reversed(graph.postorder(adjacent, begin)))}
    before: dict[int, S] = {begin: analysis.start()}
    after: dict[int, S] = {}
    queue = [(0, begin)]
    queued = {begin}
    visits: dict[int, int] = {}
    while queue:
        _, node = heappop(queue)
        queued.discard(node)
        visits[node] = visits.get(node, 0) + 1
        if visits[node] > _MOST_VISITS:
            raise DidNotSettleError(f"{type(analysis).__name__} does not settle at line {cfg.nodes[node].line}")
        state = analysis.transfer(cfg.nodes[node], before[node])
        after[node] = state
        for edge in cfg.successors(node) if analysis.forward else cfg.predecessors(node):
            if follow is not None and not follow(edge):
                continue
            passed = analysis.along(edge, state)
            if passed is None:
                continue
            target = edge.target if analysis.forward else edge.source
            merged = passed if target not in before else analysis.join(before[target], passed)
            if target not in before or merged != before[target]:
                before[target] = merged
                if target not in queued:
                    queued.add(target)
                    heappush(queue, (order.get(target, len(order)), target))
    return Solution(before, after)
