# SPDX-License-Identifier: GPL-2.0-or-later
"""Real series and threads: every patch of each is found, in its place, with its version and its replies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.model.mail import MailSeries


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, Any]]:
    """What the corpus says of each series."""
    return [json.loads(line) for line in (shared / "corpus" / "series.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def threads(shared: Path, rows: list[dict[str, Any]]) -> dict[str, tuple[MailSeries, ...]]:
    """All series of each thread's mbox, by the thread's name."""
    folder = shared / "corpus" / "threads"
    files = {row["slug"]: folder / f"{row['slug']}.mbox" for row in rows}
    return {slug: read_mail([str(file)])[0] for slug, file in files.items() if file.exists()}


def main_series(row: dict[str, Any], series: tuple[MailSeries, ...]) -> MailSeries:
    """Return the series that a row is about."""
    (found,) = [one for one in series if one.id == (row["cover"] or row["patches"][0])]
    return found


def summary(series: MailSeries) -> tuple[Any, ...]:
    """Return what is compared of a series: version, total, patches in order, how many are missing."""
    return series.version, series.total, [patch.message_id for patch in series.patches], len(series.missing)


def expected(row: dict[str, Any]) -> tuple[Any, ...]:
    """Return the same of what the corpus says."""
    return row["version"], row["total"], row["patches"], row["total"] - row["n_patches"]


def test_each_series_is_read_whole_and_alone(shared: Path, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        series, skipped = read_mail([str(shared / "corpus" / "series" / f"{row['slug']}.mbox")])
        assert [summary(one) for one in series] == [expected(row)], row["slug"]
        assert skipped == ()


def test_threads_have_the_same_series_with_replies(
    rows: list[dict[str, Any]], threads: dict[str, tuple[MailSeries, ...]]
) -> None:
    for row in rows:
        if row["slug"] in threads:
            assert summary(main_series(row, threads[row["slug"]])) == expected(row), row["slug"]


def test_what_else_a_thread_has_was_posted_in_replies_or_is_a_submission_of_its_own(
    rows: list[dict[str, Any]], threads: dict[str, tuple[MailSeries, ...]]
) -> None:
    for row in rows:
        for one in threads.get(row["slug"], ()):
            if one.id != (row["cover"] or row["patches"][0]):
                assert one.id not in row["patches"]
                assert one.patches[0].references, row["slug"]


def squeezed(line: str) -> str:
    """Return a line without white space and quote marks: replies lose and gain both."""
    return "".join(line.replace(">", "").split())


def test_remarks_about_real_defects_are_found_under_the_line_that_they_quote(
    shared: Path, threads: dict[str, tuple[MailSeries, ...]]
) -> None:
    truths = [json.loads(x) for x in (shared / "corpus" / "review_truth.jsonl").read_text().splitlines()]
    for truth in truths:
        remarks = [
            r for one in threads[truth["slug"]] for r in one.remarks if r.message_id == truth["reply_message_id"]
        ]
        assert remarks, truth["reply_message_id"]
        if truth["in_quote"]:
            quotes = {squeezed(line) for r in remarks for line in (*r.quoted, *r.quoted_before)}
            assert squeezed(truth["quoted_lines"][-1]) in quotes, truth["reply_message_id"]


def test_all_series_together_stay_apart_and_versions_find_each_other(shared: Path, rows: list[dict[str, Any]]) -> None:
    files = [str(shared / "corpus" / "series" / f"{row['slug']}.mbox") for row in rows]
    series, skipped = read_mail(files)
    assert [summary(one) for one in series] == [expected(row) for row in rows]
    assert skipped == ()
    previous = {row["slug"]: one.previous for row, one in zip(rows, series, strict=True)}
    ids = {row["slug"]: one.id for row, one in zip(rows, series, strict=True)}
    pairs = [json.loads(line) for line in (shared / "corpus" / "versions.jsonl").read_text().splitlines()]
    for pair in pairs:
        assert ids[pair["slug"]] in previous[pair["next_slug"]], pair["name"]
    authors = {ids[row["slug"]]: row["author"] for row in rows}
    for row in rows:
        assert {authors[one] for one in previous[row["slug"]] if one in authors} <= {row["author"]}, row["slug"]
