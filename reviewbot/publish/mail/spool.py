# SPDX-License-Identifier: GPL-2.0-or-later
"""What the mail bot keeps between runs: mails and what became of them, positions in sources, who wants no mails.

Each method is one transaction. A mail and the position after it are taken in together, so that a bot that dies at any
instant neither misses a mail nor takes one in twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from reviewbot.mail.headers import fields, message_id
from reviewbot.mail.message import split_head
from reviewbot.mail.scan import opened
from reviewbot.publish.mail.incoming import Arrival
from reviewbot.review.memory.schema import bot_mails as mails
from reviewbot.review.memory.schema import bot_mutes as mutes
from reviewbot.review.memory.schema import bot_positions as positions
from reviewbot.review.memory.schema import bot_seen as seen
from reviewbot.review.memory.store import Store

State = Literal["new", "waiting", "kept", "done", "parked", "unread"]
"""Just come; a patch or cover that is to be answered; read for what it says; answered; given up after some tries;
nothing that can be read."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it is kept. `turn` counts the commands to answer it again, `base` is a revision that one asked for.

    `attached` is 1 for one that came within another mail: nobody's server has vouched for what it says of itself.
    """

    key: int
    source: str
    arrived: datetime
    state: State
    reason: str
    tries: int
    not_before: datetime | None
    turn: int
    base: str | None
    attached: int


_COLUMNS = tuple(mails.c[name] for name in Mail.__slots__)


def identity(name: str | None, data: bytes = b"") -> str:
    """Return what a mail is told from others by: its message-id, else its bytes."""
    return hashlib.sha256(b"id\0" + name.encode("utf-8", "surrogateescape") if name else data).hexdigest()


def _identity_of(data: bytes) -> str:
    named = next((value for name, value in fields(split_head(data)[0]) if name == "message-id"), "")
    return identity(message_id(named), data)


class Spool:
    """The bot's mails in a store."""

    def __init__(self, store: Store) -> None:
        """Take a store that has the tables."""
        self._store = store

    def position(self, source: str) -> str | None:
        """Return where reading a source goes on, None at its first start."""
        with self._store.reading() as db:
            found: str | None = db.scalar(select(positions.c.position).where(positions.c.source == source))
            return found

    def seen(self, source: str) -> frozenset[str]:
        """Return the names of the mails that were taken in from a source without positions."""
        with self._store.reading() as db:
            return frozenset(db.scalars(select(seen.c.uid).where(seen.c.source == source)))

    def take_in(self, source: str, arrival: Arrival, now: datetime) -> bool:
        """Keep a mail and the position after it; False where the mail is known already, from this source or another."""
        fresh = False
        try:
            with self._store.writing() as db:
                if arrival.data is not None:
                    fresh = _keep(db, source, arrival.data, min(arrival.arrived, now))
                if arrival.position is not None:
                    moved = update(positions).where(positions.c.source == source).values(position=arrival.position)
                    if db.execute(moved).rowcount == 0:
                        db.execute(insert(positions).values(source=source, position=arrival.position))
                elif arrival.uid:
                    db.execute(insert(seen).values(source=source, uid=arrival.uid))
        except IntegrityError:
            return False  # another bot on this store was quicker
        return fresh

    def mails(self, *states: State) -> tuple[Mail, ...]:
        """Return the mails in some states whose bytes are still kept, in order of arrival."""
        wanted = select(*_COLUMNS).where(mails.c.state.in_(states), mails.c.data.is_not(None)).order_by(mails.c.key)
        with self._store.reading() as db:
            return tuple(Mail(*row) for row in db.execute(wanted))

    def chosen(self, keys: Iterable[int]) -> tuple[Mail, ...]:
        """Return mails by their keys."""
        wanted = select(*_COLUMNS).where(mails.c.key.in_(list(keys))).order_by(mails.c.key)
        with self._store.reading() as db:
            return tuple(Mail(*row) for row in db.execute(wanted))

    def data(self, key: int) -> bytes:
        """Return a mail's bytes, b"" where they are kept no more."""
        with self._store.reading() as db:
            return db.scalar(select(mails.c.data).where(mails.c.key == key)) or b""

    def has(self, name: str) -> bool:
        """Tell whether a mail with this message-id ever came."""
        with self._store.reading() as db:
            return db.scalar(select(mails.c.key).where(mails.c.identity == identity(name))) is not None

    def begin(self, keys: Sequence[int]) -> None:
        """Count a try before it is made, so that one that kills the program counts too."""
        self._set(keys, tries=mails.c.tries + 1)

    def settle(self, keys: Sequence[int], state: State, reason: str = "") -> None:
        """Say what became of mails; the tries are forgotten."""
        self._set(keys, state=state, reason=reason, tries=0, not_before=None)

    def park(self, keys: Sequence[int], reason: str) -> None:
        """Give mails up, for a person to look at."""
        self._set(keys, state="parked", reason=reason)

    def postpone(self, keys: Sequence[int], until: datetime, reason: str, counts: bool = False) -> None:
        """Try mails again at a time; the try is forgotten unless it `counts`."""
        kept = {} if counts else {"tries": 0}
        self._set(keys, not_before=until, reason=reason, **kept)

    def renew(self, keys: Sequence[int], base: str | None) -> None:
        """Let mails that were answered wait for another answer, on another base where one is given."""
        more = {"base": base} if base is not None else {}
        self._set(keys, state="waiting", reason="asked for", tries=0, not_before=None, turn=mails.c.turn + 1, **more)

    def unpark(self, key: int) -> bool:
        """Give a parked mail another chance; False where there is none of that key."""
        chosen = update(mails).where(mails.c.key == key, mails.c.state == "parked")
        with self._store.writing() as db:
            return db.execute(chosen.values(state="new", tries=0, not_before=None)).rowcount == 1

    def forget(self, before: datetime) -> None:
        """Drop the bytes of mails that came before a time and wait for nothing; that they came stays known."""
        old = mails.c.state.in_(("kept", "done", "unread")) & (mails.c.arrived < before) & mails.c.data.is_not(None)
        with self._store.writing() as db:
            db.execute(update(mails).where(old).values(data=None))

    def mute(self, kind: Literal["address", "message"], values: Iterable[str], now: datetime) -> None:
        """Remember an address that wants no mails, or the message-ids of a series that is stopped."""
        with self._store.writing() as db:
            known = set(db.scalars(select(mutes.c.value).where(mutes.c.kind == kind)))
            for value in dict.fromkeys(values):
                if value not in known:
                    db.execute(insert(mutes).values(kind=kind, value=value, at=now))

    def muted(self, kind: Literal["address", "message"]) -> frozenset[str]:
        """Return everything of a kind that is muted."""
        with self._store.reading() as db:
            return frozenset(db.scalars(select(mutes.c.value).where(mutes.c.kind == kind)))

    def _set(self, keys: Iterable[int], **values: Any) -> None:
        with self._store.writing() as db:
            db.execute(update(mails).where(mails.c.key.in_(list(keys))).values(**values))


def _keep(db: Connection, source: str, data: bytes, arrived: datetime) -> bool:
    """Add a mail and those attached to it, each as one that came by itself; False where all are known."""
    fresh = False
    outer, inner = opened(data)
    for number, one in enumerate((*outer, *inner)):
        name = _identity_of(one)
        if db.scalar(select(mails.c.key).where(mails.c.identity == name)) is None:
            row = {"identity": name, "source": source, "data": one, "arrived": arrived, "state": "new"}
            attached = int(number >= len(outer))
            db.execute(insert(mails).values(row | {"reason": "", "tries": 0, "turn": 0, "attached": attached}))
            fresh = True
    return fresh
