# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches of two versions are matched as git range-diff does, and the diff of diffs is the same text."""

from __future__ import annotations

import re
import subprocess
from itertools import permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.mail.read import read_mail
from reviewbot.model.diff import Patch
from reviewbot.patch.read import read_series
from reviewbot.review.versions.assignment import cheapest, pair_off
from reviewbot.review.versions.rangediff import range_diff, range_diff_text

Commit = tuple[str, dict[str, str]]
IDENTITY = ["-c", "user.name=Ada Author", "-c", "user.email=ada@example.org"]


def body(name: str, *statements: str, count: int = 6) -> str:
    """Return a C function with some lines of its own."""
    lines = [f"\tstep_{name}({number});" for number in range(count)]
    return "\n".join(
        [f"int {name}(int arg)", "{", *lines, *(f"\t{one}" for one in statements), "\treturn arg;", "}", ""]
    )


A, B, C = body("alpha"), body("beta", count=12), body("gamma", count=9)
BASE = {"a.c": body("zero", count=20)}
FIRST: list[Commit] = [
    ("alpha: add", {"a.c": BASE["a.c"] + A}),
    ("beta: add", {"b.c": B}),
    ("gamma: add", {"c.c": C}),
]
SECOND: dict[str, list[Commit]] = {
    "one line more": [FIRST[0], ("beta: add", {"b.c": body("beta", "check(arg);", count=12)}), FIRST[2]],
    "another message": [FIRST[0], ("beta: bring\n\nAs it was asked for.", {"b.c": B}), FIRST[2]],
    "the order turned": [FIRST[2], FIRST[1], FIRST[0]],
    "one dropped": [FIRST[0], FIRST[2]],
    "one added in front": [("delta: add", {"d.c": body("delta")}), *FIRST],
    "one dropped and one added": [FIRST[0], ("delta: add", {"d.c": body("delta", count=15)}), FIRST[2]],
    "one split": [FIRST[0], ("beta: half", {"b.c": body("beta", count=7)}), ("beta: rest", {"b.c": B}), FIRST[2]],
    "written anew": [("alpha: add", {"e.c": "\n".join(f"other {n}" for n in range(30)) + "\n"}), *FIRST[1:]],
    "two changed": [
        ("alpha: add", {"a.c": BASE["a.c"] + body("alpha", "check(arg);")}),
        FIRST[1],
        ("gamma: add", {"c.c": body("gamma", "check(arg);", "again(arg);", count=9)}),
    ],
    "a file renamed": [FIRST[0], FIRST[1], ("gamma: add", {"moved.c": C})],
}  # fmt: skip


def git(place: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *IDENTITY, *arguments], cwd=place, capture_output=True, text=True, check=True)
    return done.stdout


def branch(place: Path, name: str, commits: list[Commit]) -> tuple[Patch, ...]:
    """Make a branch on the base, and return its patches as they are read from its mails."""
    git(place, "checkout", "-q", "-B", name, "base")
    for message, files in commits:
        for path, text in files.items():
            (place / path).write_text(text)
        git(place, "add", ".")
        git(place, "commit", "-q", "-m", message)
    box = place.parent / f"{name}.mbox"
    box.write_text(git(place, "format-patch", "--stdout", "--thread", f"base..{name}"))
    ((mail,), _) = read_mail([str(box)])
    return read_series(mail).patches


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a base and the first version."""
    made = tmp_path_factory.mktemp("versions") / "repository"
    made.mkdir()
    git(made, "init", "-q", "-b", "base")
    (made / "a.c").write_text(BASE["a.c"])
    git(made, "add", ".")
    git(made, "commit", "-q", "-m", "base")
    return made


def without_ids(text: str) -> list[str]:
    """Return the lines of a range-diff with the ids (git's are commits, ours contents) and blanks at ends removed."""
    head = re.compile(r"^( *(?:\d+|-):) +[0-9a-f-]+ ([=!<>])( +(?:\d+|-):) +[0-9a-f-]+ ")
    return [head.sub(r"\1 \2\3 ", line).rstrip() for line in text.splitlines()]


@pytest.mark.parametrize("name", SECOND)
def test_the_text_is_that_of_git(place: Path, name: str) -> None:
    old = branch(place, "first", FIRST)
    new = branch(place, "second", SECOND[name])
    theirs = git(place, "range-diff", "--no-color", "base..first", "base..second")
    assert without_ids(range_diff_text(range_diff(old, new))) == without_ids(theirs)


def test_numbers_are_those_of_the_patches_when_some_are_missing(place: Path) -> None:
    old = branch(place, "first", FIRST)
    new = branch(place, "second", SECOND["one line more"])
    pairs = range_diff(old[1:], new[1:])
    assert [(one.old, one.mark, one.new) for one in pairs] == [(2, "!", 2), (3, "=", 3)]


matrices = st.integers(1, 6).flatmap(
    lambda size: st.lists(st.lists(st.integers(0, 30), min_size=size, max_size=size), min_size=size, max_size=size)
)


@given(matrices)
def test_no_assignment_is_cheaper(cost: list[list[int]]) -> None:
    chosen = cheapest(cost)
    assert sorted(chosen) == list(range(len(cost)))
    every = (sum(row[at] for row, at in zip(cost, way, strict=True)) for way in permutations(range(len(cost))))
    assert sum(row[at] for row, at in zip(cost, chosen, strict=True)) == min(every)


def test_a_pair_that_costs_more_than_two_alone_is_not_made() -> None:
    assert pair_off([6, 6], [6, 6], {(0, 0): 13, (0, 1): 3, (1, 0): 11}) == {0: 1, 1: 0}
    assert pair_off([6], [6], {(0, 0): 13}) == {}


def test_a_long_series_is_matched_in_groups() -> None:
    size = 600
    together = {(at, at): 1 for at in range(size)} | {(at, at + 1): 5 for at in range(0, size - 1, 2)}
    assert pair_off([6] * size, [6] * size, together) == {at: at for at in range(size)}
