# SPDX-License-Identifier: GPL-2.0-or-later
"""Sources to entries, one mail at a time: the part of reading whose memory must not grow with what is read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from reviewbot.mail.attached import attached_mails, may_have_mails
from reviewbot.mail.diffwalk import may_have_diff
from reviewbot.mail.dump import read_dump
from reviewbot.mail.entry import Entry, make_entry
from reviewbot.mail.headers import fields, message_id
from reviewbot.mail.message import BrokenMailError, header, parse_message, split_head
from reviewbot.mail.quilt import is_quilt, read_quilt
from reviewbot.mail.sources import Raw, open_source
from reviewbot.mail.store import MailStore
from reviewbot.model.mail import MailSeries, Message, Skipped


def scan(sources: Sequence[str], stdin: BinaryIO | None, store: MailStore) -> Iterator[Entry | MailSeries | Skipped]:
    """Yield an entry for each mail of the sources, in order, its bytes put into `store` under the entry's key.

    What is no mail comes as it is: the series of a text dump or a quilt directory, and what could not be used.
    Raises UnusableInputError for a source that cannot be read.
    """
    seen: dict[str, int] = {}
    for source in sources:
        if source != "-" and is_quilt(Path(source)):
            series, unusable = read_quilt(Path(source))
            yield series
            yield from unusable
            continue
        for raw in open_source(source, stdin):
            if raw.is_mail:
                yield from _entries(raw, source, store, seen)
            else:
                yield from read_dump(raw.data, raw.origin)


def _entries(raw: Raw, source: str, store: MailStore, seen: dict[str, int]) -> Iterator[Entry | Skipped]:
    """Sum a mail up, and the mails attached to it; a broken one and one that came before is skipped.

    Of a mail that is nothing but the wrapping of another nothing is heard.
    """
    outer, inner = opened(raw.data)
    for data in outer:
        try:
            yield _entry(raw, parse_message(data, raw.origin), source, store, seen)
        except BrokenMailError as error:
            yield Skipped(error.message_id, f"{raw.origin}: {error}")
    for number, data in enumerate(inner, 1):
        one = Raw(data, f"{raw.origin}, attached mail {number}")
        try:
            yield _entry(one, parse_message(data, one.origin), source, store, seen)
        except BrokenMailError as error:
            yield Skipped(error.message_id, f"{one.origin}: {error}")


def opened(data: bytes) -> tuple[tuple[bytes, ...], tuple[bytes, ...]]:
    """Return a mail and the mails attached to it; nothing for the mail where it is but the wrapping of another."""
    if not may_have_mails(data):
        return (data,), ()
    try:
        message = parse_message(data, "")
    except BrokenMailError as error:
        inner = attached_mails(data, error.message_id, wrapped=True)
        return (() if inner else (data,)), inner
    if not header(message, "content-type").lstrip().lower().startswith("multipart/"):
        return (data,), ()
    wrapped = not may_have_diff(message.payload)
    inner = attached_mails(data, message.message_id, wrapped)
    alone = wrapped and len(inner) == 1 and _identity(inner[0]) == message.message_id
    return (() if alone else (data,)), inner


def _identity(data: bytes) -> str | None:
    """Return the message-id of a mail's bytes."""
    return next((message_id(value) for name, value in fields(split_head(data)[0]) if name == "message-id"), None)


def _entry(raw: Raw, message: Message, source: str, store: MailStore, seen: dict[str, int]) -> Entry | Skipped:
    """Sum a message up, its bytes put into the store, or skip it when it came before."""
    identity = message.message_id
    if identity is not None and identity in seen:
        return Skipped(identity, _again(message, store.message(seen[identity])))
    key = store.put(raw.data, raw.origin, raw.again)
    if identity is not None:
        seen[identity] = key
    return make_entry(key, message, source)


def _again(message: Message, first: Message) -> str:
    """Say why a mail with a known message-id is left out."""
    if message.payload.strip() == first.payload.strip():
        return f"{message.origin}: delivered twice"
    return f"{message.origin}: has the message-id of another mail ({first.origin})"
