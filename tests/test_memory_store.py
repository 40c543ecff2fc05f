# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening a memory: new, old, newer, somebody else's, and none that can be used."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.outbox import Outbox
from reviewbot.review.memory import schema
from reviewbot.review.memory.place import memory_url
from reviewbot.review.memory.store import open_store
from tests.commands import reviewbot
from tests.memorykit import columns

VERSION_1 = """
CREATE TABLE meta (name VARCHAR(40) NOT NULL, value VARCHAR(200) NOT NULL, PRIMARY KEY (name));
CREATE TABLE outbox (
    "key" VARCHAR(64) NOT NULL, channel VARCHAR(40) NOT NULL, recipient TEXT NOT NULL, subject TEXT NOT NULL,
    payload BLOB NOT NULL, state VARCHAR(20) NOT NULL, reason TEXT NOT NULL, reference TEXT, owner VARCHAR(300),
    tries INTEGER NOT NULL, created VARCHAR(32) NOT NULL, changed VARCHAR(32) NOT NULL, PRIMARY KEY ("key"));
CREATE INDEX outbox_by_state ON outbox (channel, state);
INSERT INTO meta VALUES ('version', '1');
INSERT INTO outbox VALUES ('abc', 'email', 'ada@x', 'hello', x'00ff', 'sent', '', '<m@x>', NULL, 1,
    '2026-01-02T03:04:05.000006+00:00', '2026-01-02T03:04:06.000006+00:00');
"""


def test_a_database_of_version_1_keeps_what_it_has_and_becomes_as_a_new_one(tmp_path: Path) -> None:
    old, new = tmp_path / "old.sqlite", tmp_path / "new.sqlite"
    with sqlite3.connect(old) as connection:
        connection.executescript(VERSION_1)
    with open_store(f"sqlite:///{old}") as store:
        (row,) = Outbox(store).everything()
        assert (row.key, row.state, row.reference, row.created.year) == ("abc", "sent", "<m@x>", 2026)
        assert Outbox(store).letter("abc").payload == b"\0\xff"
    open_store(f"sqlite:///{new}").close()
    assert columns(f"sqlite:///{old}") == columns(f"sqlite:///{new}")
    open_store(f"sqlite:///{old}").close()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "newer.sqlite"
    open_store(f"sqlite:///{place}").close()
    with sqlite3.connect(place) as connection:
        connection.execute("UPDATE meta SET value = ?", (str(schema.VERSION + 1),))
    with pytest.raises(UnusableInputError, match="written by a newer reviewbot"):
        open_store(f"sqlite:///{place}")
    done = reviewbot("history", "--memory", f"sqlite:///{place}")
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1) and "newer reviewbot" in done.err


UNUSABLE = {
    "no URL": ("what is this", "is no URL of a database"),
    "no such database system": ("fantasy://x/y", "fantasy"),
    "a folder that cannot be made": ("sqlite:////dev/null/x/memory.sqlite", "cannot make /dev/null/x"),
    "a file that is no database": (None, "not a database"),
    "a server that is not there": ("postgresql+psycopg://bot:secret@127.0.0.1:1/x", "refused"),
    "none": ("none", "switched off"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_cannot_be_used_is_said_in_a_line_without_a_password(name: str, tmp_path: Path) -> None:
    url, reason = UNUSABLE[name]
    if url is None:
        (tmp_path / "file").write_text("this is no database at all, but a text " * 100)
        url = f"sqlite:///{tmp_path / 'file'}"
    with pytest.raises(UnusableInputError, match=reason) as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "other.sqlite"
    with sqlite3.connect(place) as connection:
        connection.execute("CREATE TABLE meta (name TEXT, value TEXT)")
    with pytest.raises(UnusableInputError, match="not one of reviewbot's"):
        open_store(f"sqlite:///{place}")


def test_the_option_counts_before_the_environment_before_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWBOT_MEMORY", "sqlite:///environment")
    assert memory_url("option", "configured") == "option"
    assert memory_url(None, "configured") == "sqlite:///environment"
    monkeypatch.delenv("REVIEWBOT_MEMORY")
    assert memory_url(None, "configured") == "configured"
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert memory_url() == "sqlite:////data/reviewbot/memory.sqlite"
