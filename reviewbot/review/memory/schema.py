# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables of the store. A change here is a new VERSION and a step in migrate.py."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, UniqueConstraint

from reviewbot.review.memory.columns import MailText, Moment, Number

VERSION = 3
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

# a series through all of its versions
series = Table(
    "series",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("title", MailText, nullable=False),
    Column("author_name", MailText, nullable=False),
    Column("author_email", MailText, nullable=False),
)

# what tells that a version belongs to a series (identity.py); values are digests, as titles are of any length
links = Table(
    "links",
    metadata,
    Column("kind", String(20), primary_key=True),
    Column("value", String(64), primary_key=True),
    Column("series", ForeignKey("series.id"), nullable=False, index=True),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("series", ForeignKey("series.id"), nullable=False, index=True),
    Column("identity", MailText, nullable=False, unique=True),
    Column("version", Number, nullable=False),
    Column("total", Number, nullable=False),
    Column("subject", MailText, nullable=False),
    Column("date", Moment),
)

# `result` is the whole review (form.py); the tables below say of the same what is to be searched
reviews = Table(
    "reviews",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", ForeignKey("versions.id"), nullable=False, index=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("at", Moment, nullable=False),
    Column("base_kind", String(20), nullable=False),
    Column("base_tree", MailText),
    Column("base_commit", String(64)),
    Column("result", LargeBinary, nullable=False),
)

patches = Table(
    "patches",
    metadata,
    Column("review", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Number, primary_key=True),
    Column("message_id", MailText),
    Column("subject", MailText, nullable=False),
    Column("status", String(20), nullable=False),
)

findings = Table(
    "findings",
    metadata,
    Column("review", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("rule", String(200), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("status", String(20), nullable=False),
    Column("patch", Number),
    Column("path", MailText),
    Column("line", Number),
    Column("function", MailText),
    Column("message", MailText, nullable=False),
    Column("fingerprint", String(200), nullable=False, index=True),
    # the one that the same defect had in the version before, where its statement was reworded since
    Column("before", String(200)),
)

remarks = Table(
    "remarks",
    metadata,
    Column("review", ForeignKey("reviews.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("message_id", MailText),
    Column("author_name", MailText, nullable=False),
    Column("author_email", MailText, nullable=False),
    Column("date", Moment),
    Column("patch", Number),
    Column("path", MailText),
    Column("line", Number),
    Column("text", MailText, nullable=False),
)

# what was said where; `thread` is the identity of the version that it was said about
postings = Table(
    "postings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("thread", MailText, nullable=False),
    Column("fingerprint", String(200), nullable=False, index=True),
    Column("rule", String(200), nullable=False, index=True),
    Column("place", MailText, nullable=False),
    Column("at", Moment, nullable=False),
    UniqueConstraint("thread", "fingerprint", "place"),
)

# how a posted finding was answered
ledger = Table(
    "ledger",
    metadata,
    Column("thread", MailText, primary_key=True),
    Column("fingerprint", String(200), primary_key=True),
    Column("rule", String(200), nullable=False, index=True),
    Column("answer", String(20), nullable=False),
    Column("at", Moment, nullable=False),
)

# what a person decided about a rule: "on" (it shadows) or "off"
overrides = Table(
    "overrides",
    metadata,
    Column("rule", String(200), primary_key=True),
    Column("shadow", String(3), nullable=False),
    Column("at", Moment, nullable=False),
)

# the mail bot: mails and what became of them (`attached`: taken out of another mail), what was read of each source,
# where to go on there, who wants no mails, what was said to whom
bot_mails = Table(
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
    Column("attached", Integer, nullable=False, server_default="0"),
)

bot_seen = Table(
    "bot_seen", metadata, Column("source", String(200), primary_key=True), Column("uid", String(300), primary_key=True)
)

bot_positions = Table(
    "bot_positions",
    metadata,
    Column("source", String(200), primary_key=True),
    Column("position", MailText, nullable=False),
)

bot_mutes = Table(
    "bot_mutes",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("value", String(1000), primary_key=True),
    Column("at", Moment, nullable=False),
)

bot_said = Table(
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
