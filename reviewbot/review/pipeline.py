# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job, end to end: sources to reviews."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from reviewbot.cache import NO_CACHE, Cache
from reviewbot.checks.engine import run_checks
from reviewbot.checks.external.found import External
from reviewbot.checks.rule import Rule
from reviewbot.checks.unparsed import unparsed
from reviewbot.mail.read import read_mail
from reviewbot.model.diff import Series
from reviewbot.model.earlier import Reviewed
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import Finding, Review, SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.model.tree import Applied
from reviewbot.patch.read import read_series
from reviewbot.review.build import build_review
from reviewbot.review.versions.link import compared, with_earlier
from reviewbot.simulate.run import simulate_series
from reviewbot.simulate.scenario import Scenario
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import Tree
from reviewbot.tree.scratch import scratch_directory

Progress = Callable[[str], None]
Earlier = Callable[[MailSeries], Sequence[Reviewed]]
"""Gives the earlier versions of a series that something remembers, oldest first."""

Judge = Callable[[Series, Applied, "Judges", Progress], SeriesReview]
"""Makes the review of a series that has been applied: `judge`, or what remembers some and calls that for others."""


FindExternal = Callable[[Series, Applied, Path], External]
"""Finds the external checkers for a series on its base; they work in the directory that is given."""


def silent(_: str) -> None:
    """Take a line of progress and say nothing."""


def none(_: MailSeries) -> Sequence[Reviewed]:
    """Remember nothing."""
    return ()


@dataclass(frozen=True, slots=True)
class Judges:
    """What a series is judged by.

    `rules` are for the checks, `scenarios` for the simulator (none: it is not run), `external` finds other people's
    checkers (None: they are not asked). What rules found before is taken from `cache`.
    """

    rules: Sequence[Rule]
    scenarios: Sequence[Scenario]
    external: FindExternal | None = None
    cache: Cache = NO_CACHE


def judge(series: Series, applied: Applied, judges: Judges, progress: Progress) -> SeriesReview:
    """Check and simulate a series that has been applied, and make its review."""
    findings, notes = _check(series, applied, judges, progress)
    progress(f"simulating {len(judges.scenarios)} scenarios")
    simulation = simulate_series(series, applied, judges.scenarios) if judges.scenarios else ()
    return build_review(series, applied, findings, simulation, (*unparsed(series, applied, judges.cache), *notes))


def _check(
    series: Series, applied: Applied, judges: Judges, progress: Progress
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return what the rules and the external checkers find, and which of those failed."""
    progress(f"checking with {len(judges.rules)} rules")
    if judges.external is None:
        return run_checks(series, applied, judges.rules, judges.cache), ()
    with scratch_directory() as work:
        found = judges.external(series, applied, work)
        progress(f"checking with {len(judges.rules)} rules and {', '.join(rule.id for rule in found.rules)}")
        rules = (*judges.rules, *found.rules)
        return run_checks(series, applied, rules, judges.cache), found.troubles.notes()


def review_series(
    series: Series, tree: Tree | None, base: str | None, judges: Judges, progress: Progress, by: Judge = judge
) -> SeriesReview:
    """Review one series on `base` of `tree`, or on what it shows of the source itself when there is no tree."""
    with scratch_directory() as scratch:
        progress("applying")
        applied = apply_series(series, tree, base, scratch)
        return by(series, applied, judges, progress)


def review_sources(
    sources: Sequence[str],
    tree: Tree | None,
    base: str | None,
    judges: Judges,
    stdin: BinaryIO | None = None,
    progress: Progress = silent,
    earlier: Earlier = none,
    by: Judge = judge,
) -> Review:
    """Review every series that the sources carry, in the order in which they came.

    Each is compared with its earlier versions: those in the sources themselves and those that `earlier` gives.
    Raises UnusableInputError for sources that cannot be read, a base that does not exist, and the like.
    """
    progress("reading mail")
    mails, skipped = read_mail(sources, stdin)
    if base is not None and tree is not None:
        tree.resolve(base)
    reviews = []
    for number, mail in enumerate(mails, 1):

        def tell(text: str, at: str = f"[{number}/{len(mails)}] {mail.subject}: ") -> None:
            progress(at + text)

        reviews.append(review_series(read_series(mail), tree, base, judges, tell, by))
    return Review(with_earlier(reviews, earlier), skipped)


def compare_sources(
    old: str,
    new: str,
    tree: Tree | None,
    base: str | None,
    judges: Judges,
    stdin: BinaryIO | None = None,
    progress: Progress = silent,
) -> Review:
    """Review the newer of two versions of a series, compared with the older: one review comes out.

    A source that carries several series stands for the one with most patches: the first such of `old`, the last of
    `new`. Raises UnusableInputError as `review_sources` does, and when both are the same series.
    """
    progress("reading mail")
    before, _ = read_mail([old], stdin)
    after, skipped = read_mail([new], stdin)
    if base is not None and tree is not None:
        tree.resolve(base)
    older = max(before, key=lambda mail: len(mail.patches))
    newer = max(reversed(after), key=lambda mail: len(mail.patches))
    if older.id is not None and older.id == newer.id:
        raise UnusableInputError(f"{old} and {new} carry the same series, {older.subject!r}: nothing to compare")
    reviews = [review_series(read_series(mail), tree, base, judges, progress) for mail in (older, newer)]
    past = Reviewed(reviews[0].series, reviews[0].findings)
    return Review((compared(reviews[1], (past,)),), skipped)
