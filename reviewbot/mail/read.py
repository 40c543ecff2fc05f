# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail side's way in: sources to series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from reviewbot.mail.assemble import build_series
from reviewbot.mail.dump import read_dump
from reviewbot.mail.entry import Entry, make_entry
from reviewbot.mail.message import BrokenMailError, parse_message
from reviewbot.mail.quilt import is_quilt, read_quilt
from reviewbot.mail.sources import open_source
from reviewbot.mail.store import MailStore
from reviewbot.mail.threads import group_series
from reviewbot.mail.versions import link_versions
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries, Message, Skipped


def read_mail(
    sources: Sequence[str], stdin: BinaryIO | None = None
) -> tuple[tuple[MailSeries, ...], tuple[Skipped, ...]]:
    """Read all series of the sources, each with what people answered, and the mails that were not used and why.

    A source is what the command line calls one: an mbox, a maildir, a mail, a diff, a quilt directory, a public-inbox
    archive (or a thread of it, `DIR#MESSAGE-ID`), a message-id or address to fetch, a text dump of a thread, `-`.
    Series come in the order in which they were read. Raises UnusableInputError for a source that cannot be read,
    and where no source has any patch.
    """
    found: list[MailSeries] = []
    skipped: list[Skipped] = []
    for one in stream_mail(sources, stdin):
        if isinstance(one, MailSeries):
            found.append(one)
        else:
            skipped.append(one)
    if not found:
        raise UnusableInputError(f"no patch in {', '.join(sources)}")
    return tuple(found), tuple(skipped)


def stream_mail(sources: Sequence[str], stdin: BinaryIO | None = None) -> Iterator[MailSeries | Skipped]:
    """Yield what `read_mail` returns, one at a time: only a summary of each mail is kept in memory.

    Nothing is raised where there is no patch; a source that cannot be read raises UnusableInputError.
    """
    entries: list[Entry] = []
    with MailStore() as store:
        seen: dict[str, int] = {}
        for source in sources:
            if source != "-" and is_quilt(Path(source)):
                series, unusable = read_quilt(Path(source))
                yield series
                yield from unusable
                continue
            yield from _scan(source, stdin, store, seen, entries)
        yield from _assemble(entries, store)


def _scan(
    source: str, stdin: BinaryIO | None, store: MailStore, seen: dict[str, int], entries: list[Entry]
) -> Iterator[MailSeries | Skipped]:
    """Sum up the mails of a source in `entries`; yield the series of a dump, and the mails that cannot be used."""
    for raw in open_source(source, stdin):
        if not raw.is_mail:
            yield from read_dump(raw.data, raw.origin)
            continue
        try:
            message = parse_message(raw.data, raw.origin)
        except BrokenMailError as error:
            yield Skipped(error.message_id, f"{raw.origin}: {error}")
            continue
        identity = message.message_id
        if identity is not None and identity in seen:
            yield Skipped(identity, _again(message, store.message(seen[identity])))
            continue
        key = store.put(raw.data, raw.origin, raw.again)
        if identity is not None:
            seen[identity] = key
        entries.append(make_entry(key, message, source))


def _again(message: Message, first: Message) -> str:
    """Say why a mail with a known message-id is left out."""
    if message.payload.strip() == first.payload.strip():
        return f"{message.origin}: delivered twice"
    return f"{message.origin}: has the message-id of another mail ({first.origin})"


def _assemble(entries: list[Entry], store: MailStore) -> Iterator[MailSeries | Skipped]:
    """Make the series of the scanned mails; name the covers whose patches are not there.

    A notice ("patch … added to the tree") is a patch only where nothing else is: whoever passes it alone means it.
    """
    if not any(entry.is_patch or (entry.carries_patch and not entry.is_notice) for entry in entries):
        entries = [replace(entry, is_notice=False) for entry in entries]
    groups = group_series(entries)
    previous = link_versions(groups)
    for number, group in enumerate(groups):
        series = build_series(group, store.message, previous.get(number, ()))
        if series is None:
            for one in group.members:
                yield Skipped(one.message_id, "announces patches and none of them is here")
        else:
            yield series
