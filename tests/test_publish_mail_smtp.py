# SPDX-License-Identifier: GPL-2.0-or-later
"""Sending by SMTP to a real server: encrypted, refused, interrupted. What is not NotSent may have arrived."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.publish.mail.outgoing import Folder, NotSeenError, Smtp, letter_id, seen_in, wire
from reviewbot.publish.outbox import Letter, NotSent
from tests.dovecotkit import certificate
from tests.mailbotkit import Sink

# aiosmtpd does not know that TLS from the beginning is TLS
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

TEXT = "From: Bot <bot@x.org>\nTo: Ada <ada@x.org>\nCc: list@x.org, nobody@x.org\nMessage-ID: <m@reviewbot>\n"
HEAD = TEXT + 'Subject: s\nMIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"\n'
BODY = "> +\tx = 1;\n.\n..two\nFrom here\nNäh\n"
LETTER = Letter("k" * 64, "email", "ada@x.org", "s", f"{HEAD}Content-Transfer-Encoding: 8bit\n\n{BODY}".encode())


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1, the password beside it."""
    place = tmp_path_factory.mktemp("tls")
    (place / "password").write_text("secret\n")
    (place / "wrong").write_text("guess\n")
    return certificate(place)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


def send(server: Sink, **account: Path | str) -> str:
    return Smtp(server.account(**account), "bot@x.org").send(LETTER)  # type: ignore[arg-type]


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_mail_goes_encrypted_to_everybody_in_to_and_cc(trusted: Path, security: str) -> None:
    with Sink(trusted, security) as server:
        send(server, security=security, cafile=trusted, password=trusted.with_name("password"))
        ((people, raw),) = server.mails
    assert people == ["ada@x.org", "list@x.org", "nobody@x.org"]
    assert raw.replace(b"\r\n", b"\n") == LETTER.payload
    assert server.encrypted == [True]


@pytest.mark.parametrize(
    ("security", "authority", "password"),
    [("tls", False, "password"), ("starttls", False, "password"), ("tls", True, "wrong"), ("starttls", True, "wrong")],
)
def test_nothing_is_sent_to_a_server_or_by_a_user_that_is_not_known(
    trusted: Path, security: str, authority: bool, password: str
) -> None:
    with Sink(trusted, security) as server:
        with pytest.raises(NotSent):
            send(
                server,
                security=security,
                password=trusted.with_name(password),
                **({"cafile": trusted} if authority else {}),
            )
        assert server.mails == []


def test_a_server_without_encryption_gets_nothing(sink: Sink) -> None:
    with pytest.raises(NotSent, match="STARTTLS"):
        send(sink, security="starttls")
    assert sink.mails == []


@pytest.mark.parametrize(("fault", "said"), [("451", "451 try again later"), ("early", "Disconnected")])
def test_what_was_refused_surely_did_not_leave(sink: Sink, fault: str, said: str) -> None:
    sink.fault = fault
    with pytest.raises(NotSent, match=said):
        send(sink)
    assert sink.mails == []


@pytest.mark.parametrize("fault", ["drop", "lose"])
def test_a_connection_that_drops_after_data_leaves_it_open(sink: Sink, fault: str) -> None:
    sink.fault = fault
    with pytest.raises(OSError) as caught:
        send(sink)
    assert not isinstance(caught.value, NotSent)


def test_a_refused_copy_is_named_and_the_others_get_theirs(sink: Sink) -> None:
    sink.fault = "rcpt"
    assert "nobody@x.org refused: 550 no such user" in send(sink)
    assert sink.mails[0][0] == ["ada@x.org", "list@x.org"]


def test_a_server_that_is_not_there_has_surely_nothing() -> None:
    with pytest.raises(NotSent):
        Smtp(Sink().account(), "bot@x.org").send(LETTER)


def test_a_server_for_seven_bits_gets_seven_bits(sink: Sink) -> None:
    sink.fault = "7bit"
    send(sink)
    assert sink.mails[0][1].isascii()
    assert sink.messages[0].get_content().replace("\r\n", "\n") == BODY


@pytest.mark.parametrize("body", [b".", b".\r\n..", b"a\rb\nc\r\n", b"", b"no end", b"\n\n.\n"])
def test_no_line_of_a_mail_ends_it(body: bytes) -> None:
    lines = wire(b"A: b\n\n" + body).split(b"\r\n")
    assert b"." not in lines and lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)


def test_a_maildir_gets_one_copy_however_often_it_is_put_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path, seen_in(lambda name: name == "m@reviewbot"))
    folder.send(LETTER)
    folder.send(LETTER)
    (file,) = (tmp_path / "new").iterdir()
    assert file.read_bytes() == LETTER.payload
    file.rename(tmp_path / "cur" / f"{file.name}:2,S")
    assert folder.look(LETTER) == f"{file.name}:2,S"


def test_a_mail_that_is_nowhere_to_be_seen_may_have_left(tmp_path: Path) -> None:
    with pytest.raises(NotSeenError):
        Folder(tmp_path, seen_in(lambda _: False)).look(LETTER)
    assert seen_in(lambda name: name == letter_id(LETTER))(LETTER) == "<m@reviewbot> came back"
