# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot history` as a user meets it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewbot.review.memory.ledger import answered, posted
from reviewbot.review.memory.reviews import remember
from reviewbot.review.memory.store import open_store
from tests.commands import Done, called
from tests.reviews import FINDING, many, remark, series_review


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A memory with one series of which six findings were posted, five of them wrong."""
    found = f"sqlite:///{tmp_path / 'memory.sqlite'}"
    with open_store(found) as store:
        review = series_review(*many(6), comments=(remark("why\x1b[2J?"),))
        remember(store, review)
        for finding in review.findings:
            posted(store, finding, "p1@example.org", "mail <answer@bot>")
            answer = "fixed" if finding is review.findings[0] else "false-positive"
            answered(store, finding.fingerprint, "p1@example.org", answer)  # type: ignore[arg-type]
    return found


def history(url: str, *arguments: str) -> Done:
    """Run the command."""
    return called("history", *arguments, "--memory", url)


def test_it_lists_series(url: str) -> None:
    done = history(url)
    assert done.status == 0 and done.out.count("\n") == 1
    assert "ring: count (Ada Author; v1; 6 findings)" in done.out


@pytest.mark.parametrize("name", ["1", "p1@example.org", "<p1@example.org>"])
def test_it_shows_a_series_by_number_or_message(url: str, name: str) -> None:
    done = history(url, name)
    assert "ring: count, by Ada Author <ada@example.org>" in done.out
    assert "error wait-without-wake (new) on patch 1 mm/ring.c:13: Finding number 5." in done.out
    assert "remark of Rita Reviewer on patch 1 mm/ring.c:13: why\ufffd[2J?" in done.out
    assert done.out.count("on p1@example.org at mail <answer@bot>: false-positive") == 5


def test_it_shows_how_rules_stand_and_takes_a_persons_word(url: str) -> None:
    line = f"{FINDING.rule}: shadows (17% right, below 70%); 6 posted: 1 fixed, 5 false positive, 0 silent, 0 waiting\n"
    assert history(url, "--rules").out == line
    assert (
        f"{FINDING.rule}: posted (a person says that it is posted)" in history(url, "--shadow", FINDING.rule, "off").out
    )
    assert history(url, "--shadow", FINDING.rule, "auto").out == line


def test_json_has_everything(url: str) -> None:
    listed, shown, rules = (json.loads(history(url, *a, "--format", "json").out) for a in ((), ("1",), ("--rules",)))
    assert {one["schema"] for one in (listed, shown, rules)} == {"reviewbot-history/1"}
    assert listed["series"][0]["versions"] == [1] and len(shown["history"]["versions"][0]["findings"]) == 6
    assert rules["rules"][0]["counts"] == {"fixed": 1, "false_positive": 5, "silent": 0, "waiting": 0}


@pytest.mark.parametrize("arguments", [("99",), ("nobody@x",), ("1", "--rules"), ("--shadow", "x", "maybe")])
def test_what_it_does_not_have_is_said_in_a_line(url: str, arguments: tuple[str, ...]) -> None:
    done = history(url, *arguments)
    assert (done.status, done.out) == (2, "") and done.err.count("\n") == 1


def test_without_a_memory_there_is_no_history() -> None:
    done = called("history", "--memory", "none")
    assert done.status == 2 and "switched off" in done.err
