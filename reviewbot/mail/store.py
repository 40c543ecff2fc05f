# SPDX-License-Identifier: GPL-2.0-or-later
"""Mails by number: scanned once, read again when their series is made, so that memory does not grow with an archive."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from tempfile import SpooledTemporaryFile

from reviewbot.mail.message import parse_message
from reviewbot.model.mail import Message

IN_MEMORY = 32 * 1024 * 1024
"""Mails that cannot be read again from where they came are kept in memory up to this many bytes, then in a file."""

CACHED = 64
"""Messages kept decoded: a series is made from the same few several times."""


class MailStore:
    """Keeps the bytes of mails, or knows how to get them again."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self._end = 0
        self._places: list[tuple[int, int] | Callable[[], bytes]] = []
        self._origins: list[str] = []
        self._recent: OrderedDict[int, Message] = OrderedDict()

    def __enter__(self) -> MailStore:
        return self

    def __exit__(self, *raised: object) -> None:
        self._file.close()

    def put(self, data: bytes, origin: str, again: Callable[[], bytes] | None) -> int:
        """Take a mail in and return its number; `again` reads it from where it came, None: it has to be kept."""
        if again is None:
            self._file.seek(self._end)
            self._file.write(data)
            self._places.append((self._end, len(data)))
            self._end += len(data)
        else:
            self._places.append(again)
        self._origins.append(origin)
        return len(self._places) - 1

    def message(self, key: int) -> Message:
        """Return a mail that was taken in, decoded."""
        if key in self._recent:
            self._recent.move_to_end(key)
            return self._recent[key]
        place = self._places[key]
        if isinstance(place, tuple):
            self._file.seek(place[0])
            data = self._file.read(place[1])
        else:
            data = place()
        message = parse_message(data, self._origins[key])
        self._recent[key] = message
        if len(self._recent) > CACHED:
            self._recent.popitem(last=False)
        return message
