# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands that come by mail: obeyed from those who may, once, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.publish.mail.settings import Authority
from reviewbot.publish.mail.spool import Spool
from tests.mailbotkit import LIST, TO_LIST, Home, Sink, with_headers
from tests.mailkit import mail, patch

AUTHORITY = Authority(authserv_id="mx.example.org", maintainers=frozenset({"max@example.org"}))
AUTHOR, MAINTAINER, OTHER = "Ada <ada@example.org>", "Max <max@example.org>", "Rob <rob@example.org>"
PASS = "Authentication-Results: mx.example.org; dkim=pass header.d=example.org"
LONE = with_headers(patch("[PATCH] lone", "l@x.org"), *TO_LIST, f"Cc: {OTHER}")
NEXT = with_headers(patch("[PATCH] next", "n@x.org"), *TO_LIST, f"Cc: {OTHER}")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A bot that has answered a patch."""
    with Sink() as sink:
        found = Home(tmp_path, sink, authority=AUTHORITY)
        found.deliver(LONE)
        found.round()
        yield found


def command(home: Home, text: str, sender: str, number: int = 1, proof: str = PASS) -> None:
    """Answer the bot's mail with a command."""
    answered = str(home.sink.messages[0]["Message-ID"]).strip("<>")
    reply = mail("Re: [PATCH] lone", f"> quoted\n\n{text}\n", f"command{number}@x.org", answered, sender)
    home.deliver(with_headers(reply, proof, f"To: bot@example.org, {LIST}"))
    home.round()


def test_the_author_stops_all_mails_to_himself(home: Home) -> None:
    command(home, "#reviewbot stop", AUTHOR)
    home.deliver(NEXT)
    home.round()
    assert len(home.sink.mails) == 1


def test_a_recipient_stops_his_copies(home: Home) -> None:
    command(home, "#reviewbot stop", OTHER)
    home.deliver(NEXT)
    home.round()
    assert [people for people, _ in home.sink.mails] == [
        ["ada@example.org", LIST, "rob@example.org"],
        ["ada@example.org", LIST],
    ]


def test_a_maintainer_stops_a_series_and_no_other(home: Home) -> None:
    command(home, "#reviewbot stop", MAINTAINER)
    command(home, "#reviewbot base v2", AUTHOR, 2)
    home.deliver(NEXT)
    home.round()
    assert home.sink.subjects == ["Re: [PATCH] lone", "Re: [PATCH] next"]


def test_again_says_nothing_that_was_said_already(home: Home) -> None:
    command(home, "#reviewbot again", AUTHOR)
    assert len(home.sink.mails) == 1


def test_another_base_is_another_answer(home: Home) -> None:
    command(home, "#reviewbot base v2", AUTHOR)
    home.round()
    assert len(home.sink.mails) == 2
    assert "on v2?" in str(home.sink.messages[1].get_content())


def test_a_series_is_not_reviewed_again_without_end(home: Home) -> None:
    for number in range(8):
        command(home, f"#reviewbot base v{number}", AUTHOR, number)
    assert len(home.sink.mails) == 6


def test_a_false_positive_is_remembered(home: Home) -> None:
    command(home, "#reviewbot false-positive odd-line", AUTHOR)
    command(home, "#reviewbot false-positive other-rule", AUTHOR, 2)
    assert home.false == [("l@x.org-None", "l@x.org")]


def test_help_goes_to_who_asked_alone(home: Home) -> None:
    command(home, "#reviewbot help", OTHER)
    people, _ = home.sink.mails[1]
    assert people == ["rob@example.org"]
    assert home.sink.messages[1]["In-Reply-To"] == "<command1@x.org>"
    assert '"#reviewbot base REV"' in str(home.sink.messages[1].get_content())


@pytest.mark.parametrize(
    ("text", "sender", "proof"),
    [
        ("#reviewbot base v2", OTHER, PASS),
        ("#reviewbot base v2", AUTHOR, "X-Nothing: here"),
        ("> #reviewbot base v2", AUTHOR, PASS),
        ("#reviewbot dance", AUTHOR, PASS),
        ("#reviewbot base v2", AUTHOR, f"{PASS}\nAuto-Submitted: auto-replied"),
        ("#reviewbot false-positive odd-line", OTHER, PASS),
    ],
)
def test_nobody_else_commands_and_nothing_else_is_a_command(home: Home, text: str, sender: str, proof: str) -> None:
    command(home, text, sender, proof=proof)
    home.round()
    assert len(home.sink.mails) == 1 and home.false == []


def test_a_command_is_obeyed_once_however_often_its_mail_comes(home: Home) -> None:
    command(home, "#reviewbot base v2", AUTHOR)
    command(home, "#reviewbot base v2", AUTHOR)
    home.round()
    assert len(home.sink.mails) == 2


def test_a_command_waits_while_the_name_server_is_silent(home: Home) -> None:
    def silent(name: bytes, timeout: int = 5) -> bytes | None:
        raise ConnectionError("the DNS does not answer")

    home.authority, home.dns = Authority(dkim=True), silent
    signature = "DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=key; h=from:subject; bh=eA==; b=eA=="
    for number in range(5):
        command(home, "#reviewbot base v2", AUTHOR, 1, signature)
        home.later(minutes=number + 2)
    with home.store() as store:
        states = {one.state for one in Spool(store).mails("new", "parked", "kept")}
    assert states == {"new"}
