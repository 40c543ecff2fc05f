# SPDX-License-Identifier: GPL-2.0-or-later
"""Partial files: what the patches of a series show, at its true lines, and nothing else."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.model.diff import FileDiff, Hunk
from reviewbot.model.tree import Applied, SourceFile
from reviewbot.tree.apply import apply_series
from reviewbot.tree.match import Image
from tests.treekit import diff_of, patch_of, series_of

NOWHERE = Path()


def lines(count: int, word: str = "line") -> bytes:
    """A file of different lines."""
    return "".join(f"{word} {n}\n" for n in range(1, count + 1)).encode()


def changed(data: bytes, dice: random.Random) -> bytes:
    """Change, drop and add some lines; each new line is one of its kind."""
    rows = Image.of(data).lines
    for _ in range(dice.randint(1, 4)):
        at = dice.randint(0, len(rows))
        rows[at : at + dice.randint(0, 2)] = [b"new %d\n" % dice.getrandbits(40) for _ in range(dice.randint(0, 3))]
    return b"".join(rows)


def known_lines(file: SourceFile) -> dict[int, bytes]:
    """The known lines of a file by number."""
    rows = Image.of(file.data).lines
    spans = file.known if file.known is not None else ((1, len(rows)),)
    return {n: rows[n - 1] for first, last in spans for n in range(first, last + 1)}


def known(applied: Applied, state: int, path: str = "f.c") -> dict[int, bytes]:
    """The known lines of a file in a snapshot."""
    file = applied.snapshots[state].read(path)
    assert file is not None
    return known_lines(file)


def show(*diffs: FileDiff) -> Applied:
    """Reconstruct from a series of one diff a patch."""
    return apply_series(series_of(*(patch_of(n, d) for n, d in enumerate(diffs, 1))), None, None, NOWHERE)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(1, 5), st.integers(0, 3))
def test_every_known_line_is_the_true_one_and_all_shown_lines_are_known(
    seed: int, size: int, count: int, context: int
) -> None:
    dice = random.Random(seed)
    contents = [lines(size)]
    for _ in range(count):
        contents.append(changed(contents[-1], dice))
    diffs = [diff_of("f.c", a, b, context) for a, b in pairwise(contents)]
    applied = show(*diffs)
    assert applied.reconstructed
    assert len(applied.snapshots) == count + 1
    for state, content in enumerate(contents):
        truth = dict(enumerate(Image.of(content).lines, 1))
        shown = known(applied, state)
        assert shown.items() <= truth.items()
        sides = [(diff, "new") for diff in diffs[:state][-1:]] + [(diff, "old") for diff in diffs[state:][:1]]
        for diff, side in sides:
            assert {getattr(x, side) for h in diff.hunks for x in h.lines} - {None} <= set(shown)


def test_lines_seen_in_a_later_patch_are_known_before_and_move_with_the_patches() -> None:
    base = lines(60)
    one = base.replace(b"line 10\n", b"line 10\nadded\nadded too\n")
    two = one.replace(b"line 40\n", b"line forty\n")
    applied = show(diff_of("f.c", base, one), diff_of("f.c", one, two))
    assert known(applied, 0)[40] == b"line 40\n"
    assert known(applied, 1)[42] == b"line 40\n"
    assert known(applied, 2)[42] == b"line forty\n"
    assert known(applied, 2)[11] == b"added\n"
    assert not applied.snapshots[0].complete


def test_unknown_lines_are_empty_and_the_ranges_say_so() -> None:
    base = lines(60)
    applied = show(diff_of("f.c", base, base.replace(b"line 10\n", b"")))
    before, after = (applied.snapshots[n].read("f.c") for n in (0, 1))
    assert before is not None
    assert after is not None
    assert (before.known, after.known) == (((7, 13),), ((7, 12),))
    assert before.data.split(b"\n")[:8] == [b""] * 6 + [b"line 7", b"line 8"]
    assert before.knows(7)
    assert not before.knows(6)
    assert before.key != after.key


def test_a_new_file_is_known_as_a_whole_and_stays_so() -> None:
    text = lines(9)
    applied = show(
        diff_of("n.c", None, text), diff_of("n.c", text, text + b"more\n"), diff_of("n.c", text + b"more\n", None)
    )
    files = [snapshot.read("n.c") for snapshot in applied.snapshots]
    assert [file and (file.data, file.known) for file in files] == [None, (text, None), (text + b"more\n", None), None]
    assert [list(snapshot.paths()) for snapshot in applied.snapshots] == [[], ["n.c"], ["n.c"], []]


def test_a_removed_file_was_known_as_a_whole_from_the_start() -> None:
    old = lines(30)
    new = old.replace(b"line 3\n", b"three\n")
    applied = show(diff_of("f.c", old, new), diff_of("f.c", new, None))
    assert applied.snapshots[0].read("f.c") == SourceFile("f.c", old, applied.snapshots[0].read("f.c").key)  # type: ignore[union-attr]


def test_a_renamed_file_keeps_what_is_known_of_it() -> None:
    base = lines(30)
    new = base.replace(b"line 20\n", b"twenty\n")
    move = FileDiff("f.c", "dir/g.c", "rename", (), 0, 0)
    applied = show(diff_of("f.c", base, new), move)
    assert applied.snapshots[2].read("f.c") is None
    assert known(applied, 2, "dir/g.c")[20] == b"twenty\n"
    assert list(applied.snapshots[2].paths("dir")) == ["dir/g.c"]


def test_nothing_is_joined_across_a_missing_patch() -> None:
    base = lines(60)
    one = base.replace(b"line 10\n", b"ten\n")
    two = one.replace(b"line 40\n", b"forty\n")
    patches = patch_of(1, diff_of("f.c", base, one)), patch_of(3, diff_of("f.c", one, two))
    applied = apply_series(series_of(*patches), None, None, NOWHERE)
    assert 40 not in known(applied, 0)
    assert 10 not in known(applied, 2)
    assert {10, 40} <= set(known(applied, 1))


def damaged(hunk: Hunk, lost: int) -> Hunk:
    """A hunk whose line `lost` (0-based) the mailer swallowed; the numbers are the lowest possible ones."""
    kept = hunk.lines[:lost] + tuple(
        replace(x, old=x.old and x.old - 1, new=x.new and x.new - 1) for x in hunk.lines[lost + 1 :]
    )
    return replace(hunk, lines=kept, complete=False, slack=1)


def test_a_damaged_hunk_is_shown_in_one_piece_but_carried_nowhere() -> None:
    base = lines(60)
    one = base.replace(b"line 20\n", b"line 20\nadded\n")
    two = one.replace(b"line 50\n", b"fifty\n")
    diff = diff_of("f.c", base, one)
    broken = replace(diff, hunks=(damaged(diff.hunks[0], 1),))
    applied = show(broken, diff_of("f.c", one, two))
    assert known(applied, 1)[20] == b"added\n"
    assert b"added\n" not in known(applied, 2).values()
    assert known(applied, 0)[50] == b"line 50\n"


def test_a_refused_patch_changes_nothing_and_says_why() -> None:
    base = lines(20)
    bad = patch_of(1, diff_of("f.c", base, b"x\n" + base), refused="a combined diff")
    applied = apply_series(series_of(bad), None, None, NOWHERE)
    assert [(a.status, a.reason) for a in applied.applications] == [("conflict", "refused: a combined diff")]
    assert applied.snapshots[1].read("f.c") is None


def test_a_line_number_beyond_any_file_is_not_padded_up_to() -> None:
    diff = diff_of("f.c", lines(9), lines(8))
    far = replace(diff.hunks[0], old_start=10**9, new_start=10**9)
    applied = show(replace(diff, hunks=(far,)))
    assert known(applied, 1) == {}
    assert "not reconstructed" in (applied.applications[0].hunks[0].reason or "")
