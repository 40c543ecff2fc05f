# SPDX-License-Identifier: GPL-2.0-or-later
"""The thread that the project started from: a text dump with damage, two series and a reviewer's remarks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewbot.render.report import schema
from tests.commands import reviewbot

Report = dict[str, Any]
FURTHER = {
    "condition-write-without-wake",
    "counter-reset-instead-of-decrement",
    "double-lock",
    "interruptible-sleep-ignores-signal",
    "irq-flags-misuse",
    "list-iteration-while-deleting",
    "lock-order-new-inversion",
    "memdie-without-fatal-signal",
    "missing-break",
    "missing-unlock-on-exit",
    "nofail-flag-bypassed",
    "rcu-dereference-outside-lock",
    "retry-without-exit",
    "sleep-in-atomic",
    "unbalanced-counter",
    "unbounded-wait-under-lock",
    "unlimited-printk-in-retry",
    "waitqueue-protocol",
}
FOUR = {"uninitialized-use", "wait-without-wake", "schedule-without-state", "loop-without-progress"}


@pytest.fixture(scope="module")
def report(shared: Path) -> Report:
    """The JSON report on the thread, made with no tree."""
    done = reviewbot("review", shared / "corpus" / "seed-thread.txt", "--format", "json")
    assert done.status == 1, done.err
    loaded: Report = json.loads(done.out)
    return loaded


def test_the_report_is_valid(report: Report) -> None:
    jsonschema.validate(report, schema())


def test_the_series_and_the_quick_fix_are_two_series(report: Report) -> None:
    assert [(one["total"], [p["number"] for p in one["patches"]]) for one in report["series"]] == [
        (2, [1, 2]),
        (1, [1]),
    ]
    assert all(one["author"]["name"].startswith("KAMEZAWA") for one in report["series"])


def test_the_damage_of_each_patch_is_named(report: Report) -> None:
    for one in report["series"]:
        for patch in one["patches"]:
            assert "lost-blank-lines" in patch["damage"]
            assert {"stripped-whitespace", "collapsed-whitespace"} & set(patch["damage"])


def test_what_a_quoted_copy_proves_is_repaired(report: Report) -> None:
    assert [[p["repaired"] for p in one["patches"]] for one in report["series"]] == [[True, False], [True]]


@pytest.mark.parametrize(
    ("series", "words", "path", "line"),
    [
        (0, "need call memcg_oom_wake() here", "mm/memcontrol.c", 1166),
        (1, "fatal_signal_pending", "mm/memcontrol.c", 1536),
        (1, "what function does this comment describe", "mm/oom_kill.c", 472),
        (1, "same as current behavior", None, None),
    ],
)
def test_each_remark_hangs_on_the_line_that_it_is_about(
    report: Report, series: int, words: str, path: str | None, line: int | None
) -> None:
    (remark,) = [
        c
        for c in report["series"][series]["human_comments"]
        if words in " ".join(c["text"].split()) and c["author"]["name"].startswith("Daisuke")
    ]
    assert (remark["patch"], remark["path"], remark["line"]) == (1, path, line)


def test_the_four_rules_report_the_defects_that_are_there_and_nothing_else(report: Report) -> None:
    found = [
        (number, f["patch"], f["rule"], f["path"], f["line"])
        for number, one in enumerate(report["series"])
        for f in one["findings"]
        if f["rule"] in FOUR
    ]
    assert sorted(found) == [
        (0, 1, "loop-without-progress", "mm/memcontrol.c", 2650),
        (0, 1, "uninitialized-use", "mm/memcontrol.c", 2644),
        (0, 1, "wait-without-wake", "mm/memcontrol.c", 1166),
        (1, 1, "schedule-without-state", "mm/memcontrol.c", 1542),
    ]


def test_the_rules_on_waits_signals_and_retries_report_what_is_there_and_nothing_else(report: Report) -> None:
    found = [
        (number, f["patch"], f["rule"], f["line"])
        for number, one in enumerate(report["series"])
        for f in one["findings"]
        if f["rule"] in FURTHER
    ]
    assert sorted(found) == [
        (0, 1, "counter-reset-instead-of-decrement", 1116),
        (0, 1, "memdie-without-fatal-signal", 1177),
        (0, 1, "nofail-flag-bypassed", 1556),
        (0, 1, "unbalanced-counter", 1161),
        (0, 2, "condition-write-without-wake", 3178),
        (1, 1, "memdie-without-fatal-signal", 1536),
        (1, 1, "retry-without-exit", 1543),
    ]


def test_what_the_mails_claim_and_the_code_does_not_is_reported_and_nothing_else(report: Report) -> None:
    found = [
        (number, f["patch"], f["rule"], "A task is moved" in f["message"])
        for number, one in enumerate(report["series"])
        for f in one["findings"]
        if f["source"] == "series"
    ]
    assert found == [(0, 1, "changelog-vs-code", True)]


def test_the_lost_wakeup_is_known_as_raised_by_the_reviewer(report: Report) -> None:
    (found,) = [f for f in report["series"][0]["findings"] if f["rule"] == "wait-without-wake"]
    assert [who.split(",")[0] for who in found["raised_by"]] == ["Daisuke Nishimura"]


def test_the_lost_wakeup_comes_out_as_a_schedule_of_the_posted_functions(report: Report) -> None:
    lost = [
        r
        for r in report["series"][0]["simulation"]
        if r["property"] == "no-lost-wakeup" and r["verdict"] == "violated" and r["schedule"]
    ]
    assert lost
    assert any(step["line"] == 1112 or "unset" in step["function"] for step in lost[0]["schedule"])
