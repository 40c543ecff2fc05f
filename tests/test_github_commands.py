# SPDX-License-Identifier: GPL-2.0-or-later
"""`/reviewbot` in comments: what is a command, who may give one, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.publish.github.commands import Orders, command, read_orders
from reviewbot.publish.github.facts import Remark
from tests.github.hub import BOT
from tests.github.scene import Scene, function, scene, source

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
        ("", None),
    ],
)
def test_a_command_stands_at_the_start_of_a_line(text: str, wanted: str | None) -> None:
    assert command(text) == wanted


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
    orders = read_orders([Remark(7, who, "/reviewbot stop")], BOT, "ada", lambda login: WRITERS.get(login, "none"))
    assert orders.stopped is heard


def test_the_last_word_counts() -> None:
    said = [
        Remark(n, "ada", f"/reviewbot {word}") for n, word in enumerate(("stop", "again", "help", "stop", "again"), 1)
    ]
    assert read_orders(said, BOT, "ada", lambda _: "none") == Orders(False, 5, (3,))


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
