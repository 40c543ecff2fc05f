# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews of two versions, and processes that remember them up to a step of one's choice."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import create_engine, inspect

from reviewbot.model.earlier import Reviewed
from reviewbot.model.finding import SeriesReview
from reviewbot.review.memory.reviews import remember
from reviewbot.review.memory.store import open_store
from reviewbot.review.versions.link import compared
from tests.outboxkit import Steps
from tests.reviews import many, remark, series_review


def first() -> SeriesReview:
    """Return the review of a first version."""
    return series_review(*many(3), comments=(remark("please explain"),))


def second() -> SeriesReview:
    """Return the review of the second version, which fixes what was posted about the first."""
    old = first()
    mail = replace(old.series.mail, id="v2@example.org", version=2)
    new = replace(old, series=replace(old.series, mail=mail), findings=many(1))
    return compared(new, [Reviewed(old.series, old.findings)])


def remember_second(url: str, last: int | None) -> None:
    """Remember the second version in this process, up to a step."""
    steps = Steps(last)
    with open_store(url) as store:
        remember(store, second(), "key")
    steps.step()


def open_new(url: str, last: int | None) -> None:
    """Make a store in this process, up to a step."""
    Steps(last)
    open_store(url).close()


def columns(url: str) -> dict[str, list[tuple[str, str, bool]]]:
    """Return the columns of each table as the database has them."""
    engine = create_engine(url)
    found = inspect(engine)
    made = {
        table: [(one["name"], str(one["type"]), bool(one["nullable"])) for one in found.get_columns(table)]
        for table in sorted(found.get_table_names())
    }
    engine.dispose()
    return made
