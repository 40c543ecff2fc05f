# SPDX-License-Identifier: GPL-2.0-or-later
"""Real pairs of versions: the remark that the new version answered is changed here, at the place that is recorded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.model.comparison import Comparison, RemarkChange
from reviewbot.model.diff import Series
from reviewbot.model.earlier import Reviewed
from reviewbot.patch.read import read_series
from reviewbot.review.versions.compare import compare

Json = dict[str, Any]
PAIRS = 11


@pytest.fixture(scope="module")
def pairs(shared: Path) -> list[tuple[Json, Comparison]]:
    """Each recorded pair with its comparison."""
    lines = (shared / "corpus" / "versions.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    threads = shared / "corpus" / "threads"
    return [(one, between(threads / f"{one['slug']}.mbox", threads / f"{one['next_slug']}.mbox")) for one in records]


def largest(box: Path) -> Series:
    mails, _ = read_mail([str(box)])
    return read_series(max(mails, key=lambda mail: len(mail.patches)))


def between(old: Path, new: Path) -> Comparison:
    return compare([Reviewed(largest(old), ())], largest(new), ())


def recorded(pair: Json, comparison: Comparison) -> list[RemarkChange]:
    """The remarks of the recorded reply on the recorded patch that the comparison takes for answered by a change."""
    return [
        one
        for one in comparison.remarks
        if (one.comment.message_id, one.comment.patch) == (pair["reply"], pair["patch_n"])
        and one.state == "changed-here"
    ]


def test_every_pair_gives_the_recorded_state_at_the_recorded_place(pairs: list[tuple[Json, Comparison]]) -> None:
    missed = []
    for pair, comparison in pairs:
        places = {(hunk.path, hunk.line, hunk.end_line) for one in recorded(pair, comparison) for hunk in one.hunks}
        for path, line in pair["fix_location_in_next"]:
            if not any(path == file and first <= line <= last for file, first, last in places):
                missed.append((pair["name"], path, line))
    assert len(pairs) >= PAIRS
    assert missed == []


def test_the_hunks_show_what_was_added(pairs: list[tuple[Json, Comparison]]) -> None:
    for pair, comparison in pairs:
        texts = "\n".join(hunk.text for one in recorded(pair, comparison) for hunk in one.hunks)
        assert pair["added"] in texts, pair["name"]


def test_a_patch_is_followed_to_its_new_number(pairs: list[tuple[Json, Comparison]]) -> None:
    (rstat,) = [comparison for pair, comparison in pairs if pair["name"] == "rstat NULL callback"]
    assert [(one.old, one.mark, one.new) for one in rstat.pairs if one.old == 1] == [(1, "!", 2)]


def test_praise_asks_for_nothing(pairs: list[tuple[Json, Comparison]]) -> None:
    asking = [one.comment.text for _, comparison in pairs for one in comparison.unanswered]
    assert all(len(text.split()) > 4 for text in asking)
    assert len(asking) < sum(len(comparison.remarks) for _, comparison in pairs) / 4
