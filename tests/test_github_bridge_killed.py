# SPDX-License-Identifier: GPL-2.0-or-later
"""The bridge from mailboxes dies at each of its writes: in the end the pull request is whole, and nothing is twice."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.publish.github import marks
from reviewbot.review.memory.store import open_store
from tests.fixturekit import git
from tests.github.scene import Scene, scene
from tests.test_github_bridge import importer, mailed
from tests.test_github_faults import at_write

CASES = [
    *((1, step, moment) for step in ("push", 0) for moment in ("before", "after")),
    *((2, step, moment) for step in ("push", 0, 1) for moment in ("before", "after")),
]
"""Which version is brought, and at which write to GitHub its bridge dies: the push, or a request by its number."""
FAULT = {"before": "drop", "after": "lose"}
HOOK = {"before": "pre-receive", "after": "post-receive"}


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub."""
    with scene(tmp_path) as made:
        yield made


def dies(github: Scene, box: str, step: str | int, moment: str) -> None:
    """Bring a mailbox in a process that is killed at a write, before GitHub has done it or after."""
    ready, go = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(120)
        os.close(go)
        os.read(ready, 1)
        with open_store(f"sqlite:///{github.home / 'memory.db'}") as store:
            importer(replace(github, store=store)).run([box])
        os._exit(0)
    os.close(ready)
    hook = github.hub.repository / "hooks" / HOOK[moment]
    if step == "push":
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\nkill -9 {child}\n")
        hook.chmod(0o755)
    else:
        github.server.fault = at_write(int(step), FAULT[moment], lambda: os.kill(child, signal.SIGKILL))
    os.close(go)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    hook.unlink(missing_ok=True)
    github.server.fault = lambda method, path: None


def assert_whole(github: Scene, version: int, content: str) -> None:
    """Assert that there is one pull request, which shows a version in all its parts, each once."""
    (pull,) = github.hub.pulls.values()
    assert marks.read_series_mark(pull["body"])[0] == version
    assert pull["title"] == "ring: two steps" + (f" (v{version})" if version > 1 else "")
    assert git(github.hub.repository, "show", f"{pull['head']}:new.c").out == content
    assert ["1:  " in remark["body"] for remark in github.hub.remarks] == [True] * (version - 1)
    branches = git(github.hub.repository, "branch", "--list", "series/*").out.split()
    assert branches == [pull["head"]]


@pytest.mark.parametrize(("version", "step", "moment"), CASES)
def test_killed_at_any_write_the_bridge_brings_everything_once(
    github: Scene, version: int, step: str | int, moment: str
) -> None:
    boxes = {1: mailed(github, 1, "int a;\n", "int a, b;\n"), 2: mailed(github, 2, "int a;\n", "int a, c;\n")}
    if version == 2:
        assert importer(github).run([boxes[1]]) == 0
    dies(github, boxes[version], step, moment)
    assert importer(github).run([boxes[version]]) == 0
    assert_whole(github, version, "int a, b;\n" if version == 1 else "int a, c;\n")
    before = github.server.writes()
    assert importer(github).run([boxes[version]]) == 0
    assert github.server.writes() == before


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_version_that_comes_after_a_bridge_that_died_is_brought_all_the_same(github: Scene, moment: str) -> None:
    boxes = mailed(github, 1, "int a;\n"), mailed(github, 2, "int c;\n")
    dies(github, boxes[0], 0 if moment == "before" else "push", moment)
    assert importer(github).run([boxes[1]]) == 0
    (pull,) = github.hub.pulls.values()
    assert pull["title"] == "ring: two steps (v2)"
    assert git(github.hub.repository, "show", f"{pull['head']}:new.c").out == "int c;\n"
