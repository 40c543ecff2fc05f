# SPDX-License-Identifier: GPL-2.0-or-later
"""What memory has to tell of series: a line for each, or one in full."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from reviewbot.model.errors import UnusableInputError
from reviewbot.review.memory import schema
from reviewbot.review.memory.identity import thread_name
from reviewbot.review.memory.ledger import Posting, postings_of
from reviewbot.review.memory.store import Store


@dataclass(frozen=True, slots=True)
class SeriesLine:
    """A series through all versions; `findings` are those of the last one, `reviewed` is when that was."""

    number: int
    title: str
    author_name: str
    author_email: str
    versions: tuple[int, ...]
    reviewed: datetime
    findings: int


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """A finding of a version; see `reviewbot.model.finding.Finding`."""

    rule: str
    severity: str
    status: str
    patch: int | None
    path: str | None
    line: int | None
    function: str | None
    message: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RemarkEntry:
    """A remark of a person on a version; see `reviewbot.model.diff.HumanComment`."""

    message_id: str | None
    author_name: str
    author_email: str
    date: datetime | None
    patch: int | None
    path: str | None
    line: int | None
    text: str


@dataclass(frozen=True, slots=True)
class PatchEntry:
    """A patch of a version, and how it went on."""

    number: int
    message_id: str | None
    subject: str
    status: str


@dataclass(frozen=True, slots=True)
class VersionEntry:
    """A version of a series, with what its last review had in it."""

    identity: str
    version: int
    total: int
    subject: str
    date: datetime | None
    reviewed: datetime
    base_kind: str
    base_tree: str | None
    base_commit: str | None
    patches: tuple[PatchEntry, ...]
    findings: tuple[FoundEntry, ...]
    remarks: tuple[RemarkEntry, ...]


@dataclass(frozen=True, slots=True)
class SeriesHistory:
    """A series with its versions, oldest first, and what was posted about any of them."""

    line: SeriesLine
    versions: tuple[VersionEntry, ...]
    postings: tuple[Posting, ...]


def list_series(store: Store, limit: int = 50) -> tuple[SeriesLine, ...]:
    """Return the series that were reviewed last, the very last one first."""
    with store.reading() as connection:
        lines = [_line(row, _reviewed(connection, row.id)) for row in _latest(connection, limit)]
        return tuple(lines)


def show_series(store: Store, name: str) -> SeriesHistory:
    """Return one series, by its number or any version's message-id; UnusableInputError when memory has none such."""
    table, version = schema.series, schema.versions
    asked = name.removeprefix("<").removesuffix(">")
    with store.reading() as connection:
        query = select(table).join_from(table, version).where(version.c.identity == thread_name(asked))
        if name.isdecimal() and len(name) < 10:
            query = select(table).where(table.c.id == int(name))
        row = connection.execute(query).first()
        rows = [] if row is None else _reviewed(connection, row.id)
        if row is None or not rows:
            raise UnusableInputError(f"memory has no series {name!r} (reviewbot history lists what it has)")
        versions = tuple(_version(connection, one) for one in rows)
        return SeriesHistory(_line(row, rows), versions, postings_of(connection, {one.identity for one in rows}))


def _latest(connection: Connection, limit: int) -> list[Row[Any]]:
    """Return the rows of the series that were reviewed last."""
    table, version, review = schema.series, schema.versions, schema.reviews
    last = (
        select(version.c.series, func.max(review.c.id).label("review"))
        .join_from(version, review)
        .group_by(version.c.series)
        .order_by(func.max(review.c.id).desc())
        .limit(limit)
        .subquery()
    )
    query = select(table).join_from(table, last, table.c.id == last.c.series).order_by(last.c.review.desc())
    return list(connection.execute(query))


def _reviewed(connection: Connection, series: int) -> list[Row[Any]]:
    """Return the versions of a series, oldest first, each with its last review and how much that found."""
    version, review, other, finding = schema.versions, schema.reviews, schema.reviews.alias(), schema.findings
    last = select(func.max(other.c.id)).where(other.c.version == version.c.id).scalar_subquery()
    found = select(func.count()).where(finding.c.review == review.c.id).scalar_subquery()
    columns = (
        *(version.c[name] for name in ("identity", "version", "total", "subject", "date")),
        *(review.c[name] for name in ("base_kind", "base_tree", "base_commit")),
        review.c.id.label("review"),
        review.c.at.label("reviewed"),
        found.label("found"),
    )
    query = (
        select(*columns)
        .join_from(version, review, review.c.id == last)
        .where(version.c.series == series)
        .order_by(version.c.version, version.c.date, version.c.id)
    )
    return list(connection.execute(query))


def _line(row: Row[Any], versions: list[Row[Any]]) -> SeriesLine:
    last = versions[-1]
    numbers = tuple(one.version for one in versions)
    return SeriesLine(row.id, row.title, row.author_name, row.author_email, numbers, last.reviewed, last.found)


def _version(connection: Connection, row: Row[Any]) -> VersionEntry:
    def parts(table: Any, order: str) -> list[Mapping[str, Any]]:
        query = select(table).where(table.c.review == row.review).order_by(table.c[order])
        return [dict(one) for one in connection.execute(query).mappings()]

    def entry(kind: type, values: Mapping[str, Any]) -> Any:
        return kind(**{name: values[name] for name in kind.__slots__})  # type: ignore[attr-defined]

    return VersionEntry(
        **{name: getattr(row, name) for name in VersionEntry.__slots__[:9]},
        patches=tuple(entry(PatchEntry, one) for one in parts(schema.patches, "number")),
        findings=tuple(entry(FoundEntry, one) for one in parts(schema.findings, "place")),
        remarks=tuple(entry(RemarkEntry, one) for one in parts(schema.remarks, "place")),
    )
