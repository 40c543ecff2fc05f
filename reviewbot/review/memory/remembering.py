# SPDX-License-Identifier: GPL-2.0-or-later
"""The memory as a run of the main job uses it; trouble with it costs the run nothing but the memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from reviewbot.model.diff import Series
from reviewbot.model.earlier import Reviewed
from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.model.tree import Applied
from reviewbot.review.memory import reviews
from reviewbot.review.memory.keys import review_key
from reviewbot.review.memory.store import Store, StoreError
from reviewbot.review.pipeline import Judges, Progress, judge

_Result = TypeVar("_Result")


class Remembering:
    """Judges series that memory has no review of, and keeps what it judged.

    `trouble` is told once, in one line, when the memory fails; from then on the run does without it.
    """

    def __init__(self, store: Store | None, trouble: Callable[[str], None]) -> None:
        """Remember in `store`, or nothing where there is none."""
        self._store = store
        self._trouble = trouble
        self._judged: list[tuple[str | None, SeriesReview]] = []

    def earlier(self, mail: MailSeries) -> Sequence[Reviewed]:
        """Return the earlier versions of a series that are remembered, oldest first."""
        return self._tried(lambda store: reviews.earlier(store, mail)) or ()

    def judge(self, series: Series, applied: Applied, judges: Judges, progress: Progress) -> SeriesReview:
        """Return the review that memory has of just this, else check and simulate as `pipeline.judge` does.

        What external checkers say is asked anew each time: they change without this program's knowledge.
        """
        if self._store is None:
            return judge(series, applied, judges, progress)
        if judges.external is not None:
            made = judge(series, applied, judges, progress)
            self._judged.append((None, made))
            return made
        key = review_key(series, applied, judges)
        found = self._tried(lambda store: reviews.recall(store, key))
        if found is not None:
            progress("remembered")
            return replace(found, series=series)
        made = judge(series, applied, judges, progress)
        self._judged.append((key, made))
        return made

    def keep(self, made: Sequence[SeriesReview]) -> None:
        """Remember the reviews of a run, as they came out of it, that were not in memory; each whole or not at all."""
        for key, judged in self._judged:
            review = next((one for one in made if one.series is judged.series), judged)
            self._tried(partial(reviews.remember, review=review, key=key, judged=judged))

    def _tried(self, use: Callable[[Store], _Result]) -> _Result | None:
        if self._store is None:
            return None
        try:
            return use(self._store)
        except StoreError as error:
            self._store = None
            self._trouble(str(error))
            return None
