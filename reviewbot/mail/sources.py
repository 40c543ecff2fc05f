# SPDX-License-Identifier: GPL-2.0-or-later
"""What a SOURCE is, and its mails as bytes, one at a time."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from reviewbot.mail.dump import is_dump
from reviewbot.mail.headers import fields
from reviewbot.mail.inbox import Stored, epochs, read_archive, read_thread
from reviewbot.mail.mbox import split_mbox
from reviewbot.mail.message import split_head
from reviewbot.mail.online import fetch_thread, is_online
from reviewbot.model.errors import UnusableInputError

HEAD = 65536
"""Bytes from the beginning of a file that tell what it is."""

MAX_TEXT = 256 * 1024 * 1024
"""A single mail or text dump is read as a whole, up to this many bytes."""

_WIRE_FIELDS = frozenset({"message-id", "received", "return-path", "mime-version", "content-type"})
_MAIL_FIELDS = frozenset({"from", "subject", "date", "message-id", "received", "return-path", "to", "mime-version"})


@dataclass(frozen=True, slots=True)
class Raw:
    """A mail's bytes; `is_mail` is False for a text with no header fields (a dump, a diff).

    `again` reads it once more from where it came, None where that is not possible.
    """

    data: bytes
    origin: str
    is_mail: bool = True
    again: Callable[[], bytes] | None = None


def open_source(source: str, stdin: BinaryIO | None) -> Iterator[Raw]:
    """Return the mails of a source, read one by one as they are asked for.

    Raises UnusableInputError when there is no such source or it is empty or binary.
    """
    if source == "-":
        if stdin is None:
            raise UnusableInputError("-: there is no standard input to read")
        return _read_stream(stdin, "standard input")
    path = Path(source)
    try:
        if path.is_dir():
            return _read_directory(path)
        if path.exists():
            return _read_file(path)
        place, mark, message_id = source.rpartition("#")
        if mark and Path(place).is_dir():
            return _stored(read_thread(Path(place), message_id))
    except (OSError, ValueError) as error:
        raise UnusableInputError(f"{source}: {_reason(error)}") from error
    if is_online(source):
        return _read_stream(io.BytesIO(fetch_thread(source)), source)
    raise UnusableInputError(f"{source}: no such file or directory")


def _stored(mails: Iterable[Stored]) -> Iterator[Raw]:
    """Yield the mails of an archive, which stay where they are."""
    for mail in mails:
        yield Raw(mail.read(), mail.origin, again=mail.read)


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)).lower() if isinstance(error, OSError) else "not a usable name"


def _read_file(path: Path) -> Iterator[Raw]:
    try:
        with path.open("rb") as stream:
            yield from _read_stream(stream, str(path))
    except OSError as error:
        raise UnusableInputError(f"{path}: {_reason(error)}") from error


def _read_directory(path: Path) -> Iterator[Raw]:
    """Read a maildir or a public-inbox archive."""
    if (path / "cur").is_dir() or (path / "new").is_dir():
        return _read_maildir(path)
    if epochs(path):
        return _stored(read_archive(path))
    raise UnusableInputError(f"{path}: not a maildir, a quilt directory or a public-inbox archive")


def _read_maildir(path: Path) -> Iterator[Raw]:
    """Yield the mails of a maildir, in the order in which they were delivered (file names begin with the time)."""
    files = [file for part in ("cur", "new") for file in (path / part).glob("*") if file.is_file()]
    if not files:
        raise UnusableInputError(f"{path}: the maildir is empty")
    for file in sorted(files, key=lambda one: one.name):
        try:
            yield Raw(file.read_bytes(), str(file), again=file.read_bytes)
        except OSError as error:
            raise UnusableInputError(f"{file}: {_reason(error)}") from error


def _read_stream(stream: BinaryIO, name: str) -> Iterator[Raw]:
    """Yield the mails of an mbox, or the one mail or text that a stream holds; gzip'd or not."""
    head = stream.read(HEAD)
    if head[:2] == b"\x1f\x8b":
        yield from _unzipped(head, stream, name)
        return
    if not head.strip():
        raise UnusableInputError(f"{name}: the file is empty")
    if _is_binary(head):
        raise UnusableInputError(f"{name}: a binary file, neither mail nor a patch")
    if head.lstrip(b"\r\n \t")[:5] == b"From ":
        for number, mail in enumerate(split_mbox(_lines(head, stream)), 1):
            yield Raw(mail, f"{name}#{number}")
        return
    data = head + stream.read(MAX_TEXT + 1 - len(head))
    if len(data) > MAX_TEXT:
        raise UnusableInputError(f"{name}: more than {MAX_TEXT // 1024 // 1024} MB in one mail or text")
    yield Raw(data, name, is_mail=_is_mail(data) and (_is_from_wire(data) or not is_dump(data)))


def _lines(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines of a stream whose beginning has been read already."""
    first = io.BytesIO(head).readlines()
    yield from first[:-1]
    yield first[-1] if first[-1].endswith(b"\n") else first[-1] + stream.readline()
    yield from stream


def _unzipped(head: bytes, stream: BinaryIO, name: str) -> Iterator[Raw]:
    """Read what a gzip'd stream holds; gzip in gzip is refused."""
    try:
        with gzip.open(_Rejoined(head, stream)) as inner:
            if inner.peek(2)[:2] == b"\x1f\x8b":
                raise UnusableInputError(f"{name}: gzip within gzip")
            yield from _read_stream(cast(BinaryIO, inner), name)
    except (OSError, EOFError, zlib.error) as error:
        raise UnusableInputError(f"{name}: broken gzip data") from error


class _Rejoined(io.RawIOBase):
    """A stream whose beginning has been read already, from the beginning again."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        super().__init__()
        self._head = head
        self._stream = stream

    def readable(self) -> bool:
        """Return True: that is what it is for."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes, all that is left where it is negative."""
        if self._head:
            data, self._head = (self._head, b"") if size < 0 else (self._head[:size], self._head[size:])
            return data if size >= 0 else data + self._stream.read()
        return self._stream.read(size)


def _is_binary(head: bytes) -> bool:
    """Tell data from text: control characters that no mail has, in more than one of a hundred bytes."""
    if _is_mail(head):
        return False
    strange = sum(head.count(code) for code in range(32) if code not in (7, 8, 9, 10, 12, 13, 27))
    return strange * 100 > len(head)


def _is_from_wire(data: bytes) -> bool:
    """Tell by fields that only mailers write whether a mail is as it was stored, not as somebody copied it."""
    head, _ = split_head(data[:HEAD])
    return bool({name for name, _ in fields(head)} & _WIRE_FIELDS)


def _is_mail(data: bytes) -> bool:
    """Tell whether a text begins with a mail's header fields and an empty line after them."""
    head, _ = split_head(data[:HEAD])
    lines = head.split(b"\n")
    if not all(line[:1] in (b" ", b"\t") or b":" in line or line[:6] == b">From " for line in lines):
        return False
    names = {name for name, _ in fields(head)}
    return bool(names & _MAIL_FIELDS)
