# SPDX-License-Identifier: GPL-2.0-or-later
"""Messages as they were read, and the series and replies that they form."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Person:
    """A name and an address; either may be the empty string."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Trailer:
    """A `Name: value` line; `source` tells whether the patch or a reply gave it."""

    name: str
    value: str
    source: Literal["patch", "reply"] = "patch"
    message_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One mail, decoded.

    `body` is the text a reader sees (LF line ends, decoded by its charset); `payload` is the bytes before the
    charset was applied, which is what a diff must be cut from (git never re-encodes a diff); the two have the same
    number of lines.
    `references` is oldest first and includes In-Reply-To last. `origin` is where the message was read from, for
    diagnostics ("file.mbox#3").
    """

    message_id: str | None
    subject: str
    author: Person
    date: datetime | None
    in_reply_to: str | None
    references: tuple[str, ...]
    body: str
    payload: bytes
    origin: str
    headers: tuple[tuple[str, str], ...] = ()
    is_bot: bool = False
    damage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatchMail:
    """A patch as a message (or a part of one) carries it: commit message and raw diff, the diff not yet modelled.

    `number` and `total` are those of the subject's `[PATCH n/m]`, 1 and 1 where it has none. `author` honours an
    in-body `From:`, `sender` is the From header. `log` is the commit message without its subject, trailers included;
    `notes` is what stands between `---` and the diff. `diff` is the raw bytes from the first diff line to the last.
    `diff_line` is the 1-based line of the message body on which `diff` begins. `references` are those of the message,
    `recipients` everybody in its To and Cc, `reply_to` its Reply-To: what an answer to it needs.
    """

    number: int
    total: int
    message_id: str | None
    subject: str
    author: Person
    sender: Person
    date: datetime | None
    log: str
    notes: str
    diff: bytes
    diff_line: int
    trailers: tuple[Trailer, ...] = ()
    damage: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    recipients: tuple[Person, ...] = ()
    reply_to: Person | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A stretch of own text in a reply, under the quote that it answers.

    `quoted` is the block of quoted lines right above the text with one level of `>` removed, as posted (so deeper
    quotes keep theirs); () when the text stands under no quote. `quoted_before` is every quoted line of the message
    above that block, unquoted the same way, for anchoring a trimmed quote.
    """

    message_id: str | None
    author: Person
    date: datetime | None
    quoted: tuple[str, ...]
    quoted_before: tuple[str, ...]
    text: str
    in_reply_to: str | None = None


@dataclass(frozen=True, slots=True)
class MailSeries:
    """A series as the mails say: patches in order of their numbers, with what people answered.

    `subject` has no `[PATCH …]` prefix. `tags` are the prefix's other words (RFC, a tree's name). `missing` are the
    announced numbers that no message brought. `base_commit` and `prerequisites` (patch ids) are what
    `git format-patch --base` left. `remarks` are those of all replies to any message of the series.
    `other_copies` are copies of the same diffs that replies quote, quote marks removed, as (message_id, text).
    """

    id: str | None
    subject: str
    version: int
    total: int
    author: Person
    date: datetime | None
    cover: Message | None
    patches: tuple[PatchMail, ...]
    missing: tuple[int, ...]
    messages: tuple[str, ...]
    remarks: tuple[Remark, ...] = ()
    other_copies: tuple[tuple[str | None, str], ...] = ()
    tags: tuple[str, ...] = ()
    change_id: str | None = None
    base_commit: str | None = None
    prerequisites: tuple[str, ...] = ()
    previous: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that was not used, and why."""

    message_id: str | None
    reason: str
