# SPDX-License-Identifier: GPL-2.0-or-later
"""The database: opening it, and transactions on it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, SQLAlchemyError

from reviewbot.model.errors import UnusableInputError
from reviewbot.review.memory.migrate import bring_up_to_date
from reviewbot.review.memory.place import NONE, memory_url

BUSY_SECONDS = 30
"""How long a transaction waits for another process's."""

_WRITING = "reviewbot_writing"


class StoreError(UnusableInputError):
    """The store cannot be opened, read or written; the text is one line that says why."""


class Store:
    """A database whose tables are those of this program. Made by `open_store`; `close` it, or use it in a `with`."""

    def __init__(self, engine: Engine) -> None:
        """Take the engine of a database that has been brought up to date."""
        self._engine = engine

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with _reported(self._engine.url), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are made all together at the end, or not at all when it is left by an error.

        A unique key that is there already comes as sqlalchemy's IntegrityError, every other trouble as StoreError.
        """
        with _reported(self._engine.url), self._engine.connect() as plain:
            connection = plain.execution_options(**{_WRITING: True})
            with connection.begin():
                yield connection


@contextmanager
def _reported(url: URL) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise StoreError(f"the memory at {shown(url)} cannot be used: {error.orig}") from error


def shown(url: URL) -> str:
    """Return how a database is named to people: a file's path, or the URL without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or "(main memory)"
    return url.render_as_string(hide_password=True)


def open_store(url: str | None = None) -> Store:
    """Open a database and bring its tables up to date.

    `url` is SQLAlchemy's (`sqlite:///FILE`, `postgresql+psycopg://…`); without one REVIEWBOT_MEMORY counts, else it is
    a file in the user's data directory. Raises UnusableInputError for one that cannot be used (StoreError), or that a
    newer program wrote.
    """
    named = url if url is not None else memory_url()
    if named == NONE:
        raise StoreError("memory is switched off (REVIEWBOT_MEMORY=none), and this needs one")
    try:
        parsed = make_url(named)
        engine = create_engine(parsed, pool_pre_ping=parsed.get_backend_name() != "sqlite")
    except ArgumentError as error:
        raise StoreError(f"{named!r} is no URL of a database: {error}") from error
    except ModuleNotFoundError as error:
        raise StoreError(f"{shown(parsed)} needs the module {error.name}: install reviewbot[postgresql]") from error
    except SQLAlchemyError as error:
        raise StoreError(f"{shown(parsed)} cannot be used: {error}") from error
    if parsed.get_backend_name() == "sqlite":
        _prepare_sqlite(engine, parsed)
    store = Store(engine)
    try:
        bring_up_to_date(store.reading, store.writing, shown(parsed))
    except UnusableInputError:
        store.close()
        raise
    return store


def _prepare_sqlite(engine: Engine, url: URL) -> None:
    """Make the file's directory and set up each connection: a log so that readers never wait, and real transactions."""
    if url.database and url.database != ":memory:":
        try:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"cannot make {error.filename}: {error.strerror}") from error

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _: object) -> None:
        # the driver's own transactions begin late and without a lock; ours begin below
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
        connection.execute("PRAGMA journal_mode=WAL")
        # a reservation that a power cut undoes would be sent twice
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITING, False)
        # a lock taken at the beginning waits its turn; one taken later fails at once when another process wrote between
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
