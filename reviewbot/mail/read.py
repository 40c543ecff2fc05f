# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail side's way in: sources to series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import BinaryIO

from reviewbot.mail.assemble import build_series
from reviewbot.mail.entry import Entry
from reviewbot.mail.scan import scan
from reviewbot.mail.store import MailStore
from reviewbot.mail.threads import group_series
from reviewbot.mail.versions import link_versions
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries, Skipped


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
        because = f" ({skipped[0].reason})" if skipped else ""
        raise UnusableInputError(f"no patch in {', '.join(sources)}{because}")
    return tuple(found), tuple(skipped)


def stream_mail(sources: Sequence[str], stdin: BinaryIO | None = None) -> Iterator[MailSeries | Skipped]:
    """Yield what `read_mail` returns, one at a time: only a summary of each mail is kept in memory.

    Nothing is raised where there is no patch; a source that cannot be read raises UnusableInputError.
    """
    entries: list[Entry] = []
    with MailStore() as store:
        for one in scan(sources, stdin, store):
            if isinstance(one, Entry):
                entries.append(one)
            else:
                yield one
        yield from _assemble(entries, store)


def _assemble(entries: list[Entry], store: MailStore) -> Iterator[MailSeries | Skipped]:
    """Make the series of the scanned mails; name the covers whose patches are not there and patches with no diff.

    A notice ("patch … added to the tree") is a patch only where nothing else is: whoever passes it alone means it.
    """
    if not any(entry.is_patch or (entry.carries_patch and not entry.is_notice) for entry in entries):
        entries = [replace(entry, is_notice=False) for entry in entries]
    for entry in entries:
        if entry.subject.is_submission and entry.subject.number and not entry.carries_patch and not entry.is_notice:
            yield Skipped(entry.message_id, "announces a patch and has no diff that could be read")
    groups = group_series(entries)
    previous = link_versions(groups)
    for number, group in enumerate(groups):
        series = build_series(group, store.message, previous.get(number, ()))
        if series is None:
            for one in group.members:
                yield Skipped(one.message_id, "announces patches and none of them is here")
        else:
            yield series
