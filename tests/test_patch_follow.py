# SPDX-License-Identifier: GPL-2.0-or-later
"""Lines are followed through later patches: each to where its text is, or to nowhere."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from reviewbot.patch.follow import follow
from tests.treekit import diff_of, patch_of

NUMBERS = st.lists(st.integers(0, 60), unique=True, max_size=40)


def content(numbers: list[int]) -> bytes:
    """Return a file whose lines all differ."""
    return b"".join(b"line %d\n" % number for number in numbers)


@given(st.lists(NUMBERS.map(sorted), min_size=2, max_size=4), st.integers(0, 3))
def test_a_line_that_no_patch_touches_is_found_where_its_text_is(versions: list[list[int]], context: int) -> None:
    pairs = pairwise(versions)
    later = [patch_of(n, diff_of("a.c", content(old), content(new), context)) for n, (old, new) in enumerate(pairs)]
    for place, number in enumerate(versions[0], 1):
        there = all(number in version for version in versions)
        # in sorted files a line that is in every version is never moved, so no diff takes it away
        wanted = versions[-1].index(number) + 1 if there else None
        assert follow(later, "a.c", place) == ("a.c", wanted)


def test_renames_are_followed_and_copies_are_not() -> None:
    moved = replace(diff_of("b.c", content([1, 2]), content([0, 1, 2])), old_path="a.c", kind="rename")
    assert follow([patch_of(1, moved)], "a.c", 2) == ("b.c", 3)
    assert follow([patch_of(1, replace(moved, kind="copy", copied=True))], "a.c", 2) == ("a.c", 2)


def test_a_file_that_goes_takes_its_lines_along() -> None:
    assert follow([patch_of(1, diff_of("a.c", content([1]), None))], "a.c", 1) == (None, None)


def test_a_file_is_followed_where_the_line_is_not_known() -> None:
    moved = replace(diff_of("b.c", content([1]), content([1, 2])), old_path="a.c", kind="rename")
    assert follow([patch_of(1, moved)], "a.c", None) == ("b.c", None)
