# SPDX-License-Identifier: GPL-2.0-or-later
"""The bot at a GitHub that is held to GitHub's own description: reviews, threads, checks, commands, limits."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from reviewbot.publish.github import marks
from tests.github.hub import BOT
from tests.github.packages import GRAPHQL, read
from tests.github.scene import Scene, function, scene, source


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub."""
    with scene(tmp_path) as made:
        yield made


def topic(github: Scene, *functions: str) -> int:
    """Open a pull request that brings functions."""
    github.commit("topic", {"ring.c": source(function("old", bad=False), *functions)}, "main")
    number = github.hub.open("topic")
    github.hub.refresh()
    return number


def test_one_review_tells_each_finding_at_its_line(github: Scene) -> None:
    topic(github, function("one"), function("two"))
    assert github.bot().sweep() == 0
    (review,) = github.hub.reviews
    assert review["commit"] == github.hub.sha("topic")
    assert [(c["path"], c["line"], c["review"]) for c in github.hub.comments] == [
        ("ring.c", 17, review["id"]),
        ("ring.c", 26, review["id"]),
    ]
    (check,) = github.hub.checks
    assert (check["status"], check["conclusion"], len(check["annotations"])) == ("completed", "failure", 2)


def test_nothing_is_said_twice_however_often_it_looks(github: Scene) -> None:
    topic(github, function("one"))
    github.bot().sweep()
    before = github.server.writes()
    assert github.bot().sweep() == 0
    assert github.server.writes() == before


def test_a_clean_pull_request_gets_a_check_and_no_words(github: Scene) -> None:
    topic(github, function("fine", bad=False))
    github.bot().sweep()
    assert github.hub.reviews == []
    assert [check["conclusion"] for check in github.hub.checks] == ["success"]


def test_on_the_next_push_what_is_fixed_is_resolved_and_what_is_new_is_told(github: Scene) -> None:
    topic(github, function("one"), function("two"))
    bot = github.bot()
    bot.sweep()
    old = function("old", bad=False)
    github.commit("topic", {"ring.c": source(old, function("one", bad=False), function("two"), function("three"))})
    bot.sweep()
    assert [thread["resolved"] for thread in github.hub.threads.values()] == [True, False, False]
    assert [c["review"] for c in github.hub.comments] == [
        r["id"] for r in (*github.hub.reviews[:1] * 2, *github.hub.reviews[1:])
    ]
    assert [c["line"] for c in github.hub.comments] == [17, 26, 35]


def test_its_graphql_is_valid_by_githubs_schema(github: Scene) -> None:
    topic(github, function("one"), function("two"))
    github.bot().sweep()
    next(iter(github.hub.threads.values())).update(resolved=True, by=BOT)
    old = function("old", bad=False)
    github.commit("topic", {"ring.c": source(old, function("one"), function("two", bad=False))})
    github.bot().sweep()
    schema = build_schema(read(GRAPHQL).decode(), assume_valid=True, no_location=True)
    assert len(github.server.queries) == 4
    assert [validate(schema, parse(query)) for query in github.server.queries] == [[]] * 4


def test_a_thread_that_somebody_answered_gets_an_answer_before_it_is_resolved(github: Scene) -> None:
    topic(github, function("one"))
    github.bot().sweep()
    (thread,) = github.hub.threads
    github.hub.answer(thread, "ada", "I will fix it")
    github.commit("topic", {"ring.c": source(function("old", bad=False), function("one", bad=False))})
    github.bot().sweep()
    assert [c["author"] for c in github.hub.comments] == [BOT, "ada", BOT]
    assert "Not found any more" in github.hub.comments[-1]["body"]
    assert github.hub.threads[thread]["resolved"]


def test_what_comes_back_is_opened_again_unless_a_person_closed_it(github: Scene) -> None:
    topic(github, function("one"), function("two"))
    github.bot().sweep()
    bot, person = github.hub.threads.values()
    bot.update(resolved=True, by=BOT)
    person.update(resolved=True, by="ada")
    old = function("old", bad=False)
    github.commit("topic", {"ring.c": source(old, function("one"), function("two"), "int more;")})
    github.bot().sweep()
    assert (bot["resolved"], person["resolved"]) == (False, True)
    assert len(github.hub.comments) == 2


def test_what_the_diff_does_not_show_is_told_in_the_body(github: Scene) -> None:
    body = "".join(f"\tstep({n});\n" for n in range(20))
    long = "int far(int wanted)\n{{\n\tint size{};\n\n\tif (wanted)\n\t\tsize = wanted;\n{}\treturn size;\n}}\n"
    github.commit("main", {"far.c": source(long.format(" = 0", body))})
    github.commit("topic", {"far.c": source(long.format("", body))}, "main")
    github.hub.open("topic")
    github.hub.refresh()
    github.bot().sweep()
    (review,) = github.hub.reviews
    assert github.hub.comments == []
    assert "`far.c`, `far()`" in review["body"] and len(marks.findings(review["body"])) == 1


def test_lines_that_are_refused_all_the_same_are_told_in_the_body(github: Scene) -> None:
    topic(github, function("one"), function("two"))
    github.hub.refused_lines = {17}
    assert github.bot().sweep() == 0
    (review,) = github.hub.reviews
    assert github.hub.comments == [] and len(marks.findings(review["body"])) == 2


def test_a_token_posts_a_status_where_only_an_app_may_make_check_runs(github: Scene) -> None:
    github.hub.app = False
    topic(github, function("one"))
    assert github.bot().sweep() == 0
    assert github.bot().sweep() == 0
    assert [(s["context"], s["state"], s["description"]) for s in github.hub.statuses] == [
        ("reviewbot", "failure", "1 error")
    ]


def test_a_pull_request_with_nothing_to_review_gets_a_neutral_check_that_says_why(github: Scene) -> None:
    github.commit("topic", {"ring.c": source(function("old"))}, "main")
    github.hub.open("topic")
    github._git("push", "-q", "-f", str(github.hub.repository), "main:topic")
    github.hub.refresh()
    assert github.bot().sweep() == 0
    assert [c["conclusion"] for c in github.hub.checks] == ["neutral"]
    assert "no commits" in github.hub.checks[0]["output"]["summary"]


def test_drafts_wait_and_closed_ones_are_left_alone(github: Scene) -> None:
    number = topic(github, function("one"))
    github.hub.pulls[number]["draft"] = True
    github.bot().sweep()
    assert github.server.writes() == []
    github.bot(drafts=True).sweep()
    assert len(github.hub.reviews) == 1


def test_many_pull_requests_come_in_pages(github: Scene) -> None:
    github.commit("topic", {"ring.c": source(function("old", bad=False), "int x;")}, "main")
    github.server.page = 3
    for _ in range(8):
        github.hub.open("topic")
    assert sorted(pull.number for pull in github.bot().forge.pulls()) == list(range(1, 9))
