# SPDX-License-Identifier: GPL-2.0-or-later
"""Real series on a real kernel tree: what `git am` takes is taken."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from tests.treekit import read_file

# the corpus was measured on one point release; on a later one a few series may fare otherwise
OTHERWISE = 2


@pytest.mark.slow
def test_series_that_git_am_takes_are_taken_and_the_others_say_why(shared: Path, linux: Path, tmp_path: Path) -> None:
    tree = open_tree(str(linux))
    records = map(json.loads, (shared / "corpus" / "series.jsonl").read_text().splitlines())
    wrong = []
    for record in (record for record in records if record["tree"] == "6.1"):
        series = read_file(shared / "corpus" / "series" / f"{record['slug']}.mbox")
        applied = apply_series(series, tree, None, tmp_path)
        taken = {"clean", "offset"} >= {application.status for application in applied.applications}
        if taken != (record["git_am"]["result"] == "clean"):
            wrong.append(record["slug"])
        for application in applied.applications:
            if application.status == "conflict":
                assert "hunk" in (application.reason or "") or "in the tree" in (application.reason or "")
    assert len(wrong) <= OTHERWISE, wrong


def test_all_series_are_shown_without_a_tree(shared: Path, tmp_path: Path) -> None:
    for file in sorted((shared / "corpus" / "series").glob("202[23]*.mbox")):
        series = read_file(file)
        applied = apply_series(series, None, None, tmp_path)
        assert {application.status for application in applied.applications} == {"reconstructed"}
        for number, patch in enumerate(series.patches, 1):
            for diff in patch.files:
                shown = applied.snapshots[number].read(diff.new_path) if diff.new_path else None
                assert (shown is None) == (diff.new_path is None)
                assert shown is None or all(shown.knows(h.new_start) for h in diff.hunks if h.new_count)
