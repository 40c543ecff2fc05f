# SPDX-License-Identifier: GPL-2.0-or-later
"""Graph algorithms against their definitions, on random graphs."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reviewbot.csource import graph

Graph = list[list[int]]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(1, 9))
    node = st.integers(0, size - 1)
    return [draw(st.lists(node, max_size=3)) for _ in range(size)]


@given(graphs())
def test_a_dominator_is_on_every_way_from_the_start(successors: Graph) -> None:
    idom = graph.dominators(successors, 0)
    live = graph.reachable(successors, [0])
    assert set(idom) == live
    for a in live:
        without = graph.reachable(successors, [0], frozenset({a}))
        for b in live:
            assert graph.dominates(idom, a, b) == (a == b or b not in without)


@given(graphs())
def test_a_post_dominator_is_on_every_way_to_the_end(successors: Graph) -> None:
    end = len(successors) - 1
    backwards = graph.reverse(successors)
    ipdom = graph.dominators(backwards, end)
    for a in range(len(successors)):
        for b in graph.reachable(backwards, [end]):
            escapes = end in graph.reachable(successors, [b], frozenset({a}))
            assert graph.dominates(ipdom, a, b) == ((a == b or not escapes) and a in ipdom)


@given(graphs(), st.integers(0, 8), st.frozensets(st.integers(0, 8), max_size=3))
def test_a_shortest_path_is_a_path_and_found_whenever_there_is_one(
    successors: Graph, goal: int, avoiding: frozenset[int]
) -> None:
    path = graph.shortest_path(lambda node: successors[node], 0, frozenset({goal}), avoiding)
    steps = [t for t in successors[0] if t not in avoiding]
    if goal in avoiding or goal not in graph.reachable(successors, steps, avoiding):
        assert path is None
    else:
        assert path is not None
        assert (path[0], path[-1]) == (0, goal)
        assert all(b in successors[a] for a, b in pairwise(path))
        assert not avoiding & set(path[1:])
