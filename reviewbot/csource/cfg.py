# SPDX-License-Identifier: GPL-2.0-or-later
"""Control-flow graphs of functions, whole or in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from reviewbot.csource import graph
from reviewbot.csource.cfgbuild import Builder
from reviewbot.csource.cfgnodes import CfgNode, Edge, EdgeLabel, Kind, known
from reviewbot.csource.functions import Function
from reviewbot.csource.memo import kept

__all__ = ["Cfg", "CfgNode", "Edge", "EdgeLabel", "Kind", "Loop", "build_cfg", "known"]


@dataclass(frozen=True, slots=True)
class Loop:
    """A natural loop: its head, every node of it (the head included), and the edges that close it."""

    head: int
    body: frozenset[int]
    back_edges: tuple[Edge, ...]


@dataclass(frozen=True, eq=False)
class Cfg:
    """The graph of one function; `nodes[i].id` is `i`."""

    function: Function
    nodes: tuple[CfgNode, ...]
    edges: tuple[Edge, ...]
    entry: int
    exit: int

    @cached_property
    def _out(self) -> tuple[tuple[Edge, ...], ...]:
        out: list[list[Edge]] = [[] for _ in self.nodes]
        for edge in self.edges:
            out[edge.source].append(edge)
        return tuple(map(tuple, out))

    @cached_property
    def _in(self) -> tuple[tuple[Edge, ...], ...]:
        incoming: list[list[Edge]] = [[] for _ in self.nodes]
        for edge in self.edges:
            incoming[edge.target].append(edge)
        return tuple(map(tuple, incoming))

    def successors(self, node: int) -> tuple[Edge, ...]:
        """Return the edges that leave `node`."""
        return self._out[node]

    def predecessors(self, node: int) -> tuple[Edge, ...]:
        """Return the edges that enter `node`."""
        return self._in[node]

    @cached_property
    def targets(self) -> tuple[tuple[int, ...], ...]:
        """For each node the nodes that follow it."""
        return tuple(tuple(edge.target for edge in out) for out in self._out)

    @cached_property
    def sources(self) -> tuple[tuple[int, ...], ...]:
        """For each node the nodes before it."""
        return tuple(tuple(edge.source for edge in incoming) for incoming in self._in)

    @cached_property
    def reachable(self) -> frozenset[int]:
        """The nodes that the entry reaches."""
        return graph.reachable(self.targets, [self.entry])

    @cached_property
    def dead(self) -> tuple[int, ...]:
        """The nodes that nothing reaches, `exit` aside (a function need not return)."""
        return tuple(node.id for node in self.nodes if node.id not in self.reachable and node.id != self.exit)

    @cached_property
    def dominators(self) -> dict[int, int]:
        """The immediate dominator of each reachable node."""
        return graph.dominators(self.targets, self.entry)

    @cached_property
    def postdominators(self) -> dict[int, int]:
        """The immediate post-dominator of each node from which the exit can be reached."""
        return graph.dominators(self.sources, self.exit)

    def dominates(self, a: int, b: int) -> bool:
        """Tell whether every way from the entry to `b` leads over `a`."""
        return graph.dominates(self.dominators, a, b)

    def postdominates(self, a: int, b: int) -> bool:
        """Tell whether every way from `b` to the exit leads over `a`; ways that never leave do not count."""
        return graph.dominates(self.postdominators, a, b)

    @cached_property
    def loops(self) -> tuple[Loop, ...]:
        """The natural loops, one for each head, outer ones before inner ones."""
        closing: dict[int, list[Edge]] = {}
        for edge in self.edges:
            if edge.source in self.reachable and self.dominates(edge.target, edge.source):
                closing.setdefault(edge.target, []).append(edge)
        found = []
        for head, edges in closing.items():
            inside = graph.reachable(self.sources, [edge.source for edge in edges], frozenset({head})) | {head}
            found.append(Loop(head, inside, tuple(edges)))
        return tuple(sorted(found, key=lambda loop: (-len(loop.body), loop.head)))

    def reaches(self, a: int, b: int, avoiding: Iterable[int] = ()) -> bool:
        """Tell whether some way of at least one edge leads from `a` to `b` without entering `avoiding`."""
        return self.path(a, b, avoiding) is not None

    def path(
        self, a: int, b: int | Iterable[int], avoiding: Iterable[int] = (), follow: Callable[[Edge], bool] | None = None
    ) -> tuple[int, ...] | None:
        """Return a shortest way of at least one edge from `a` to `b` (or to one of them), None if there is none.

        Nodes of `avoiding` are not entered; `follow` tells which edges may be taken (all of them by default).
        """
        goals = frozenset([b]) if isinstance(b, int) else frozenset(b)

        def step(node: int) -> Iterable[int]:
            return [edge.target for edge in self._out[node] if follow is None or follow(edge)]

        return graph.shortest_path(step, a, goals, frozenset(avoiding))

    def at_line(self, line: int) -> tuple[CfgNode, ...]:
        """Return the nodes on 1-based `line`."""
        return tuple(node for node in self.nodes if node.line == line and node.kind not in ("entry", "exit"))


@kept
def build_cfg(function: Function) -> Cfg:
    """Return the control-flow graph of a function; the same function gives the same graph again."""
    nodes, edges, entry, leave = Builder(function).build()
    targets: list[list[int]] = [[] for _ in nodes]
    for edge in edges:
        targets[edge.source].append(edge.target)
    idom = graph.dominators(targets, entry)
    return Cfg(function, nodes, tuple(_mark(edge, idom) for edge in edges), entry, leave)


def _mark(edge: Edge, idom: dict[int, int]) -> Edge:
    back = graph.dominates(idom, edge.target, edge.source)
    return Edge(edge.source, edge.target, edge.label, back, edge.value, edge.high) if back else edge
