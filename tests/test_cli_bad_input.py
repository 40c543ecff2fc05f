# SPDX-License-Identifier: GPL-2.0-or-later
"""Unusable input: one clear line on standard error, exit status 2, never a traceback."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.commands import Done, reviewbot

LETTER = b"""From max@example.org Mon Mar  1 12:00:00 2026
From: Max Maintainer <max@example.org>
Subject: lunch?
Message-ID: <lunch@example.org>
Date: Mon, 1 Mar 2026 12:00:00 +0000

At noon?

"""

CASES = {
    "an empty file": b"",
    "only white space": b"\n \n\t\n",
    "a binary file": bytes(range(256)) * 40,
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(200),
    "an mbox without patches": LETTER,
    "prose": b"Dear all,\n\nthis is no patch at all.\n",
}


def one_clear_line(done: Done) -> bool:
    """Tell whether a run ended as unusable input should."""
    lines = done.err.strip().splitlines()
    return done.status == 2 and done.out == "" and len(lines) == 1 and lines[0].startswith("reviewbot: ")


@pytest.mark.parametrize("case", CASES)
def test_what_is_no_series_is_refused(case: str, tmp_path: Path) -> None:
    file = tmp_path / "input"
    file.write_bytes(CASES[case])
    done = reviewbot("review", file)
    assert one_clear_line(done), done


@pytest.mark.parametrize("case", ["an empty file", "a binary file", "prose"])
def test_standard_input_is_refused_in_the_same_way(case: str) -> None:
    done = reviewbot("review", "-", stdin=CASES[case])
    assert one_clear_line(done), done


def test_a_file_that_is_not_there() -> None:
    done = reviewbot("review", "no/such/file.mbox")
    assert one_clear_line(done) and "no/such/file.mbox" in done.err, done


def test_a_tree_that_is_no_repository(fixtures: Path, tmp_path: Path) -> None:
    done = reviewbot("review", fixtures / "series" / "memcg-oom-v1.mbox", "--tree", tmp_path)
    assert one_clear_line(done) and str(tmp_path) in done.err, done


def test_a_tree_that_is_not_there(fixtures: Path) -> None:
    done = reviewbot("review", fixtures / "series" / "memcg-oom-v1.mbox", "--tree", "no/such/tree")
    assert one_clear_line(done) and "no/such/tree" in done.err, done


def test_an_unknown_revision(fixtures: Path, root: Path, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    done = reviewbot("review", fixtures / "series" / "memcg-oom-v1.mbox", "--tree", tmp_path, "--base", "v9.99")
    assert one_clear_line(done) and "v9.99" in done.err, done


def test_a_base_without_a_tree_says_what_is_missing(fixtures: Path) -> None:
    done = reviewbot("review", fixtures / "series" / "memcg-oom-v1.mbox", "--base", "HEAD")
    assert one_clear_line(done) and "--tree" in done.err, done


def test_an_unknown_option_is_one_line_too() -> None:
    assert one_clear_line(reviewbot("review", "--no-such-option", "x"))


def test_an_output_that_cannot_be_written(fixtures: Path, tmp_path: Path) -> None:
    place = tmp_path / "none" / "report.json"
    done = reviewbot("review", fixtures / "series" / "memcg-oom-v2.mbox", "--no-simulate", "--output", place)
    assert one_clear_line(done) and "report.json" in done.err, done
