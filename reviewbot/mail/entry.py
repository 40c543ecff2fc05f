# SPDX-License-Identifier: GPL-2.0-or-later
"""What threading needs to know of a mail: small, so that a whole archive's entries fit in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from sys import intern

from reviewbot.mail.bots import is_notice
from reviewbot.mail.diffwalk import FileStat, may_have_diff, walk
from reviewbot.mail.subject import Subject, parse_subject
from reviewbot.mail.trailers import change_id, version_links
from reviewbot.model.mail import Message


@dataclass(frozen=True, slots=True)
class Entry:
    """A mail in the order of arrival (`key`), with the files of the unquoted diff that it carries.

    `parent` is the message-id that it answers, `references` all it names, oldest first. `broken` counts hunks that
    do not have the lines which their counts promise; `extent` is the diff's first line and the one after its last.
    `change_id` and `links` (message-ids of earlier versions) are those of covers and first patches.
    """

    key: int
    message_id: str | None
    parent: str | None
    references: tuple[str, ...]
    subject: Subject
    sender: str
    date: datetime | None
    files: tuple[FileStat, ...]
    broken: int
    extent: tuple[int, int] | None
    is_bot: bool
    is_notice: bool
    source: str
    change_id: str | None = None
    links: tuple[str, ...] = ()

    @property
    def carries_patch(self) -> bool:
        """Whether there is a diff in the mail, quoted ones not counted."""
        return bool(self.files)

    @property
    def is_cover(self) -> bool:
        """Whether this is `0/n`, or announces patches without a counter and has none itself."""
        if not self.subject.is_submission:
            return False
        return self.subject.number == 0 or (self.subject.number is None and not self.files)

    @property
    def is_patch(self) -> bool:
        """Whether the mail itself is a patch: a diff, and not a reply by its subject, nor an answer without a tag."""
        if not self.files or self.subject.is_reply or self.is_notice or self.is_cover:
            return False
        return self.subject.is_submission or self.parent is None


def make_entry(key: int, message: Message, source: str) -> Entry:
    """Sum a message up."""
    extents = walk(message.payload.split(b"\n")) if may_have_diff(message.payload) else ()
    subject = parse_subject(message.subject)
    opens = subject.is_submission and (subject.number or 1) == 1
    # the same ids and names come again and again: one string of each is enough
    references = tuple(map(intern, message.references))
    parent = message.in_reply_to or (references[-1] if references else None)
    return Entry(
        key=key,
        message_id=intern(message.message_id) if message.message_id else None,
        parent=intern(parent) if parent else None,
        references=references,
        subject=subject,
        sender=intern(message.author.email.lower() or message.author.name.lower()),
        date=message.date.astimezone(UTC) if message.date else None,
        files=tuple(file for one in extents for file in one.files),
        broken=sum(one.broken for one in extents),
        extent=(extents[0].start, extents[-1].end) if extents else None,
        is_bot=message.is_bot,
        is_notice=is_notice(message.subject),
        source=source,
        change_id=change_id(message.body) if opens else None,
        links=version_links(message.body) if opens else (),
    )
