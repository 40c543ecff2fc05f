# SPDX-License-Identifier: GPL-2.0-or-later
"""The order of a search: which of the nodes that were reached is followed next.

- `preemptions`: by number of preemptions, then by number of steps (a preemption is a switch away from a task that
  could have gone on). The first schedule that is found for a violation has the fewest preemptions, and a search that
  runs out of states has still seen all schedules up to some number of them (Musuvathi and Qadeer, "Iterative context
  bounding for systematic testing of multithreaded programs", PLDI 2007). Only this order can be bounded.
- `length`: breadth first, by number of steps, then by preemptions: the first schedule is a shortest one.
- `depth`: depth first, the last that was reached first: schedules are long, but one is found without seeing all that
  is near the start, which helps where a violation needs many steps.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Literal

Order = Literal["preemptions", "length", "depth"]
Node = tuple[int, int]  # (number of a state, who ran last; -1 at the start)
Cost = tuple[int, int]  # (preemptions, steps)
ORDERS: tuple[Order, ...] = ("preemptions", "length", "depth")


@dataclass(frozen=True, slots=True)
class Scope:
    """In which order to search, and how many preemptions a schedule may have (None: any number)."""

    order: Order = "preemptions"
    preemptions: int | None = None


ANY = Scope()


def rank(order: Order, cost: Cost) -> Cost:
    """Return what costs are compared by in an order; depth first, which does not compare, those of `preemptions`."""
    return (cost[1], cost[0]) if order == "length" else cost


class Frontier:
    """The nodes that are still to be followed, and the cost of the way by which each was reached.

    `costs` maps each node that was reached to the cost of the best way to it so far, the last one if depth first.
    """

    def __init__(self, order: Order) -> None:
        self.order = order
        self.costs: dict[Node, Cost] = {}
        self._done: set[Node] = set()
        self._heap: list[tuple[Cost, Node]] = []
        self._stack: list[Node] = []

    def add(self, node: Node, cost: Cost) -> bool:
        """Add a node that was reached; False if there is nothing new in that."""
        if self.order == "depth":
            if node in self._done:
                return False
            self._stack.append(node)
        else:
            if node in self.costs and rank(self.order, self.costs[node]) <= rank(self.order, cost):
                return False
            heapq.heappush(self._heap, (rank(self.order, cost), node))
        self.costs[node] = cost
        return True

    def take(self) -> Node | None:
        """Return the node to follow next, None if there is none."""
        while self._stack:
            node = self._stack.pop()
            if node not in self._done:
                self._done.add(node)
                return node
        while self._heap:
            cost, node = heapq.heappop(self._heap)
            if rank(self.order, self.costs[node]) == cost:
                return node
        return None
