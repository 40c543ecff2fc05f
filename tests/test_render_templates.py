# SPDX-License-Identifier: GPL-2.0-or-later
"""A user's own templates come before the bundled ones, and may decline to send."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.model.mail import Person
from reviewbot.render.email import Sender, answers, render_email
from tests.commands import reviewbot
from tests.goldenkit import FOLDER
from tests.reviews import DATE, FINDING, review, series_review

SENDER = Sender(Person("Max Maintainer", "max@example.org"), DATE)
BOX = FOLDER / "second-version.mbox"


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A directory with templates of a user's own."""
    (tmp_path / "cover.j2").write_text("{{ whole }}\nThis is house style.\n")
    (tmp_path / "reply.j2").write_text('{{ decline("patch " ~ patch.number ~ " is not ours") }}')
    return tmp_path


def test_a_declined_mail_is_not_sent_and_says_why(own: Path) -> None:
    (answer,) = answers(series_review(FINDING), SENDER, (own,))
    assert (answer.message, answer.declined) == (None, "patch 1 is not ours")
    assert render_email(review(FINDING), SENDER, (own,)) == b""


def test_an_answer_tells_its_findings() -> None:
    (answer,) = answers(series_review(FINDING), SENDER)
    assert (answer.patch, answer.answers, answer.findings) == (1, "p1@example.org", (FINDING,))


def test_a_template_of_ones_own_is_used(own: Path) -> None:
    done = reviewbot("review", BOX, "--no-simulate", "--format", "email", "--templates", own)
    assert done.out.count("This is house style.") == 1
    assert done.out.count("Subject: ") == 1
    assert "no mail on patch 3, by a template's wish: patch 3 is not ours" in done.err


@pytest.mark.parametrize(
    ("text", "words"),
    [("{{ nothing_here }}", "nothing_here"), ("{% if %}", "reply.j2, line 1"), ("{{ 1 | no_such }}", "no_such")],
)
def test_a_broken_template_is_one_line(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "reply.j2").write_text(text)
    done = reviewbot("review", BOX, "--no-simulate", "--format", "email", "--templates", tmp_path)
    assert done.status == 2
    assert words in done.err
    assert done.err.count("\n") == 1


def test_a_directory_that_is_none_is_refused(tmp_path: Path) -> None:
    done = reviewbot("review", BOX, "--templates", tmp_path / "nowhere")
    assert (done.status, done.err.count("\n")) == (2, 1)
