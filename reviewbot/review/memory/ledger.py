# SPDX-License-Identifier: GPL-2.0-or-later
"""The precision ledger: which findings were posted, and what their authors made of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, delete, insert, select, update

from reviewbot.model.comparison import Comparison
from reviewbot.model.finding import Finding
from reviewbot.review.memory import schema
from reviewbot.review.memory.identity import identity, thread_name
from reviewbot.review.memory.standing import Answer, Counts, Override, Standing, Threshold, stand
from reviewbot.review.memory.store import Store

SILENT_AFTER = timedelta(days=30)
"""A posted finding without an answer for this long has got none."""

# a stronger answer takes the place of a weaker one: what an author says counts for more than what the next version does
_WEIGHT: dict[Answer, int] = {"silence": 0, "fixed": 1, "false-positive": 2}


@dataclass(frozen=True, slots=True)
class Posting:
    """A finding that was posted: about which thread, where (as the channel calls it), and how it was answered."""

    thread: str
    fingerprint: str
    rule: str
    place: str
    at: datetime
    answer: Answer | None = None


def posted(store: Store, finding: Finding, series_id: str, where: str) -> None:
    """Note that a finding was posted about a version (its message-id) at `where`; the same again changes nothing."""
    note_posting(store, finding.rule, finding.fingerprint, series_id, where)


def note_posting(store: Store, rule: str, fingerprint: str, series_id: str, where: str) -> None:
    """Note what `posted` does, where the finding itself is not at hand any more: of a letter that was held, say."""
    posting, thread = schema.postings, thread_name(series_id)
    same = and_(posting.c.thread == thread, posting.c.fingerprint == fingerprint, posting.c.place == where)
    with store.writing() as connection:
        if connection.execute(select(posting.c.id).where(same)).first() is None:
            values = {"thread": thread, "fingerprint": fingerprint, "rule": rule, "place": where}
            connection.execute(insert(posting).values(at=datetime.now(UTC), **values))


def answered(store: Store, fingerprint: str, series_id: str, answer: Answer) -> bool:
    """Note how a posted finding was answered; False when no such finding was posted about any version of the series.

    A weaker answer does not replace a stronger one: silence, a fix in the next version, "false positive".
    """
    with store.writing() as connection:
        return _note(connection, fingerprint, thread_name(series_id), answer)


def postings(store: Store, series_id: str) -> tuple[Posting, ...]:
    """Return what was posted about all versions of a series, oldest first; any version's message-id names it."""
    with store.reading() as connection:
        return postings_of(connection, _threads(connection, thread_name(series_id)))


def postings_at(store: Store, place: str) -> tuple[Posting, ...]:
    """Return what was posted at one place (as the channel calls it), oldest first."""
    with store.reading() as connection:
        return postings_of(connection, None, place)


def former_names(store: Store, fingerprint: str, series_id: str) -> frozenset[str]:
    """Return the fingerprints that a defect had in the versions of a series, up to the one that it has now."""
    with store.reading() as connection:
        return frozenset(_names(connection, _threads(connection, thread_name(series_id)), fingerprint))


def shadowed(store: Store, threshold: Threshold | None = None) -> frozenset[str]:
    """Return the rules that are not to be posted for now."""
    return frozenset(one.rule for one in standings(store, threshold) if one.shadowed)


def override(store: Store, rule: str, shadow: Override | None) -> None:
    """Say that a rule shadows or is posted, whatever its answers are; None lets them decide again."""
    with store.writing() as connection:
        connection.execute(delete(schema.overrides).where(schema.overrides.c.rule == rule))
        if shadow is not None:
            connection.execute(insert(schema.overrides).values(rule=rule, shadow=shadow, at=datetime.now(UTC)))


def standings(store: Store, threshold: Threshold | None = None, now: datetime | None = None) -> tuple[Standing, ...]:
    """Return how each rule stands that was ever posted or decided about, by name.

    A finding that was posted about several versions of a series, or at several places, counts once.
    """
    silent_before = (now or datetime.now(UTC)) - SILENT_AFTER
    counts: dict[str, Counter[str]] = {}
    with store.reading() as connection:
        families = _family_names(connection)
        decided = {row.rule: row.shadow for row in connection.execute(select(schema.overrides))}
        best: dict[tuple[str, str, str], Posting] = {}
        for one in postings_of(connection, None):
            key = (families.get(one.thread, one.thread), one.rule, one.fingerprint)
            known = best.get(key)
            if known is None or _weight(one.answer) > _weight(known.answer):
                best[key] = one
    for (_, rule, _), one in best.items():
        late = "silence" if one.at < silent_before else "waiting"
        counts.setdefault(rule, Counter())[one.answer or late] += 1
    return tuple(
        stand(rule, _counts(counts.get(rule, Counter())), decided.get(rule), threshold)
        for rule in sorted({*counts, *decided})
    )


def note_comparison(connection: Connection, thread: str, comparison: Comparison) -> None:
    """Note what a new version, known as `thread`, made of the findings that were posted about the ones before it."""
    for change in comparison.findings:
        if change.old is not None and change.state in ("fixed", "persisting", "moved"):
            answer: Answer = "fixed" if change.state == "fixed" else "silence"
            for one in (thread, identity(comparison.old.mail)):
                if _note(connection, change.old.fingerprint, one, answer):
                    break


def postings_of(connection: Connection, threads: set[str] | None, place: str | None = None) -> tuple[Posting, ...]:
    """Return what was posted about some threads (None: all), at one place or all, oldest first, with the answers."""
    posting, entry = schema.postings, schema.ledger
    same = and_(entry.c.thread == posting.c.thread, entry.c.fingerprint == posting.c.fingerprint)
    columns = (posting.c.thread, posting.c.fingerprint, posting.c.rule, posting.c.place, posting.c.at, entry.c.answer)
    query = select(*columns).outerjoin(entry, same).order_by(posting.c.at, posting.c.id)
    if threads is not None:
        query = query.where(posting.c.thread.in_(threads))
    if place is not None:
        query = query.where(posting.c.place == place)
    return tuple(Posting(*row) for row in connection.execute(query))


def _note(connection: Connection, fingerprint: str, thread: str, answer: Answer) -> bool:
    """Write an answer beside every posting of a finding about a series."""
    entry = schema.ledger
    threads = _threads(connection, thread)
    names = _names(connection, threads, fingerprint)
    found = [one for one in postings_of(connection, threads) if one.fingerprint in names]
    for posting in {(one.thread, one.fingerprint): one for one in found}.values():
        where = and_(entry.c.thread == posting.thread, entry.c.fingerprint == posting.fingerprint)
        values = {"answer": answer, "at": datetime.now(UTC)}
        if posting.answer is None:
            row = {"thread": posting.thread, "fingerprint": posting.fingerprint, "rule": posting.rule}
            connection.execute(insert(entry).values(**row, **values))
        elif _weight(answer) > _weight(posting.answer):
            connection.execute(update(entry).where(where).values(values))
    return bool(found)


def _threads(connection: Connection, thread: str) -> set[str]:
    """Return the names of all versions of the series that a thread is a version of."""
    version = schema.versions
    family = select(version.c.series).where(version.c.identity == thread).scalar_subquery()
    rows = connection.execute(select(version.c.identity).where(version.c.series == family)).scalars()
    return {thread, *rows}


def _names(connection: Connection, threads: set[str], fingerprint: str) -> set[str]:
    """Return the fingerprints that a defect had in the versions of a series, up to the one that it has now."""
    version, review, finding = schema.versions, schema.reviews, schema.findings
    query = (
        select(finding.c.fingerprint, finding.c.before)
        .join_from(version, review)
        .join(finding)
        .where(and_(version.c.identity.in_(threads), finding.c.before.is_not(None)))
    )
    before: dict[str, set[str]] = {}
    for row in connection.execute(query):
        before.setdefault(row.fingerprint, set()).add(row.before)
    names, left = {fingerprint}, [fingerprint]
    while left:
        fresh = before.get(left.pop(), set()) - names
        names |= fresh
        left += fresh
    return names


def _family_names(connection: Connection) -> dict[str, str]:
    version = schema.versions
    return {row.identity: f"series {row.series}" for row in connection.execute(select(version))}


def _weight(answer: Answer | None) -> int:
    return -1 if answer is None else _WEIGHT[answer]


def _counts(found: Counter[str]) -> Counts:
    return Counts(found["fixed"], found["false-positive"], found["silence"], found["waiting"])
