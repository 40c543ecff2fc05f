# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviewing a whole archive, one series after the other, whatever becomes of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from reviewbot.mail.read import read_mail
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import Review, SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.patch.read import read_series
from reviewbot.review.pipeline import Judges, Progress, review_series, silent
from reviewbot.tree.repository import Tree


@dataclass(frozen=True, slots=True)
class Replayed:
    """A series of an archive: its review, or what kept it from being reviewed."""

    mail: MailSeries
    review: SeriesReview | None
    trouble: str = ""

    def as_review(self) -> Review:
        """Return a review of this series alone."""
        return Review((self.review,) if self.review is not None else (), ())


def replay(
    sources: Sequence[str],
    tree: Tree | None,
    base: str | None,
    judges: Judges,
    stdin: BinaryIO | None = None,
    progress: Progress = silent,
) -> Iterator[Replayed]:
    """Yield each series of the sources as soon as it is reviewed, in the order in which they came.

    Nothing of a series is kept when the next one comes. One that cannot be reviewed is yielded with its trouble.
    Raises UnusableInputError for sources that cannot be read and a base that does not exist.
    """
    progress("reading mail")
    mails, _ = read_mail(sources, stdin)
    if base is not None and tree is not None:
        tree.resolve(base)
    for number, mail in enumerate(mails, 1):

        def tell(text: str, at: str = f"[{number}/{len(mails)}] {mail.subject}: ") -> None:
            progress(at + text)

        try:
            yield Replayed(mail, review_series(read_series(mail), tree, base, judges, tell))
        except (UnusableInputError, ArithmeticError, LookupError, ValueError, RecursionError) as error:
            # an archive has everything; what one series does to the program must not cost the others
            yield Replayed(mail, None, f"{type(error).__name__}: {error}")


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of an archive so far.

    `series` and `patches` are counted, `conflicts` are series of which a patch does not apply, `failed` those that were
    not reviewed, `clean` those without a finding, `rules` how often each rule found something.
    """

    series: int = 0
    patches: int = 0
    conflicts: int = 0
    failed: int = 0
    clean: int = 0
    rules: tuple[tuple[str, int], ...] = ()

    def plus(self, one: Replayed) -> Tally:
        """Return the tally with one more series."""
        review = one.review
        rules = Counter(dict(self.rules)) + Counter(f.rule for f in (review.findings if review is not None else ()))
        return Tally(
            self.series + 1,
            self.patches + len(one.mail.patches),
            self.conflicts + (review is not None and any(a.status == "conflict" for a in review.applications)),
            self.failed + (review is None),
            self.clean + (review is not None and not review.findings),
            tuple(sorted(rules.items(), key=lambda item: (-item[1], item[0]))),
        )
