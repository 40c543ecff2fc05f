# SPDX-License-Identifier: GPL-2.0-or-later
"""What the mail bot reviews with and remembers by."""

from __future__ import annotations

from pathlib import Path

from reviewbot.checks.load import load_rules
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.patch.read import read_series
from reviewbot.publish.mail.answering import Reviewer
from reviewbot.publish.mail.letters import Draft
from reviewbot.publish.mail.making import Minds
from reviewbot.publish.mail.settings import EmailBot
from reviewbot.resources import bundled
from reviewbot.review.memory.store import Store
from reviewbot.review.pipeline import Judges, review_series, silent
from reviewbot.simulate.scenario import load_scenarios
from reviewbot.tree.pins import find_tree


def minds(settings: EmailBot, file: Path, store: Store) -> Minds:
    """Return the reviewer and the memory of a bot; `file` is the configuration, which names the trees."""
    return Minds(reviewer(settings, file), frozenset, _told, _false)


def reviewer(settings: EmailBot, file: Path) -> Reviewer:
    """Return what reviews a series on the configured tree, or on what the series shows where there is none."""
    rules = load_rules(bundled("rules"), *settings.rules)
    scenarios = load_scenarios(bundled("fixtures") / "scenarios") if settings.simulate else ()
    judges = Judges(rules, scenarios)

    def review(mail: MailSeries, base: str | None) -> SeriesReview:
        # opened each time: a pin is verified each time, and a mirror moves on
        tree = find_tree(settings.tree, file) if settings.tree is not None else None
        wanted = base or settings.base
        if wanted is not None:
            if tree is None:
                raise UnusableInputError(f"{file}: no bot.email.tree, so nothing can be reviewed on {wanted}")
            tree.resolve(wanted)
        return review_series(read_series(mail), tree, wanted, judges, silent)

    return review


def _told(review: SeriesReview, draft: Draft, series: str) -> None:
    return None


def _false(fingerprint: str, series: str) -> None:
    return None
