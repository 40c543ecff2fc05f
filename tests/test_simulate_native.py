# SPDX-License-Identifier: GPL-2.0-or-later
"""The compiled explorer: the same states, steps, findings and schedules as the interpreter, bit for bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.simulate.exploration import Exploration
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.native.client import explore_native
from reviewbot.simulate.world import World
from tests.simulatekit import prepared, scenario
from tests.test_simulate_litmus import LITMUS


def both(make: World, again: World, most: int = 200_000) -> tuple[Exploration, Exploration]:
    """Search two builds of one world: by the interpreter, and by the compiled explorer."""
    interpreted = Explorer(make.machine, make.initial, most).explore()
    Explorer(again.machine, again.initial, most).look_around()
    return interpreted, explore_native(again, most, all_states=True)


def assert_same(one: Exploration, other: Exploration) -> None:
    """Compare everything that two searches saw."""
    assert list(one.states) == list(other.states)
    assert one.edges == other.edges
    assert (one.transitions, one.expanded, one.complete, one.upto) == (
        other.transitions, other.expanded, other.complete, other.upto,
    )  # fmt: skip
    assert (one.found, list(one.found), one.cut, one.unknown) == (
        other.found,
        list(other.found),
        other.cut,
        other.unknown,
    )
    assert one.too_big == other.too_big
    assert dict(one.costs) == dict(other.costs)
    assert dict(one.came) == dict(other.came)


@pytest.mark.parametrize("everything", [False, True])
@pytest.mark.parametrize("name", LITMUS)
def test_a_litmus_test_gives_the_same_in_c(tmp_path: Path, name: str, everything: bool) -> None:
    tasks, text, _, _ = LITMUS[name]
    case = scenario(tmp_path, tasks, text)
    assert_same(*both(prepared(case, everything=everything)[0], prepared(case, everything=everything)[0]))
