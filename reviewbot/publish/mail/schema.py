# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail bot's tables, beside the outbox in the same store."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, String, Table

from reviewbot.review.memory.columns import MailText, Moment
from reviewbot.review.memory.store import Store

metadata = MetaData()

mails = Table(
    "bot_mails",
    metadata,
    Column("key", Integer, primary_key=True),
    Column("identity", String(64), nullable=False, unique=True),
    Column("source", MailText, nullable=False),
    Column("data", LargeBinary),
    Column("arrived", Moment, nullable=False),
    Column("state", String(10), nullable=False, index=True),
    Column("reason", MailText, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("not_before", Moment),
    Column("turn", Integer, nullable=False),
    Column("base", MailText),
)

seen = Table(
    "bot_seen", metadata, Column("source", String(200), primary_key=True), Column("uid", String(300), primary_key=True)
)

positions = Table(
    "bot_positions",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("position", MailText, nullable=False),
)

mutes = Table(
    "bot_mutes",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("value", String(1000), primary_key=True),
    Column("at", Moment, nullable=False),
)

said = Table(
    "bot_said",
    metadata,
    Column("letter", String(64), primary_key=True),
    Column("channel", String(40), nullable=False),
    Column("message", MailText, nullable=False, index=True),
    Column("answers", MailText, nullable=False, index=True),
    Column("series", MailText, nullable=False),
    Column("author", MailText, nullable=False),
    Column("lists", MailText, nullable=False),
    Column("findings", MailText, nullable=False),
    Column("at", Moment, nullable=False, index=True),
    Column("outcome", String(20), nullable=False),
)


def make_tables(store: Store) -> None:
    """Make the tables where they are not there yet."""
    with store.writing() as connection:
        metadata.create_all(connection)
