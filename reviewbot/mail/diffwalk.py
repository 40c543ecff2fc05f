# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the diffs of a text are, which files they touch and how many lines they add and remove.

Only the counts of the `@@` lines tell where a hunk ends (git's apply.c does the same): `-- ` of a mail signature looks
like a removed line. Where a mailer lost lines the counts are an upper bound, and a hunk ends at the next file or hunk
or where a mail's closing words begin.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern

from reviewbot.mail.diffheader import FileHeader, read_header, starts_file

MAX_COUNT = 10_000_000
"""A hunk that claims more lines than this is no hunk."""

LONG = 60
"""A line of at least this many bytes may have been wrapped by a mailer."""

_START = re.compile(rb"^(?:diff -|Index: |--- )", re.MULTILINE)
_HUNK = re.compile(rb"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")
_BREAKS = (b"diff -", b"Index: ", b"@@ -")
_NBSP = (b"\xc2\xa0", b"\xa0")
_BLANK = (b"", b"\r")
_CLOSING = re.compile(
    rb"(?:(?:many )?thanks?|thank you|thx|(?:best |kind |warm )?regards|cheers|sincerely|best)\b[ \w!,.]{0,40}$", re.I
)


@dataclass(frozen=True, slots=True)
class FileStat:
    """What one diff does to one file: names as written, lines added and removed, hunks, and hunks not as counted."""

    old: str
    new: str
    added: int
    removed: int
    hunks: int
    broken: int
    binary: bool = False


@dataclass(frozen=True, slots=True)
class Extent:
    """A diff in a text: its first line and the one after its last (0-based), and its files in order."""

    start: int
    end: int
    files: tuple[FileStat, ...]

    @property
    def broken(self) -> int:
        """How many hunks do not have the lines that their counts promise."""
        return sum(file.broken for file in self.files)

    @property
    def hunks(self) -> int:
        """How many hunks there are."""
        return sum(file.hunks for file in self.files)


def may_have_diff(text: bytes) -> bool:
    """Tell whether a text can hold an unquoted diff at all; cheap, and true for some texts that hold none."""
    return _START.search(text) is not None


def walk(lines: Sequence[bytes], start: int = 0, end: int | None = None) -> tuple[Extent, ...]:
    """Find every file's diff in `lines[start:end]`, one extent for each; `join` puts neighbours together.

    `lines` are without their line ends. What is no diff is not in the result; nothing is raised.
    """
    end = len(lines) if end is None else end
    found = []
    at = start
    while at < end:
        if lines[at].startswith((b"diff -", b"Index: ", b"--- ")) and (header := read_header(lines, at, end)):
            extent = _file(lines, at, end, header)
            found.append(extent)
            at = extent.end
        else:
            at += 1
    return tuple(found)


def join(extents: Sequence[Extent]) -> Extent:
    """Return one extent from the first to the last of a non-empty run of extents."""
    return Extent(extents[0].start, extents[-1].end, tuple(file for one in extents for file in one.files))


def _file(lines: Sequence[bytes], start: int, end: int, header: FileHeader) -> Extent:
    """Walk the hunks or the binary data that follow a file's header."""
    at = header.end
    added = removed = hunks = broken = 0
    if header.binary:
        at = _binary(lines, at, end)
    elif header.combined:
        at = _combined(lines, at, end)
    while at < end and lines[at][:3] == b"@@ " and (match := _HUNK.match(lines[at])):
        old, new = (1 if count is None else int(count) for count in match.groups())
        if old > MAX_COUNT or new > MAX_COUNT:
            break
        stop, plus, minus = _whole_hunk(lines, at + 1, end, old, new)
        if stop is None:
            stop, plus, minus = _damaged_hunk(lines, at + 1, end, old, new)
            broken += 1
        at, added, removed, hunks = stop, added + plus, removed + minus, hunks + 1
    stat = FileStat(intern(header.old), intern(header.new), added, removed, hunks, broken, header.binary)
    return Extent(start, at, (stat,))


def _whole_hunk(lines: Sequence[bytes], at: int, end: int, old: int, new: int) -> tuple[int | None, int, int]:
    """Walk a hunk that is as its counts say; return the line after it, lines added and removed; None: it is not."""
    plus = minus = 0
    while old > 0 or new > 0:
        if at >= end:
            return None, 0, 0
        line = lines[at]
        mark = line[:1]
        if mark == b" " or line in _BLANK:
            old -= 1
            new -= 1
        elif mark == b"+":
            plus += 1
            new -= 1
        elif mark == b"-":
            if line[:4] == b"--- " and starts_file(lines, at, end):
                return None, 0, 0
            minus += 1
            old -= 1
        elif mark != b"\\":
            return None, 0, 0
        at += 1
    if at < end and lines[at][:2] == b"\\ ":
        at += 1
    return (at if old == new == 0 else None), plus, minus


def _damaged_hunk(lines: Sequence[bytes], start: int, end: int, old: int, new: int) -> tuple[int, int, int]:
    """Walk a hunk that is not as its counts say; return the line after it, lines added and removed.

    Where no line begins with a blank the leading white space was stripped, and a line with no mark is context;
    otherwise such a line is the rest of a wrapped one.
    """
    stop = start
    while stop < end and not _ends_damaged(lines, stop, end):
        stop += 1
    stripped = not any(line[:1] == b" " or line.startswith(_NBSP) for line in lines[start:stop])
    at, plus, minus = start, 0, 0
    while at < stop and (old > 0 or new > 0):
        line = lines[at]
        mark = line[:1]
        if mark == b"+":
            plus += 1
            new -= 1
        elif mark == b"-":
            minus += 1
            old -= 1
        elif stripped or mark == b" " or line in _BLANK or line.startswith(_NBSP):
            old -= 1
            new -= 1
        at += 1
    if at < stop and not stripped and len(lines[at - 1]) >= LONG and lines[at] not in _BLANK:
        at += 1
    # a blank line that the counts ask for is context; others come after the hunk
    while (old > 0 or new > 0) and at > start and lines[at - 1] in _BLANK:
        at -= 1
    return at, plus, minus


def _ends_damaged(lines: Sequence[bytes], at: int, end: int) -> bool:
    """Tell whether a damaged hunk cannot go on at a line: another file or hunk, a signature, closing words."""
    line = lines[at]
    if line.startswith(_BREAKS) or line in (b"-- ", b"--"):
        return True
    if line[:4] == b"--- ":
        return starts_file(lines, at, end)
    if (b">8" in line or b"8<" in line) and not line.strip(b"-<>8 "):
        return True
    return _CLOSING.match(line) is not None


def _binary(lines: Sequence[bytes], at: int, end: int) -> int:
    """Return the line after git's binary data (up to two blocks, each ended by an empty line) or `Binary files`."""
    at += 1
    for _ in range(2):
        if at < end and lines[at].startswith((b"literal ", b"delta ")):
            while at < end and lines[at] not in _BLANK:
                at += 1
            if at + 1 < end and lines[at + 1].startswith((b"literal ", b"delta ")):
                at += 1
    return at


def _combined(lines: Sequence[bytes], at: int, end: int) -> int:
    """Return the line after the hunks of a combined diff; they are never used, so their counts are not looked at."""
    while at < end and lines[at].startswith((b"@@@", b" ", b"+", b"-", b"\\")):
        at += 1
    return at
