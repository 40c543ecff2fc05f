# SPDX-License-Identifier: GPL-2.0-or-later
"""Which earlier versions a review is compared with, and what the comparison changes in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from reviewbot.model.earlier import Reviewed
from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.review.versions.compare import compare

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def compared(review: SeriesReview, earlier: Sequence[Reviewed]) -> SeriesReview:
    """Return the review with its comparison to the earlier versions, oldest first, and its findings' states.

    With no earlier version it stays as it is. Fixed findings are in the comparison alone: this version has them not.
    """
    if not earlier:
        return review
    comparison = compare(earlier, review.series, review.findings)
    findings = tuple(change.new for change in comparison.findings if change.new is not None)
    return replace(review, findings=findings, comparison=comparison)


def with_earlier(
    reviews: Sequence[SeriesReview], remembered: Callable[[MailSeries], Sequence[Reviewed]]
) -> tuple[SeriesReview, ...]:
    """Compare each review with the earlier versions of its series: other reviews, and those that are remembered."""
    return tuple(compared(one, _earlier(one, reviews, remembered)) for one in reviews)


def _earlier(
    review: SeriesReview,
    reviews: Sequence[SeriesReview],
    remembered: Callable[[MailSeries], Sequence[Reviewed]],
) -> list[Reviewed]:
    mail = review.series.mail
    here = [
        Reviewed(other.series, other.findings)
        for other in reviews
        if other is not review and other.series.mail.id is not None and other.series.mail.id in mail.previous
    ]
    known = {mail.id, *(one.series.mail.id for one in here)}
    found = here + [one for one in remembered(mail) if one.series.mail.id is None or one.series.mail.id not in known]
    return sorted(found, key=lambda one: (one.series.mail.version, one.series.mail.date or _BEGINNING))
