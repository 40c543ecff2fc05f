# SPDX-License-Identifier: GPL-2.0-or-later
"""Scratch directories vanish with their run, or with the next one."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from reviewbot.tree.scratch import PREFIX, remove_stale, scratch_directory

HOLD = """
import sys, pathlib
from reviewbot.tree.scratch import scratch_directory
with scratch_directory(pathlib.Path(sys.argv[1])) as place:
    (place / "object").write_text("x")
    print(place, flush=True)
    sys.stdin.read()
"""


def holder(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    """Start another process that holds a scratch directory."""
    run = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    return run, Path(run.stdout.readline().strip())


def test_a_killed_run_leaves_a_directory_that_the_next_run_removes(tmp_path: Path) -> None:
    run, place = holder(tmp_path)
    run.send_signal(signal.SIGKILL)
    run.communicate()
    assert (place / "object").exists()
    with scratch_directory(tmp_path) as mine:
        assert not place.exists()
        assert list(mine.iterdir()) == []
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_alive_keeps_its_directory(tmp_path: Path) -> None:
    run, place = holder(tmp_path)
    with scratch_directory(tmp_path):
        assert (place / "object").exists()
    run.communicate("")
    assert not place.exists()


def test_what_is_not_ours_stays(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / f"{PREFIX}being-made").mkdir()
    (tmp_path / f"{PREFIX}link").symlink_to(tmp_path / "other")
    assert remove_stale(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 3
