# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the program as a user does: as a process, with its three streams."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a run."""

    status: int
    out: str
    err: str


def reviewbot(*arguments: str | Path, stdin: bytes = b"", cwd: Path | None = None, timeout: float = 120) -> Done:
    """Run `python -m reviewbot` with these arguments."""
    done = subprocess.run(
        [sys.executable, "-m", "reviewbot", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        timeout=timeout,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())
