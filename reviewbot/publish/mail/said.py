# SPDX-License-Identifier: GPL-2.0-or-later
"""What the mail bot said, where and about what: for the caps, and for replies that call a finding false."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from reviewbot.publish.policy import Sent
from reviewbot.review.memory.schema import bot_said as table
from reviewbot.review.memory.store import Store

COUNTED = ("", "sent", "already-sent", "held", "in-doubt", "failed")
"""Outcomes that count against the caps: whatever left or may still leave ("": the program died before it knew)."""

DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Said:
    """One mail of the bot.

    `letter` is its key in the outbox, `message` its message-id, `answers` that of the mail which it answers, `series`
    names the series; `author` (in lower case) and `lists` got it; `findings` are (rule, fingerprint).
    """

    letter: str
    message: str
    answers: str
    series: str
    author: str
    lists: tuple[str, ...]
    findings: tuple[tuple[str, str], ...]


class Sayings:
    """The bot's table of what it said, in a store's database."""

    def __init__(self, store: Store, channel: str) -> None:
        """Take a store that has the tables, for what is said in one channel."""
        self._store = store
        self._channel = channel

    def note(self, said: Said, now: datetime) -> None:
        """Note a mail before it is posted; the same mail again changes nothing."""
        row = {
            "letter": said.letter,
            "channel": self._channel,
            "message": said.message,
            "answers": said.answers,
            "series": said.series,
            "author": said.author,
            "lists": json.dumps(said.lists),
            "findings": json.dumps(said.findings),
            "at": now,
            "outcome": "",
        }
        with self._store.writing() as db:
            if db.scalar(select(table.c.letter).where(table.c.letter == said.letter)) is None:
                db.execute(insert(table).values(row))

    def conclude(self, letter: str, outcome: str) -> None:
        """Note what came of a mail."""
        with self._store.writing() as db:
            db.execute(update(table).where(table.c.letter == letter).values(outcome=outcome))

    def letter(self, key: str) -> Said | None:
        """Return what a letter said, by its key in the outbox."""
        with self._store.reading() as db:
            row = db.execute(select(table).where(table.c.letter == key)).first()
        return _said(row._mapping) if row is not None else None

    def repeats(self, message: str, letter: str) -> bool:
        """Tell whether the same was said already in another letter."""
        wanted = select(table.c.letter).where(
            table.c.message == message, table.c.letter != letter, table.c.channel == self._channel
        )
        with self._store.reading() as db:
            return db.scalar(wanted) is not None

    def sent(self, author: str, now: datetime) -> Sent:
        """Count the mails of the last 24 hours, those to an author apart."""
        since = now - DAY
        wanted = select(table.c.author, table.c.lists).where(
            table.c.at > since, table.c.outcome.in_(COUNTED), table.c.channel == self._channel
        )
        with self._store.reading() as db:
            rows = db.execute(wanted).all()
        lists = Counter(name for _, names in rows for name in json.loads(names))
        return Sent(sum(one == author for one, _ in rows), dict(lists), len(rows))

    def about(self, ids: Sequence[str]) -> tuple[Said, ...]:
        """Return what was said in, or in answer to, the nearest of some messages; `ids` are oldest first."""
        with self._store.reading() as db:
            for one in reversed(ids):
                rows = db.execute(select(table).where((table.c.message == one) | (table.c.answers == one))).all()
                if rows:
                    return tuple(_said(row._mapping) for row in rows)
        return ()


def _said(row: object) -> Said:
    values = dict(row)  # type: ignore[call-overload]
    return Said(
        letter=values["letter"],
        message=values["message"],
        answers=values["answers"],
        series=values["series"],
        author=values["author"],
        lists=tuple(json.loads(values["lists"])),
        findings=tuple((rule, mark) for rule, mark in json.loads(values["findings"])),
    )
