# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways out for a mail: SMTP (RFC 5321), a maildir that something else sends from, or a directory to look at.

Each way sends what a Letter carries and returns a reference. NotSent says that it surely did not leave, so that it
may be tried again; anything else leaves it in doubt.
"""

from __future__ import annotations

import os
import re
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from reviewbot.mail.headers import fields, message_id, people
from reviewbot.mail.message import split_head
from reviewbot.publish.mail.settings import Account
from reviewbot.publish.outbox import Letter, NotSent

_LINE_END = re.compile(rb"\r\n|\r|\n")
_DOT = re.compile(rb"^\.", re.MULTILINE)


def letter_id(letter: Letter) -> str:
    """Return the message-id of the mail in a letter."""
    return next((message_id(v) or "" for name, v in fields(split_head(letter.payload)[0]) if name == "message-id"), "")


@dataclass(frozen=True, slots=True)
class Way:
    """A way out: its channel in the outbox, how it sends and looks for what is in doubt; `sends`: it is no dry run."""

    channel: str
    send: Callable[[Letter], str]
    look: Callable[[Letter], str | None]
    sends: bool = True


class NotSeenError(Exception):
    """A mail was not seen where it should come by; that does not prove that it was not sent."""


def seen_in(has: Callable[[str], bool]) -> Callable[[Letter], str | None]:
    """Return a look that tells by `has` whether a mail came back (from the list's archive, say) with its message-id."""

    def look(letter: Letter) -> str | None:
        name = letter_id(letter)
        if has(name):
            return f"<{name}> came back"
        raise NotSeenError(f"<{name}> did not come back (yet)")

    return look


class Smtp:
    """Sends through an account of a mail server; `own` is the envelope's sender, to which bounces go."""

    def __init__(self, account: Account, own: str) -> None:
        self._account = account
        self._own = own

    def send(self, letter: Letter) -> str:
        """Send a mail to everybody in its To and Cc and return what the server said.

        Until the dot that ends the mail has left, nothing was delivered; once it has, only the server's answer tells.
        """
        try:
            server, refused = self._ready(letter)
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(_reason(error)) from error
        try:
            server.send(b".\r\n")
            code, said = server.getreply()
        finally:
            server.close()
        text = f"{code} {said.decode('utf-8', 'replace')}"
        if code >= 400:
            raise NotSent(text)
        return "; ".join([text, *refused])

    def _ready(self, letter: Letter) -> tuple[smtplib.SMTP, list[str]]:
        """Connect and transmit all of a mail but the dot that ends it; also return which recipients were refused."""
        account = self._account
        if account.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                account.host, account.port, timeout=account.timeout, context=account.trust()
            )
        else:
            server = smtplib.SMTP(account.host, account.port, timeout=account.timeout)
        try:
            server.ehlo_or_helo_if_needed()
            if account.security == "starttls":
                server.starttls(context=account.trust())
                server.ehlo_or_helo_if_needed()
            if account.user is not None:
                server.login(account.user, account.password())
            payload = letter.payload if server.has_extn("8bitmime") else _seven_bit(letter.payload)
            options = () if payload.isascii() else ("body=8bitmime",)
            _expect(server.mail(self._own, options), 250)
            refused = _recipients(server, envelope(letter))
            _expect(server.docmd("DATA"), 354)
            server.send(wire(payload))
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server, refused


def _recipients(server: smtplib.SMTP, addresses: tuple[str, ...]) -> list[str]:
    """Name the recipients; return what was said of those that were refused. The first one has to be taken."""
    refused = []
    for number, address in enumerate(addresses):
        code, said = server.rcpt(address)
        if code not in (250, 251):
            if number == 0:
                raise smtplib.SMTPResponseException(code, said)
            refused.append(f"{address} refused: {code} {said.decode('utf-8', 'replace')}")
    return refused


def _expect(answer: tuple[int, bytes], *codes: int) -> None:
    if answer[0] not in codes:
        raise smtplib.SMTPResponseException(*answer)


def _reason(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    return f"{type(error).__name__}: {error}"


def envelope(letter: Letter) -> tuple[str, ...]:
    """Return the addresses that a mail goes to: everybody in its To and Cc, each once."""
    head = fields(split_head(letter.payload)[0])
    found = [person.email for name, value in head if name in ("to", "cc") for person in people(value)]
    return tuple(dict.fromkeys(one for one in found if "@" in one))


def wire(payload: bytes) -> bytes:
    """Return a mail as DATA transmits it: CRLF line ends, leading dots doubled (RFC 5321, 4.5.2)."""
    lines = _LINE_END.split(payload.rstrip(b"\r\n"))
    return b"".join(_DOT.sub(b"..", line) + b"\r\n" for line in lines)


def _seven_bit(payload: bytes) -> bytes:
    """Return a mail for a server without 8BITMIME (RFC 6152): its text as quoted-printable."""
    if payload.isascii():
        return payload
    message = message_from_bytes(payload, policy=policy.SMTP)
    assert isinstance(message, EmailMessage)
    message.set_content(message.get_content(), charset="utf-8", cte="quoted-printable")
    return message.as_bytes()


class Folder:
    """Puts mails into a maildir, under a name made of their key: there can be but one of each."""

    def __init__(self, path: Path, came_back: Callable[[Letter], str | None]) -> None:
        """Take the maildir; `came_back` looks for a mail that what sends from there has taken already."""
        self._path = path
        self._came_back = came_back

    def send(self, letter: Letter) -> str:
        """Put a mail into `new` at one stroke and return its name."""
        name = f"{letter.key}.reviewbot"
        try:
            for part in ("tmp", "new", "cur"):
                (self._path / part).mkdir(parents=True, exist_ok=True)
            _write(self._path / "tmp" / name, letter.payload)
            (self._path / "tmp" / name).replace(self._path / "new" / name)
        except OSError as error:
            raise NotSent(f"{self._path}: {error.strerror}") from error
        return name

    def look(self, letter: Letter) -> str | None:
        """Return the name of a mail that is there, else what `came_back` finds (NotSeenError: nobody knows)."""
        name = f"{letter.key}.reviewbot"
        for part in ("new", "cur"):
            for file in (self._path / part).glob(f"{name}*"):
                return file.name
        return self._came_back(letter)


class Shelf:
    """A directory in which each mail that would be sent is a file, for a dry run."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, letter: Letter) -> str:
        """Write a mail into a file and return its name."""
        file = self._path / f"{letter.key}.eml"
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            _write(file.with_suffix(".new"), letter.payload)
            file.with_suffix(".new").replace(file)
        except OSError as error:
            raise NotSent(f"{file}: {error.strerror}") from error
        return str(file)

    def look(self, letter: Letter) -> str | None:
        """Return the file's name where it is there."""
        file = self._path / f"{letter.key}.eml"
        return str(file) if file.exists() else None


def _write(file: Path, data: bytes) -> None:
    """Write a file down to the disk."""
    with file.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
