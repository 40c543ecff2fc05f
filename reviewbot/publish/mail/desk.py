# SPDX-License-Identifier: GPL-2.0-or-later
"""The mails of the spool, decoded, and the series that they make."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from reviewbot.mail.assemble import build_series
from reviewbot.mail.entry import Entry, make_entry
from reviewbot.mail.message import parse_message
from reviewbot.mail.threads import Group, group_series
from reviewbot.mail.versions import link_versions
from reviewbot.model.mail import MailSeries, Message
from reviewbot.publish.mail.spool import Mail, Spool
from reviewbot.publish.mail.waiting import Candidate, Patience, candidates

CACHED = 64
"""Messages kept decoded."""


class Desk:
    """Reads mails of a spool by their keys; what a mail comes to for threading is remembered."""

    def __init__(self, spool: Spool, patience: Patience) -> None:
        self._spool = spool
        self._patience = patience
        self._entries: dict[int, Entry] = {}
        self._recent: OrderedDict[int, Message] = OrderedDict()

    def message(self, key: int) -> Message:
        """Return a mail, decoded. Raises BrokenMailError where it cannot be read."""
        if key not in self._recent:
            self._recent[key] = parse_message(self._spool.data(key), f"mail {key}")
            if len(self._recent) > CACHED:
                self._recent.popitem(last=False)
        return self._recent[key]

    def entry(self, mail: Mail) -> Entry:
        """Return what threading needs to know of a mail. Raises BrokenMailError where it cannot be read."""
        if mail.key not in self._entries:
            self._entries[mail.key] = make_entry(mail.key, self.message(mail.key), mail.source)
        return self._entries[mail.key]

    def series(self) -> tuple[tuple[Candidate, ...], tuple[Group, ...]]:
        """Return the series that wait for an answer, and every series that the spool has mails of."""
        mails = self._spool.mails("waiting", "kept", "done")
        kept = {mail.key for mail in mails}
        self._entries = {key: entry for key, entry in self._entries.items() if key in kept}
        entries = [self.entry(mail) for mail in mails]
        arrived = {mail.key: mail.arrived for mail in mails}
        waiting = frozenset(mail.key for mail in mails if mail.state == "waiting")
        return candidates(entries, arrived, waiting, self._patience)

    def alone(self, entry: Entry) -> None:
        """Make a series of one mail: one that cannot be digested shows here, where it harms no other."""
        for group in group_series([entry]):
            build_series(group, self.message)

    def build(self, group: Group, groups: Sequence[Group]) -> tuple[MailSeries | None, bool]:
        """Make the series of a group, linked to its older versions; None where no mail of it has a patch.

        Also tell whether one of the other groups is a newer version of it.
        """
        older = link_versions(list(groups))
        number = next(at for at, one in enumerate(groups) if one is group)
        replaced = any(group.first.message_id in ids for at, ids in older.items() if at != number)
        return build_series(group, self.message, older.get(number, ())), replaced
