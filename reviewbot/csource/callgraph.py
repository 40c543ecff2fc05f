# SPDX-License-Identifier: GPL-2.0-or-later
"""Who calls whom, callbacks passed by name included."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from reviewbot.csource import syntax as c
from reviewbot.csource.functions import Function
from reviewbot.csource.parse import Unit


@dataclass(frozen=True, slots=True)
class CallEdge:
    """`caller` calls `callee`, or ("callback") names it as a value, so that whoever gets it may call it."""

    caller: str
    callee: str
    path: str
    line: int
    kind: Literal["call", "callback"]


@dataclass(frozen=True, eq=False)
class CallGraph:
    """The calls of some files. Functions are known by name; static ones of one name in two files are not told apart."""

    functions: dict[str, tuple[Function, ...]]
    edges: tuple[CallEdge, ...]

    @cached_property
    def _from(self) -> dict[str, list[CallEdge]]:
        out: dict[str, list[CallEdge]] = {}
        for edge in self.edges:
            out.setdefault(edge.caller, []).append(edge)
        return out

    @cached_property
    def _to(self) -> dict[str, list[CallEdge]]:
        out: dict[str, list[CallEdge]] = {}
        for edge in self.edges:
            out.setdefault(edge.callee, []).append(edge)
        return out

    def callees(self, name: str) -> tuple[CallEdge, ...]:
        """Return what `name` calls or hands over, in the order of the text."""
        return tuple(self._from.get(name, ()))

    def callers(self, name: str) -> tuple[CallEdge, ...]:
        """Return the places that call `name` or hand it over."""
        return tuple(self._to.get(name, ()))

    def reachable_from(self, names: Iterable[str]) -> frozenset[str]:
        """Return `names` and whatever they may call, however far down."""
        return self._closure(names, self._from, lambda edge: edge.callee)

    def dependents(self, names: Iterable[str]) -> frozenset[str]:
        """Return `names` and whatever may call them, however far up."""
        return self._closure(names, self._to, lambda edge: edge.caller)

    @staticmethod
    def _closure(
        names: Iterable[str], edges: dict[str, list[CallEdge]], end: Callable[[CallEdge], str]
    ) -> frozenset[str]:
        seen = set(names)
        queue = deque(seen)
        while queue:
            for edge in edges.get(queue.popleft(), ()):
                if end(edge) not in seen:
                    seen.add(end(edge))
                    queue.append(end(edge))
        return frozenset(seen)


def call_graph(units: Iterable[Unit]) -> CallGraph:
    """Return the call graph of some files; only the name of a function of these files counts as a callback."""
    files = list(units)
    functions: dict[str, tuple[Function, ...]] = {}
    for unit in files:
        for function in unit.functions:
            functions[function.name] = (*functions.get(function.name, ()), function)
    edges: dict[CallEdge, None] = {}
    for unit in files:
        for function in unit.functions:
            hidden = {v.name for v in (*function.params, *function.locals)}
            called = {id(site.expr.function) for site in function.calls}
            for expr in function.expressions:
                if not isinstance(expr, c.Name) or expr.name in hidden:
                    continue
                if id(expr) in called:
                    edges[CallEdge(function.name, expr.name, function.path, expr.line, "call")] = None
                elif expr.name in functions:
                    edges[CallEdge(function.name, expr.name, function.path, expr.line, "callback")] = None
    return CallGraph(functions, tuple(edges))


def touched(unit: Unit, lines: Iterable[int]) -> tuple[Function, ...]:
    """Return the functions that have one of the 1-based `lines`, in order."""
    wanted = sorted(set(lines))
    return tuple(f for f in unit.functions if any(f.start_line <= line <= f.end_line for line in wanted))
