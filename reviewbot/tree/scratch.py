# SPDX-License-Identifier: GPL-2.0-or-later
"""Temporary directories for scratch repositories, and the removal of those that killed runs left behind."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "reviewbot-scratch-"
LOCK = "lock"


def _lock(file: Path) -> int | None:
    """Open and lock a file for this process; None when it is not there or another process has it.

    The kernel drops the lock (flock(2)) with the process, however that ends.
    """
    try:
        handle = os.open(file, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def remove_stale(parent: Path) -> list[Path]:
    """Remove this user's scratch directories in `parent` whose process is gone; return them.

    What belongs to somebody else, is a link, or has no lock file yet (it is just being made) stays.
    """
    removed = []
    for place in sorted(parent.glob(f"{PREFIX}*")):
        try:
            if place.is_symlink() or place.stat().st_uid != os.getuid():
                continue
        except FileNotFoundError:
            continue
        handle = _lock(place / LOCK)
        if handle is not None:
            shutil.rmtree(place, ignore_errors=True)
            os.close(handle)
            removed.append(place)
    return removed


@contextmanager
def scratch_directory(parent: Path | None = None) -> Iterator[Path]:
    """Give an empty temporary directory for `apply_series`, removed at the end.

    It is made in `parent` (the system's temporary directory); what killed runs left there is removed first.
    """
    parent = parent or Path(tempfile.gettempdir())
    remove_stale(parent)
    place = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    # the lock is taken before it bears the name by which others look for it
    fresh = place / f"{LOCK}.new"
    fresh.touch(0o600)
    handle = _lock(fresh)
    fresh.rename(place / LOCK)
    try:
        inner = place / "work"
        inner.mkdir()
        yield inner
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if handle is not None:
            os.close(handle)
