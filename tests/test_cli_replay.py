# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot replay`: a whole archive, one series after the other."""

from __future__ import annotations

import json
from pathlib import Path

from tests.commands import reviewbot
from tests.conftest import ROOT

BOXES = [ROOT / "fixtures" / "series" / f"memcg-oom-{version}.mbox" for version in ("v1", "v2")]


def archive(folder: Path) -> Path:
    """Return an mbox with the bundled series, one after the other."""
    file = folder / "list.mbox"
    file.write_bytes(b"\n".join(box.read_bytes() for box in BOXES))
    return file


def test_each_series_of_an_archive_is_told_with_its_findings_and_all_are_counted(tmp_path: Path) -> None:
    done = reviewbot("replay", archive(tmp_path), "--no-simulate")
    assert done.status == 0, done
    told = [line for line in done.out.splitlines() if "patches]" in line or "patch]" in line]
    assert len(told) == 3
    assert sum(" no findings" in line for line in told) == 1
    assert "wait-without-wake" in done.out
    assert "3 series, " in done.out
    assert ": 1 without a finding, 0 do not apply, 0 could not be reviewed" in done.out


def test_each_line_of_json_is_the_report_of_one_series(tmp_path: Path) -> None:
    output = tmp_path / "out.jsonl"
    done = reviewbot("replay", archive(tmp_path), "--no-simulate", "--format", "jsonl", "--output", output)
    assert (done.status, done.out) == (0, "")
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    alone = json.loads(reviewbot("review", BOXES[1], "--no-simulate", "--memory", "none", "--format", "json").out)
    assert [len(row["series"]) for row in rows] == [1, 1, 1]
    assert rows[2]["series"][0]["findings"] == alone["series"][0]["findings"]


def test_an_archive_that_cannot_be_read_ends_with_one_line(tmp_path: Path) -> None:
    done = reviewbot("replay", tmp_path / "nothing.mbox")
    assert done.status == 2
    assert len(done.err.strip().splitlines()) == 1
