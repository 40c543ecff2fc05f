# SPDX-License-Identifier: GPL-2.0-or-later
"""The wheel carries everything: installed into an empty environment, the main job runs from anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_installed_wheel_runs_the_main_job_from_another_directory(root: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(root)],
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    home = tmp_path / "empty"
    venv.create(home, with_pip=True)
    pip = [str(home / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, str(wheel)], check=True)
    away = tmp_path / "away"
    away.mkdir()
    done = subprocess.run(
        [str(home / "bin" / "reviewbot"), "demo", "--format", "json"], cwd=away, capture_output=True, check=True
    )
    found = {f["rule"] for one in json.loads(done.stdout)["series"] for f in one["findings"]}
    assert {"uninitialized-use", "wait-without-wake", "loop-without-progress", "schedule-without-state"} <= found
    assert list(away.iterdir()) == []
