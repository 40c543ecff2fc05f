# SPDX-License-Identifier: GPL-2.0-or-later
"""Files of a series are judged in several processes where that pays, and what is found is the same."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def judged(place: Path, shape: str, processors: int, *more: str) -> tuple[dict[str, list[str]], Any]:
    """Return who judged what, and the findings."""
    command = [sys.executable, "-m", "tests.besidekit", str(place), shape, str(processors), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent)
    shares, found = json.loads(done.stdout)
    return shares, found


def test_each_process_takes_some_files_and_the_findings_are_those_of_one(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    shares, found = judged(tmp_path / "two", "two", 2)
    assert sorted(shares.values()) == [["a.c"], ["b.c"]] and "own" in shares
    alone, same = judged(tmp_path / "one", "two", 1)
    assert alone == {} and found == same
    assert [one[:3] for one in found if one[2] == "missing-unlock-on-exit"] == [
        [path, "leaking", "missing-unlock-on-exit"] for path in ("a.c", "b.c")
    ]


@pytest.mark.parametrize("shape", ["one", "small"])
def test_no_process_is_begun_for_one_file_or_little_code(tmp_path: Path, shape: str) -> None:
    assert judged(tmp_path, shape, 2)[0] == {}


def test_small_files_go_with_a_large_one_and_what_is_no_c_is_left_out(tmp_path: Path) -> None:
    shares, _ = judged(tmp_path, "headers", 4)
    assert len(shares) == 2
    assert sorted(path for paths in shares.values() for path in paths) == ["a.c", "b.c", "c.h"]


def test_no_process_is_begun_for_what_is_in_the_cache(tmp_path: Path) -> None:
    first, found = judged(tmp_path, "two", 2)
    again, same = judged(tmp_path, "two", 2)
    assert len(first) == 2 and again == {} and same == found


def test_no_process_is_begun_where_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    shares, found = judged(tmp_path, "two", 2, "uncached")
    assert shares == {} and found == judged(tmp_path / "kept", "two", 2)[1]


def test_a_process_that_fails_costs_time_and_no_finding(tmp_path: Path) -> None:
    shares, found = judged(tmp_path, "two", 2, "fail")
    assert len(shares) == 2
    assert {one[0] for one in found if one[2] == "missing-unlock-on-exit"} == {"a.c", "b.c"}
