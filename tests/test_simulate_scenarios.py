# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenario files: what is said about a wrong one, and one that is about something else than memory."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model.errors import UnusableInputError
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.run import run_scenario
from reviewbot.simulate.scenario import load_scenarios, read_scenario
from reviewbot.simulate.trace import Saved, load, replay, save, shrink
from tests.simulatekit import TextSnapshot, explored, scenario

BODY = "task a(void) { }\n"
WRONG = {
    "": "1: the file must begin with a comment",
    "/* hello */\n": "1: the first comment has no `scenario:` line",
    "/* scenario: Big Name\n * tasks: a()\n * expect: no-deadlock */\n": "1: 'Big Name' is no name",
    "/* scenario: case\n * tasks: a()\n */\n": "1: no `expect:` line",
    "/* scenario: case\n * tasks: a(B)\n * expect: no-deadlock */\n": "2: the group B of a is not among",
    "/* scenario: case\n * groups: A/B\n * tasks: a()\n * expect: no-deadlock */\n": "2: the group A/B is given",
    "/* scenario: case\n * tasks: b()\n * expect: no-deadlock */\n": "2: there is no function b below",
    "/* scenario: case\n * tasks: a()\n * expect: world-peace */\n": "3: nothing checks the property world-peace",
    "/* scenario: case\n * tasks: a() x9, a() x9\n * expect: no-deadlock */\n": "2: 18 tasks",
    "/* scenario: case\n * tasks: a()\n * world: no.c\n * expect: no-deadlock */\n": "3: there is no no.c beside it",
    "/* scenario: case\n * tasks: a()\n * tasks: a()\n * expect: no-deadlock */\n": "3: `tasks:` is given twice",
    "/* scenario: case\n * tasks: a(){k}\n * expect: no-deadlock */\n": "2: 'k' is no option",
}
RING = """
#define SIZE 2
static int ring[SIZE], head, tail, taken;
static spinlock_t lock;
static wait_queue_head_t readers;

void put(int value)
{
	spin_lock(&lock);
	ring[head++ % SIZE] = value;
	spin_unlock(&lock);
	wake_up(&readers);
}

int get(void)
{
	DEFINE_WAIT(wait);
	int value;

	for (;;) {
		FIRST
		spin_lock(&lock);
		if (head != tail)
			break;
		spin_unlock(&lock);
		SECOND
		schedule();
	}
	value = ring[tail++ % SIZE];
	spin_unlock(&lock);
	finish_wait(&readers, &wait);
	return value;
}
"""
QUEUE = "prepare_to_wait(&readers, &wait, TASK_UNINTERRUPTIBLE);"
USERS = (
    "/* scenario: ring\n * files: lib/ring.c\n * tasks: reader(), writer()\n * expect: no-lost-wakeup, got-it\n */\n"
    + """
static int got;
task reader(void) { got = get(); assert_that(got == 7, "got-it"); }
task writer(void) { put(7); }
"""
)


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_scenario_is_refused_with_file_and_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.c"
    file.write_text(text + (BODY if text else ""))
    with pytest.raises(UnusableInputError) as raised:
        read_scenario(file)
    assert str(raised.value).startswith(f"{file}:{WRONG[text]}")


@given(st.binary(max_size=300))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.getbasetemp() / "any.c"
    file.write_bytes(b"/* scenario: case\n * " + data)
    with pytest.raises(UnusableInputError):
        read_scenario(file)


def test_the_bundled_scenarios_are_all_read(fixtures: Path) -> None:
    names = [s.name for s in load_scenarios(fixtures / "scenarios")]
    assert "two-chargers-one-victim" in names and names == sorted(names) and len(names) >= 15


@pytest.mark.parametrize(("first", "second", "expected"), [(QUEUE, "", "holds"), ("", QUEUE, "violated")])
def test_a_scenario_can_be_about_a_ring_buffer(tmp_path: Path, first: str, second: str, expected: str) -> None:
    file = tmp_path / "ring.c"
    file.write_text(USERS)
    case = read_scenario(file)
    source = choose_source(
        case, TextSnapshot({"lib/ring.c": RING.replace("FIRST", first).replace("SECOND", second)}), ()
    )
    assert not isinstance(source, str)
    run = run_scenario(case, source, set())
    assert {o.prop: o.verdict for o in run.outcomes} == {"no-lost-wakeup": expected, "got-it": "holds"}


def test_an_unknown_callee_makes_what_depends_on_it_inconclusive(tmp_path: Path) -> None:
    case = scenario(tmp_path, "a()", "task a(void) { frobnicate(); }")
    source = choose_source(case, TextSnapshot({}), ())
    assert not isinstance(source, str)
    outcome = run_scenario(case, source, set()).outcomes[0]
    assert (outcome.verdict, outcome.unmodelled) == ("inconclusive", ("frobnicate",))


def test_too_many_states_are_inconclusive_and_said(tmp_path: Path) -> None:
    text = "static int n;\ntask a(void) { int i; for (i = 0; i < 9; i++) n++; }"
    case = scenario(tmp_path, "a() x2", text, more=" * states: 40\n")
    source = choose_source(case, TextSnapshot({}), ())
    assert not isinstance(source, str)
    outcome = run_scenario(case, source, set()).outcomes[0]
    assert outcome.verdict == "inconclusive" and "more than 40 states" in outcome.reason


def test_a_saved_schedule_is_replayed_and_shrunk(tmp_path: Path) -> None:
    text = 'static int n, m;\ntask a(void) { m++; n++; assert_that(n != 2, "apart"); }'
    world, seen, _ = explored(scenario(tmp_path, "a() x2", text, "apart"))
    schedule = seen.found["apart"].schedule
    saved = Saved("case", "code", "apart", schedule, frozenset(["n"]), frozenset([("a", "b")]))
    assert load(save(saved)) == saved
    replayed = replay(world, schedule)
    assert replayed.violation is not None and replayed.violation[0] == "apart"
    assert len(shrink(world, schedule, "apart")) <= len(schedule)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"schema": "x", "steps": []}', "[" * 9999])
def test_something_else_is_no_saved_schedule(text: str) -> None:
    with pytest.raises(UnusableInputError):
        load(text)
