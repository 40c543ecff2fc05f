# SPDX-License-Identifier: GPL-2.0-or-later
"""Real remarks: the defect that a reviewer described is known as raised by that message, another one is not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.model.diff import Series
from reviewbot.model.finding import Finding
from reviewbot.patch.read import read_series
from reviewbot.review.people import raised_by
from tests.reviews import FINDING

Json = dict[str, Any]


@pytest.fixture(scope="module")
def records(shared: Path) -> list[tuple[Json, Series]]:
    """Each recorded defect that people found, with the series that it is in."""
    lines = (shared / "corpus" / "review_truth.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    series: dict[str, Series] = {}
    for slug in {one["slug"] for one in found}:
        mails, _ = read_mail([str(shared / "corpus" / "threads" / f"{slug}.mbox")])
        series |= {f"{slug} {patch.message_id}": read_series(mail) for mail in mails for patch in mail.patches}
    return [(one, series[f"{one['slug']} {one['patch_message_id']}"]) for one in found]


def finding_of(record: Json, series: Series) -> Finding:
    """The recorded defect as a rule would report it: its kind, its line, and the code that stands there."""
    (number,) = [patch.number for patch in series.patches if patch.message_id == record["patch_message_id"]]
    line = record["line_new"] or record["line_old"]
    return replace(
        FINDING,
        rule=record["category"],
        patch=number,
        path=record["file"],
        line=line,
        end_line=line,
        function=None,
        message=record["defect"],
        snippet=record["anchor_line"][1:],
        evidence=(),
    )


def test_what_a_person_raised_is_known_as_raised(records: list[tuple[Json, Series]]) -> None:
    missed = [
        (record["slug"], record["file"], record["category"])
        for record, series in records
        if record["reply_message_id"] not in raised_by(finding_of(record, series), series.comments, series.mail.author)
    ]
    assert len(records) >= 28
    assert missed == []


def test_another_defect_elsewhere_is_news(records: list[tuple[Json, Series]]) -> None:
    """A finding that far from every remark, in words of its own, is raised by nobody."""
    other = {"rule": "integer-overflow", "message": "zz_product may not fit.", "snippet": "zz_product = n * size;"}
    for record, series in records:
        finding = replace(finding_of(record, series), line=9_999_999, end_line=9_999_999, **other)
        assert raised_by(finding, series.comments, series.mail.author) == ()


def test_another_defect_on_another_patch_is_news(records: list[tuple[Json, Series]]) -> None:
    for record, series in records:
        finding = replace(finding_of(record, series), patch=9_999)
        assert raised_by(finding, series.comments, series.mail.author) == ()
