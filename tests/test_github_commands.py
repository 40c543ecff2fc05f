# SPDX-License-Identifier: GPL-2.0-or-later
"""`/reviewbot` in comments: what is a command, who may give one, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.publish.github import marks
from reviewbot.publish.github.commands import FALSE, Command, Dismissal, Orders, command, read_orders
from reviewbot.publish.github.facts import Conversation, Remark, Thread
from reviewbot.review.memory.ledger import standings
from reviewbot.review.memory.standing import Counts
from tests.github.hub import BOT
from tests.github.scene import Scene, function, scene, source

NOTHING = Conversation(BOT)
WRITERS = {"wendy": "write", "adam": "admin", "mona": "maintain", "rita": "read"}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub with a pull request of one finding."""
    with scene(tmp_path) as made:
        made.hub.permissions.update(WRITERS)
        made.commit("topic", {"ring.c": source(function("old", bad=False), function("one"))}, "main")
        made.hub.open("topic")
        made.hub.refresh()
        yield made


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("/reviewbot", "again"),
        ("/reviewbot again", "again"),
        ("Thanks!\n\n/reviewbot stop\r\nBye", "stop"),
        ("/reviewbot  help ", "help"),
        ("/reviewbot stop\n/reviewbot again", "stop"),
        ("/reviewbot dance", None),
        ("/reviewbots", None),
        ("> /reviewbot stop", None),
        ("  /reviewbot stop", None),
        ("use /reviewbot stop", None),
        ("/reviewbot stop it", None),
        ("/reviewbot dance\n/reviewbot stop", None),
        ("/reviewbot false-positive", "false-positive"),
        ("/reviewbot false-positive\tuninitialized-use ", "false-positive uninitialized-use"),
        ("/reviewbot false-positive two words", None),
        ("", None),
    ],
)
def test_a_command_stands_at_the_start_of_a_line(text: str, wanted: str | None) -> None:
    assert command(text) == (Command(*wanted.split()) if wanted else None)


@pytest.mark.parametrize(
    ("who", "heard"),
    [
        ("ada", True),
        ("wendy", True),
        ("adam", True),
        ("mona", True),
        ("rita", False),
        ("stranger", False),
        (BOT, False),
    ],
)
def test_the_author_and_those_who_may_write_are_heard(who: str, heard: bool) -> None:
    orders = read_orders(
        [Remark(7, who, "/reviewbot stop")], NOTHING, BOT, "ada", lambda login: WRITERS.get(login, "none")
    )
    assert orders.stopped is heard


def test_the_last_word_counts() -> None:
    said = [
        Remark(n, "ada", f"/reviewbot {word}") for n, word in enumerate(("stop", "again", "help", "stop", "again"), 1)
    ]
    assert read_orders(said, NOTHING, BOT, "ada", lambda _: "none") == Orders(False, 5, (3,))


def test_again_reviews_once_more_and_repeats_nothing(github: Scene) -> None:
    github.bot().sweep()
    asked = github.hub.say(1, "wendy", "/reviewbot again")
    for _ in range(2):
        assert github.bot().sweep() == 0
    assert len(github.hub.reviews) == len(github.hub.comments) == 1
    assert [r["remark"] for r in github.hub.reactions] == [asked]
    assert len(github.hub.checks) == 2


def test_stop_stops_and_again_begins_again(github: Scene) -> None:
    github.hub.say(1, "ada", "/reviewbot stop")
    github.bot().sweep()
    assert github.server.writes() == []
    github.hub.say(1, "ada", "/reviewbot")
    github.bot().sweep()
    assert len(github.hub.reviews) == 1


def test_who_may_only_read_changes_nothing(github: Scene) -> None:
    github.hub.say(1, "rita", "/reviewbot stop")
    github.bot().sweep()
    assert len(github.hub.reviews) == 1


def test_help_is_given_once(github: Scene) -> None:
    github.hub.say(1, "ada", "/reviewbot help")
    github.bot().sweep()
    github.bot().sweep()
    assert ["I understand" in r["body"] for r in github.hub.remarks] == [False, True]


def test_false_positive_needs_a_rule_but_in_a_thread_of_the_bot() -> None:
    words = f"/reviewbot {FALSE}"
    thread = Thread("T", False, None, (Remark(1, BOT, marks.mark("k", ["f00d"])), Remark(2, "ada", words)))
    said = Conversation(BOT, (thread, Thread("U", False, None, (Remark(3, "ada", words),))))
    talk = [Remark(4, "ada", words), Remark(5, "ada", f"{words} some-rule")]
    orders = read_orders(talk, said, BOT, "ada", lambda _: "none")
    assert orders.false == (Dismissal(5, "some-rule"), Dismissal(2, "", "f00d"))
    assert read_orders(talk, said, BOT, "somebody", lambda _: "read").false == ()


def standing(github: Scene) -> Counts:
    """Return what the ledger has of the one rule."""
    (one,) = standings(github.store)
    return one.counts


def test_what_the_author_calls_false_counts_against_the_rule(github: Scene) -> None:
    github.bot().sweep()
    assert standing(github) == Counts(waiting=1)
    github.hub.say(1, "rita", "/reviewbot false-positive uninitialized-use")
    github.bot().sweep()
    assert standing(github) == Counts(waiting=1), "she may not write here"
    asked = github.hub.say(1, "ada", "/reviewbot false-positive uninitialized-use")
    for _ in range(2):
        assert github.bot().sweep() == 0
    assert standing(github) == Counts(false_positive=1)
    assert [r["remark"] for r in github.hub.reactions] == [asked]


def test_an_answer_in_a_thread_calls_that_finding_false_in_every_version(github: Scene) -> None:
    old = function("old", bad=False)
    github.commit("topic", {"ring.c": source(old, function("one"), function("two"))})
    github.bot().sweep()
    github.commit("topic", {"ring.c": source(old, "int more;", function("one"), function("two"))})
    github.bot().sweep()
    thread = next(iter(github.hub.threads))
    answer = github.hub.answer(thread, "wendy", "No, it is set.\n\n/reviewbot false-positive")
    assert github.bot().sweep() == 0
    assert standing(github) == Counts(silent=1, false_positive=1)
    assert [r["remark"] for r in github.hub.reactions] == [answer]


def test_a_rule_that_is_called_false_too_often_is_told_no_more(github: Scene) -> None:
    old = function("old", bad=False)
    github.commit("topic", {"ring.c": source(old, *(function(f"f{n}") for n in range(5)))})
    github.bot().sweep()
    github.hub.say(1, "ada", "/reviewbot false-positive uninitialized-use")
    github.bot().sweep()
    github.commit("more", {"more.c": source(function("more"))}, "main")
    github.hub.open("more")
    github.hub.refresh()
    assert github.bot().sweep() == 0
    assert [review["pull"] for review in github.hub.reviews] == [1]
