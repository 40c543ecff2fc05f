# SPDX-License-Identifier: GPL-2.0-or-later
"""The states of a letter, and who may change them."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish import owner
from reviewbot.publish.letter import Letter, NotSent, letter_key
from reviewbot.publish.outbox import Outbox
from reviewbot.review.memory.store import Store, open_store
from tests.commands import called

LETTER = Letter(letter_key("email", "ada@x", "hi"), "email", "ada@x", "hi", b"Subject: hi\n\n\x1b[31mhi\n")


class Remote:
    """What letters are sent to; `trouble` is raised after a delivery, `refuses` before one."""

    def __init__(self) -> None:
        self.has: list[str] = []
        self.trouble: BaseException | None = None
        self.refuses: Exception | None = None

    def send(self, letter: Letter) -> str:
        """Take a letter."""
        if self.refuses:
            raise self.refuses
        self.has.append(letter.key)
        if self.trouble:
            raise self.trouble
        return f"at {len(self.has)}"

    def look(self, letter: Letter) -> str | None:
        """Tell whether a letter is here."""
        return "here" if letter.key in self.has else None


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store of its own."""
    with open_store(f"sqlite:///{tmp_path / 'm.sqlite'}") as one:
        yield one


@pytest.fixture
def remote() -> Remote:
    """A remote that has nothing."""
    return Remote()


def state(outbox: Outbox) -> tuple[str, str, str | None]:
    """Return state, reason and reference of the one letter."""
    (row,) = outbox.everything()
    return row.state, row.reason, row.reference


def test_a_letter_is_sent_once(store: Store, remote: Remote) -> None:
    outbox = Outbox(store)
    assert [outbox.post(LETTER, remote.send) for _ in range(3)] == ["sent", "already-sent", "already-sent"]
    assert remote.has == [LETTER.key] and state(outbox) == ("sent", "", "at 1")


def test_a_held_letter_waits_for_a_person_and_is_then_sent_as_it_was_approved(store: Store, remote: Remote) -> None:
    outbox, sent = Outbox(store), []
    assert outbox.post(LETTER, remote.send, hold="moderation") == "held"
    assert outbox.post(LETTER, remote.send) == "held" and outbox.flush("email", remote.send) == {}
    outbox.approve(LETTER.key)
    changed = Letter(LETTER.key, "email", "ada@x", "hi", b"something else")
    assert outbox.post(changed, lambda one: sent.append(one) or "there", hold="moderation") == "sent"  # type: ignore[func-returns-value]
    assert sent == [LETTER]


def test_a_dropped_letter_is_never_sent(store: Store, remote: Remote) -> None:
    outbox = Outbox(store)
    outbox.post(LETTER, remote.send, hold="moderation")
    outbox.drop(LETTER.key)
    assert outbox.post(LETTER, remote.send) == "dropped" and outbox.flush("email", remote.send) == {}
    with pytest.raises(UnusableInputError, match="is dropped already"):
        outbox.approve(LETTER.key)


def test_what_was_surely_not_delivered_is_sent_by_the_next_flush_of_its_channel(store: Store, remote: Remote) -> None:
    outbox, remote.refuses = Outbox(store), NotSent("451 later")
    assert outbox.post(LETTER, remote.send) == "failed" and state(outbox)[:2] == ("failed", "NotSent: 451 later")
    remote.refuses = None
    assert outbox.flush("github", remote.send) == {} and outbox.flush("email", remote.send) == {LETTER.key: "sent"}


def test_any_other_trouble_leaves_a_letter_in_doubt_until_somebody_looks(store: Store, remote: Remote) -> None:
    outbox, remote.trouble = Outbox(store), TimeoutError("no answer")
    assert outbox.post(LETTER, remote.send) == "in-doubt" and outbox.post(LETTER, remote.send) == "in-doubt"
    assert state(outbox)[:2] == ("in-doubt", "TimeoutError: no answer")

    def blind(_: Letter) -> str | None:
        raise ConnectionError("no way")

    assert outbox.post(LETTER, remote.send, look=blind) == "in-doubt"
    assert outbox.post(LETTER, remote.send, look=remote.look) == "already-sent"
    assert remote.has == [LETTER.key] and state(outbox) == ("sent", "found at the remote", "here")


def test_an_interrupt_while_sending_goes_on_and_leaves_a_letter_in_doubt(store: Store, remote: Remote) -> None:
    outbox, remote.trouble = Outbox(store), KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        outbox.post(LETTER, remote.send)
    assert state(outbox)[0] == "in-doubt"


def test_what_the_remote_does_not_have_is_sent_again(store: Store, remote: Remote) -> None:
    outbox, remote.refuses = Outbox(store), TimeoutError()
    assert outbox.post(LETTER, remote.send) == "in-doubt"
    remote.refuses = None
    assert outbox.flush("email", remote.send, remote.look) == {LETTER.key: "sent"} and remote.has == [LETTER.key]


def test_nobody_decides_about_a_letter_while_it_is_being_sent(store: Store, remote: Remote) -> None:
    outbox = Outbox(store)

    def send(letter: Letter) -> str:
        assert Outbox(store).post(letter, remote.send, look=remote.look) == "in-doubt"
        for decide in (outbox.approve, outbox.drop, outbox.confirm):
            with pytest.raises(UnusableInputError, match="being sent right now"):
                decide(letter.key)
        return "there"

    assert outbox.post(LETTER, send) == "sent" and remote.has == []


def test_what_a_dead_process_sent_is_given_time_to_arrive(store: Store, remote: Remote) -> None:
    child = os.fork()
    if child == 0:
        # the parent's connections are not the child's
        with open_store(str(store._engine.url)) as own:
            Outbox(own).post(LETTER, lambda _: os._exit(0))
    os.waitpid(child, 0)
    assert Outbox(store, settling=timedelta(hours=1)).post(LETTER, remote.send, look=remote.look) == "in-doubt"
    assert Outbox(store).post(LETTER, remote.send, look=remote.look) == "sent"


OWNERS = {
    "none": (lambda me: None, "gone"),
    "this very reservation": (lambda me: me, "alive"),
    "another of this process, over": (lambda me: me[:-32] + "0" * 32, "gone"),
    "a process with this number that ended long ago": (lambda me: me.replace(me.split("|")[4], "1"), "gone"),
    "another machine": (lambda me: "elsewhere" + me[len(socket.gethostname()) :], "unknown"),
    "this machine before it was booted": (lambda me: me.replace(me.split("|")[1], "0-0"), "gone"),
    "another container": (lambda me: me.replace(me.split("|")[2], "pid:[1]"), "unknown"),
    "no owner's name": (lambda me: "x", "gone"),
}


@pytest.mark.parametrize("name", OWNERS)
def test_an_owner_is(name: str) -> None:
    change, expected = OWNERS[name]
    me = owner.take()
    assert owner.fate(change(me)) == expected
    owner.release(me)
    assert owner.fate(me) == "gone"


@given(st.lists(st.text(max_size=4), max_size=4), st.lists(st.text(max_size=4), max_size=4))
def test_a_key_tells_apart_whatever_is_said(one: list[str], other: list[str]) -> None:
    assert (letter_key("email", "x", *one) == letter_key("email", "x", *other)) == (one == other)


def test_a_person_lists_shows_approves_drops_and_confirms(store: Store, remote: Remote, tmp_path: Path) -> None:
    outbox = Outbox(store)
    outbox.post(LETTER, remote.send, hold="moderation")
    url = f"sqlite:///{tmp_path / 'm.sqlite'}"

    def run(*arguments: str) -> tuple[int, str]:
        done = called("bot", "outbox", *arguments, "--memory", url)
        return done.status, done.out + done.err

    assert run("list")[1].startswith(f"{LETTER.key[:12]} held ")
    shown = run("show", LETTER.key[:8])[1]
    assert "reason:    moderation" in shown and "\ufffd[31mhi" in shown and "\x1b" not in shown
    assert run("confirm", LETTER.key[:8])[0] == 2
    assert run("approve", LETTER.key[:8]) == (0, f"{LETTER.key[:12]} approved: hi\n")
    assert run("drop", LETTER.key[:8]) == (0, f"{LETTER.key[:12]} dropped: hi\n")
    assert run("list") == (0, "") and " dropped " in run("list", "--all")[1]
    assert run("show", "zz") == (2, "reviewbot: the outbox has no letters whose key begins with 'zz'\n")
