# SPDX-License-Identifier: GPL-2.0-or-later
"""Running another program under limits, and in a sandbox where it reads what a patch brings in depth."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

MEMORY = 4 * 1024**3
"""Bytes of address space that a tool may have."""

WRITTEN = 64 * 1024**2
"""Bytes that a tool may write to one file."""

OUTPUT = 10_000_000
"""Bytes of a tool's output that are looked at."""

_VERSION = re.compile(r"\d{1,5}(?:\.\d{1,5}){1,4}")


# by number; a shell and bwrap say 128 + number of what they started
_KILLED = {
    one.value: one.name for one in (signal.SIGKILL, signal.SIGXCPU, signal.SIGXFSZ, signal.SIGSEGV, signal.SIGABRT)
}


class ToolError(Exception):
    """A tool that could not do its work; the text says which and why, on one line."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a run ended: exit status and both outputs as text."""

    status: int
    out: str
    err: str


def version(program: str, option: str = "--version") -> str | None:
    """Return the version that an installed program states, "" if it states none, None if it is not installed."""
    if shutil.which(program) is None:
        return None
    try:
        done = run([program, option], seconds=20)
    except ToolError:
        return None
    match = _VERSION.search(done.out + done.err)
    return match.group() if match else ""


def run(command: Sequence[str], *, seconds: int, cwd: Path | None = None, stdin: bytes = b"") -> Done:
    """Run a program with no more than `seconds` of processor time, and little more on the clock.

    It gets a plain environment. Raises ToolError when it cannot be started or has to be stopped; its exit status is
    for the caller to judge.
    """
    limits = [f"--cpu={seconds}", f"--as={MEMORY}", f"--fsize={WRITTEN}"]
    environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8", "HOME": "/nonexistent"}
    name = Path(command[0]).name
    try:
        with subprocess.Popen(
            ["prlimit", *limits, "--", *command],
            cwd=cwd,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                out, err = process.communicate(stdin, timeout=3 * seconds)
            except subprocess.TimeoutExpired as error:
                raise ToolError(f"{name} did not end within {3 * seconds} s") from error
            finally:
                _end(process)
    except OSError as error:
        raise ToolError(f"{name} cannot be started: {error.strerror}") from error
    killed = -process.returncode if process.returncode < 0 else process.returncode - 128
    if killed in _KILLED:
        raise ToolError(f"{name} was ended by {_KILLED[killed]}")
    return Done(process.returncode, _text(out), _text(err))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a tool with all that it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def _text(data: bytes) -> str:
    return data[:OUTPUT].decode("utf-8", "replace")


def sandbox() -> bool:
    """Tell whether there is a sandbox to run tools in (bubblewrap)."""
    return shutil.which("bwrap") is not None


def sandboxed(
    command: Sequence[str],
    *,
    shown: Sequence[Path],
    at: Path,
    hidden: Sequence[Path] = (),
    over: Mapping[Path, Path] = MappingProxyType({}),
) -> list[str]:
    """Return a command that runs `command` with no network and nothing of the machine but the system's programs.

    `shown` are directories that it may read, `at` the one that it runs in, `hidden` those below them that it may not
    read; `over` puts files (values) in the place of others (keys). Nothing can be written but a /tmp that is gone
    afterwards (bwrap(1)).
    """
    words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--dev", "/dev", "--proc", "/proc"]
    words += ["--tmpfs", "/tmp", "--chdir", str(at)]
    for system in ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/libx32", "/sbin", "/etc/alternatives"):
        words += ["--ro-bind-try", system, system]
    for place in shown:
        words += ["--ro-bind", str(place), str(place)]
    for place in hidden:
        words += ["--tmpfs", str(place)]
    for place, source in over.items():
        words += ["--ro-bind", str(source), str(place)]
    return [*words, "--", *command]
