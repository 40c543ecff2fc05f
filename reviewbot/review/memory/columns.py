# SPDX-License-Identifier: GPL-2.0-or-later
"""Column types that hold what mails bring, the same on every database."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Integer, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

LARGEST = 2**31 - 1


class MailText(TypeDecorator[str]):
    """Text of a mail: surrogates (undecodable bytes) and NUL, which databases refuse, become replacement characters."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text as every database takes it."""
        if value is None:
            return None
        return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "\N{REPLACEMENT CHARACTER}")


class Number(TypeDecorator[int]):
    """A number that a mail gives: one that no database holds, as a hostile diff may claim, becomes the largest."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> int | None:
        """Return the number as every database takes it (32 bits)."""
        return None if value is None else max(-LARGEST, min(value, LARGEST))


class Moment(TypeDecorator[datetime]):
    """A time, kept as ISO 8601 in UTC with microseconds: sorts as text, and SQLite has no type for one."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Return an aware time as text."""
        return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Return the text as an aware time."""
        return None if value is None else datetime.fromisoformat(value)
