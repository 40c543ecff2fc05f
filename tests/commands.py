# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the program as a user does: as a process, with its three streams, or without the process."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from reviewbot.cli.main import call


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


def called(*arguments: str | Path, cwd: Path | None = None) -> Done:
    """Run the same in this process, where nothing hangs on its being one: most of a run is its start."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    with chdir(cwd or Path.cwd()), redirect_stdout(out), redirect_stderr(err):
        status = call(list(map(str, arguments)))
        out.flush(), err.flush()
    return Done(status, *(stream.buffer.getvalue().decode() for stream in (out, err)))
