# SPDX-License-Identifier: GPL-2.0-or-later
"""Hunks go on where git puts them, or nowhere."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.tree.content import patch_content
from reviewbot.tree.match import Budget, Image, TooMuchWorkError
from tests.treekit import diff_of, git, text_of

# few different lines, so that context is often ambiguous; some differ in white space only
WORDS = [b"a\n", b"b\n", b"\n", b"{\n", b"}\n", b"\ta\n", b"a \n", b"c\r\n", b"\xff\n"]
contents = st.lists(st.sampled_from(WORDS), max_size=24).map(b"".join)
ends = st.sampled_from([b"", b"", b"last", b"a"])


def numbered(count: int) -> bytes:
    """A file of different lines."""
    return b"".join(b"line %d\n" % n for n in range(1, count + 1))


def shake(data: bytes, seed: int, most: int) -> bytes:
    """Change, drop and add some lines of a file."""
    dice = random.Random(seed)
    lines = Image.of(data).lines
    for _ in range(dice.randint(0, most)):
        at = dice.randint(0, len(lines))
        lines[at : at + dice.randint(0, 1)] = [dice.choice(WORDS)] * dice.randint(0, 2)
    return b"".join(lines)


def git_apply(place: Path, before: bytes, patch: bytes, *options: str) -> bytes | None:
    """What `git apply` makes of a file, None when it refuses."""
    (place / "f").write_bytes(before)
    git(place, "apply", "--whitespace=nowarn", *options, stdin=patch, check=False)
    after = (place / "f").read_bytes() if (place / "f").exists() else b""
    return None if after == before else after


@settings(max_examples=250, deadline=None)
@given(contents, ends, contents, ends, st.integers(0, 2**32), st.integers(1, 3))
def test_a_hunk_goes_on_exactly_where_git_apply_puts_it(
    before: bytes, end: bytes, after: bytes, other: bytes, seed: int, context: int
) -> None:
    dice = random.Random(seed)
    before += end
    after = dice.choice([shake(before, seed, 3), after + other])
    if before == after or not before or not after:
        return
    diff = diff_of("f", before, after, context)
    target = shake(before, seed + 1, 2)
    if not target:
        return
    with tempfile.TemporaryDirectory() as place:
        expected = git_apply(Path(place), target, text_of(diff))
    ours = patch_content(target, diff, Budget()).data
    assert (None if ours == target else ours) == expected


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32))
def test_a_fuzzy_hunk_goes_on_where_git_apply_with_less_context_puts_it(seed: int) -> None:
    before = numbered(30)
    after = shake(before, seed, 2)
    target = shake(before, seed + 1, 4)
    diff = diff_of("f", before, after)
    ours = patch_content(target, diff, Budget(), fuzzy=True)
    if before == after or ours.data is None:
        return
    with tempfile.TemporaryDirectory() as place:
        expected = git_apply(Path(place), target, text_of(diff), "-C1")
    assert expected == (None if ours.data == target else ours.data)


def test_an_offset_is_told_in_lines() -> None:
    before = numbered(40)
    diff = diff_of("f", before, before.replace(b"line 20\n", b"line twenty\n"))
    patched = patch_content(b"new\nnew\n" + before, diff, Budget())
    assert [(h.status, h.offset, h.fuzz) for h in patched.hunks] == [("offset", 2, 0)]


def test_changed_outer_context_makes_a_hunk_fuzzy() -> None:
    before = numbered(40)
    diff = diff_of("f", before, before.replace(b"line 20\n", b"line twenty\n"))
    target = before.replace(b"line 17\n", b"other\n")
    assert patch_content(target, diff, Budget()).data is None
    patched = patch_content(target, diff, Budget(), fuzzy=True)
    assert [(h.status, h.offset, h.fuzz) for h in patched.hunks] == [("fuzzy", 0, 1)]
    assert patched.data == target.replace(b"line 20\n", b"line twenty\n")


def test_a_fuzzy_hunk_with_two_places_is_not_applied() -> None:
    piece = b"if (x) {\n\tf();\n}\n"
    before = b"one\ntwo\n" + piece + b"three\nfour\n"
    diff = diff_of("f", before, before.replace(b"f()", b"g()"))
    target = b"zero\n" * 9 + piece + b"zero\n" * 9 + piece + b"zero\n" * 9
    assert patch_content(target, diff, Budget(), fuzzy=True).data is None


def test_a_failed_hunk_names_the_nearest_context_and_the_line_that_differs() -> None:
    before = numbered(40)
    diff = diff_of("f", before, before.replace(b"line 20\n", b"line twenty\n"))
    target = b"new\n" + before.replace(b"line 20\n", b"line XX\n")
    reason = patch_content(target, diff, Budget()).hunks[0].reason or ""
    assert "nearest context at line 18 (wanted at 17): 6 of 7 lines are there" in reason
    assert "line 21 should be 'line 20' but is 'line XX'" in reason


def test_a_hunk_that_is_there_already_is_said_to_be() -> None:
    before = numbered(40)
    after = before.replace(b"line 20\n", b"line twenty\n")
    reason = patch_content(after, diff_of("f", before, after), Budget()).hunks[0].reason or ""
    assert "already in the file" in reason


def test_looking_for_places_without_end_is_given_up() -> None:
    before = numbered(2000)
    diff = diff_of("f", before, before.replace(b"line 1000\n", b"x\n"))
    with pytest.raises(TooMuchWorkError):
        patch_content(b"new\n" + before, diff, Budget(1000))
