# SPDX-License-Identifier: GPL-2.0-or-later
"""Algorithms on small directed graphs whose nodes are the numbers from 0 on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

Adjacency = Sequence[Sequence[int]]


def reachable(successors: Adjacency, starts: Iterable[int], avoiding: frozenset[int] = frozenset()) -> frozenset[int]:
    """Return the nodes that can be reached from `starts` (which count) without entering a node of `avoiding`."""
    seen = {node for node in starts if node not in avoiding}
    stack = list(seen)
    while stack:
        for target in successors[stack.pop()]:
            if target not in seen and target not in avoiding:
                seen.add(target)
                stack.append(target)
    return frozenset(seen)


def reverse(successors: Adjacency) -> list[list[int]]:
    """Return the graph with its edges turned round."""
    predecessors: list[list[int]] = [[] for _ in successors]
    for source, targets in enumerate(successors):
        for target in targets:
            predecessors[target].append(source)
    return predecessors


def postorder(successors: Adjacency, start: int) -> list[int]:
    """Return the nodes that `start` reaches, each after those that a depth-first walk enters from it."""
    order: list[int] = []
    seen = {start}
    stack = [(start, iter(successors[start]))]
    while stack:
        node, targets = stack[-1]
        for target in targets:
            if target not in seen:
                seen.add(target)
                stack.append((target, iter(successors[target])))
                break
        else:
            order.append(node)
            stack.pop()
    return order


def dominators(successors: Adjacency, start: int) -> dict[int, int]:
    """Return the immediate dominator of each node that `start` reaches; that of `start` is itself.

    The algorithm is that of Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001).
    """
    order = postorder(successors, start)
    number = {node: place for place, node in enumerate(order)}
    predecessors = reverse(successors)
    idom = {start: start}
    changed = True
    while changed:
        changed = False
        for node in reversed(order):
            if node == start:
                continue
            best = -1
            for candidate in predecessors[node]:
                if candidate not in idom:
                    continue
                best = candidate if best < 0 else _meet(best, candidate, idom, number)
            if best >= 0 and idom.get(node) != best:
                idom[node] = best
                changed = True
    return idom


def _meet(a: int, b: int, idom: dict[int, int], number: dict[int, int]) -> int:
    while a != b:
        while number[a] < number[b]:
            a = idom[a]
        while number[b] < number[a]:
            b = idom[b]
    return a


def dominates(idom: dict[int, int], a: int, b: int) -> bool:
    """Tell whether `a` dominates `b` (every node dominates itself); False for nodes that the start does not reach."""
    if b not in idom or a not in idom:
        return False
    while b != a:
        if idom[b] == b:
            return False
        b = idom[b]
    return True


def shortest_path(
    successors: Callable[[int], Iterable[int]], start: int, goals: frozenset[int], avoiding: frozenset[int]
) -> tuple[int, ...] | None:
    """Return the nodes of a shortest path from `start` to one of `goals`, both ends included; None without any.

    The path has at least one edge, so that a start that is a goal is only found by way of a cycle.
    """
    came: dict[int, int] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in successors(node):
            if target in avoiding or target in came:
                continue
            came[target] = node
            if target in goals:
                path = [target]
                while path[-1] != start or len(path) == 1:
                    path.append(came[path[-1]])
                return tuple(reversed(path))
            queue.append(target)
    return None
