# SPDX-License-Identifier: GPL-2.0-or-later
"""Replies taken apart: own words, the quotes above them, attributions, trailers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.mail.quotes import attribution, blocks, depth, unquote
from reviewbot.mail.remarks import quoted_copies, read_remarks
from reviewbot.model.mail import Person, Remark
from tests.mailkit import AUTHOR, REVIEWER, mail, patch, read

ROB = Person("Rob Reader", "rob@example.org")


def remarks(text: str) -> tuple[Remark, ...]:
    """Split the lines of a reply by Rob."""
    return read_remarks(text.split("\n"), ROB, "r@x", None)


def test_each_stretch_of_own_text_is_a_remark_under_its_quote() -> None:
    text = "On Monday, Ada wrote:\n> one\n> two\nFirst.\n\n> three\n\nSecond,\nlonger.\n"
    found = remarks(text)
    assert [(r.quoted, r.quoted_before, r.text) for r in found] == [
        (("one", "two"), (), "First."),
        (("three",), ("one", "two"), "Second,\nlonger."),
    ]


def test_deeper_quotes_keep_their_marks() -> None:
    (found,) = remarks(">> a\n> > b\n>>> c\nYes.\n")
    assert found.quoted == ("> a", "> b", ">> c")


def test_greetings_closings_names_trailers_and_signatures_are_no_remarks() -> None:
    text = "Hi Ada,\n\n> one\n\nReviewed-by: Rob Reader <rob@example.org>\n\nThanks,\nRob\n\n-- \nRob Reader, Example\n"
    assert remarks(text) == ()


def test_text_above_all_quotes_stands_under_none() -> None:
    (found,) = remarks("I like it.\n\nOn Monday, 2 March 2020, Ada wrote:\n> one\n> two\n")
    assert (found.quoted, found.text) == ((), "I like it.")


@pytest.mark.parametrize(
    ("lines", "name", "date"),
    [
        (
            "On Wed, 24 Feb 2010 16:59:21 +0900, Ada Writer <ada@x.org> wrote:",
            "Ada Writer",
            "2010-02-24 16:59:21+09:00",
        ),
        (
            "On Wed, Oct 23, 2024 at 3:15\u202fPM Ada Writer <ada@x.org> wrote:",
            "Ada Writer",
            "2024-10-23 15:15:00+00:00",
        ),
        (
            "On Fri, 26 Feb 2010 13:15:52 +0900\nAda Writer <ada@x.org> wrote:",
            "Ada Writer",
            "2010-02-26 13:15:52+09:00",
        ),
        ("On 2020-03-04 11:00:00 +0000, Ada Writer wrote:", "Ada Writer", "2020-03-04 11:00:00+00:00"),
        ("Ada Writer <ada@x.org> writes:", "Ada Writer", None),
        ("* Ada Writer <ada@x.org> wrote:", "Ada Writer", None),
        ("Am 24.02.2010 um 16:59 schrieb Ada Writer:", "Ada Writer", None),
    ],
)
def test_attributions_of_many_mailers_are_read(lines: str, name: str, date: str | None) -> None:
    found = attribution(lines.split("\n"), 0, lines.count("\n") + 1)
    assert found is not None
    assert (found.person.name, found.end) == (name, lines.count("\n") + 1)
    assert found.date == (datetime.fromisoformat(date) if date else None)


def test_prose_is_no_attribution() -> None:
    text = "On 2 cpus it fails, which is what I said in the long mail that I sent about the pool's waiters; they wrote:"
    assert attribution([text.replace("2", "two")], 0, 1) is None


def test_a_copy_of_a_diff_goes_on_under_remarks_between_its_lines() -> None:
    text = "> > diff --git a/x b/x\n> > @@ -1 +1 @@\n> > -a\n> Hm.\n> > +b\nYes.\n"
    assert quoted_copies(text.split("\n")) == ("diff --git a/x b/x\n@@ -1 +1 @@\n-a\n+b\n",)


def test_trailers_of_replies_go_to_the_patch_or_to_all_patches(tmp_path: Path) -> None:
    mine = "Acked-by: Rob Reader <rob@example.org>\n"
    (series,) = read(
        tmp_path,
        mail("[PATCH 0/2] all", "Why.\n", "c@x"),
        patch("[PATCH 1/2] one", "1@x", "c@x"),
        patch("[PATCH 2/2] two", "2@x", "c@x"),
        mail("Re: [PATCH 0/2] all", "> Why.\n" + mine, "r@x", "c@x", REVIEWER),
        mail("Re: [PATCH 2/2] two", mine.replace("Acked", "Tested"), "s@x", "2@x", REVIEWER),
    )
    given_by = [[(t.name, t.source, t.message_id) for t in p.trailers if t.source == "reply"] for p in series.patches]
    assert given_by == [
        [("Acked-by", "reply", "r@x")],
        [("Acked-by", "reply", "r@x"), ("Tested-by", "reply", "s@x")],
    ]


def test_nobody_gives_trailers_for_somebody_else_or_in_a_quote(tmp_path: Path) -> None:
    text = "> Acked-by: Rob Reader <rob@example.org>\nReviewed-by: Zoe Other <zoe@example.com>\n"
    (series,) = read(tmp_path, patch("[PATCH] one", "1@x"), mail("Re: [PATCH] one", text, "r@x", "1@x", REVIEWER))
    assert [(t.name, t.value) for t in series.patches[0].trailers] == [("Signed-off-by", AUTHOR)]


def test_what_bots_say_is_no_remark(tmp_path: Path) -> None:
    answers = [
        mail("Re: [PATCH] one", "> Change\nBuild failed.\n", "b@x", "1@x", "kernel test robot <lkp@intel.com>"),
        mail("Re: [PATCH] one", "> Change\nI agree.\n", "t@x", "1@x", "Otto Talbot <otto@example.org>"),
        mail("Re: [PATCH] one", "Away.\n", "a@x", "1@x", REVIEWER, ["Auto-Submitted: auto-replied"]),
    ]
    (series,) = read(tmp_path, patch("[PATCH] one", "1@x"), *answers)
    assert [r.author.name for r in series.remarks] == ["Otto Talbot"]
    assert series.messages == ("1@x", "b@x", "t@x", "a@x")


LINES = st.lists(st.sampled_from(["> a", ">> b", "", "own", "> ", ">", "On 1 May, X wrote:", "-- "]), max_size=25)


@given(LINES)
def test_blocks_cover_all_lines_in_order(lines: list[str]) -> None:
    found = blocks(lines)
    assert [at for block in found for at in range(block.start, block.end)] == list(range(len(lines)))


@given(st.text(alphabet="> a\t", max_size=40))
def test_unquoting_takes_off_as_many_marks_as_there_are(line: str) -> None:
    level = depth(line)
    assert depth(unquote(line, 1)) == max(0, level - 1) or level == 0
    assert depth(unquote(line, level)) == 0 or level == 0
