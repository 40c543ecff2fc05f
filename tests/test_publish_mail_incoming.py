# SPDX-License-Identifier: GPL-2.0-or-later
"""Where mails come from: a real IMAP server, public-inbox archives, maildirs, each from where it was left off."""

from __future__ import annotations

import select
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reviewbot.publish.mail import imap
from reviewbot.publish.mail.imap import BATCH, Imap
from reviewbot.publish.mail.incoming import Archive, Arrival, Maildir, Source, SourceLostError
from tests.dovecotkit import Dovecot, dovecot
from tests.mailkit import fast_import, patch

WEEK = timedelta(days=7)
YEARS = timedelta(days=36500)
MAILS = [patch(f"[PATCH] {name}", f"{name}@x.org") for name in ("a", "b", "c", "d")]


def now() -> datetime:
    return datetime.now(UTC)


def news(source: Source, position: str | None, known: frozenset[str] = frozenset()) -> tuple[list[bytes], str | None]:
    """What came, and the position after it."""
    arrivals: list[Arrival] = list(source.fetch(position, lambda uid: uid in known))
    after = arrivals[-1].position if arrivals else position
    return [subject(one.data) for one in arrivals if one.data is not None], after


def subject(mail: bytes) -> bytes:
    return next(line[17:] for line in mail.splitlines() if line.startswith(b"Subject: [PATCH] "))


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with dovecot() as running:
        yield running


def folder(server: Dovecot, name: str, *mails: bytes) -> Imap:
    """A new folder with mails, as the bot reads it."""
    with server.client() as client:
        client.create_folder(name)
        for one in mails:
            client.append(name, one)
    return Imap("test", server.account(), name, WEEK, now)


def test_a_folder_is_read_from_where_it_was_left_off(server: Dovecot) -> None:
    source = folder(server, "left", *MAILS[:2])
    first, position = news(source, None)
    with server.client() as client:
        client.append("left", MAILS[2])
    second, position = news(source, position)
    assert (first, second, news(source, position)[0]) == ([b"a", b"b"], [b"c"], [])
    source.close()


def test_nothing_is_marked_read(server: Dovecot) -> None:
    news(folder(server, "flags", MAILS[0]), None)
    with server.client() as client:
        client.select_folder("flags", readonly=True)
        assert client.search(["UNSEEN"]) == [1]


def test_mails_that_would_fill_the_memory_come_one_by_one(server: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    source = folder(server, "big", *MAILS, MAILS[0] + b"x" * 5000)
    monkeypatch.setattr(imap, "MAX_MAIL", len(MAILS[0]) + 100)
    assert news(source, None)[0] == [b"a", b"b", b"c", b"d"]


def test_a_folder_made_anew_is_read_anew(server: Dovecot) -> None:
    source = folder(server, "anew", *MAILS[:3])
    _, position = news(source, None)
    source.close()
    with server.client() as client:
        client.delete_folder("anew")
    again = folder(server, "anew", MAILS[3])
    assert news(again, position)[0] == [b"d"]


def test_the_first_start_passes_over_what_is_old(server: Dovecot) -> None:
    source = folder(server, "old")
    with server.client() as client:
        client.append("old", MAILS[0], msg_time=now() - timedelta(days=9))
        client.append("old", MAILS[1], msg_time=now() - timedelta(days=6))
    first, position = news(source, None)
    assert (first, news(source, position)[0]) == ([b"b"], [])


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_connection_is_encrypted_and_verified(server: Dovecot, security: str) -> None:
    folder(server, security, MAILS[0])
    account = server.account(security)
    assert news(Imap("test", account, security, WEEK, now), None)[0] == [b"a"]
    unknown = account.__class__(account.host, account.port, account.security, "bot", account.password_file)
    with pytest.raises(SourceLostError, match="CERTIFICATE_VERIFY_FAILED"):
        news(Imap("test", unknown, security, WEEK, now), None)


def test_idle_wakes_when_a_mail_comes(server: Dovecot) -> None:
    source = folder(server, "idle", MAILS[0])
    _, position = news(source, None)
    watched = source.idle()
    assert watched is not None
    with server.client() as client:
        client.append("idle", MAILS[1])
    assert select.select([watched], [], [], 30)[0]
    assert source.stop_idle()
    assert news(source, position)[0] == [b"b"]


def test_a_lost_connection_loses_no_mail(server: Dovecot) -> None:
    source = folder(server, "lost", *[patch(f"[PATCH] {n:02}", f"{n}@lost") for n in range(BATCH + 5)])
    found: list[bytes] = []
    position = None
    with pytest.raises(SourceLostError):
        for arrival in source.fetch(None, lambda uid: False):
            found.append(subject(arrival.data or b""))
            position = arrival.position
            server.stop()
    with pytest.raises(SourceLostError):
        news(source, position)
    server.start()
    rest, _ = news(source, position)
    assert found + rest == [b"%02d" % n for n in range(BATCH + 5)]
    assert len(rest) == 5


def test_a_server_that_goes_away_while_idling_is_said(server: Dovecot) -> None:
    source = folder(server, "gone", MAILS[0])
    _, position = news(source, None)
    assert source.idle() is not None
    server.stop()
    with pytest.raises(SourceLostError):
        source.stop_idle()
    with pytest.raises(SourceLostError):
        news(source, position)
    server.start()
    assert source.look("a@x.org") and not source.look("b@x.org")


def test_an_archive_is_read_from_where_it_was_left_off(tmp_path: Path) -> None:
    fast_import(tmp_path / "git" / "0.git", [("m", one) for one in MAILS[:2]])
    source = Archive("test", tmp_path, YEARS, now)
    first, position = news(source, None)
    fast_import(tmp_path / "git" / "1.git", [("m", MAILS[2]), ("m", MAILS[3]), ("d", MAILS[3])])
    second, position = news(source, position)
    assert (first, second, news(source, position)[0]) == ([b"a", b"b"], [b"c"], [])


def test_the_first_start_passes_over_an_old_archive_and_reads_what_comes(tmp_path: Path) -> None:
    fast_import(tmp_path / "git" / "0.git", [("m", one) for one in MAILS[:2]])
    source = Archive("test", tmp_path, WEEK, now)
    first, position = news(source, None)
    fast_import(tmp_path / "git" / "1.git", [("m", MAILS[2])])
    assert (first, news(source, position)[0]) == ([], [b"c"])


def test_an_archive_whose_history_was_rewritten_is_read_anew(tmp_path: Path) -> None:
    fast_import(tmp_path / "git" / "0.git", [("m", MAILS[0])])
    _, position = news(Archive("test", tmp_path, YEARS, now), None)
    (tmp_path / "git" / "0.git").rename(tmp_path / "away")
    fast_import(tmp_path / "git" / "0.git", [("m", MAILS[1]), ("m", MAILS[2])])
    assert news(Archive("test", tmp_path, YEARS, now), position)[0] == [b"b", b"c"]


def test_a_maildir_is_read_once_whatever_a_mail_program_moves(tmp_path: Path) -> None:
    for part in ("tmp", "new", "cur"):
        (tmp_path / part).mkdir()
    (tmp_path / "new" / "1.one.host").write_bytes(MAILS[0])
    source = Maildir("test", tmp_path)
    (arrival,) = source.fetch(None, lambda uid: False)
    (tmp_path / "new" / "1.one.host").rename(tmp_path / "cur" / "1.one.host:2,S")
    (tmp_path / "new" / "2.two.host").write_bytes(MAILS[1])
    assert news(source, None, frozenset({arrival.uid}))[0] == [b"b"]


@pytest.mark.parametrize("kind", [Maildir, lambda name, path: Archive(name, path, WEEK, now)])
def test_a_source_that_is_not_there_is_said(kind: type[Maildir], tmp_path: Path) -> None:
    with pytest.raises(SourceLostError, match="not a"):
        list(kind("test", tmp_path / "none").fetch(None, lambda uid: False))
