# SPDX-License-Identifier: GPL-2.0-or-later
"""What a version and a series are known by in memory."""

from __future__ import annotations

from dataclasses import replace

from reviewbot.cache import digest
from reviewbot.mail.subject import parse_subject
from reviewbot.model.mail import MailSeries
from reviewbot.review.memory.form import plain

LONGEST = 200
"""Message-ids up to this length stand for themselves."""


def thread_name(series_id: str) -> str:
    """Return the name by which a thread is kept: its message-id, or a digest of one that is absurdly long."""
    return series_id if len(series_id) <= LONGEST else f"sha256:{digest(series_id)}"


def identity(mail: MailSeries) -> str:
    """Return what a version is known by: its message-id, or its content where it has none."""
    return thread_name(mail.id) if mail.id else f"content:{digest(plain(placeless(mail)))}"


def links(mail: MailSeries) -> frozenset[tuple[str, str]]:
    """Return what the versions of a series share, as (kind, digest): its message-ids, change-id, author and title."""
    found = {("message", digest(thread_name(one))) for one in (*mail.previous, identity(mail))}
    if mail.change_id:
        found.add(("change-id", digest(mail.change_id)))
    title = parse_subject(mail.subject).key
    if title and mail.author.email:
        found.add(("title", digest(mail.author.email.lower(), title)))
    return frozenset(found)


def placeless(mail: MailSeries) -> MailSeries:
    """Return a series without the name of the file that it was read from."""
    return mail if mail.cover is None else replace(mail, cover=replace(mail.cover, origin=""))
