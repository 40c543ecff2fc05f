# SPDX-License-Identifier: GPL-2.0-or-later
"""Which process holds a reservation, and whether it is still there.

A process is named by its host, boot, process namespace, number and start (in clock ticks since boot, proc(5)): numbers
are used again, and a start time by the wall clock moves when the clock is set.
"""

from __future__ import annotations

import os
import socket
import uuid
from pathlib import Path
from typing import Literal

Fate = Literal["alive", "gone", "unknown"]

_PROC = Path("/proc")
_held: set[str] = set()


def take() -> str:
    """Return a name for a reservation of this process; it counts as held until `release`."""
    owner = "|".join((*_machine(), str(os.getpid()), _start(os.getpid()) or "?", uuid.uuid4().hex))
    _held.add(owner)
    return owner


def release(owner: str) -> None:
    """Let a reservation go."""
    _held.discard(owner)


def fate(owner: str | None) -> Fate:
    """Tell whether the process that took a reservation still holds it; "unknown" for one of another machine."""
    if owner is None or owner.count("|") != 5:
        return "gone"
    host, boot, space, number, start, _ = owner.split("|")
    if "?" in (boot, space, start) or host != socket.gethostname():
        return "unknown"
    here = _machine()
    if boot != here[1]:
        return "gone"
    if space != here[2]:
        return "unknown"
    if number == str(os.getpid()) and start == _start(os.getpid()):
        return "alive" if owner in _held else "gone"
    return "alive" if start == _start(int(number)) else "gone"


def _machine() -> tuple[str, str, str]:
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        space = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        boot = space = "?"
    return socket.gethostname(), boot, space


def _start(number: int) -> str | None:
    """Return when a process started; None when it is not there, or is dead and only waits for its parent to notice."""
    try:
        stat = (_PROC / str(number) / "stat").read_text("ascii", "replace")
    except OSError:
        return None
    # the name in parentheses may hold anything
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]
