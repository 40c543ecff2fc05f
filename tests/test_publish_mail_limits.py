# SPDX-License-Identifier: GPL-2.0-or-later
"""The bot's mails: known as a program's by every reader, and within the limits of the lists."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.mail.message import parse_message
from reviewbot.mail.read import read_mail
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.publish.mail.commands import read_command
from tests.mailbotkit import TO_LIST, Home, Sink, finds_something, with_headers
from tests.mailkit import mail, mbox, patch, read_all

COVER = with_headers(mail("[PATCH 0/2] all", "Why.\n", "c@x.org"), *TO_LIST)
ONE = with_headers(patch("[PATCH 1/2] one", "1@x.org", "c@x.org"), *TO_LIST)
TWO = with_headers(patch("[PATCH 2/2] two", "2@x.org", "c@x.org"), *TO_LIST)
FINDINGS = 500
CROWD = "Cc: " + ",\n ".join(f"p{n}@example.org" for n in range(80))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Sink() as sink:
        yield Home(tmp_path, sink)


def answers(home: Home, *mails: bytes) -> list[bytes]:
    """What the bot sends about mails, with LF line ends."""
    home.deliver(*mails)
    home.round()
    return [raw.replace(b"\r\n", b"\n") for _, raw in home.sink.mails]


def test_own_mail_is_no_patch_to_git(home: Home, tmp_path: Path) -> None:
    for raw in answers(home, COVER, ONE, TWO):
        command = ["git", "mailinfo", str(tmp_path / "message"), str(tmp_path / "patch")]
        said = subprocess.run(command, input=raw, capture_output=True, check=True, cwd=tmp_path).stdout.decode()
        assert said.startswith("Author: Review Bot\nEmail: bot@example.org\nSubject: ")
        assert (tmp_path / "patch").read_bytes() == b""


def test_own_mail_is_a_programs_and_no_series_to_the_reader(home: Home, tmp_path: Path) -> None:
    own = answers(home, COVER, ONE, TWO)
    assert all(parse_message(raw, "test").is_bot for raw in own)
    (tmp_path / "own.mbox").write_bytes(mbox(own))
    with pytest.raises(UnusableInputError, match="no patch"):
        read_mail([str(tmp_path / "own.mbox")])
    (series,), _ = read_all(tmp_path, COVER, ONE, TWO, *own)
    assert (len(series.patches), series.remarks) == (2, ())


def test_references_name_every_mail_above_as_mutt_threads(home: Home) -> None:
    own = {str(one["Subject"]): one for one in [*(answers(home, COVER, ONE, TWO) and home.sink.messages)]}
    chains = {name[4:]: (str(one["References"]), str(one["In-Reply-To"])) for name, one in own.items()}
    assert chains == {
        "[PATCH 0/2] all": ("<c@x.org>", "<c@x.org>"),
        "[PATCH 1/2] one": ("<c@x.org> <1@x.org>", "<1@x.org>"),
        "[PATCH 2/2] two": ("<c@x.org> <2@x.org>", "<2@x.org>"),
    }


def test_own_mail_that_comes_back_is_not_reviewed_nor_obeyed(home: Home) -> None:
    reviewed: list[str] = []

    def review(one: MailSeries, base: str | None) -> SeriesReview:
        reviewed.append(one.subject)
        return finds_something(one, base)

    home.review = review
    own = answers(home, COVER, ONE, TWO)
    home.deliver(*own, with_headers(patch("[PATCH] mine", "own@x.org"), "X-Mailer: reviewbot 9", *TO_LIST))
    home.round()
    home.round()
    assert (reviewed, len(home.sink.mails)) == (["all"], 3)
    assert all(read_command(str(one.get_content())) is None for one in home.sink.messages)


def test_a_review_of_500_findings_stays_within_every_limit(home: Home) -> None:
    def review(one: MailSeries, base: str | None) -> SeriesReview:
        made = finds_something(one, base)
        many = [
            replace(found, message=f"Thing {n} is not as it should be.", fingerprint=f"{found.fingerprint}-{n}")
            for found in made.findings
            for n in range(FINDINGS // 2)
        ]
        return replace(made, findings=tuple(many))

    home.review = review
    answers(home, with_headers(COVER, CROWD), with_headers(ONE, CROWD), with_headers(TWO, CROWD))
    assert len(home.sink.mails) == 3
    for (people, _), message in zip(home.sink.mails, home.sink.messages, strict=True):
        lines = str(message.get_content()).splitlines()
        own = [line for line in lines if not line.startswith(">")]
        assert (len(people) <= 50, len(lines) <= 150, max(map(len, own)) <= 72) == (True, True, True)
        assert sum(line == "[odd-line, high]" for line in lines) <= 5
        assert lines[0].startswith("This is reviewbot, a program")
        assert '"#reviewbot stop" ends these mails.' in " ".join(lines[-3:])
        assert not any(word in line for line in own for word in ("Reviewed-by", "Acked-by", "Tested-by"))
