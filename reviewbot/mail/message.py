# SPDX-License-Identifier: GPL-2.0-or-later
"""One mail, from its bytes to a decoded Message (RFC 5322, MIME: RFC 2045-2049, format=flowed: RFC 3676).

Nearly all list mail is one text part; that is decoded here. Mails of several parts go through the standard library's
parser. No mail raises anything but BrokenMailError.
"""

from __future__ import annotations

from reviewbot.mail import body as bodies
from reviewbot.mail.bots import is_bot
from reviewbot.mail.headers import clean, fields, message_id, message_ids, people, read_date, read_person
from reviewbot.model.mail import Message, Person

_TRACES = ("received", "arc-", "dkim-", "authentication-", "x-ms-", "x-google-", "x-spam", "x-microsoft-")
_NOBODY = Person("", "")


class BrokenMailError(Exception):
    """A mail that cannot be used; the text is the reason, `message_id` its id where it has one."""

    def __init__(self, reason: str, message_id: str | None = None) -> None:
        super().__init__(reason)
        self.message_id = message_id


def split_head(raw: bytes) -> tuple[bytes, bytes]:
    """Split a mail at the first empty line into its header block and its body; leading empty lines are dropped."""
    raw = raw.lstrip(b"\r\n")
    lf, crlf = raw.find(b"\n\n"), raw.find(b"\r\n\r\n")
    if crlf >= 0 and (lf < 0 or crlf < lf):
        return raw[:crlf], raw[crlf + 4 :]
    return (raw, b"") if lf < 0 else (raw[:lf], raw[lf + 2 :])


def parse_message(raw: bytes, origin: str) -> Message:
    """Read one mail. `raw` is the mail as stored, with no mbox `From ` line; `origin` says where it came from.

    Raises BrokenMailError for bytes that are no mail, or one with no text in it.
    """
    head, content = split_head(raw)
    found = fields(head)
    first: dict[str, str] = {}
    for name, value in found:
        first.setdefault(name, value)
    if not first:
        raise BrokenMailError("no mail: it has no header fields")
    own_id = message_id(first.get("message-id", ""))
    # transport with CRLF line ends is undone as a whole; a lone CR in a body is content
    wire = b"\r\n" in head
    if wire:
        content = content.replace(b"\r\n", b"\n")
    try:
        text = bodies.read_body(raw, content, first)
    except bodies.NoTextError as error:
        raise BrokenMailError(str(error), own_id) from error
    sender = read_person(first.get("from", "")) if "from" in first else _NOBODY
    reply_to = message_ids(first.get("in-reply-to", ""))
    references = [one for one in dict.fromkeys(message_ids(first.get("references", ""))) if one != own_id]
    parent = reply_to[0] if reply_to and reply_to[0] != own_id else None
    if parent and parent not in references:
        references.append(parent)
    kept = tuple((name, value) for name, value in found if not name.startswith(_TRACES))
    return Message(
        message_id=own_id,
        subject=clean(first.get("subject", "")),
        author=sender,
        date=read_date(first.get("date", "")),
        in_reply_to=parent,
        references=tuple(references),
        body=text.body,
        payload=text.payload,
        origin=origin,
        headers=kept,
        is_bot=is_bot(sender, first),
        damage=text.damage,
    )


def header(message: Message, name: str) -> str:
    """Return a field's raw value by its name in lower case; "" where the mail lacks it."""
    return next((value for field, value in message.headers if field == name), "")


def recipients(message: Message) -> tuple[Person, ...]:
    """Return everybody in To and Cc, each address once, in order."""
    found: dict[str, Person] = {}
    for name in ("to", "cc"):
        for field, value in message.headers:
            if field == name:
                for person in people(value):
                    found.setdefault(person.email.lower() or person.name, person)
    return tuple(found.values())
