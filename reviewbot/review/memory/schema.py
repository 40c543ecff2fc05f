# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of the store. A change here is a new VERSION and a step in migrate.py."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, LargeBinary, MetaData, String, Table

from reviewbot.review.memory.columns import MailText, Moment

VERSION = 1
"""The version of the tables below."""

metadata = MetaData()

meta = Table(
    "meta",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("channel", String(40), nullable=False),
    Column("recipient", MailText, nullable=False),
    Column("subject", MailText, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", MailText, nullable=False),
    Column("reference", MailText),
    Column("owner", String(300)),
    Column("tries", Integer, nullable=False),
    Column("created", Moment, nullable=False),
    Column("changed", Moment, nullable=False),
    Index("outbox_by_state", "channel", "state"),
)
