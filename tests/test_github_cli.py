# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot bot github` as people run it: dry by default, posting when told to, moderated, with a configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands import Done, reviewbot
from tests.github.hub import REPOSITORY
from tests.github.scene import TOKEN, Scene, function, scene, source


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A repository at GitHub with a pull request of one finding, and a configuration for it."""
    monkeypatch.setenv("REVIEWBOT_GITHUB_TOKEN", TOKEN)
    with scene(tmp_path) as made:
        made.commit("topic", {"new.c": source(function("one"))}, "main")
        made.hub.open("topic")
        made.hub.refresh()
        configure(made)
        yield made


def configure(github: Scene, *more: str) -> None:
    """Write the configuration."""
    lines = [f'api = "{github.hub.url}"', f'remote = "{github.hub.repository}"', 'cache = "cache"', "pause_seconds = 0"]
    lines += ["simulate = false", *more]
    text = "\n".join([f'[memory]\nurl = "sqlite:///{github.home}/kept.db"', "[bot.github]", *lines])
    (github.home / "reviewbot.toml").write_text(text + "\n")


def bot(github: Scene, *arguments: str) -> Done:
    """Run one round."""
    memory = ("--memory", f"sqlite:///{github.home}/kept.db")
    return reviewbot("bot", "github", "--repo", REPOSITORY, "--once", *memory, *arguments, cwd=github.home)


def test_a_dry_run_posts_nothing_and_writes_what_it_would_post(github: Scene) -> None:
    assert bot(github).status == 0
    assert github.server.writes() == []
    files = sorted((github.home / "reviewbot-dry-run").glob("*.json"))
    actions = [json.loads(file.read_text()) for file in files]
    assert [action["kind"] for action in actions] == ["review", "begin", "check"]
    assert actions[0]["data"]["comments"][0]["path"] == "new.c"
    assert bot(github).status == 0
    assert sorted((github.home / "reviewbot-dry-run").glob("*.json")) == files


def test_with_post_it_posts_once_and_the_log_says_what(github: Scene) -> None:
    done = bot(github, "--post")
    assert done.status == 0, done.err
    assert "octo/ring#1: review" in done.err and ": sent" in done.err
    assert bot(github, "--post").status == 0
    assert (len(github.hub.reviews), len(github.hub.checks)) == (1, 1)
    assert len({comment["body"] for comment in github.hub.comments}) == len(github.hub.comments) > 0
    assert TOKEN not in done.err + done.out


def test_moderated_letters_wait_for_a_person(github: Scene) -> None:
    configure(github, "moderate = true")
    assert bot(github, "--post").status == 0
    assert github.server.writes() == []
    memory = ("--memory", f"sqlite:///{github.home}/kept.db")
    listed = reviewbot("bot", "outbox", "list", *memory, cwd=github.home).out.splitlines()
    assert len(listed) == 3 and all("held" in line for line in listed)
    keys = [line.split()[0] for line in listed]
    assert reviewbot("bot", "outbox", "approve", *keys, *memory, cwd=github.home).status == 0
    done = bot(github, "--post")
    assert done.status == 0
    assert len(github.hub.reviews) == 1 and github.hub.comments, done.err
    assert [check["status"] for check in github.hub.checks] == ["completed"]


@pytest.mark.parametrize("line", ["poll_seconds = -1", 'fail_on = "ever"', "moderat = true", "[bot.github.app]"])
def test_a_wrong_key_is_named(github: Scene, line: str) -> None:
    configure(github, line)
    done = bot(github)
    assert done.status == 2 and "bot.github" in done.err and done.err.count("\n") == 1


def test_an_api_that_is_not_there_is_one_line_in_the_log(github: Scene) -> None:
    configure(github)
    text = (github.home / "reviewbot.toml").read_text().replace(github.hub.url, "http://127.0.0.1:9")
    (github.home / "reviewbot.toml").write_text(text)
    done = bot(github)
    assert done.status == 1 and "ConnectionError" in done.err and "Traceback" not in done.err


def test_a_mailbox_becomes_a_pull_request(github: Scene) -> None:
    box = github.home / "one.mbox"
    box.write_text(github._git("format-patch", "--stdout", "main..topic"))
    done = bot(github, "--post", "--mailbox", str(box))
    assert done.status == 0, done.err
    assert github.hub.pulls[2]["title"] == "ring: change"
