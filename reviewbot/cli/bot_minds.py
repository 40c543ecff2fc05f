# SPDX-License-Identifier: GPL-2.0-or-later
"""What the mail bot reviews with and remembers by."""

from __future__ import annotations

import logging
from pathlib import Path

from reviewbot.cache import user_cache
from reviewbot.checks.load import load_rules
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.patch.read import read_series
from reviewbot.publish.config import Config
from reviewbot.publish.mail.answering import Reviewer
from reviewbot.publish.mail.making import Minds
from reviewbot.publish.mail.said import Said
from reviewbot.publish.mail.settings import EmailBot
from reviewbot.resources import bundled
from reviewbot.review.memory import ledger
from reviewbot.review.memory.remembering import Remembering
from reviewbot.review.memory.store import Store
from reviewbot.review.pipeline import Judges, review_series, silent
from reviewbot.review.versions.link import with_earlier
from reviewbot.simulate.scenario import load_scenarios
from reviewbot.tree.pins import find_tree

log = logging.getLogger("reviewbot.bot")


def minds(config: Config, settings: EmailBot, store: Store) -> Minds:
    """Return the reviewer and the memory of a bot."""

    def told(said: Said) -> None:
        for rule, fingerprint in said.findings:
            ledger.note_posting(store, rule, fingerprint, said.series, f"<{said.message}>")

    def false_positive(fingerprint: str, series: str) -> None:
        ledger.answered(store, fingerprint, series, "false-positive")

    return Minds(
        review=reviewer(settings, config.file, store),
        shadowed=lambda: ledger.shadowed(store, config.policy.shadow),
        told=told,
        false_positive=false_positive,
    )


def reviewer(settings: EmailBot, file: Path, store: Store) -> Reviewer:
    """Return what reviews a series on the configured tree, or on what the series shows where there is none.

    `file` names the trees. What was reviewed before is remembered, and compared with.
    """
    rules = load_rules(bundled("rules"), *settings.rules)
    scenarios = load_scenarios(bundled("fixtures") / "scenarios") if settings.simulate else ()
    judges = Judges(rules, scenarios, cache=user_cache())

    def review(mail: MailSeries, base: str | None) -> SeriesReview:
        # opened each time: a pin is verified each time, and a mirror moves on
        tree = find_tree(settings.tree, file) if settings.tree is not None else None
        wanted = base or settings.base
        if wanted is not None:
            if tree is None:
                raise UnusableInputError(f"{file}: no bot.email.tree, so nothing can be reviewed on {wanted}")
            tree.resolve(wanted)
        kept = Remembering(store, log.warning)
        made = review_series(read_series(mail), tree, wanted, judges, silent, kept.judge)
        reviews = with_earlier((made,), kept.earlier)
        kept.keep(reviews)
        return reviews[0]

    return review
