# SPDX-License-Identifier: GPL-2.0-or-later
"""Remarks of reviewers, hung on the lines that they are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.patch_anchors import outcomes
from reviewbot.model.diff import HumanComment
from reviewbot.patch.read import read_series
from tests.patch_builder import POOL_DIFF as FIRST
from tests.patch_builder import SLOT_DIFF as SECOND
from tests.patch_builder import mail_series, patch_mail, remark

LOG = "The pool loses items when it is filled.\nGo to the label that gives them back.\n"


def anchor(quoted: str, before: str = "", to: str | None = "patch1@example") -> HumanComment:
    """The comment made of one remark on the two patches."""
    patches = [patch_mail(FIRST, 1, 2, log=LOG), patch_mail(SECOND, 2, 2)]
    mail = mail_series(patches, remarks=[remark(quoted, "Is that right?", before, to)])
    (comment,) = read_series(mail).comments
    assert (comment.text, comment.author.name) == ("Is that right?", "Some Body")
    return comment


def where(comment: HumanComment) -> tuple[int | None, str | None, int | None, str | None]:
    return comment.patch, comment.path, comment.line, comment.side


QUOTES = {
    "an added line": ("+\t\tif (pool_add(pool, item))", (1, "mm/pool.c", 24, "new")),
    "a removed line": ("-\t\t\treturn -ENOMEM;", (1, "mm/pool.c", 23, "old")),
    "a context line": ("  \t\titem = item_alloc(pool);", (1, "mm/pool.c", 21, "new")),
    "white space lost": ("+ if (pool_add(pool,item))\n+ goto undo;\n\n", (1, "mm/pool.c", 25, "new")),
    "quoted twice": ("> +\t\tif (pool_add(pool, item))\n>\nI wonder, too.", (1, "mm/pool.c", 24, "new")),
    "trimmed": ("+\t\tif (pool_add(pool, item))\n[...]", (1, "mm/pool.c", 24, "new")),
    "wrapped again": ("+ if\n(pool_add(pool,\nitem))", (1, "mm/pool.c", 24, "new")),
    "the end of a hunk": (FIRST[: FIRST.index("@@ -80")], (1, "mm/pool.c", 25, "new")),
    "a file's header": ("--- a/mm/pool.c\n+++ b/mm/pool.c", (1, "mm/pool.c", None, None)),
    "a hunk's header": ("@@ -20,7 +20,9 @@ static int pool_fill(struct pool *pool)", (1, "mm/pool.c", None, None)),
    "the commit message": ("The pool loses items when it\nis filled.", (1, None, None, None)),
    "the subject": ("subject of patch 2", (2, None, None, None)),
    "nothing that is known": ("I think so.", (1, None, None, None)),
    "no quote": ("", (1, None, None, None)),
}  # fmt: skip


@pytest.mark.parametrize("name", QUOTES)
def test_a_remark_hangs_on_the_last_line_of_its_quote(name: str) -> None:
    quoted, expected = QUOTES[name]
    assert where(anchor(quoted)) == expected


@pytest.mark.parametrize(
    ("before", "to", "expected"),
    [
        (" \tif (!pool)\n \t\treturn;", "patch2@example", (1, "mm/pool.c", 84, "new")),
        ("--- a/mm/slot.c\n+++ b/mm/slot.c\n \t{", "patch1@example", (2, "mm/slot.c", 6, "new")),
        ("", "patch2@example", (2, "mm/slot.c", 6, "new")),
        ("", "patch1@example", (1, "mm/pool.c", 84, "new")),
    ],
)
def test_equal_lines_are_told_apart_by_what_is_quoted_above_and_by_what_is_answered(
    before: str, to: str, expected: tuple[int, str, int, str]
) -> None:
    assert where(anchor("+\tmutex_lock(&pool->lock);", before, to)) == expected


def test_a_remark_that_answers_no_patch_is_on_the_whole_series() -> None:
    assert where(anchor("", to="cover@example")) == (None, None, None, None)


def test_a_reply_to_a_reply_without_a_quote_is_on_the_patch_above_both() -> None:
    first = remark("+\t\tif (pool_add(pool, item))", "one", id="one@example")
    second = remark("", "two", to="one@example", id="two@example")
    comments = read_series(mail_series([patch_mail(FIRST)], remarks=[first, second])).comments
    assert [where(comment) for comment in comments] == [(1, "mm/pool.c", 24, "new"), (1, None, None, None)]


def test_a_reply_that_quotes_only_a_remark_is_on_the_line_of_that_remark() -> None:
    first = remark("+\t\tif (pool_add(pool, item))", "Who gives the others back?", id="one@example")
    second = remark("Who gives the others back?", "Right, nobody.", to="one@example", id="two@example")
    comments = read_series(mail_series([patch_mail(FIRST)], remarks=[first, second])).comments
    assert [where(comment) for comment in comments] == [(1, "mm/pool.c", 24, "new")] * 2


def test_defects_that_reviewers_of_real_series_found_are_on_their_lines(shared: Path) -> None:
    found = list(outcomes(shared))
    assert len(found) == 28
    assert sum(one.file for one in found) == 28
    assert sum(one.near for one in found) >= 27
    assert sum(one.exact for one in found) >= 21
