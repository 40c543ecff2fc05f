# SPDX-License-Identifier: GPL-2.0-or-later
"""Killed at every step, and servers that fail at random: nothing is lost, nothing is said twice."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.publish.mail.settings import Authority
from reviewbot.publish.mail.spool import Spool
from tests.mailbotkit import TO_LIST, Home, Sink, finds_something, with_headers
from tests.mailkit import REVIEWER, mail, patch

LONE = with_headers(patch("[PATCH] lone", "l@x.org"), *TO_LIST)
STOP = with_headers(
    mail("Re: [PATCH] lone", "#reviewbot stop\n", "s@x.org", "l@x.org", REVIEWER),
    "Authentication-Results: mx.x.org; dkim=pass header.d=example.org",
)
DELIVERIES = 10


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


class Killer:
    """Kills the process at a step, as kill -9 does."""

    def __init__(self, at: int) -> None:
        self._left = at
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1


def killed(home: Home, at: int) -> bool:
    """Run a round in a process of its own that is killed at a step; False where it ended before."""
    child = os.fork()
    if child == 0:
        home.step = Killer(at)
        home.round()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_a_bot_that_is_killed_at_any_step_says_everything_once(sink: Sink, tmp_path: Path) -> None:
    doubts = 0
    at = 0
    while True:
        sink.mails.clear()
        home = Home(tmp_path / str(at), sink, authority=Authority(authserv_id="mx.x.org"))
        home.deliver(LONE, STOP)
        if not killed(home, at):
            break
        home.round()
        pending = home.pending()
        if pending:
            # a person sees that it is not there and lets it go, or it comes back by the list
            doubts += 1
            assert [row.state for row in pending] == ["in-doubt"]
            home.deliver(*(raw for _, raw in sink.mails)) if sink.mails else home.approve()
            home.round()
            assert home.pending() == ()
        assert len(sink.mails) == 1, f"killed at step {at}"
        with home.store() as store:
            assert Spool(store).muted("address") == {"rob@example.org"}
            assert Spool(store).mails("new", "waiting", "parked") == ()
        at += 1
    assert at >= 16
    assert doubts == 2


def test_every_step_of_a_round_is_one_that_kills(sink: Sink, tmp_path: Path) -> None:
    home = Home(tmp_path, sink, authority=Authority(authserv_id="mx.x.org"))
    home.step = steps = Killer(-1)
    home.deliver(LONE, STOP)
    home.round()
    assert set(steps.names) == {
        "take in", "begin", "see", "obey", "settle command", "review", "note", "post", "send", "sent", "conclude",
        "settle series",
    }  # fmt: skip


def test_a_series_that_kills_the_program_is_parked(sink: Sink, tmp_path: Path) -> None:
    def dies(one: MailSeries, base: str | None) -> SeriesReview:
        if one.subject == "lone":
            os.kill(os.getpid(), signal.SIGKILL)
        return finds_something(one, base)

    home = Home(tmp_path, sink, review=dies)
    home.deliver(LONE, with_headers(patch("[PATCH] other", "o@x.org"), *TO_LIST))
    deaths = sum(killed(home, 1000) for _ in range(5))
    with home.store() as store:
        assert [one.reason for one in Spool(store).mails("parked")] == ["it ended the program each time"]
    assert deaths == 3
    assert sink.subjects == ["Re: [PATCH] other"]


def test_two_bots_on_one_store_say_everything_once(sink: Sink, tmp_path: Path) -> None:
    home = Home(tmp_path, sink)
    home.deliver(*(with_headers(patch(f"[PATCH] {n}", f"{n}@x.org"), *TO_LIST) for n in range(6)))
    home.store().close()
    children = []
    for _ in range(2):
        children.append(os.fork())
        if children[-1] == 0:
            home.round()
            os._exit(0)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0]
    home.later(minutes=5)
    home.round()
    assert sorted(sink.subjects) == [f"Re: [PATCH] {n}" for n in range(6)]
    assert home.pending() == ()


class Chance(Sink):
    """A server that fails at random, by a seed."""

    chance = random.Random(20260301)

    def greeted(self) -> None:
        """Decide what goes wrong with this connection."""
        self.fault = self.chance.choice(["", "", "451", "drop", "lose", "early"])


def test_servers_that_fail_at_random_get_everything_once(tmp_path: Path) -> None:
    with Chance() as sink:
        home = Home(tmp_path, sink)
        home.deliver(*(with_headers(patch(f"[PATCH] {n}", f"{n}@x.org"), *TO_LIST) for n in range(DELIVERIES)))
        for _ in range(5):
            home.round()
            home.later(hours=5)
        sent = Counter(sink.subjects)
        doubtful = [row.subject for row in home.pending()]
    assert max(sent.values()) == 1
    assert set(sent) | set(doubtful) == {f"Re: [PATCH] {n}" for n in range(DELIVERIES)}
    assert {row.state for row in home.pending()} == {"in-doubt"}
