# SPDX-License-Identifier: GPL-2.0-or-later
"""The replies: fit to send as they are, quiet when there is nothing to say."""

from __future__ import annotations

import mailbox
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from reviewbot.model.finding import Review
from reviewbot.model.mail import Person
from reviewbot.model.tree import Application, HunkResult
from reviewbot.render.email import Sender, render_email
from reviewbot.render.reply import LINES_A_MAIL
from tests.reviews import DATE, FINDING, VIOLATED, many, review

SENDER = Sender(Person("Max Maintainer", "max@example.org"), DATE)


def replies(one: Review, tmp_path: Path) -> list[EmailMessage]:
    """Read back what was rendered, as a mail program would."""
    box = tmp_path / "replies.mbox"
    box.write_bytes(render_email(one, SENDER))
    return [message_from_bytes(m.as_bytes(), policy=policy.default) for m in mailbox.mbox(box)]  # type: ignore[misc]


def test_silence_when_clean(tmp_path: Path) -> None:
    assert replies(review(), tmp_path) == []


def test_a_reply_threads_and_goes_to_everybody_once(tmp_path: Path) -> None:
    (mail,) = replies(review(FINDING), tmp_path)
    assert mail["In-Reply-To"] == "<p1@example.org>"
    assert mail["References"] == "<cover@example.org> <p1@example.org>"
    assert mail["To"] == "Ada Author <ada@example.org>"
    assert mail["Cc"] == "Rita Reviewer <rita@example.org>"
    assert mail["Subject"] == "Re: [PATCH] ring: count"
    assert (mail["Auto-Submitted"], mail["Precedence"]) == ("auto-generated", "bulk")


def test_the_comment_stands_right_under_the_exact_quoted_line(tmp_path: Path) -> None:
    (mail,) = replies(review(FINDING), tmp_path)
    lines = mail.get_content().splitlines()
    at = lines.index("> +\tr->full = 0;")
    assert lines[at + 1 : at + 3] == ["", "ring_put() clears full, and nothing wakes those who sleep on ring_waitq."]
    assert lines[0].startswith("This is reviewbot, a program")


def test_own_text_is_narrow_and_gives_no_tags(tmp_path: Path) -> None:
    (mail,) = replies(review(*many(9), simulation=(VIOLATED,)), tmp_path)
    own = [line for line in mail.get_content().splitlines() if not line.startswith(">")]
    assert max(map(len, own)) <= 72
    assert not any(line.endswith("-by:") or "Reviewed-by" in line for line in own)


def test_more_than_five_findings_are_rolled_up(tmp_path: Path) -> None:
    (mail,) = replies(review(*many(40)), tmp_path)
    text = mail.get_content()
    assert text.count("[wait-without-wake, proved]") == 5
    assert "Also, in short:" in text
    assert len(text.splitlines()) <= LINES_A_MAIL


def test_what_people_raised_is_repeated_only_with_a_schedule(tmp_path: Path) -> None:
    raised = replace(FINDING, raised_by=("r@x",))
    assert replies(review(raised), tmp_path) == []
    (mail,) = replies(review(raised, simulation=(VIOLATED,)), tmp_path)
    assert "(r@x has raised this already" in mail.get_content()


def test_a_reject_names_base_file_and_hunk(tmp_path: Path) -> None:
    hunk = HunkResult("mm/ring.c", 3, "conflict", reason="its context is nowhere in the file")
    failed = Application(1, "conflict", hunks=(hunk,))
    (mail,) = replies(review(application=failed), tmp_path)
    text = mail.get_content()
    assert "mm/ring.c, hunk 3: its context is nowhere in the file" in text
    assert "pinned abababababab" in text


def test_the_same_review_is_the_same_message(tmp_path: Path) -> None:
    first, second = (replies(review(FINDING), tmp_path)[0]["Message-ID"] for _ in range(2))
    other = replies(review(replace(FINDING, message="Something else.")), tmp_path)[0]["Message-ID"]
    assert first == second != other
