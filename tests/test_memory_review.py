# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot review` remembers: again is the same and cheap, later versions are compared, trouble stops nothing."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reviewbot.review.memory.store import open_store
from tests.commands import Done, called
from tests.test_memory_killed import content


@pytest.fixture
def memory(tmp_path: Path) -> str:
    """The URL of a memory that is not there yet."""
    return f"sqlite:///{tmp_path / 'memory.sqlite'}"


def review(name: str, memory: str, fixtures: Path, *more: str) -> Done:
    """Review a bundled mailbox, without the simulator."""
    source = fixtures / "series" / f"memcg-oom-{name}.mbox"
    return called("review", source, "--format", "json", "--memory", memory, "--no-simulate", *more)


def test_the_same_again_prints_the_same_and_changes_nothing(memory: str, fixtures: Path, tmp_path: Path) -> None:
    source = fixtures / "series" / "memcg-oom-v1.mbox"
    command = ("review", source, "--format", "json", "--memory", memory, "--verbose")
    once = called(*command)
    stored = (tmp_path / "memory.sqlite").read_bytes()
    again = called(*command)
    assert again.out == once.out and again.status == once.status == 1
    assert (tmp_path / "memory.sqlite").read_bytes() == stored
    assert "simulating" in once.err and "simulating" not in again.err and "remembered" in again.err
    # another file's name makes no difference; that nothing is simulated does, in both series of the mailbox
    copied = tmp_path / "copy.mbox"
    copied.write_bytes(source.read_bytes())
    assert called("review", copied, *command[2:]).out == once.out
    assert (tmp_path / "memory.sqlite").read_bytes() == stored
    review("v1", memory, fixtures)
    with open_store(memory) as store:
        assert (content(store)["reviews"], content(store)["versions"]) == (4, 2)


def test_a_new_version_is_compared_with_the_remembered_one(memory: str, fixtures: Path) -> None:
    before = json.loads(review("v1", memory, fixtures).out)["series"][0]["findings"]
    after = json.loads(review("v2", memory, fixtures).out)["series"][0]["findings"]
    assert before and {one["status"] for one in before} == {"new"}
    assert {one["fingerprint"] for one in after if one["status"] == "fixed"} <= {one["fingerprint"] for one in before}
    assert any(one["status"] == "fixed" for one in after)
    assert not any(
        one["status"] == "fixed" for one in json.loads(review("v2", "none", fixtures).out)["series"][0]["findings"]
    )
    shown = called("history", "--memory", memory).out
    assert re.search(r"Ines Calder; v1, v2; ", shown)


BROKEN = {
    "a data directory that cannot be made": "/dev/null/nowhere",
    "a data directory that cannot be written": "/proc",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_memory_that_cannot_be_used_costs_one_line(
    name: str, fixtures: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = fixtures / "series" / "clean.mbox"
    monkeypatch.setenv("REVIEWBOT_MEMORY", "none")
    plain = called("review", source, "--no-simulate")
    monkeypatch.setenv("REVIEWBOT_MEMORY", "")
    monkeypatch.setenv("XDG_DATA_HOME", BROKEN[name])
    done = called("review", source, "--no-simulate", cwd=tmp_path)
    assert (done.status, done.out) == (plain.status, plain.out)
    assert done.err.startswith("reviewbot: nothing is remembered: ") and done.err.count("\n") == 1


def test_a_memory_that_is_asked_for_and_cannot_be_used_is_bad_usage(fixtures: Path) -> None:
    done = review("v1", "sqlite:////dev/null/x/m", fixtures)
    assert (done.status, done.out) == (2, "") and done.err.count("\n") == 1


def test_the_configuration_names_the_memory(fixtures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REVIEWBOT_MEMORY", "")
    (tmp_path / "reviewbot.toml").write_text('[memory]\nurl = "sqlite:///here.sqlite"\n')
    called("review", fixtures / "series" / "clean.mbox", "--no-simulate", cwd=tmp_path)
    assert (tmp_path / "here.sqlite").exists()
    assert called("history", cwd=tmp_path).out.count("\n") == 1


def test_a_killed_review_leaves_a_memory_that_the_next_one_uses(memory: str, fixtures: Path, tmp_path: Path) -> None:
    source = fixtures / "series" / "memcg-oom-v1.mbox"
    command = [sys.executable, "-m", "reviewbot", "review", source, "--no-simulate", "--memory", memory]
    for moment in (0.3, 0.8, 1.2, 1.6):
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moment)
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert review("v1", memory, fixtures).status == 1
    with open_store(memory) as store:
        assert content(store)["reviews"] == content(store)["versions"] > 0
