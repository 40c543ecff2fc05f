# SPDX-License-Identifier: GPL-2.0-or-later
"""Mailed series become pull requests, and later versions bring them up to date."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.publish.github import marks
from reviewbot.publish.github.importer import Importer
from tests.fixturekit import git
from tests.github.hub import BOT, RefusedError
from tests.github.scene import Scene, function, scene, source


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub."""
    with scene(tmp_path) as made:
        yield made


def importer(github: Scene) -> Importer:
    """Return an importer of a process that has just begun."""
    bot = github.bot()
    return Importer(bot.settings, bot.forge, bot.mirror, bot.outlet, "main")


def mailed(github: Scene, version: int, *contents: str, path: str = "new.c") -> str:
    """Mail a series, a patch a content, and return the mailbox."""
    work = github.work
    git(work, "checkout", "-q", "-B", f"local{version}", "main")
    for number, content in enumerate(contents, 1):
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(content)
        git(work, "add", "-A")
        git(work, "commit", "-q", "-m", f"ring: step {number}")
    options = ["--stdout", "--thread=shallow", "--cover-letter", f"-v{version}"]
    box = git(work, "format-patch", *options, "main").out
    box = box.replace("*** SUBJECT HERE ***", "ring: two steps").replace("*** BLURB HERE ***", "Why we do this @all.")
    place = github.home / f"v{version}.mbox"
    place.write_text(box)
    return str(place)


def test_a_series_becomes_a_pull_request_with_its_cover_letter_and_a_link(github: Scene) -> None:
    assert importer(github).run([mailed(github, 1, "int a;\n", "int a, b;\n")]) == 0
    (pull,) = github.hub.pulls.values()
    assert (pull["title"], pull["base"], pull["author"]) == ("ring: two steps", "main", BOT)
    assert pull["head"].startswith("series/ring-two-steps-")
    assert "Why we do this @all." in pull["body"] and "https://lore.kernel.org/r/" in pull["body"]
    log = git(github.hub.repository, "log", "--format=%s %an", f"main..{pull['head']}").out
    assert log.splitlines() == ["ring: step 2 A Tester", "ring: step 1 A Tester"]


def test_the_same_mailbox_again_changes_nothing(github: Scene) -> None:
    box = mailed(github, 1, "int a;\n")
    assert importer(github).run([box]) == 0
    before = github.server.writes()
    assert importer(github).run([box]) == 0
    assert github.server.writes() == before


def test_a_new_version_updates_the_same_pull_request_and_shows_the_range_diff(github: Scene) -> None:
    first, second = mailed(github, 1, "int a;\n", "int a, b;\n"), mailed(github, 2, "int a;\n", "int a, c;\n")
    importer(github).run([first])
    assert importer(github).run([second]) == 0
    (pull,) = github.hub.pulls.values()
    assert pull["title"] == "ring: two steps (v2)"
    assert marks.read_series_mark(pull["body"])[0] == 2
    assert git(github.hub.repository, "show", f"{pull['head']}:new.c").out == "int a, c;\n"
    (remark,) = github.hub.remarks
    assert "Version 2, against version 1" in remark["body"] and "1:  " in remark["body"]


def test_an_older_version_never_takes_a_pull_request_back(github: Scene) -> None:
    first, second = mailed(github, 1, "int a;\n"), mailed(github, 2, "int b;\n")
    importer(github).run([second])
    before = github.hub.sha(github.hub.pulls[1]["head"])
    assert importer(github).run([first]) == 0
    assert github.hub.sha(github.hub.pulls[1]["head"]) == before


def test_a_mail_cannot_bring_workflows(github: Scene, caplog: pytest.LogCaptureFixture) -> None:
    box = mailed(github, 1, "on: push\n", path=".GitHub/workflows/own.yml")
    assert importer(github).run([box]) == 1
    assert "runs with the repository's rights" in caplog.text
    assert github.hub.pulls == {} and "series/" not in git(github.hub.repository, "branch").out


def test_a_series_that_does_not_apply_is_named_in_the_log(github: Scene, caplog: pytest.LogCaptureFixture) -> None:
    box = mailed(github, 1, source(function("old", bad=False)).replace("size", "room"), path="ring.c")
    github.commit("main", {"ring.c": "int all_new;\n"})
    assert importer(github).run([box]) == 1
    assert "does not apply" in caplog.text and github.hub.pulls == {}


@pytest.mark.parametrize("fault", ["drop", "lose", "break"])
def test_a_pull_request_whose_opening_broke_is_opened_once(github: Scene, fault: str | RefusedError) -> None:
    box = mailed(github, 1, "int a;\n")
    github.server.fault = lambda method, path: fault if method == "POST" and path.endswith("/pulls") else None
    assert importer(github).run([box]) == 1
    github.server.fault = lambda method, path: None
    assert importer(github).run([box]) == 0
    assert len(github.hub.pulls) == 1


def test_the_bot_reviews_the_pull_request_that_it_made(github: Scene) -> None:
    importer(github).run([mailed(github, 1, source(function("one")))])
    github.hub.refresh()
    assert github.bot().sweep() == 0
    assert len(github.hub.comments) == 1
