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


def test_no_schedule_is_no_text() -> None:
    assert timeline(()) == ""
