# SPDX-License-Identifier: GPL-2.0-or-later
"""Remembering reviews, and calling them to mind."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from reviewbot.model.earlier import Reviewed
from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.review.memory import identity, schema
from reviewbot.review.memory.form import StaleFormError, packed, unpacked
from reviewbot.review.memory.keys import result_key
from reviewbot.review.memory.ledger import note_comparison
from reviewbot.review.memory.rows import finding_rows, patch_rows, remark_rows
from reviewbot.review.memory.store import Store, StoreError

REVIEWS_KEPT = 10
"""Reviews kept of one version; a thread is reviewed again with each reply to it, and only the last matter."""

VERSIONS_GIVEN = 20
"""Earlier versions that a series is compared with, at the most."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def recall(store: Store, key: str) -> SeriesReview | None:
    """Return the review of that key (`keys.review_key`), without its comparison; None when there is none."""
    query = select(schema.reviews.c.result).where(schema.reviews.c.key == key)
    with store.reading() as connection:
        found = connection.execute(query).scalar()
    return None if found is None else _opened(found)


def earlier(store: Store, mail: MailSeries) -> tuple[Reviewed, ...]:
    """Return the earlier versions of a series that are remembered, oldest first.

    A version belongs to the series when its cover links to it, or the author and title, or the change-id are the same.
    It is earlier when the mail says so, else by its number, and by its date where the numbers are the same.
    """
    version, review, other = schema.versions, schema.reviews, schema.reviews.alias()
    last = select(func.max(other.c.id)).where(other.c.version == version.c.id).scalar_subquery()
    columns = (version.c.identity, version.c.version, version.c.date, review.c.result)
    named = {identity.thread_name(one) for one in mail.previous}
    with store.reading() as connection:
        families = _families(connection, identity.links(mail))
        older = or_(version.c.version <= mail.version, version.c.identity.in_(named))
        belongs = and_(version.c.series.in_(families), version.c.identity != identity.identity(mail), older)
        rows = connection.execute(select(*columns).join_from(version, review, review.c.id == last).where(belongs)).all()
    mine = (mail.version, mail.date or _BEGINNING)
    found = [
        ((row.version, row.date or _BEGINNING), row.result)
        for row in rows
        if row.identity in named or (row.version, row.date or _BEGINNING) < mine
    ]
    found.sort(key=lambda one: one[0])
    opened = [_opened(result) for _, result in found[-VERSIONS_GIVEN:]]
    return tuple(Reviewed(one.series, one.findings) for one in opened if one is not None)


def remember(store: Store, review: SeriesReview, key: str | None = None, judged: SeriesReview | None = None) -> None:
    """Remember a review in one transaction; the same review again changes nothing.

    `key` is what `recall` finds it by; without one it is made of the result. `judged` is the review before it was
    compared with earlier versions, where that is not what it is. What became of the findings that were posted about
    earlier versions goes into the ledger.
    """
    known = key or result_key(judged or review)
    for last_try in (False, True):
        try:
            with store.writing() as connection:
                _add(connection, review, known, judged or review)
        except IntegrityError as error:
            # another program has just added the same series or version: now it is there
            if last_try:
                raise StoreError(f"the memory does not take the review: {error.orig}") from error
        else:
            return


def _opened(result: bytes) -> SeriesReview | None:
    try:
        return unpacked(bytes(result))
    except StaleFormError:
        return None


def _add(connection: Connection, review: SeriesReview, key: str, judged: SeriesReview) -> None:
    if connection.execute(select(schema.reviews.c.id).where(schema.reviews.c.key == key)).first() is not None:
        return
    version = _version(connection, review.series.mail)
    values = {
        "version": version,
        "key": key,
        "at": datetime.now(UTC),
        "base_kind": review.base.kind,
        "base_tree": review.base.tree,
        "base_commit": review.base.commit,
        "result": packed(judged),
    }
    made = connection.execute(insert(schema.reviews).values(values)).inserted_primary_key
    number = made[0] if made else 0
    for table, rows in (
        (schema.patches, patch_rows(review)),
        (schema.findings, finding_rows(review)),
        (schema.remarks, remark_rows(review)),
    ):
        if rows:
            connection.execute(insert(table), [{"review": number, **row} for row in rows])
    _forget_old(connection, version)
    if review.comparison is not None:
        note_comparison(connection, identity.identity(review.series.mail), review.comparison)


def _forget_old(connection: Connection, version: int) -> None:
    """Drop all but the last reviews of a version; what is said of them in other tables goes with them."""
    review = schema.reviews
    newest = select(review.c.id).where(review.c.version == version).order_by(review.c.id.desc()).limit(REVIEWS_KEPT)
    kept = connection.execute(newest).scalars().all()
    if len(kept) == REVIEWS_KEPT:
        connection.execute(delete(review).where(and_(review.c.version == version, review.c.id < kept[-1])))


def _version(connection: Connection, mail: MailSeries) -> int:
    """Return the number of a version's row; it is made, or brought up to date with the mails at hand now."""
    version = schema.versions
    series = _series(connection, mail)
    name = identity.identity(mail)
    values = {
        "series": series,
        "version": mail.version,
        "total": mail.total,
        "subject": mail.subject,
        "date": mail.date,
    }
    found = connection.execute(select(version.c.id).where(version.c.identity == name)).scalar()
    if found is not None:
        connection.execute(update(version).where(version.c.id == found).values(values))
        return int(found)
    made = connection.execute(insert(version).values(identity=name, **values)).inserted_primary_key
    return int(made[0]) if made else 0


def _series(connection: Connection, mail: MailSeries) -> int:
    """Return the number of a series' row; what turns out to be one series becomes one row."""
    wanted = identity.links(mail)
    families = sorted(_families(connection, wanted))
    if families:
        series = families[0]
        for other in families[1:]:
            for table in (schema.versions, schema.links):
                connection.execute(update(table).where(table.c.series == other).values(series=series))
            connection.execute(delete(schema.series).where(schema.series.c.id == other))
    else:
        values = {"title": mail.subject, "author_name": mail.author.name, "author_email": mail.author.email}
        made = connection.execute(insert(schema.series).values(values)).inserted_primary_key
        series = int(made[0]) if made else 0
    known = set(_known(connection, wanted))
    fresh = [{"kind": kind, "value": value, "series": series} for kind, value in sorted(wanted - known)]
    if fresh:
        connection.execute(insert(schema.links), fresh)
    return series


def _families(connection: Connection, wanted: Collection[tuple[str, str]]) -> set[int]:
    return set(_known(connection, wanted).values())


def _known(connection: Connection, wanted: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return which series the links that are known belong to."""
    link = schema.links
    rows = connection.execute(select(link).where(link.c.value.in_([value for _, value in wanted])))
    return {(row.kind, row.value): row.series for row in rows if (row.kind, row.value) in wanted}
