# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways to search: backends, random schedules, schedules run again, and why a verdict can be inconclusive."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.model.errors import UnusableInputError
from reviewbot.simulate.again import run_again
from reviewbot.simulate.backends import Way, explore
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.gather import Source
from reviewbot.simulate.native.build import explorer
from reviewbot.simulate.native.client import explore_native
from reviewbot.simulate.run import Run, run_scenario
from reviewbot.simulate.scenario import Scenario
from reviewbot.simulate.trace import Saved
from reviewbot.simulate.verdict import judge
from tests.fixturekit import make_repository
from tests.simulatekit import TextSnapshot, prepared, scenario

LOST = (
    "static wait_queue_head_t q; static int flag;\n"
    "task s(void) { DEFINE_WAIT(e); if (flag) return; prepare_to_wait(&q, &e, TASK_UNINTERRUPTIBLE); schedule();"
    " finish_wait(&q, &e); }\ntask w(void) { flag = 1; wake_up_all(&q); }"
)
MANY = "static int n;\ntask a(void) { int i; for (i = 0; i < 9; i++) n++; }"


def ran(case: Scenario, way: Way) -> tuple[Run, Source]:
    """Run a scenario with no world."""
    source = choose_source(case, TextSnapshot({}), ())
    assert not isinstance(source, str)
    return run_scenario(case, source, set(), way=way), source


def saved(run: Run, prop: str) -> Saved:
    """The schedule of a violation."""
    choices = next(outcome.choices for outcome in run.outcomes if outcome.prop == prop)
    return Saved("case", run.code, prop, choices, run.shared, run.kept)


@pytest.mark.parametrize("backend", ["python", "c", "auto"])
def test_every_backend_gives_the_same_outcomes(tmp_path: Path, backend: str) -> None:
    case = scenario(tmp_path, "s(), w()", LOST, "no-lost-wakeup, no-deadlock, no-livelock")
    run, _ = ran(case, Way(backend))  # type: ignore[arg-type]
    reference, _ = ran(case, Way("python"))
    assert run.outcomes == reference.outcomes
    assert (run.states, run.transitions, run.bounds) == (reference.states, reference.transitions, reference.bounds)


def test_a_search_for_the_first_violation_sees_fewer_states_and_finds_the_same(tmp_path: Path) -> None:
    text = LOST + "\nstatic int n; task a(void) { int i; for (i = 0; i < 4; i++) n++; }"
    case = scenario(tmp_path, "s(), w(), a() x2", text, "no-lost-wakeup")
    (first, _), (whole, _) = ran(case, Way(first=True)), ran(case, Way())
    assert first.states < whole.states
    assert first.outcomes[0].verdict == "violated"
    assert first.outcomes == whole.outcomes
    case = scenario(tmp_path, "a() x2", MANY, "no-deadlock")
    assert ran(case, Way(first=True))[0].outcomes == ran(case, Way())[0].outcomes


def test_random_schedules_find_a_lost_wakeup_and_are_the_same_for_a_seed(tmp_path: Path) -> None:
    case = scenario(tmp_path, "s(), w()", LOST, "no-lost-wakeup, no-deadlock")
    run, again = ran(case, Way(samples=60, seed=1))[0], ran(case, Way(samples=60, seed=1))[0]
    assert run.outcomes == again.outcomes
    assert [(o.prop, o.verdict) for o in run.outcomes] == [
        ("no-lost-wakeup", "violated"), ("no-deadlock", "inconclusive"),
    ]  # fmt: skip
    assert "60 random schedules (PCT, seed 1)" in run.bounds
    assert run.outcomes[1].reason == "nothing found in 60 random schedules"


@pytest.mark.parametrize("way", [Way("python"), Way("c"), Way(samples=60, seed=1)])
def test_a_saved_schedule_breaks_the_same_property_again(tmp_path: Path, way: Way) -> None:
    case = scenario(tmp_path, "s(), w()", LOST, "no-lost-wakeup")
    run, source = ran(case, way)
    outcome = run_again(saved(run, "no-lost-wakeup"), case, source)
    assert (outcome.prop, outcome.verdict) == ("no-lost-wakeup", "violated")
    assert "sleeps for ever" in outcome.schedule[-1].event


def test_a_schedule_is_shrunk_before_it_is_shown(tmp_path: Path) -> None:
    text = 'static int n, m;\ntask a(void) { m++; m++; n++; assert_that(n != 2, "apart"); }'
    case = scenario(tmp_path, "a() x2", text, "apart")
    run, source = ran(case, Way(samples=40, seed=2))
    given = saved(run, "apart")
    outcome = run_again(given, case, source, shorten=True)
    assert outcome.verdict == "violated" and len(outcome.choices) <= len(given.steps)


def test_a_schedule_of_other_code_is_refused(tmp_path: Path) -> None:
    case = scenario(tmp_path, "s(), w()", LOST, "no-lost-wakeup")
    run, source = ran(case, Way())
    wrong = replace(saved(run, "no-lost-wakeup"), steps=((1, 0),) * 9)
    with pytest.raises(UnusableInputError):
        run_again(wrong, case, source)


@pytest.mark.parametrize("backend", ["python", "c"])
def test_the_state_limit_is_a_reason(tmp_path: Path, backend: str) -> None:
    case = scenario(tmp_path, "a() x2", MANY, more=" * states: 40\n")
    outcome = ran(case, Way(backend))[0].outcomes[0]  # type: ignore[arg-type]
    assert outcome.verdict == "inconclusive" and outcome.reason.startswith("more than 40 states")


@pytest.mark.parametrize("backend", ["python", "c"])
def test_code_without_a_model_is_a_reason(tmp_path: Path, backend: str) -> None:
    case = scenario(tmp_path, "a()", "task a(void) { frobnicate(); }")
    outcome = ran(case, Way(backend))[0].outcomes[0]  # type: ignore[arg-type]
    assert (outcome.verdict, outcome.unmodelled) == ("inconclusive", ("frobnicate",))


def test_memory_is_a_reason(tmp_path: Path) -> None:
    text = "static int n[60];\ntask a(void) { int i; for (i = 0; i < 60; i++) n[i]++; }"
    world, _ = prepared(scenario(tmp_path, "a() x3", text))
    seen = explore_native(world, 10_000_000, memory=24 * 1024**2)
    assert not seen.complete
    outcome = judge(world, seen, ("no-deadlock",), frozenset())[0]
    assert outcome.verdict == "inconclusive" and "memory" in outcome.reason


def test_with_no_compiler_the_interpreter_searches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, _ = prepared(scenario(tmp_path, "a() x2", MANY))
    monkeypatch.setenv("CC", "no-such-compiler")
    explorer.cache_clear()
    try:
        assert explore(world, 10_000, way=Way("auto", symmetric=False)).expanded == 10_000
        with pytest.raises(UnusableInputError, match="no C compiler"):
            explore(world, 10_000, way=Way("c"))
    finally:
        explorer.cache_clear()


def test_the_command_saves_schedules_and_runs_them_again(fixtures: Path, tmp_path: Path) -> None:
    make_repository(fixtures, tmp_path / "tree")
    where = ("--tree", tmp_path / "tree", "--series", fixtures / "series/memcg-oom-v1.mbox")
    command = (sys.executable, "-m", "reviewbot", "simulate", *where)
    one = subprocess.run([*command, "killer-on-again", "--save", tmp_path], capture_output=True, text=True)
    assert one.returncode == 1
    file = tmp_path / "killer-on-again.no-lost-wakeup.json"
    again = subprocess.run([*command, "--replay", file], capture_output=True, text=True)
    assert again.returncode == 1
    assert again.stdout.startswith("killer-on-again: no-lost-wakeup: violated [")
    file.write_text("{}")
    wrong = subprocess.run([*command, "--replay", file], capture_output=True, text=True)
    assert (wrong.returncode, wrong.stderr) == (2, "reviewbot: this is no saved schedule\n")
