# SPDX-License-Identifier: GPL-2.0-or-later
"""Cycles without progress: livelocks under weak fairness.

A fair cycle is one that a fair scheduler can run for ever: each task either takes a step in it or cannot run somewhere
in it; a task that stands before a lock which gets free again and again gets it (locks are handed over). No task
finishes in a cycle, so every fair cycle is one without progress. It is a *livelock* if some task goes round in it
without ever sleeping; if all that move in it sleep (poll with a timeout, say) it breaks `everybody-goes-on` only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from reviewbot.simulate.exploration import Edge, Exploration
from reviewbot.simulate.merge import FAULT


@dataclass(frozen=True, slots=True)
class Cycle:
    """A fair set of states that can be gone through for ever: who moves in it, and who of these never sleeps."""

    states: frozenset[int]
    movers: frozenset[int]
    busy: frozenset[int]


def fair_cycles(seen: Exploration, tasks: int, before_lock: Callable[[int, int], bool]) -> list[Cycle]:
    """Return the maximal fair cycles; `before_lock(state, task)` tells whether the task stands before a lock."""
    found: list[Cycle] = []
    waiting = list(components(sorted(seen.edges), seen.edges))
    while waiting:
        states = waiting.pop()
        inner = [edge for n in states for edge in seen.edges.get(n, ()) if edge.target in states]
        if not inner:
            continue
        movers = {edge.task for edge in inner}
        unfair = False
        for task in set(range(tasks)) - movers:
            able = {n for n in states if any(edge.task == task for edge in seen.edges.get(n, ()))}
            served = {n for n in able if before_lock(n, task)}
            if len(able) == len(states):
                unfair = True
                break
            if served:
                rest = states - served
                waiting += components(
                    rest, {n: tuple(e for e in seen.edges.get(n, ()) if e.target in rest) for n in rest}
                )
                unfair = True
                break
        if not unfair:
            asleep = {edge.task for edge in inner if edge.slept}
            found.append(Cycle(frozenset(states), frozenset(movers), frozenset(movers - asleep)))
    return found


def components(nodes: Iterable[int], edges: Mapping[int, tuple[Edge, ...]]) -> list[set[int]]:
    """Return the strongly connected components with at least one edge inside (Tarjan 1972, without recursion)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    on_stack: set[int] = set()
    stack: list[int] = []
    made: list[set[int]] = []
    for root in nodes:
        if root in index:
            continue
        work: list[tuple[int, int]] = [(root, 0)]
        while work:
            node, at = work.pop()
            if at == 0:
                index[node] = low[node] = len(index)
                stack.append(node)
                on_stack.add(node)
            following = edges.get(node, ())
            while at < len(following):
                target = following[at].target
                at += 1
                if target == FAULT:
                    continue
                if target not in index:
                    work += [(node, at), (target, 0)]
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            else:
                _close(node, index, low, stack, on_stack, made, edges)
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
    return made


def _close(
    node: int,
    index: dict[int, int],
    low: dict[int, int],
    stack: list[int],
    on_stack: set[int],
    made: list[set[int]],
    edges: Mapping[int, tuple[Edge, ...]],
) -> None:
    """Take a component off the stack if `node` is the first of it."""
    if low[node] != index[node]:
        return
    group: set[int] = set()
    while True:
        other = stack.pop()
        on_stack.discard(other)
        group.add(other)
        if other == node:
            break
    if len(group) > 1 or any(edge.target == node for edge in edges.get(node, ())):
        made.append(group)
