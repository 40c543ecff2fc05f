# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios on the fixture series: the code before them, after each patch, and with no tree at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.model.finding import SimulationResult
from reviewbot.patch.read import read_series
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.run import run_scenario, simulate_series
from reviewbot.simulate.scenario import load_scenarios
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from tests.fixturekit import make_repository

Results = dict[tuple[str, str], SimulationResult]


@pytest.fixture(scope="module")
def repository(fixtures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository of the fixture tree."""
    place = tmp_path_factory.mktemp("simulate") / "tree"
    make_repository(fixtures, place)
    return place


def simulated(box: Path, names: set[str], repository: Path | None, scratch: Path, number: int = 0) -> Results:
    """Run some of the bundled scenarios on a series of a mailbox."""
    found, _ = read_mail([str(box)])
    series = read_series(found[number])
    tree = None if repository is None else open_tree(str(repository))
    applied = apply_series(series, tree, None if tree is None else "HEAD", scratch)
    bundled = load_scenarios(Path(__file__).parent.parent / "fixtures" / "scenarios")
    results = simulate_series(series, applied, [s for s in bundled if s.name in names])
    return {(result.scenario, result.property): result for result in results}


def events(result: SimulationResult) -> list[str]:
    """The events of a schedule."""
    return [step.event for step in result.schedule]


def test_the_lost_wakeup_of_the_first_version_comes_out_as_a_schedule(
    fixtures: Path, repository: Path, tmp_path: Path
) -> None:
    name = "two-chargers-one-victim"
    results = simulated(fixtures / "series/memcg-oom-v1.mbox", {name}, repository, tmp_path)
    result = results[name, "no-lost-wakeup"]
    assert (result.baseline, result.verdict, result.patch, result.regression) == ("holds", "violated", 1, True)
    last = result.schedule[-1]
    assert "sleeps for ever" in last.event and last.path == "mm/memcontrol.c" and last.line is not None
    assert any(event.startswith("atomic_set(") for event in events(result))
    assert {step.task for step in result.schedule} == {"charger-1", "charger-2"}
    assert "__mem_cgroup_try_charge" in result.functions and result.states > 100


def test_the_killed_exit_of_the_first_version_puts_a_reference_twice(
    fixtures: Path, repository: Path, tmp_path: Path
) -> None:
    name = "two-chargers-one-victim"
    results = simulated(fixtures / "series/memcg-oom-v1.mbox", {name}, repository, tmp_path)
    assert results[name, "references-balance"].verdict == "violated"


def test_a_warning_is_shown_where_the_code_has_it(fixtures: Path, repository: Path, tmp_path: Path) -> None:
    name = "page-fault-stays-in-group"
    results = simulated(fixtures / "series/memcg-oom-v1.mbox", {name}, repository, tmp_path)
    last = results[name, "no-warning"].schedule[-1]
    assert (last.path, last.function) == ("kernel/res_counter.c", "res_counter_uncharge_locked")
    assert last.event == "WARN_ON() fires"


@pytest.mark.slow
def test_the_corrected_version_holds_in_every_scenario(fixtures: Path, repository: Path, tmp_path: Path) -> None:
    names = {s.name for s in load_scenarios(fixtures / "scenarios")}
    results = simulated(fixtures / "series/memcg-oom-v2.mbox", names, repository, tmp_path)
    assert {key: r.reason for key, r in results.items() if r.verdict != "holds"} == {}
    assert {scenario for scenario, _ in results} == names


def test_the_switch_of_the_second_patch_loses_its_waiters(fixtures: Path, repository: Path, tmp_path: Path) -> None:
    name = "killer-on-again"
    results = simulated(fixtures / "series/memcg-oom-v1.mbox", {name}, repository, tmp_path)
    result = results[name, "no-lost-wakeup"]
    assert (result.baseline, result.verdict, result.patch) == ("not-applicable", "violated", 2)


def test_a_timeout_in_running_state_is_a_livelock_when_nobody_can_be_killed(
    fixtures: Path, repository: Path, tmp_path: Path
) -> None:
    results = simulated(fixtures / "series/memcg-oom-v1.mbox", {"nobody-to-kill"}, repository, tmp_path, number=1)
    result = results["nobody-to-kill", "no-livelock"]
    assert (result.baseline, result.verdict, result.regression) == ("holds", "violated", True)
    assert "goes round here" in events(result)[-1]


def test_the_code_before_has_the_whole_machine_searched_for_a_victim(
    fixtures: Path, repository: Path, tmp_path: Path
) -> None:
    name = "page-fault-stays-in-group"
    results = simulated(fixtures / "series/memcg-oom-v2.mbox", {name}, repository, tmp_path)
    result = results[name, "no-global-kill"]
    assert (result.baseline, result.verdict, result.regression) == ("violated", "holds", False)


def test_with_no_tree_the_functions_that_a_series_brings_run_all_the_same(fixtures: Path, tmp_path: Path) -> None:
    name = "two-chargers-one-victim"
    results = simulated(fixtures / "series/memcg-oom-v1.mbox", {name}, None, tmp_path)
    result = results[name, "no-lost-wakeup"]
    assert (result.baseline, result.verdict, result.regression) == ("not-applicable", "violated", True)
    assert "the scenario's own C" in result.bounds
    corrected = simulated(fixtures / "series/memcg-oom-v2.mbox", {name}, None, tmp_path)
    assert corrected[name, "no-lost-wakeup"].verdict == "holds"


def test_the_lost_wakeup_of_a_real_posting_comes_out_with_no_tree(shared: Path, tmp_path: Path) -> None:
    name = "two-chargers-one-victim"
    results = simulated(shared / "corpus/seed-thread.txt", {name}, None, tmp_path)
    result = results[name, "no-lost-wakeup"]
    assert (result.verdict, result.patch, result.regression) == ("violated", 1, True)
    assert result.schedule[-1].function == "memcg_handle_oom"
    assert result.schedule[-1].line == 1174


def test_a_series_that_shows_too_little_is_not_applicable(shared: Path, tmp_path: Path) -> None:
    name = "two-chargers-one-victim"
    results = simulated(shared / "corpus/seed-thread.txt", {name}, None, tmp_path, number=1)
    assert {result.verdict for result in results.values()} == {"not-applicable"}
    assert all(result.reason for result in results.values())


def test_a_series_about_something_else_runs_nothing(shared: Path, tmp_path: Path) -> None:
    box = sorted((shared / "corpus/series").glob("*.mbox"))[0]
    results = simulated(box, {"two-chargers-one-victim", "nobody-to-kill"}, None, tmp_path)
    assert {(r.verdict, r.states, r.regression) for r in results.values()} == {("not-applicable", 0, False)}


def test_the_reduction_changes_no_verdict(fixtures: Path, repository: Path, tmp_path: Path) -> None:
    series = read_series(read_mail([str(fixtures / "series/memcg-oom-v1.mbox")])[0][0])
    applied = apply_series(series, open_tree(str(repository)), "HEAD", tmp_path)
    names = {"removed-while-charging", "room-by-limit", "room-by-uncharge", "killed-by-user", "nobody-to-kill"}
    for case in load_scenarios(fixtures / "scenarios"):
        source = choose_source(case, applied.snapshots[-1], series.patches)
        if case.name not in names or isinstance(source, str):
            continue
        reduced, full = (run_scenario(case, source, set(), everything=everything) for everything in (False, True))
        assert 2 * reduced.states < full.states
        assert [(o.prop, o.verdict) for o in reduced.outcomes] == [(o.prop, o.verdict) for o in full.outcomes]
