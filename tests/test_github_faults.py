# SPDX-License-Identifier: GPL-2.0-or-later
"""Whatever breaks, and whenever the bot dies: in the end everything is said, and nothing twice."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.publish.github.loop import once
from reviewbot.review.memory.store import open_store
from tests.github.hub import RefusedError
from tests.github.scene import Scene, function, scene, source
from tests.github.server import Fault

WRITES = 3
"""A review, a check run that begins, and its end."""
SECONDARY = RefusedError(403, "You have exceeded a secondary rate limit", headers={"Retry-After": "60"})
TOO_MANY = RefusedError(429, "Too many requests", headers={"Retry-After": "60"})
FAULTS: dict[str, tuple[str | RefusedError, tuple[int, ...]]] = {
    "hangs up before": ("drop", (0,)),
    "hangs up after": ("lose", (0, 1, 2)),
    "answers 500 after": ("break", (0, 1, 2)),
    "answers 500 before": (RefusedError(500, "Server Error"), (1,)),
    "secondary limit": (SECONDARY, (0,)),
    "too many": (TOO_MANY, (2,)),
}
"""Faults, and at which writes."""


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub."""
    with scene(tmp_path) as made:
        yield made


def pull(github: Scene, name: str = "topic") -> int:
    """Open a pull request with one finding."""
    github.commit(name, {f"{name}.c": source(function(name))}, "main")
    number = github.hub.open(name)
    github.hub.refresh()
    return number


def at_write(number: int, fault: str | RefusedError, also: Callable[[], None] = lambda: None) -> Fault:
    """Return a fault at the write of that number, counted from 0, and at no other."""
    seen = iter(range(10_000))

    def decide(method: str, path: str) -> str | RefusedError | None:
        if method == "GET" or path == "/graphql" or next(seen) != number:
            return None
        also()
        return fault

    return decide


def assert_said_once(github: Scene, number: int) -> None:
    """Assert that a pull request has one review, one comment and one finished check with one annotation."""
    head = github.hub.sha(github.hub.pulls[number]["head"])
    checks = [c for c in github.hub.checks if c["head_sha"] == head]
    assert [len([r for r in rows if r["pull"] == number]) for rows in (github.hub.reviews, github.hub.comments)] == [
        1,
        1,
    ]
    assert [(c["status"], len(c["annotations"])) for c in checks] == [("completed", 1)]


@pytest.mark.parametrize(("fault", "steps"), FAULTS.values(), ids=FAULTS)
def test_after_a_fault_at_any_write_everything_is_said_once(
    github: Scene, fault: str | RefusedError, steps: tuple[int, ...], caplog: pytest.LogCaptureFixture
) -> None:
    for step in steps:
        number = pull(github, f"topic{step}")
        github.server.fault = at_write(step, fault)
        well, _ = once(github.bot())
        assert not well
        assert any(word in caplog.text for word in ("in-doubt", "failed"))
        github.server.fault = lambda method, path: None
        assert once(github.bot()) == (True, 0)
        assert_said_once(github, number)


def test_a_check_that_github_answers_too_late_is_not_made_again(github: Scene) -> None:
    number = pull(github)
    github.server.fault = at_write(1, "hang")
    assert not once(github.bot(timeout=1))[0]
    github.server.fault = lambda method, path: None
    assert once(github.bot()) == (True, 0)
    assert_said_once(github, number)


def in_a_child(github: Scene, fault: Callable[[int], Fault]) -> int:
    """Do one round in a process of its own, with a fault that knows its id; return its exit status."""
    child = os.fork()
    if child == 0:
        # whatever a fork may get stuck in, it ends
        signal.alarm(120)
        # the parent waits to set the fault; the child has its own connection to the memory
        time.sleep(0.1)
        with open_store(f"sqlite:///{github.home / 'memory.db'}") as store:
            well, _ = once(replace(github, store=store).bot())
        os._exit(0 if well else 1)
    github.server.fault = fault(child)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("moment", ["drop", "lose"], ids=["before", "after"])
def test_killed_at_any_write_it_says_everything_once_all_the_same(github: Scene, moment: str) -> None:
    for step in range(WRITES):
        number = pull(github, f"topic{step}")
        killed = in_a_child(github, lambda pid, s=step: at_write(s, moment, lambda: os.kill(pid, signal.SIGKILL)))
        assert killed == -signal.SIGKILL
        github.server.fault = lambda method, path: None
        assert once(github.bot()) == (True, 0)
        assert_said_once(github, number)


def test_questions_are_asked_again_after_errors_and_limits(github: Scene) -> None:
    number = pull(github)
    answers = iter(
        [RefusedError(500, "Server Error"), RefusedError(403, "secondary rate limit", headers={"Retry-After": "1"})]
    )
    github.server.fault = lambda method, path: next(answers, None) if method == "GET" else None
    assert once(github.bot()) == (True, 0)
    assert_said_once(github, number)


def test_a_limit_pauses_for_as_long_as_github_says(github: Scene) -> None:
    pull(github)
    github.server.fault = at_write(0, SECONDARY)
    bot = github.bot()
    well, pause = once(bot)
    assert not well and 50 < pause <= 60
    github.server.fault = lambda method, path: None
    before = github.server.writes()
    assert once(bot)[1] > 0, "the pause lasts"
    assert github.server.writes() == before


def test_it_stops_writing_well_before_the_rate_limit(github: Scene) -> None:
    pull(github)
    github.server.remaining = 900
    well, pause = once(github.bot())
    assert not well and pause > 60
    assert github.server.writes() == []


def test_a_token_that_may_do_nothing_is_told_of_in_the_log(github: Scene, caplog: pytest.LogCaptureFixture) -> None:
    pull(github)
    github.hub.app = github.hub.writable = False
    assert not once(github.bot())[0]
    assert "check" in caplog.text and "failed" in caplog.text
    github.hub.writable = True
    assert once(github.bot()) == (True, 0)
    assert len(github.hub.statuses) == len(github.hub.reviews) == 1


def test_one_bad_pull_request_does_not_keep_the_others_waiting(github: Scene) -> None:
    bad, good = pull(github, "bad"), pull(github, "good")
    wrong = RefusedError(404, "Not Found")
    github.server.fault = lambda method, path: wrong if path.endswith(f"/pulls/{bad}") else None
    assert not once(github.bot())[0]
    assert_said_once(github, good)


def test_what_somebody_deleted_does_not_keep_the_rest_from_being_said(github: Scene) -> None:
    number = pull(github)
    once(github.bot())
    github.commit("topic", {"topic.c": source(function("topic", bad=False))})
    gone = RefusedError(404, "Not Found")
    resolving = []

    def deleted(method: str, path: str) -> RefusedError | None:
        if path != "/graphql":
            return None
        resolving.append(path)
        # the bot asks who it is and for the threads, before and after it reviews; then it resolves one
        return gone if len(resolving) > 3 else None

    github.server.fault = deleted
    assert once(github.bot()) == (True, 0)
    head = github.hub.sha(github.hub.pulls[number]["head"])
    assert [c["conclusion"] for c in github.hub.checks if c["head_sha"] == head] == ["success"]


@pytest.mark.parametrize("app", [True, False], ids=["app", "token"])
def test_a_second_bot_with_a_memory_of_its_own_says_nothing_again(github: Scene, app: bool, tmp_path: Path) -> None:
    number = pull(github)
    github.hub.app = app
    github.hub.say(number, "ada", "/reviewbot help")
    assert once(github.bot()) == (True, 0)
    before = [*github.hub.reviews, *github.hub.checks, *github.hub.statuses, *github.hub.remarks]
    with open_store(f"sqlite:///{tmp_path / 'other.db'}") as store:
        assert once(replace(github, store=store).bot()) == (True, 0)
    assert [*github.hub.reviews, *github.hub.checks, *github.hub.statuses, *github.hub.remarks] == before
    assert len(github.hub.checks) + len(github.hub.statuses) == 1


def test_a_second_bot_ends_the_check_that_the_first_began(github: Scene, tmp_path: Path) -> None:
    number = pull(github)
    github.server.fault = at_write(2, "drop")
    assert not once(github.bot())[0]
    github.server.fault = lambda method, path: None
    with open_store(f"sqlite:///{tmp_path / 'other.db'}") as store:
        assert once(replace(github, store=store).bot()) == (True, 0)
    assert_said_once(github, number)
