# SPDX-License-Identifier: GPL-2.0-or-later
"""What is expensive to find out and safe to find out anew, kept in small files in the user's cache directory.

Entries are JSON, which holds values and no code, with a digest of themselves: one that is cut short, altered or not of
this user's making is as good as none. They are only looked for in a directory of the user's own that nobody else can
write to, because whoever writes there decides what a review says. A file comes to its name whole (rename(2)), so that
processes may share the directory without locks; two that write the same entry write the same.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

import reviewbot

_MOST_BYTES = 64 << 20
_LARGEST = 4 << 20
_ENDING = ".json"


def digest(*parts: str | bytes) -> str:
    """Return the SHA-256 of some parts, in hex; where one ends and the next begins makes a difference."""
    made = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        made.update(b"%d:" % len(data) + data)
    return made.hexdigest()


@cache
def program() -> str:
    """Return what the program is known by: its version, and a digest of its source, which changes without one."""
    root = Path(reviewbot.__file__).parent
    files = sorted(path for path in root.rglob("*") if path.suffix in (".py", ".toml") and path.is_file())
    return f"{reviewbot.__version__} {digest(*(part for path in files for part in (path.name, path.read_bytes())))}"


class Cache:
    """Values by key. No trouble with it is ever an error: nothing is found, nothing is kept, or both."""

    def __init__(self, place: Path | None) -> None:
        """Keep entries in the directory `place`; None keeps nothing."""
        self._place = place
        self._own: bool | None = None
        self._pruned = False

    def get(self, key: str) -> object:
        """Return the value that was put there, None where there is none."""
        if not self._usable(make=False):
            return None
        try:
            handle = os.open(self._file(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            with os.fdopen(handle, "rb") as file:
                facts = os.fstat(handle)
                if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_size > _LARGEST:
                    return None
                data = file.read()
            with suppress(OSError):
                os.utime(self._file(key))  # the entries that are used last stay longest
        except OSError:
            return None
        head, _, body = data.partition(b"\n")
        if head.decode("ascii", "replace") != digest(key, body):
            return None
        try:
            return json.loads(body)
        except (ValueError, RecursionError):
            return None

    def keeps(self) -> bool:
        """Tell whether anything is kept; the directory is made if it is missing."""
        return self._usable(make=True)

    def knows(self, key: str | None) -> bool:
        """Tell whether something was put there, without reading it."""
        return key is not None and self._usable(make=False) and self._file(key).exists()

    def put(self, key: str, value: object) -> None:
        """Keep a value that JSON can say under a key."""
        body = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
        if len(body) > _LARGEST or not self.keeps() or self._place is None:
            return
        with suppress(OSError):
            handle, made = tempfile.mkstemp(dir=self._place, prefix="new-")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(digest(key, body).encode() + b"\n" + body)
                Path(made).replace(self._file(key))
            except OSError:
                Path(made).unlink(missing_ok=True)
            self._prune()

    def _file(self, key: str) -> Path:
        return (self._place or Path()) / (digest(program(), key) + _ENDING)

    def _usable(self, make: bool) -> bool:
        """Tell whether the directory is there and this user's alone; it is made where that is asked for."""
        if self._place is None or (self._own is not None and (self._own or not make)):
            return bool(self._own)
        try:
            if make:
                self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
            facts = self._place.lstat()
        except OSError:
            self._own = None if not make else False
            return False
        others = stat.S_IWGRP | stat.S_IWOTH
        self._own = stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid() and not facts.st_mode & others
        return self._own

    def _prune(self) -> None:
        """Remove the entries that were used longest ago where there are too many; once a process is often enough."""
        if self._pruned or self._place is None:
            return
        self._pruned = True
        found = []
        for entry in os.scandir(self._place):
            with suppress(OSError):
                facts = entry.stat(follow_symlinks=False)
                found.append((facts.st_mtime, facts.st_size, entry.path))
        size = sum(one[1] for one in found)
        for _, bytes_, path in sorted(found):
            if size <= _MOST_BYTES:
                break
            with suppress(OSError):
                os.unlink(path)  # noqa: PTH108
                size -= bytes_


NO_CACHE = Cache(None)


def user_cache() -> Cache:
    """Return the cache of this user, where the platform has it; `REVIEWBOT_CACHE` names another directory."""
    from platformdirs import user_cache_path

    return Cache(Path(os.environ.get("REVIEWBOT_CACHE") or user_cache_path("reviewbot")) / "findings")
