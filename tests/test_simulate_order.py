# SPDX-License-Identifier: GPL-2.0-or-later
"""The orders of a search: what each promises of its schedules, and of what it saw when it did not see all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewbot.simulate.backends import Way
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.exploration import Exploration
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.frontier import ORDERS, Order, Scope
from reviewbot.simulate.native.client import explore_native
from reviewbot.simulate.run import run_scenario
from reviewbot.simulate.verdict import Outcome
from tests.simulatekit import TextSnapshot, prepared, scenario
from tests.test_simulate_litmus import LITMUS
from tests.test_simulate_native import assert_same

SAMPLE = sorted(LITMUS)[::5]
RACE = "static int n; task a(void) { int x = n; n = x + 1; if (n != x + 1) BUG(); }"
# broken with no preemption by a long way through s(), with one by a short way through a() and b()
CHOICE = (
    "static int go, done; task s(void) { int i; for (i = 0; i < 6; i++) READ_ONCE(go); WRITE_ONCE(done, 1); }\n"
    "task a(void) { WRITE_ONCE(go, 1); READ_ONCE(done); WRITE_ONCE(go, 0); }\n"
    "task b(void) { if (READ_ONCE(done)) BUG(); if (READ_ONCE(go)) BUG(); }"
)


def seen(tmp_path: Path, tasks: str, text: str, scope: Scope, most: int = 200_000) -> Exploration:
    """Search by the interpreter."""
    world, _ = prepared(scenario(tmp_path, tasks, text))
    return Explorer(world.machine, world.initial, most, scope=scope).explore()


def outcome(tmp_path: Path, scope: Scope, more: str = "", text: str = RACE) -> Outcome:
    """Run a scenario of two racing tasks for its only property."""
    case = scenario(tmp_path, "a() x2", text, "no-bug", more=more)
    source = choose_source(case, TextSnapshot({}), ())
    assert not isinstance(source, str)
    return run_scenario(case, source, set(), way=Way(scope=scope, symmetric=False)).outcomes[0]


@pytest.mark.parametrize("scope", [*map(Scope, ORDERS), Scope(preemptions=0), Scope(preemptions=1)], ids=str)
@pytest.mark.parametrize("name", SAMPLE)
def test_both_backends_search_in_the_same_order(tmp_path: Path, name: str, scope: Scope) -> None:
    case = scenario(tmp_path, *LITMUS[name][:2])
    for most in (7, 50_000):
        one, other = prepared(case)[0], prepared(case)[0]
        interpreted = Explorer(one.machine, one.initial, most, scope=scope).explore()
        Explorer(other.machine, other.initial, most).look_around()
        compiled = explore_native(other, most, all_states=True, scope=scope)
        assert_same(interpreted, compiled)
        assert (interpreted.bounded, interpreted.extent) == (compiled.bounded, compiled.extent)


@pytest.mark.parametrize("name", SAMPLE)
def test_what_is_seen_does_not_depend_on_the_order(tmp_path: Path, name: str) -> None:
    searches = [seen(tmp_path, *LITMUS[name][:2], Scope(order)) for order in ORDERS]
    assert len({frozenset(search.states) for search in searches}) == 1
    assert len({frozenset(search.found) for search in searches}) == 1
    assert len({search.transitions for search in searches}) == 1


def test_each_order_shows_the_schedule_that_it_promises(tmp_path: Path) -> None:
    found = {order: seen(tmp_path, "s(), a(), b()", CHOICE, Scope(order)).found["no-bug"] for order in ORDERS}
    few, short = found["preemptions"], found["length"]
    assert (few.preemptions, short.preemptions) == (0, 1)
    assert len(short.schedule) < len(few.schedule)


@pytest.mark.parametrize("most", [5, 20, 60])
def test_out_of_states_the_breadth_first_search_has_seen_all_that_is_short_enough(tmp_path: Path, most: int) -> None:
    world = "s(), a(), b()", CHOICE
    whole, part = (seen(tmp_path, *world, Scope("length"), states) for states in (10_000, most))
    assert whole.complete and not part.complete
    near = {whole.states[node[0]] for node, cost in whole.costs.items() if cost[1] <= part.upto}
    assert near <= {part.states[number] for number in part.edges}
    assert part.extent == f"up to {part.upto} steps"


@pytest.mark.parametrize(("bound", "verdict"), [(0, "inconclusive"), (1, "violated"), (5, "violated")])
def test_a_bound_leaves_out_schedules_with_more_preemptions_and_says_so(
    tmp_path: Path, bound: int, verdict: str
) -> None:
    told = outcome(tmp_path, Scope(preemptions=bound))
    assert told.verdict == verdict
    if verdict == "inconclusive":
        assert told.reason == "only schedules with up to 0 preemptions were asked for; all of these were seen"


def test_a_bound_that_leaves_nothing_out_is_a_proof(tmp_path: Path) -> None:
    right = "static atomic_t n; task a(void) { atomic_inc(&n); }"
    assert outcome(tmp_path, Scope(preemptions=3), text=right).verdict == "holds"


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("length", "more than 4 states; all schedules of up to 1 steps were seen"),
        ("depth", "more than 4 states, searched depth first"),
    ],
)
def test_out_of_states_the_reason_says_what_was_seen(tmp_path: Path, order: Order, said: str) -> None:
    text = "static int n; task a(void) { int i; for (i = 0; i < 9; i++) n++; }"
    assert outcome(tmp_path, Scope(order), " * states: 4\n", text).reason == said


def test_a_bound_on_another_order_is_refused() -> None:
    command = (sys.executable, "-m", "reviewbot", "simulate", "--tree", ".", "--order", "depth", "--preemptions", "2")
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2 and "--preemptions needs --order preemptions" in done.stderr
