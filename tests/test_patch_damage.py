# SPDX-License-Identifier: GPL-2.0-or-later
"""What mailers do to diffs: each kind named, undone where the counts or a copy prove it, and only there."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from reviewbot.model.diff import Patch
from tests.patch_builder import POOL_DIFF, SLOT_DIFF, hunks_of, read_diff
from tests.patch_mailers import MAILERS, diffs, unified

DIFF = POOL_DIFF + SLOT_DIFF
LONG = DIFF.replace(
    "item_alloc(pool)", "item_alloc(pool, GFP_KERNEL | __GFP_NOFAIL, NUMA_NO_NODE, pool->size_of_an_item)"
)
NAMES = {
    "stripped": "stripped-whitespace",
    "mark stripped": "stripped-whitespace",
    "trailing stripped": "trailing-whitespace-stripped",
    "wrapped": "wrapped-lines",
    "quoted": "quoted",
    "escaped": "html-entities",
    "stuffed": "format-flowed",
    "no tabs": "tabs-to-spaces",
    "no-break spaces": "nbsp",
    "crlf": "crlf",
}
RESTORING = {"mark stripped", "trailing stripped", "quoted", "escaped", "stuffed", "crlf"}
"""The mailers whose damage is undone to the last blank."""


def skeleton(patch: Patch) -> list[tuple[str, str, int | None, int | None]]:
    """Every line's mark, text without white space, and numbers."""
    return [
        (line.mark, "".join(line.text.split()), line.old, line.new) for hunk in hunks_of(patch) for line in hunk.lines
    ]


def texts(patch: Patch) -> list[str]:
    return [line.mark + line.text for hunk in hunks_of(patch) for line in hunk.lines]


def spaced(diff: str) -> str:
    """The diff with a blank context line and a blank at a line's end, for the mailers that take those away."""
    return diff.replace(" \tdrain(pool);\n", " \n").replace(" {\n+", " \n+")


@pytest.mark.parametrize("mailer", NAMES)
def test_each_kind_of_damage_is_named_and_the_structure_repaired(mailer: str) -> None:
    whole = spaced(LONG)
    damaged = read_diff(MAILERS[mailer](whole))
    assert NAMES[mailer] in damaged.damage
    assert damaged.repaired
    assert skeleton(damaged) == skeleton(read_diff(whole))
    if mailer in RESTORING:
        assert texts(damaged) == texts(read_diff(whole))


def test_an_intact_diff_has_no_damage() -> None:
    patch = read_diff(spaced(LONG))
    assert (patch.damage, patch.repaired) == ((), False)
    assert all(hunk.complete for hunk in hunks_of(patch))


def test_collapsed_white_space_is_named_and_stays() -> None:
    patch = read_diff(MAILERS["collapsed"](DIFF))
    assert "collapsed-whitespace" in patch.damage
    assert patch.repaired and skeleton(patch) == skeleton(read_diff(DIFF))


def test_a_lost_blank_line_whose_place_is_open_leaves_the_hunk_incomplete() -> None:
    whole = "--- a/x.c\n+++ b/x.c\n@@ -10,5 +10,6 @@\n a\n \n b\n+c\n d\n e\n"
    patch = read_diff(MAILERS["blank lines lost"](whole))
    (hunk,) = hunks_of(patch)
    assert patch.damage == ("lost-blank-lines",) and not patch.repaired
    assert (hunk.complete, hunk.slack) == (False, 1)
    assert [(line.mark, line.old, line.new) for line in hunk.lines][2] == ("+", None, 13)


def test_a_lost_blank_line_between_an_added_and_a_removed_one_has_one_place() -> None:
    whole = "--- a/x.c\n+++ b/x.c\n@@ -1,5 +1,5 @@\n-a\n+b\n \n-c\n+d\n \te\n f\n"
    patch = read_diff(MAILERS["blank lines lost"](whole))
    assert patch.repaired and texts(patch) == texts(read_diff(whole))


@pytest.mark.parametrize("quote", ["> ", "> > ", ">"])
def test_a_quoted_copy_proves_where_lost_lines_and_white_space_belong(quote: str) -> None:
    whole = spaced(DIFF)
    posted = MAILERS["blank lines lost"](MAILERS["stripped"](MAILERS["collapsed"](whole)))
    copy = "".join(f"{quote}{line}\n" for line in whole.splitlines())
    assert not read_diff(posted).repaired
    for text in (copy, copy.replace(f"{quote}@@ -80", f"I do not get this.\n\n{quote}@@ -80")):
        patch = read_diff(posted, copies=[text])
        assert patch.repaired
        assert texts(patch) == texts(read_diff(whole))


def test_a_copy_of_something_else_proves_nothing() -> None:
    posted = MAILERS["blank lines lost"](spaced(DIFF))
    other = "".join(f"> {line}\n" for line in spaced(DIFF).replace("pool", "tank").splitlines())
    assert not read_diff(posted, copies=[other]).repaired


def test_context_that_begins_like_an_added_line_is_told_by_the_counts() -> None:
    whole = "--- a/x.c\n+++ b/x.c\n@@ -1,3 +1,4 @@\n total = first\n   + second;\n+call();\n end\n"
    patch = read_diff(MAILERS["stripped"](whole))
    assert not patch.repaired
    whole = "--- a/x.c\n+++ b/x.c\n@@ -1,4 +1,3 @@\n total = first\n   + second;\n-call();\n end\n"
    patch = read_diff(MAILERS["stripped"](whole))
    assert patch.repaired and skeleton(patch) == skeleton(read_diff(whole))


def test_wrong_counts_and_hunks_without_a_header_are_named() -> None:
    patch = read_diff("--- a/x.c\n+++ b/x.c\n@@ -1,2 +1,2 @@\n a\n b\n+c\n+d\n+e\n")
    assert hunks_of(patch)[0].complete and patch.damage == ()
    patch = read_diff("--- a/x.c\n+++ b/x.c\n@@ -1,1 +1,2 @@\n a\n b\n+c\n+d\n")
    assert patch.damage == ("wrong-counts",) and not patch.repaired
    patch = read_diff("--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\nAnd there:\n@@ -1 +1 @@\n-c\n+d\n")
    assert patch.damage == ("headless-hunks",) and not patch.repaired


def test_a_project_that_indents_with_blanks_is_not_damaged() -> None:
    old = ["int f(void)", "{", "    int a;", "        a = 1;", "        a = 2;", "    return a;", "}"]
    assert read_diff(unified(old, [*old[:3], "    int b;", *old[3:]])).damage == ()


def test_entities_of_a_document_are_left_alone() -> None:
    old = ["<p>", "a &lt; b", "</p>"]
    assert read_diff(unified(old, [*old, "b &gt; a"], "doc/x.html")).damage == ()


@settings(max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(diffs(), st.lists(st.sampled_from(sorted(MAILERS)), min_size=1, max_size=3, unique=True))
@example(
    unified(["a", "", "b", "+ 1;", "-1,", "c"], ["a", "b", "+ 1;", "-1,", "c", "d"]), ["stripped", "blank lines lost"]
)
def test_what_is_called_repaired_is_what_was_sent(diff: str, mailers: list[str]) -> None:
    """A line more by wrapping and one less by losing it can cancel out, which no count shows: that is left out."""
    assume(not {"wrapped", "blank lines lost"} <= set(mailers))
    whole, damaged = read_diff(diff), diff
    for mailer in mailers:
        damaged = MAILERS[mailer](damaged)
    patch = read_diff(damaged)
    if patch.repaired:
        assert skeleton(patch) == skeleton(whole)
        if len(mailers) == 1 and mailers[0] in RESTORING - {"mark stripped"}:
            assert texts(patch) == texts(whole)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    diffs(),
    st.lists(st.sampled_from(["stripped", "collapsed", "blank lines lost", "no tabs"]), min_size=1, unique=True),
)
def test_a_whole_copy_gives_everything_back(diff: str, mailers: list[str]) -> None:
    whole, damaged = read_diff(diff), diff
    for mailer in mailers:
        damaged = MAILERS[mailer](damaged)
    patch = read_diff(damaged, copies=["".join(f"> {line}\n" for line in diff.splitlines())])
    assert all(hunk.complete for hunk in hunks_of(patch))
    assert skeleton(patch) == skeleton(whole)


def test_a_hunk_that_was_cut_off_lost_no_blank_lines() -> None:
    patch = read_diff(spaced(DIFF)[: spaced(DIFF).index(" \tfree(slot)")])
    assert patch.damage == ("wrong-counts",) and not patch.repaired
    assert [hunk.complete for hunk in hunks_of(patch)] == [True, True, False]
