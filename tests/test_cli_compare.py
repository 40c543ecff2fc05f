# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot compare`, and the comparison within a review: as a user calls them."""

from __future__ import annotations

import json
import mailbox
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewbot.render.report import schema
from tests.commands import reviewbot
from tests.goldenkit import FOLDER

Json = dict[str, Any]
BOTH = FOLDER / "second-version.mbox"


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The two versions of the golden mailbox, in mailboxes of their own."""
    folder = tmp_path_factory.mktemp("versions")
    old, new = mailbox.mbox(folder / "old.mbox"), mailbox.mbox(folder / "new.mbox")
    for message in mailbox.mbox(BOTH):
        (new if message["Message-ID"].startswith("<v2") else old).add(message)
    old.flush()
    new.flush()
    return folder / "old.mbox", folder / "new.mbox"


def test_text_shows_range_diff_findings_remarks_and_tags(versions: tuple[Path, Path]) -> None:
    done = reviewbot("compare", *versions, "--no-simulate")
    assert done.status == 1, done.err
    assert " ! 2:  " in done.out
    assert "@@ drivers/pump/core.c: int pump_level(struct pump *pump)" in done.out
    for part in (
        "fixed since version 1: missing-unlock-on-exit in pump_fill()",
        "still there since version 1: uninitialized-use in pump_drain(), patch 3",
        "silent: Rita Reviewer on drivers/pump/core.c",
        "patch 2 has the Reviewed-by of Rita Reviewer",
    ):
        assert part in " ".join(done.out.split())


def test_json_is_the_report_with_a_comparison(versions: tuple[Path, Path]) -> None:
    done = reviewbot("compare", *versions, "--no-simulate", "--format", "json")
    report: Json = json.loads(done.out)
    jsonschema.validate(report, schema())
    (series,) = report["series"]
    assert sorted((f["rule"], f["status"]) for f in series["findings"]) == [
        ("missing-unlock-on-exit", "fixed"),
        ("uninitialized-use", "persisting"),
    ]
    assert {one["state"] for one in series["comparison"]["remarks"]} == {"silent"}
    assert series["comparison"]["carried_tags"][0]["path"] == "drivers/pump/core.c"


def test_fixed_findings_do_not_fail_a_run() -> None:
    done = reviewbot("compare", FOLDER / "quick-fix.mbox", FOLDER / "clean-series.mbox", "--no-simulate")
    assert "fixed since the version before: missing-unlock-on-exit" in done.out
    assert done.status == 0


def test_a_review_of_a_mailbox_with_both_has_the_same_comparison(versions: tuple[Path, Path]) -> None:
    whole = json.loads(reviewbot("review", BOTH, "--no-simulate", "--format", "json").out)
    apart = json.loads(reviewbot("compare", *versions, "--no-simulate", "--format", "json").out)
    assert [one["comparison"] is None for one in whole["series"]] == [True, False]
    assert whole["series"][1]["comparison"] == apart["series"][0]["comparison"]


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_pages_show_the_range_diff(versions: tuple[Path, Path], form: str) -> None:
    done = reviewbot("compare", *versions, "--no-simulate", "--format", form)
    assert "fixed since version 1: missing" in done.out
    assert "int pump" in done.out
    assert "spin\\_unlock" not in done.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-", "-"), "cannot both be standard input"),
        ((str(BOTH), "nowhere.mbox"), "nowhere.mbox"),
        ((str(FOLDER / "clean-series.mbox"), str(FOLDER / "clean-series.mbox")), "the same series"),
        ((str(BOTH), str(BOTH), "--base", "v1"), "--base needs --tree"),
        ((str(BOTH), str(BOTH), "--tree", "nowhere"), "nowhere"),
    ],
)
def test_bad_input_is_one_line(arguments: tuple[str, ...], words: str) -> None:
    done = reviewbot("compare", *arguments, "--no-simulate")
    assert done.status == 2
    assert words in done.err
    assert done.err.count("\n") == 1


def test_help_has_examples() -> None:
    assert "reviewbot compare v1.mbox v2.mbox" in reviewbot("compare", "--help").out
