# SPDX-License-Identifier: GPL-2.0-or-later
"""What people say in a pull request, and its versions: what was raised is not told again, what was fixed is known."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.review.memory.history import VersionEntry, list_series, show_series
from reviewbot.review.memory.ledger import standings
from reviewbot.review.memory.standing import Counts
from tests.github.hub import BOT
from tests.github.scene import Scene, function, scene, source

OLD = function("old", bad=False)
RAISED = "I think `size` is uninitialized when nothing is wanted."


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub with a pull request of two commits, each with a finding: at lines 17 and 26."""
    with scene(tmp_path) as made:
        made.commit("topic", {"ring.c": source(OLD, function("one"))}, "main")
        made.commit("topic", {"ring.c": source(OLD, function("one"), function("two"))})
        made.hub.open("topic")
        made.hub.refresh()
        yield made


def versions(github: Scene) -> tuple[VersionEntry, ...]:
    """Return what memory has of the pull request."""
    (line,) = list_series(github.store)
    return show_series(github.store, str(line.number)).versions


def told(github: Scene) -> list[int]:
    """Return the lines at which the bot said something."""
    return [c["line"] for c in github.hub.comments if c["author"] == BOT]


@pytest.mark.parametrize("line", [17, 15])
def test_a_finding_that_somebody_raised_at_its_line_is_named_and_not_told_again(github: Scene, line: int) -> None:
    github.hub.remark(1, "wendy", "ring.c", line, RAISED)
    assert github.bot().sweep() == 0
    assert told(github) == [26]
    raised = github.hub.comments[0]["id"]
    (review,) = github.hub.reviews
    assert f"https://github.com/octo/ring/pull/1#discussion_r{raised}" in review["body"]
    assert len(github.hub.checks[0]["annotations"]) == 2, "the check says what there is, whoever found it"


def test_a_finding_that_somebody_raised_in_the_conversation_is_not_told_again(github: Scene) -> None:
    github.hub.say(1, "wendy", "In two() it seems to me that size is used uninitialized.")
    github.hub.say(1, "wendy", "Nice work otherwise!")
    github.bot().sweep()
    assert "#issuecomment-" in github.hub.reviews[0]["body"]
    assert 26 not in told(github)


@pytest.mark.parametrize(
    ("author", "text"),
    [("wendy", "Please add a comment here."), ("ada", RAISED), (BOT, RAISED), ("wendy", "/reviewbot help")],
)
def test_what_says_something_else_or_is_the_authors_own_raises_nothing(github: Scene, author: str, text: str) -> None:
    github.hub.remark(1, author, "ring.c", 17, text)
    github.bot().sweep()
    assert told(github)[-2:] == [17, 26]


def test_when_people_raised_everything_the_bot_only_makes_its_check(github: Scene) -> None:
    github.hub.remark(1, "wendy", "ring.c", 17, RAISED)
    github.hub.remark(1, "wendy", "ring.c", 26, RAISED)
    assert github.bot().sweep() == 0
    assert github.hub.reviews == [] and told(github) == []
    assert [check["conclusion"] for check in github.hub.checks] == ["failure"]


def test_remarks_are_remembered_at_the_commit_that_brought_their_line(github: Scene) -> None:
    github.hub.remark(1, "wendy", "ring.c", 26, "Why?")
    github.hub.remark(1, "wendy", "ring.c", 3, "Was this needed?")
    github.hub.say(1, "max", "Thanks, I will have a look.")
    github.bot().sweep()
    (version,) = versions(github)
    found = [(one.author_name, one.patch, one.path, one.line, one.text) for one in version.remarks]
    assert found == [
        ("wendy", 2, "ring.c", 26, "Why?"),
        ("wendy", 2, "ring.c", 3, "Was this needed?"),
        ("max", None, None, None, "Thanks, I will have a look."),
    ]


def test_each_push_is_compared_with_the_version_before(github: Scene) -> None:
    github.bot().sweep()
    github.commit("topic", {"ring.c": source(OLD, function("one", bad=False), function("two"), function("three"))})
    assert github.bot().sweep() == 0
    assert [one.version for one in versions(github)] == [1, 2]
    assert [(one.function, one.status) for one in versions(github)[1].findings if one.status != "fixed"][-2:] == [
        ("two", "persisting"),
        ("three", "new"),
    ]
    said = "Since the version before: 1 fixed, 1 still there, 1 new."
    assert said in github.hub.reviews[1]["body"] and said in github.hub.checks[1]["output"]["summary"]
    (rule,) = standings(github.store)
    assert rule.counts == Counts(fixed=1, silent=1, waiting=1)


def test_another_pull_request_with_the_same_title_is_no_earlier_version(github: Scene) -> None:
    github.bot().sweep()
    github.commit("other", {"ring.c": source(OLD, function("one"))}, "main")
    github.hub.open("other")
    github.hub.refresh()
    github.bot().sweep()
    assert "Since the version before" not in github.hub.reviews[1]["body"]


def test_looking_again_reviews_and_remembers_nothing_more(github: Scene) -> None:
    github.bot().sweep()
    before = versions(github)
    github.hub.say(1, "ada", "/reviewbot again")
    github.bot().sweep()
    assert versions(github) == before
