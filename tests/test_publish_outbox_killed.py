# SPDX-License-Identifier: GPL-2.0-or-later
"""Processes that post are killed at every step; a real SMTP server counts what arrives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from reviewbot.publish.outbox import Outbox
from reviewbot.review.memory.store import open_store
from tests.mailbotkit import Sink
from tests.outboxkit import letter, outcome, post, run, sender, start, taken

FEWEST = 12
"""Steps that a delivery has at least: reserving, sending and confirming have more than that."""


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A server that takes mail."""
    with Sink() as one:
        yield one


def fresh(place: Path, name: object) -> str:
    """Make a store and return its URL."""
    url = f"sqlite:///{place / f'{name}.sqlite'}"
    open_store(url).close()
    return url


def kills(sink: Sink, place: Path) -> Iterator[tuple[int, str]]:
    """Kill a process at its first step, another at its second, and so on; yield the step and the store of each."""
    for last in count(1):
        url = fresh(place, last)
        sink.mails.clear()
        code = run(post, url, sink.port, last, None)
        if code != -signal.SIGKILL:
            assert outcome(code) == "sent" and last > FEWEST
            return
        yield last, url


def test_a_bot_that_can_look_delivers_exactly_once_wherever_it_was_killed(sink: Sink, tmp_path: Path) -> None:
    arrived = set()
    for last, url in kills(sink, tmp_path):
        before = len(taken(sink))
        arrived.add(before)
        assert outcome(run(post, url, sink.port, None, taken(sink))) in ("sent", "already-sent")
        assert (last, taken(sink)) == (last, [letter().key])
    assert arrived == {0, 1}


def test_a_bot_that_cannot_look_never_sends_twice_and_shows_what_is_in_doubt(sink: Sink, tmp_path: Path) -> None:
    outcomes = set()
    for _, url in kills(sink, tmp_path):
        result = outcome(run(post, url, sink.port, None, None))
        outcomes.add(result)
        with open_store(url) as store:
            outbox = Outbox(store)
            shown = [(row.key, row.state) for row in outbox.pending()]
            assert shown == ([(letter().key, "in-doubt")] if result == "in-doubt" else [])
            # the person looks whether it is there, and says so
            if result == "in-doubt":
                (outbox.confirm if taken(sink) else outbox.approve)(letter().key)
            outbox.flush("email", sender(sink.port))
            assert outbox.pending() == ()
        assert taken(sink) == [letter().key]
    assert outcomes == {"sent", "already-sent", "in-doubt"}


def test_a_letter_is_in_doubt_when_the_line_breaks_after_its_last_word(tmp_path: Path) -> None:
    url = fresh(tmp_path, "store")
    with Sink() as sink:
        sink.fault = "drop"
        assert outcome(run(post, url, sink.port, None, None)) == "in-doubt"
        assert outcome(run(post, url, sink.port, None, None)) == "in-doubt"
        assert outcome(run(post, url, sink.port, None, taken(sink))) == "already-sent"
    assert taken(sink) == [letter().key]


def test_nothing_is_lost_while_nobody_listens(sink: Sink, tmp_path: Path) -> None:
    url = fresh(tmp_path, "store")
    with Sink() as gone:
        port = gone.port
    assert outcome(run(post, url, port, None, None)) == "failed"
    with open_store(url) as store:
        assert set(Outbox(store).flush("email", sender(sink.port)).values()) == {"sent"}
    assert taken(sink) == [letter().key]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_storm_of_faults_neither_doubles_nor_loses_a_letter(seed: int, root: Path, tmp_path: Path) -> None:
    command = [sys.executable, root / "bench" / "publish_outbox.py", "150", "--seed", str(seed)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(root)}, check=False
    )
    assert done.returncode == 0 and " 0 duplicates, 0 losses" in done.stdout, done.stdout + done.stderr


def test_bots_that_post_the_same_at_once_deliver_it_once(sink: Sink, tmp_path: Path) -> None:
    url = fresh(tmp_path, "store")
    words = tuple(f"letter {number}" for number in range(15))
    bots = [start(post, url, sink.port, None, None, words) for _ in range(3)]
    for bot in bots:
        bot.join(60)
    assert sorted(taken(sink)) == sorted(letter(one).key for one in words)
    with open_store(url) as store:
        assert Outbox(store).pending() == ()
        assert {row.state for row in Outbox(store).everything()} == {"sent"}
