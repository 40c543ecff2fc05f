# SPDX-License-Identifier: GPL-2.0-or-later
"""Where mails come from: maildirs and public-inbox archives. (imap.py has the third kind.)"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

from reviewbot.mail.inbox import epochs, read_since
from reviewbot.model.errors import UnusableInputError

MAX_MAIL = 50 * 1024 * 1024
"""A mail of more bytes is passed over."""


class SourceLostError(Exception):
    """A source cannot be read now; it is tried again later."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A mail that came, and where to go on after it.

    `uid` names it within its source. `data` is None where there is nothing to take in: a mail of more than MAX_MAIL
    bytes, or only a new `position` (no `uid` then). `arrived` is when it came to where it was read.
    """

    uid: str
    data: bytes | None
    arrived: datetime
    position: str | None = None


class Source(Protocol):
    """Something that mails come from."""

    name: str

    def fetch(self, position: str | None, known: Callable[[str], bool]) -> Iterator[Arrival]:
        """Yield what came after `position` (None: this is the first start), oldest first, without what is `known`.

        Nothing at the source is changed. Raises SourceLostError where it cannot be read.
        """

    def look(self, message_id: str) -> bool:
        """Tell whether the source can show a mail that did not come in; SourceLostError where it cannot be asked."""

    def close(self) -> None:
        """Let go of connections."""


class Maildir:
    """A maildir. Each file is read once, by the part of its name that flags and moves leave alone (maildir(5))."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self._path = path

    def fetch(self, position: str | None, known: Callable[[str], bool]) -> Iterator[Arrival]:
        """Yield the mails that are not known, in order of delivery (names begin with the time)."""
        if not (self._path / "new").is_dir():
            raise SourceLostError(f"{self._path}: not a maildir")
        files = [file for part in ("cur", "new") for file in (self._path / part).glob("*") if file.name[0] != "."]
        for file in sorted(files, key=lambda one: one.name):
            uid = file.name.partition(":")[0]
            if known(uid):
                continue
            try:
                status = file.stat()
                data = file.read_bytes() if status.st_size <= MAX_MAIL else None
            except FileNotFoundError:
                continue  # a mail program moved it; it is seen under its new name next time
            except OSError as error:
                raise SourceLostError(f"{file}: {error.strerror}") from error
            yield Arrival(uid, data, datetime.fromtimestamp(status.st_mtime, UTC))

    def look(self, message_id: str) -> bool:
        """Return False: every mail comes in by itself."""
        return False

    def close(self) -> None:
        """Do nothing: no connection is kept."""


class Archive:
    """A public-inbox archive. The position is the newest commit read of each epoch."""

    def __init__(self, name: str, path: Path, backlog: timedelta, clock: Callable[[], datetime]) -> None:
        """Take the archive at `path`; the first start reads what was added within `backlog`."""
        self.name = name
        self._path = path
        self._backlog = backlog
        self._clock = clock

    def fetch(self, position: str | None, known: Callable[[str], bool]) -> Iterator[Arrival]:
        """Yield the mails of commits that came after those in `position`."""
        try:
            if not epochs(self._path):
                raise SourceLostError(f"{self._path}: not a public-inbox archive")
            seen: dict[str, str] = json.loads(position) if position else {}
            oldest = None if position else self._clock() - self._backlog
            for one in read_since(self._path, seen, oldest):
                seen[one.epoch] = one.commit
                data = one.read() if one.read is not None else None
                fits = data is not None and len(data) <= MAX_MAIL
                uid = one.commit if one.read is not None else ""
                yield Arrival(uid, data if fits else None, one.when, json.dumps(seen))
        except UnusableInputError as error:
            raise SourceLostError(str(error)) from error

    def look(self, message_id: str) -> bool:
        """Return False: every mail comes in by itself."""
        return False

    def close(self) -> None:
        """Do nothing: no connection is kept."""
