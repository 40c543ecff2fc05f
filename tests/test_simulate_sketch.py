# SPDX-License-Identifier: GPL-2.0-or-later
"""Schedules as litmus tests: of the form that herd7 reads."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model.finding import ScheduleStep
from reviewbot.simulate.litmus import sketch

NAME = r"[A-Za-z_]\w*"
STATEMENT = (
    rf"(?:WRITE_ONCE\(\*{NAME}, -?\d+\);|int r\d+ = READ_ONCE\(\*{NAME}\);|spin_(?:un)?lock\({NAME}\);"
    rf"|(?:int r\d+ = )?atomic_\w+\({NAME}(?:, -?\d+)?\);|\w+\(\);)?"
)
LINE = re.compile(rf"\t{STATEMENT} ?(?://[ -~]*)?")
HEAD = re.compile(rf"P(\d+)\((?:(?:int|atomic_t|spinlock_t) \*{NAME}(?:, (?!\)))?)*\) //[ -~]*")
CONDITION = re.compile(r"exists \((?:true|\d+:r\d+=-?\d+(?: /\\ \d+:r\d+=-?\d+)*)\)")


def check(text: str) -> None:
    """Check a text against the grammar: name, start, processes by number, final condition."""
    lines = text.rstrip("\n").split("\n")
    assert re.fullmatch(r"C [\w-]+", lines[0])
    rest = [line for line in lines[1:] if line and not re.fullmatch(r"\(\*[ -~]*\*\)", line)]
    assert rest.pop(0) == "{}"
    assert CONDITION.fullmatch(rest.pop())
    numbers = []
    while rest:
        head = HEAD.fullmatch(rest.pop(0))
        assert head
        numbers.append(int(head[1]))
        assert rest.pop(0) == "{"
        while (line := rest.pop(0)) != "}":
            assert LINE.fullmatch(line), line
    assert numbers == list(range(len(numbers)))


def test_a_schedule_becomes_a_litmus_test() -> None:
    steps = (
        ScheduleStep("a", "f", "x.c", 3, "spin_lock(&l)"),
        ScheduleStep("a", "f", "x.c", 4, "g->n = 1"),
        ScheduleStep("b", "f", "x.c", 5, "g->n is 1"),
        ScheduleStep("b", "f", "x.c", 6, "owner is A/01"),
        ScheduleStep("b", "f", "x.c", 7, "atomic_inc_return(&g->m) gives 3"),
        ScheduleStep("b", "f", "x.c", 8, "sleeps for ever"),
    )
    text = sketch("two tasks", steps)
    check(text)
    assert "WRITE_ONCE(*g_n, 1); // x.c:4" in text and text.index("spin_lock(l);") < text.index("spin_unlock(l);")
    assert "exists (1:r0=1 /\\ 1:r1=1 /\\ 1:r2=3)" in text and "(* 1 is A/01 *)" in text


@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=40)), min_size=1, max_size=8), st.text(max_size=9))
def test_any_events_make_a_text_of_that_form(events: list[tuple[str, str]], name: str) -> None:
    check(sketch(name + "x", [ScheduleStep(task, "f", None, None, event) for task, event in events]))


def test_no_schedule_has_no_sketch() -> None:
    assert sketch("x", ()) == ""
