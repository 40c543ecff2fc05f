# SPDX-License-Identifier: GPL-2.0-or-later
"""What the mail bot keeps, on SQLite and on a real PostgreSQL; mails that came within mails."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reviewbot.publish.mail.incoming import Arrival
from reviewbot.publish.mail.said import Said, Sayings
from reviewbot.publish.mail.spool import Spool
from reviewbot.review.memory.store import Store, open_store
from tests.mailbotkit import TO_LIST, Home, Sink, with_headers
from tests.mailkit import mail, patch
from tests.test_mail_attached import wrapping

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty memory."""
    with open_store(url) as one:
        yield one


def came(spool: Spool, data: bytes, uid: str = "1", position: str | None = None) -> bool:
    """Let a mail come."""
    return spool.take_in("list", Arrival(uid, data, NOW, position), NOW)


def test_a_mail_is_taken_in_once_with_the_position_after_it(store: Store) -> None:
    spool = Spool(store)
    assert came(spool, patch("[PATCH] a", "a@x"), position="7")
    assert not came(spool, patch("[PATCH] a", "a@x"), "2", position="8")
    assert not came(spool, patch("[PATCH] a", "a@x"), "3")
    assert (spool.position("list"), spool.seen("list"), spool.has("a@x")) == ("8", frozenset({"3"}), True)
    assert [one.arrived for one in spool.mails("new")] == [NOW]


def test_mails_go_through_their_states(store: Store) -> None:
    spool = Spool(store)
    came(spool, b"Subject: \xff\0\n\ntext")
    spool.begin([1])
    spool.postpone([1], NOW, "later", counts=True)
    (one,) = spool.chosen([1])
    assert (one.tries, one.not_before, one.reason, one.attached) == (1, NOW, "later", 0)
    spool.park([1], "no good \0 \udcff")
    assert spool.unpark(1) and not spool.unpark(1)
    spool.settle([1], "waiting")
    spool.renew([1], "v6.1")
    assert [(m.turn, m.base, m.state) for m in spool.mails("waiting")] == [(1, "v6.1", "waiting")]
    spool.settle([1], "done")
    spool.forget(NOW + timedelta(1))
    assert spool.data(1) == b"" and spool.mails("done") == ()


def test_who_wants_no_mails_and_what_was_said_is_kept(store: Store) -> None:
    spool, sayings = Spool(store), Sayings(store, "email")
    for _ in range(2):
        spool.mute("address", ["ada@x", "ada@x"], NOW)
        sayings.note(Said("k", "m@x", "a@x", "a@x", "ada@x", ("list@x",), (("rule", "f00d"),)), NOW)
    assert spool.muted("address") == {"ada@x"} and spool.muted("message") == frozenset()
    sayings.conclude("k", "sent")
    assert sayings.sent("ada@x", NOW).author == 1
    assert sayings.about(["a@x"]) == sayings.about(["m@x"]) and sayings.repeats("m@x", "other")


def test_a_bot_answers_what_came_and_what_came_within_it(url: str, tmp_path: Path) -> None:
    inner = with_headers(patch("[PATCH] pool: inner", "inner@x"), *TO_LIST)
    outer = wrapping("Fwd: a patch", [inner])
    with Sink() as sink:
        home = Home(tmp_path, sink, url=url)
        home.deliver(with_headers(patch("[PATCH] pool: plain", "plain@x"), *TO_LIST), outer)
        for _ in range(2):
            home.round()
    assert sorted(sink.subjects) == ["Re: [PATCH] pool: inner", "Re: [PATCH] pool: plain"]


def test_what_is_attached_commands_nothing(tmp_path: Path) -> None:
    order = mail("Re: [PATCH] pool: plain", "#reviewbot stop\n", "order@x", "plain@x")
    with Sink() as sink:
        home = Home(tmp_path, sink)
        home.deliver(wrapping("Fwd: his words", [order]))
        home.round()
    with home.store() as store:
        kept = Spool(store).mails("kept")
        assert [(one.attached, one.reason) for one in kept] == [(0, ""), (1, "")]
