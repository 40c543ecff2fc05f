# SPDX-License-Identifier: GPL-2.0-or-later
"""Bringing the tables of a database up to those of this program, one numbered step at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from sqlalchemy import Connection, insert, inspect, select, text, update

from reviewbot.model.errors import UnusableInputError
from reviewbot.review.memory import schema

Opened = Callable[[], AbstractContextManager[Connection]]


def _from_outbox_alone(connection: Connection) -> None:
    """Version 1 had the outbox alone: add what remembers reviews, and the ledger."""
    later = {schema.bot_mails, schema.bot_seen, schema.bot_positions, schema.bot_mutes, schema.bot_said}
    new = [table for table in schema.metadata.tables.values() if table not in later]
    # what is there already, the outbox, is left as it is
    schema.metadata.create_all(connection, tables=new)


def _with_the_mail_bot(connection: Connection) -> None:
    """The mail bot made its tables by itself in version 2, where one ran; they did not tell attached mails."""
    old = inspect(connection).has_table("bot_mails")
    schema.metadata.create_all(connection)
    if old:
        connection.execute(text("ALTER TABLE bot_mails ADD COLUMN attached INTEGER DEFAULT 0 NOT NULL"))


STEPS: Mapping[int, Callable[[Connection], None]] = {1: _from_outbox_alone, 2: _with_the_mail_bot}
"""What makes the tables of a version into those of the next, by the older version."""


def bring_up_to_date(reading: Opened, writing: Opened, name: str) -> None:
    """Make the tables, or change older ones into those of this program, in one transaction.

    `name` is how the database is called in the error. Raises UnusableInputError when a newer program wrote it, or its
    tables are not ours.
    """
    with reading() as connection:
        if _version(connection, name) == schema.VERSION:
            return
    with writing() as connection:
        if connection.dialect.name == "postgresql":
            # two programs that start together would both make the tables
            connection.execute(text("SELECT pg_advisory_xact_lock(7285101)"))
        version = _version(connection, name)
        if version is None:
            schema.metadata.create_all(connection)
            connection.execute(insert(schema.meta).values(name="version", value=str(schema.VERSION)))
            return
        for step in range(version, schema.VERSION):
            STEPS[step](connection)
        connection.execute(update(schema.meta).where(schema.meta.c.name == "version").values(value=str(schema.VERSION)))


def _version(connection: Connection, name: str) -> int | None:
    """Return the version of the tables, None where there are none."""
    if not inspect(connection).has_table("meta"):
        return None
    found = connection.execute(select(schema.meta.c.value).where(schema.meta.c.name == "version")).scalar()
    if found is None or not found.isdigit():
        raise UnusableInputError(f"{name} is a database, but not one of reviewbot's")
    if int(found) > schema.VERSION:
        raise UnusableInputError(
            f"{name} was written by a newer reviewbot (tables of version {found}, this program knows up to "
            f"{schema.VERSION}): update reviewbot, or name another memory"
        )
    return int(found)
