# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail side's way in: sources to series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from reviewbot.mail.assemble import build_series
from reviewbot.mail.dump import read_dump
from reviewbot.mail.entry import Entry, make_entry
from reviewbot.mail.message import BrokenMailError, parse_message
from reviewbot.mail.sources import open_source
from reviewbot.mail.threads import Group, group_series
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries, Message, Skipped


def read_mail(
    sources: Sequence[str], stdin: BinaryIO | None = None
) -> tuple[tuple[MailSeries, ...], tuple[Skipped, ...]]:
    """Read all series of the sources, each with what people answered, and the mails that were not used and why.

    A source is what the command line calls one: an mbox, a maildir, a mail, a diff, a text dump of a thread, `-`.
    Series come in the order in which they were read. Raises UnusableInputError for a source that cannot be read,
    and where no source has any patch.
    """
    dumped: list[MailSeries] = []
    messages: list[Message] = []
    entries: list[Entry] = []
    skipped: list[Skipped] = []
    seen: dict[str, Message] = {}
    for source in sources:
        for raw in open_source(source, stdin):
            if not raw.is_mail:
                dumped += read_dump(raw.data, raw.origin)
                continue
            try:
                message = parse_message(raw.data, raw.origin)
            except BrokenMailError as error:
                skipped.append(Skipped(error.message_id, f"{raw.origin}: {error}"))
                continue
            if message.message_id in seen:
                skipped.append(Skipped(message.message_id, _again(message, seen[message.message_id])))
                continue
            if message.message_id is not None:
                seen[message.message_id] = message
            entries.append(make_entry(len(entries), message, source))
            messages.append(message)
    built, unused = _build(group_series(entries), messages)
    found = (*built, *dumped)
    if not found:
        raise UnusableInputError(f"no patch in {', '.join(sources)}")
    return found, (*skipped, *unused)


def _again(message: Message, first: Message) -> str:
    """Say why a mail with a known message-id is left out."""
    same = message.payload.strip() == first.payload.strip()
    return f"{message.origin}: " + (
        "delivered twice" if same else f"has the message-id of another mail ({first.origin})"
    )


def _build(groups: Sequence[Group], messages: Sequence[Message]) -> tuple[list[MailSeries], list[Skipped]]:
    """Make the series of groups that have patches; name the covers of those that have none."""
    built, unused = [], []
    for group in groups:
        if series := build_series(group, messages.__getitem__):
            built.append(series)
        else:
            unused += [Skipped(one.message_id, "announces patches and none of them is here") for one in group.members]
    return built, unused
