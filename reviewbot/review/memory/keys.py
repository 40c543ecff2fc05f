# SPDX-License-Identifier: GPL-2.0-or-later
"""The keys of reviews: two reviews with one key are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from reviewbot.cache import digest, program
from reviewbot.model.diff import Series
from reviewbot.model.finding import SeriesReview
from reviewbot.model.tree import Applied
from reviewbot.review.memory.form import plain
from reviewbot.review.memory.identity import placeless
from reviewbot.review.pipeline import Judges


def review_key(series: Series, applied: Applied, judges: Judges) -> str:
    """Return the key of a review: what goes into it, down to the program's own source."""
    return digest(
        program(),
        plain(replace(series, mail=placeless(series.mail))),
        plain(applied.base),
        plain(applied.applications),
        str(applied.reconstructed),
        *_judged_by(judges),
    )


def result_key(review: SeriesReview) -> str:
    """Return a key for a review of which nobody says what it was made by: its result, the time it took aside."""
    runs = tuple(replace(one, seconds=0.0) for one in review.simulation)
    mail = placeless(review.series.mail)
    parts = (replace(review.series, mail=mail), review.base, review.applications, review.findings, runs, review.notes)
    return digest("result", *map(plain, parts))


def _judged_by(judges: Judges) -> Iterator[str | bytes]:
    for rule in judges.rules:
        yield f"{rule.id} {rule.severity} {rule.source}"
        yield rule.path.read_bytes() if rule.path.is_file() else rule.explanation
    yield "scenarios"
    for scenario in judges.scenarios:
        yield f"{scenario.name} {scenario.key}"
