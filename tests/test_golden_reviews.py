# SPDX-License-Identifier: GPL-2.0-or-later
"""What is mailed about small mailboxes, word for word; and the shape of what is mailed about the founding thread."""

from __future__ import annotations

import mailbox
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from reviewbot.render.reply import FINDINGS_A_PATCH
from tests.goldenkit import FOLDER, NAMES, expected, mails

LONGEST = 150
"""Lines of a mail beyond its first comment, which is told in any case."""


@pytest.mark.parametrize("name", NAMES)
def test_the_mails_are_those_that_were_approved(name: str) -> None:
    assert mails(FOLDER / f"{name}.mbox") == expected(name).read_text()


def test_each_golden_review_is_short_enough_to_read() -> None:
    assert all(len(expected(name).read_text().splitlines()) <= LONGEST for name in NAMES)


@pytest.fixture(scope="module")
def answers(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> list[EmailMessage]:
    """The mails about the thread that the project started from: a text dump, so no message has an id."""
    box = tmp_path_factory.mktemp("seed") / "answers.mbox"
    box.write_text(mails(shared / "corpus" / "seed-thread.txt"))
    return [message_from_bytes(one.as_bytes(), policy=policy.default) for one in mailbox.mbox(box)]  # type: ignore[misc]


def own_lines(mail: EmailMessage) -> list[str]:
    return [line for line in mail.get_content().splitlines() if not line.startswith(">")]


def test_the_thread_gets_its_mails(answers: list[EmailMessage]) -> None:
    tags = [re.search(r"\[PATCH[^]]*\]", str(mail["Subject"])) for mail in answers]
    found = [tag.group() if tag else "" for tag in tags]
    assert found[-1] == "[PATCH]"
    assert "[PATCH 1/2]" in found


def test_each_mail_begins_and_ends_as_a_bots_must(answers: list[EmailMessage]) -> None:
    for mail in answers:
        text = mail.get_content().strip()
        assert text.startswith("This is reviewbot, a program that reviews patches.")
        assert "you want no more of these mails" in " ".join(text.splitlines()[-2:])
        assert mail["Auto-Submitted"] == "auto-generated"


def test_own_words_are_narrow_and_emit_no_tags(answers: list[EmailMessage]) -> None:
    for mail in answers:
        assert max(map(len, own_lines(mail))) <= 72
        assert not any(re.match(r"(?i)(reviewed|acked|tested)-by:", line) for line in own_lines(mail))
        assert len(re.findall(r"(?m)^\[[\w:-]+, (?:proved|high|medium)\]$", mail.get_content())) <= FINDINGS_A_PATCH


def test_quotes_are_lines_of_the_thread(answers: list[EmailMessage], shared: Path) -> None:
    posted = {"".join(line.split()) for line in (shared / "corpus" / "seed-thread.txt").read_text().splitlines()}
    text = "\n".join(mail.get_content() for mail in answers)
    quoted = ["".join(line[1:].split()) for line in text.splitlines() if line.startswith("> ")]
    lines = {line for line in quoted if line and not line.startswith(("@@", "---", "+++"))}
    assert lines
    assert lines <= posted


def test_the_lost_wakeup_comes_with_who_raised_it_and_a_schedule(answers: list[EmailMessage]) -> None:
    (mail,) = [one for one in answers if "[PATCH 1/2]" in str(one["Subject"])]
    text = mail.get_content()
    raised = text.index("has raised this")
    assert raised < text.index("One order of events in which it happens") < text.index("[wait-without-wake,")
