# SPDX-License-Identifier: GPL-2.0-or-later
"""The bundled scenarios on today's memory controller, as it is and with one statement broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.current import EDITS
from bench.statements import Edit, Edited
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.run import Run, run_scenario
from reviewbot.simulate.scenario import load_scenarios
from reviewbot.tree.repository import open_tree

# these run code that the world has no model of; killer-off-below asks for what today's code does not promise
LEFT_OUT = {"killer-off-below", "removed-while-charging", "room-by-move"}


def run_on(linux: Path, fixtures: Path, names: set[str], edit: Edit | None = None) -> dict[str, Run]:
    """Run some scenarios."""
    tree = open_tree(str(linux))
    snapshot = Edited(tree.snapshot(tree.resolve("HEAD")), edit)
    runs = {}
    for scenario in load_scenarios(fixtures / "scenarios"):
        if scenario.name in names:
            source = choose_source(scenario, snapshot, ())
            assert not isinstance(source, str), source
            runs[scenario.name] = run_scenario(scenario, source, set())
    return runs


def test_todays_code_holds_in_every_scenario_that_it_can_run(fixtures: Path, linux: Path) -> None:
    names = {scenario.name for scenario in load_scenarios(fixtures / "scenarios")}
    runs = run_on(linux, fixtures, names)
    for name in names - LEFT_OUT:
        assert {outcome.verdict for outcome in runs[name].outcomes} == {"holds"}, name
    assert {"mem_cgroup_oom", "try_charge_memcg"} <= set(runs["two-chargers-one-victim"].functions)
    assert {"mem_cgroup_oom_synchronize", "memcg_oom_recover"} <= set(runs["room-by-limit"].functions)


def test_what_has_no_model_is_named(fixtures: Path, linux: Path) -> None:
    runs = run_on(linux, fixtures, {"room-by-move", "killer-off-below"})
    assert {o.verdict for o in runs["room-by-move"].outcomes} == {"inconclusive"}
    assert {o.unmodelled for o in runs["room-by-move"].outcomes} == {("move_to",)}
    assert {o.verdict for o in runs["killer-off-below"].outcomes} == {"not-applicable"}


# which scenario shows an edit, by where it is and what it touches
SHOWN = {
    ("memcg_oom_recover", "__wake_up"): "room-by-exit",
    ("mem_cgroup_oom_synchronize", "TASK_KILLABLE"): "killed-by-user",
    ("mem_cgroup_resize_max", "memcg_oom_recover"): "room-by-limit",
}


@pytest.mark.parametrize(("place", "scenario"), SHOWN.items())
def test_one_broken_statement_of_todays_code_is_found(
    fixtures: Path, linux: Path, place: tuple[str, str], scenario: str
) -> None:
    edit = next(edit for edit in EDITS if (edit.function, edit.word) == place)
    run = run_on(linux, fixtures, {scenario}, edit)[scenario]
    assert "violated" in {outcome.verdict for outcome in run.outcomes}


def test_an_edit_with_no_place_is_refused(linux: Path) -> None:
    tree = open_tree(str(linux))
    edit = Edit("mm/memcontrol.c", "memcg_oom_recover", "drop", "no_such_call")
    with pytest.raises(ValueError, match="no_such_call"):
        Edited(tree.snapshot(tree.resolve("HEAD")), edit).read("mm/memcontrol.c")
