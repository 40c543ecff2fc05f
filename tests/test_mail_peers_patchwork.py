# SPDX-License-Identifier: GPL-2.0-or-later
"""patchwork's test mails: series as its tests assert them, diffs found, fuzzed mails survived."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries, Skipped

Read = tuple[tuple[MailSeries, ...], tuple[Skipped, ...]]


@pytest.fixture(scope="module")
def rows(shared: Path) -> list[dict[str, Any]]:
    """What patchwork's tests assert, one row a file."""
    text = (shared / "corpus" / "peers" / "expected.jsonl").read_text()
    return [row for row in map(json.loads, text.splitlines()) if row["file"].startswith("patchwork/")]


def read(shared: Path, row: dict[str, Any]) -> Read:
    """Read a file of the corpus; nothing where it is unusable."""
    try:
        return read_mail([str(shared / "corpus" / "peers" / row["file"])])
    except UnusableInputError:
        return (), ()


def test_series_are_grouped_as_patchwork_asserts(shared: Path, rows: list[dict[str, Any]]) -> None:
    checked = 0
    for row in rows:
        asserted = row.get("asserted", {})
        if "/series/" not in row["file"] or asserted.get("n_series") is None:
            continue
        series, _ = read(shared, row)
        found = {
            "n_series": len(series),
            "patches_per_series": [len(one.patches) for one in series],
            "covers_per_series": [int(one.cover is not None) for one in series],
            "versions": [one.version for one in series],
            "received_all": all(not one.missing for one in series),
            "series_name": series[0].subject,
        }
        assert {key: asserted[key] for key in found if key in asserted} == {
            key: value for key, value in found.items() if key in asserted
        }, row["file"]
        checked += 1
    assert checked > 20


def test_diffs_are_found_where_patchwork_finds_them(shared: Path, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        asserted = row.get("asserted", {})
        if not row["file"].startswith(("patchwork/mail/", "patchwork/patches/")):
            continue
        series, _ = read(shared, row)
        text = "".join(patch.diff.decode("utf-8", "replace") for one in series for patch in one.patches)
        carries = asserted.get("diff") or asserted.get("bare_diff") or "patches" in asserted
        assert bool(text) == bool(carries or "diff_startswith" in asserted), row["file"]
        assert text.startswith(asserted.get("diff_startswith", "")), row["file"]
        assert text.rstrip("\n").endswith(asserted.get("diff_endswith", "")), row["file"]
        assert all(part in text for part in asserted.get("contains", [])), row["file"]
        for name, key in (("rename from", "count_rename_from"), ("rename to", "count_rename_to")):
            assert text.count(name) == asserted.get(key, text.count(name)), row["file"]


def test_html_parts_reach_neither_diff_nor_log(shared: Path, rows: list[dict[str, Any]]) -> None:
    (row,) = [one for one in rows if one["file"].endswith("0019-multipart-patch.mbox")]
    ((series,), _) = read(shared, row)
    assert b"<html" not in series.patches[0].diff
    assert "<div" not in series.patches[0].log


def test_fuzzed_mails_never_end_the_run(shared: Path, rows: list[dict[str, Any]]) -> None:
    fuzzed = [row for row in rows if "/fuzz/" in row["file"]]
    assert len(fuzzed) > 10
    for row in fuzzed:
        read(shared, row)
