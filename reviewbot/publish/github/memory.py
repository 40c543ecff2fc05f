# SPDX-License-Identifier: GPL-2.0-or-later
"""What the GitHub bot remembers of pull requests: each head that was reviewed is a version of one series."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from reviewbot.model.earlier import Reviewed
from reviewbot.model.finding import Finding, SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.publish.policy import without_shadowed
from reviewbot.review.memory import ledger
from reviewbot.review.memory.remembering import Remembering
from reviewbot.review.memory.standing import Threshold
from reviewbot.review.memory.store import Store

LOG = logging.getLogger("reviewbot.github")
LATEST = 1_000_000
"""A version that is later than any."""


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory of a bot; without a store it remembers nothing, and tells everything.

    `moderated` bots have posted nothing yet when they are through: what they told is not noted. Pull requests are named
    `owner/name#number`, their versions by the commit as well (`version_name`).
    """

    store: Store | None = None
    threshold: Threshold | None = None
    moderated: bool = False

    def tellable(self, review: SeriesReview) -> SeriesReview:
        """Return a review without what only shadows for now."""
        if self.store is None:
            return review
        return without_shadowed(review, ledger.shadowed(self.store, self.threshold))

    def reviewing(self) -> Remembering:
        """Return what one review is judged and kept by."""
        return Remembering(self.store, LOG.warning)

    def told(self, pull: str, version: str, findings: Iterable[Finding], gone: Iterable[str]) -> None:
        """Note which findings a pull request was told, and the fingerprints of those that are gone."""
        if self.store is None or self.moderated:
            return
        for finding in findings:
            ledger.posted(self.store, finding, version, place(pull))
        for fingerprint in gone:
            ledger.answered(self.store, fingerprint, version, "fixed")

    def call_false(self, pull: str, rule: str, fingerprint: str | None) -> int:
        """Note that findings are false of which a pull request was told; return how many there are.

        They are those of a rule ("": of any), or the one that has or had a fingerprint.
        """
        if self.store is None:
            return 0
        count = 0
        for one in ledger.postings_at(self.store, place(pull)):
            mine = fingerprint is None or fingerprint in ledger.former_names(self.store, one.fingerprint, one.thread)
            if mine and rule in ("", one.rule):
                ledger.answered(self.store, one.fingerprint, one.thread, "false-positive")
                count += 1
        return count

    def names(self, version: str, findings: Iterable[Finding]) -> dict[str, str]:
        """Return the fingerprints of findings by those that they had in earlier versions."""
        if self.store is None:
            return {}
        return {
            old: finding.fingerprint
            for finding in findings
            for old in ledger.former_names(self.store, finding.fingerprint, version)
            if old != finding.fingerprint
        }


def place(pull: str) -> str:
    """Return how the ledger calls a pull request."""
    return f"github:{pull}"


def version_name(pull: str, head: str) -> str:
    """Return the name of a pull request's version, by the commit at its head."""
    return f"{pull}@{head}"


def as_version(mail: MailSeries, pull: str, kept: Remembering) -> MailSeries:
    """Return a pull request's series as the version that comes after those which are remembered."""
    named = replace(mail, previous=(pull,))
    known = earlier(replace(named, version=LATEST), pull, kept)
    return replace(named, version=max((one.series.mail.version for one in known), default=0) + 1)


def earlier(mail: MailSeries, pull: str, kept: Remembering) -> Sequence[Reviewed]:
    """Return the remembered versions of a pull request before this one; not those of others with its title."""
    return [one for one in kept.earlier(mail) if pull in one.series.mail.previous]
