# SPDX-License-Identifier: GPL-2.0-or-later
"""Schedules as columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model.finding import ScheduleStep
from reviewbot.render.timeline import timeline
from tests.reviews import SCHEDULE

steps = st.builds(
    ScheduleStep,
    task=st.sampled_from(["a", "b", "c", "d"]),
    function=st.sampled_from(["f", "g"]),
    path=st.just("x.c"),
    line=st.integers(1, 9),
    event=st.text("xyz ", max_size=90),
    source=st.text("x();= ", max_size=90),
)


def test_each_task_has_its_column_and_the_patchs_lines_a_mark() -> None:
    assert timeline(SCHEDULE, 60).splitlines() == [
        "writer                         reader",
        "-----------------------------  -----------------------------",
        "ring_wait()",
        "  schedule();",
        "  (goes to sleep on",
        "  ring_waitq)",
        " " * 31 + "ring_put()",
        " " * 31 + "+ r->full = 0;",
        " " * 31 + "  (writes 0)",
    ]


@given(st.lists(steps, max_size=12))
def test_no_line_is_wider_than_asked_for(schedule: list[ScheduleStep]) -> None:
    assert all(len(line) <= 80 for line in timeline(schedule, 80).splitlines())


def test_steps_outside_of_the_patch_that_only_read_or_lock_are_left_out() -> None:
    quiet = (
        ScheduleStep("a", "f", "x.c", 1, "read(&x) gives 0", "if (read(&x))"),
        ScheduleStep("a", "f", "x.c", 2, "spin_lock(&l)", "spin_lock(&l);"),
        ScheduleStep("a", "f", "x.c", 3, "read(&y) gives 1", "if (read(&y))", added=True),
        ScheduleStep("a", "f", "x.c", 4, "x = 1", "x = 1;"),
        ScheduleStep("a", "g", "x.c", 5, "read(&z) gives 0", "return read(&z);"),
    )
    assert timeline(quiet, 40).splitlines()[2:] == [
        "f()",
        "+ if (read(&y))",
        "  (gives 1)",
        "  x = 1;",
        "g()",
        "  return read(&z);",
        "  (gives 0)",
    ]


def test_no_schedule_is_no_text() -> None:
    assert timeline(()) == ""


def test_a_schedule_that_is_too_long_loses_its_middle() -> None:
    steps = [ScheduleStep("a", "f", "x.c", n, f"writes {n}", f"x = {n};") for n in range(40)]
    rows = timeline(steps, 72, 12).split("\n")
    assert len(rows) == 12
    assert rows[2:5] == ["f()", "  x = 0;", "  (writes 0)"]
    assert rows[5] == "[ ... ]"
    assert rows[-2:] == ["  x = 39;", "  (writes 39)"]
