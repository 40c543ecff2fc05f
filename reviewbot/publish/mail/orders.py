# SPDX-License-Identifier: GPL-2.0-or-later
"""Doing what replies command. Each action leaves the same behind when it is done twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewbot.mail.threads import Group
from reviewbot.model.mail import Message
from reviewbot.publish.mail.authentic import Dns, proven_sender
from reviewbot.publish.mail.commands import Command, refused
from reviewbot.publish.mail.said import Said, Sayings
from reviewbot.publish.mail.settings import Authority
from reviewbot.publish.mail.spool import Spool

TURNS = 5
"""How often one series is reviewed again because somebody asks."""

FalsePositive = Callable[[str, str], None]
"""Remembers that a finding is false: its fingerprint, and the series that it was said of."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What commands act on."""

    spool: Spool
    sayings: Sayings
    authority: Authority
    false_positive: FalsePositive
    dns: Dns

    def obey(self, command: Command, mail: tuple[Message, bytes], groups: Sequence[Group], now: datetime) -> str:
        """Do what a mail (decoded, and as it came) commands and return what was done, or why it was not.

        "help" is only allowed here: the caller answers it. Raises ConnectionError where the sender's domain cannot be
        asked for its key now.
        """
        message, raw = mail
        sender = proven_sender(raw, self.authority, self.dns)
        said = self.sayings.about(message.references)
        group = find_group(message.references, said, groups)
        authors = {one.sender for one in group.members} if group is not None else set()
        wrong = refused(command.action, sender, authors, self.authority.maintainers)
        if wrong or sender is None:
            return f"refused: {wrong}"
        if command.action == "stop":
            return self._stop(sender, group if sender not in authors else None, now)
        if command.action == "false-positive":
            return self._false(command.argument, said)
        if command.action == "help":
            return "help"
        return self._again(group, command.argument or None)

    def _stop(self, sender: str, group: Group | None, now: datetime) -> str:
        if group is not None and sender in self.authority.maintainers:
            self.spool.mute("message", sorted(group.ids), now)
            return "the series is stopped"
        self.spool.mute("address", [sender], now)
        return f"{sender} gets no more mails"

    def _false(self, rule: str, said: Sequence[Said]) -> str:
        marks = sorted({(one.series, mark) for one in said for name, mark in one.findings if name == rule})
        for series, mark in marks:
            self.false_positive(mark, series)
        return f"{len(marks)} findings of {rule} are false" if marks else f"nothing was said by {rule} there"

    def _again(self, group: Group | None, base: str | None) -> str:
        if group is None:
            return "refused: it answers no series that is still kept"
        keys = [one.key for one in group.members]
        if max(one.turn for one in self.spool.chosen(keys)) >= TURNS:
            return f"refused: the series was reviewed {TURNS} times more already"
        self.spool.renew(keys, base)
        return "the series is reviewed again" + (f" on {base}" if base else "")


def find_group(references: Sequence[str], said: Sequence[Said], groups: Sequence[Group]) -> Group | None:
    """Return the series of the nearest message that a mail answers, through the bot's own mails too."""
    names = [*reversed(references), *(one.answers for one in said)]
    return next((group for name in names for group in groups if name in group.ids), None)
