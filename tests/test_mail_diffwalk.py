# SPDX-License-Identifier: GPL-2.0-or-later
"""Where diffs begin and end, by their hunk counts."""

from __future__ import annotations

import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.mail.diffwalk import Extent, join, may_have_diff, walk
from reviewbot.mail.mbox import split_mbox
from reviewbot.mail.message import parse_message
from tests.mailkit import diff


def lines(text: str) -> list[bytes]:
    return text.encode().split(b"\n")


def counts(extent: Extent) -> list[tuple[str, int, int]]:
    """Return name, added and removed of each file."""
    return [(file.new, file.added, file.removed) for file in extent.files]


def test_a_signature_is_no_part_of_the_diff() -> None:
    (found,) = walk(lines(diff() + "-- \n2.39.5\n"))
    assert (found.start, found.end, counts(found)) == (0, 9, [("b/mm/pool.c", 1, 1)])


def test_a_removed_line_that_looks_like_a_signature_is_one_of_the_hunk() -> None:
    (found,) = walk(lines("--- a/x\n+++ b/x\n@@ -1,2 +1 @@\n one\n-- \n-- \n2.39.5\n"))
    assert (found.end, found.broken, found.files[0].removed) == (5, 0, 1)


def test_a_removed_sql_comment_is_no_file_header() -> None:
    text = "--- a/x.sql\n+++ b/x.sql\n@@ -1,3 +1,2 @@\n one\n--- old comment\n two\n"
    (found,) = walk(lines(text))
    assert (found.end, found.broken, found.files[0].removed) == (6, 0, 1)


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Index: linux/mm/x.c\n===================================================================\n", "linux/mm/x.c"),
        ("diff -urN a/mm/x.c b/mm/x.c\n", "b/mm/x.c"),
        ("", "b/mm/x.c"),
    ],
)
def test_diffs_of_quilt_and_plain_diff_are_found(header: str, name: str) -> None:
    stamp = "\t2010-02-11 12:00:00.000000000 +0900"
    (found,) = walk(lines(f"text\n{header}--- a/x{stamp}\n+++ {name}{stamp}\n@@ -1 +1 @@\n-a\n+b\n\nmore\n"))
    assert counts(found) == [(name, 1, 1)]
    assert found.start == 1


def test_renames_modes_and_empty_files_need_no_hunk() -> None:
    text = (
        "diff --git a/a b/b\nsimilarity index 100%\nrename from a\nrename to b\n"
        "diff --git a/run b/run\nold mode 100644\nnew mode 100755\n"
        "diff --git a/e b/e\nnew file mode 100644\nindex 000000000000..e69de29bb2d1\n"
    )
    found = walk(lines(text))
    assert [(one.files[0].old, one.files[0].new) for one in found] == [("a", "b"), ("a/run", "b/run"), ("a/e", "b/e")]


def test_binary_patches_end_with_their_data() -> None:
    text = (
        "diff --git a/x.bmp b/x.bmp\nindex 1..2 100644\nGIT binary patch\nliteral 4\nLcmZQzU|;|M00aO5\n\n"
        "literal 0\nHcmV?d00001\n\n-- \n2.1\n"
    )
    (found,) = walk(lines(text))
    assert (found.end, found.files[0].binary) == (8, True)


def test_words_about_diffs_are_no_diff() -> None:
    assert walk(lines("diff --git is how git spells it\n--- \nIndex: of the book\n--- a\n+++ b\n")) == ()


def test_wrapped_lines_break_a_hunk_and_stay_in_it() -> None:
    text = "--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@ int f(\nlong)\n one\n-two\n+three\n four\n-- \n2.1\n"
    (found,) = walk(lines(text))
    assert (found.end, found.broken, counts(found)) == (8, 1, [("b/x", 1, 1)])


def test_a_hunk_that_lost_lines_ends_at_the_next_file() -> None:
    text = "Index: a/x\n======\n--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@\none\n-two\n+three\n" + diff()
    found = walk(lines(text))
    assert [one.broken for one in found] == [1, 0]
    assert [one.files[0].added for one in found] == [1, 1]
    assert join(found).files == (*found[0].files, *found[1].files)


def test_a_blank_last_line_stays_where_the_counts_ask_for_it() -> None:
    text = "--- a/x\n+++ b/x\n@@ -1,4 +1,4 @@ f(\nint)\n a\n-b\n+c\n\n d\n\n\n-- \n2.1\n"
    (found,) = walk(lines(text.replace("-1,4 +1,4", "-1,5 +1,5")))
    assert (found.end, found.broken) == (10, 1)
    (found,) = walk(lines(text.replace("-1,4 +1,4", "-1,9 +1,9")))
    assert found.end == 9


def test_a_damaged_hunk_ends_where_a_mail_is_closed() -> None:
    text = "--- a/x\n+++ b/x\n@@ -1,9 +1,9 @@\none\n-two\n+three\nThanks,\n-Ada\n"
    (found,) = walk(lines(text))
    assert (found.end, found.broken) == (6, 1)


@given(st.lists(st.sampled_from([" c", "+a", "-r", "-- ", "@@ -1 +1 @@", "", "\\ No newline", "x"]), max_size=30))
def test_any_lines_are_walked_in_order_and_within_bounds(tail: list[str]) -> None:
    text = lines(diff() + "\n".join(tail))
    found = walk(text)
    assert found[0].start == 0
    assert all(one.start < one.end <= len(text) for one in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
    assert may_have_diff(b"\n".join(text))


def test_counts_are_those_of_git_for_every_patch_of_the_corpus(shared: Path) -> None:
    for file in sorted((shared / "corpus" / "series").glob("*.mbox")):
        mine, diffs = [], b""
        for raw in split_mbox(file.read_bytes().splitlines(keepends=True)):
            text = parse_message(raw, file.name).payload.split(b"\n")
            for one in walk(text):
                mine.append((b"%d" % one.files[0].added, b"%d" % one.files[0].removed))
                diffs += b"\n".join(text[one.start : one.end]) + b"\n"
        done = subprocess.run(["git", "apply", "--numstat"], input=diffs, capture_output=True, check=False)
        assert done.returncode == 0, (file.name, done.stderr)
        assert [tuple(line.split(b"\t")[:2]) for line in done.stdout.splitlines()] == mine, file.name


def test_counts_are_those_of_git_for_its_own_test_patches(shared: Path) -> None:
    peers = shared / "corpus" / "peers" / "git"
    files = sorted([*(peers / "t4100").glob("*.patch"), *(peers / "t4252").glob("am-test-*")])
    assert len(files) > 15
    for file in files:
        data = file.read_bytes()
        done = subprocess.run(["git", "apply", "--numstat"], input=data, capture_output=True, check=True)
        mine = [(b"%d" % f.added, b"%d" % f.removed) for one in walk(data.split(b"\n")) for f in one.files]
        assert [tuple(line.split(b"\t")[:2]) for line in done.stdout.splitlines()] == mine, file.name
