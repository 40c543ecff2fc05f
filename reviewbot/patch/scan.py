# SPDX-License-Identifier: GPL-2.0-or-later
"""Cutting a diff into files, headers and the stretches of lines that belong to each hunk.

Only cutting: what a hunk's lines mean is unidiff's business where the counts add up, and `solve`'s where they do not.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)", re.DOTALL)
COMBINED = ("diff --cc ", "diff --combined ", "@@@ ")
EXTENDED = (
    "index ",
    "old mode ",
    "new mode ",
    "deleted file mode ",
    "new file mode ",
    "copy from ",
    "copy to ",
    "rename from ",
    "rename to ",
    "rename old ",
    "rename new ",
    "similarity index ",
    "dissimilarity index ",
)
SIGNATURE = ("-- ", "--")
MARKED = ("+", "-", " ", "\\")
WRAP_COLUMN = 60
"""A line of at least so many characters can have been wrapped by a mailer."""
_BINARY_BLOCK = re.compile(r"(?:literal|delta) \d{1,10}\r?")
_BINARY_LINE = re.compile(r"[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{1,65}\r?")


@dataclass(slots=True)
class RawHunk:
    """A hunk's header, and the lines that stand under it as posted (marks included, line ends not).

    `exact` says that every line has a mark (or is empty) and that they add up to the counts; `body` is then just the
    hunk. Otherwise `body` reaches to the next header or the mail's signature.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    body: list[str]
    exact: bool


@dataclass(slots=True)
class RawFile:
    """A file's header lines by what they say, and its hunks.

    `git`, `index`, `old` and `new` are the rest of `diff --git `, `Index: `, `--- ` and `+++ `; `extended` git's
    extended headers; `binary` the lines after `GIT binary patch`; `differ` a line `Binary files … differ`.
    """

    git: str | None = None
    index: str | None = None
    old: str | None = None
    new: str | None = None
    differ: str | None = None
    extended: list[str] = field(default_factory=list)
    binary: list[str] | None = None
    hunks: list[RawHunk] = field(default_factory=list)


def _starts_file(lines: Sequence[str], place: int) -> bool:
    """Whether a `---`/`+++`/`@@` triple stands at `place` that names one file twice (or says that it is new)."""
    if place + 2 >= len(lines) or not lines[place].startswith("--- ") or not lines[place + 1].startswith("+++ "):
        return False
    if not lines[place + 2].startswith("@@ -"):
        return False
    old, new = (lines[place + side][4:].partition("\t")[0].partition(" ")[0] for side in (0, 1))
    return "/dev/null" in (old, new) or ("/" in old and old.rpartition("/")[2] == new.rpartition("/")[2])


def _ends_region(lines: Sequence[str], place: int) -> bool:
    line = lines[place]
    return line.startswith(("@@ -", "diff -", "Index: ")) or line in SIGNATURE or _starts_file(lines, place)


def _exact_end(lines: Sequence[str], place: int, old: int, new: int) -> int | None:
    """The line after a hunk whose marks add up to the counts, None when they do not."""
    while old > 0 or new > 0:
        if place >= len(lines):
            return None
        line = lines[place]
        mark = line[:1]
        if mark == "-" and _starts_file(lines, place):
            return None
        if mark in ("", " ", "\r"):
            old, new = old - 1, new - 1
        elif mark == "-":
            old -= 1
        elif mark == "+":
            new -= 1
        elif mark != "\\":
            return None
        if old < 0 or new < 0:
            return None
        place += 1
    if place < len(lines) and lines[place].startswith("\\ "):
        place += 1
    return place


def _is_wrapped(lines: Sequence[str], end: int) -> bool:
    """Whether the line after a hunk's last one can be the rest of it: a long line, then one without a mark."""
    if end >= len(lines) or len(lines[end - 1]) < WRAP_COLUMN or lines[end].startswith((*MARKED, "\r")):
        return False
    return bool(lines[end]) and not _ends_region(lines, end)


def _read_hunk(lines: Sequence[str], place: int, header: re.Match[str]) -> tuple[RawHunk, int]:
    old_start, new_start = int(header[1]), int(header[3])
    old_count = 1 if header[2] is None else int(header[2])
    new_count = 1 if header[4] is None else int(header[4])
    end = _exact_end(lines, place, old_count, new_count)
    exact = end is not None and end > place and not _is_wrapped(lines, end)
    if end is None or not exact:
        end = place
        while end < len(lines) and not _ends_region(lines, end):
            end += 1
    section = header[5].rstrip("\r")
    return RawHunk(old_start, old_count, new_start, new_count, section, list(lines[place:end]), exact), end


def _binary_end(lines: Sequence[str], place: int) -> int:
    """The line after the blocks of a git binary patch (one or two, an empty line after each; git-diff(1))."""
    for _ in range(2):
        if place >= len(lines) or not _BINARY_BLOCK.fullmatch(lines[place]):
            break
        place += 1
        while place < len(lines) and _BINARY_LINE.fullmatch(lines[place]):
            place += 1
        if place < len(lines) and lines[place] in ("", "\r"):
            place += 1
    return place


def is_combined(lines: Sequence[str]) -> bool:
    """Whether a diff has the headers of a combined one (a merge's, against several parents)."""
    return any(line.startswith(COMBINED) for line in lines)


@dataclass(frozen=True, slots=True)
class Scan:
    """The files of a diff in their order, how many hunks stand under no file's header, and how many have frayed ends.

    A frayed end is a line that directly follows a hunk and is no header: prose, or the rest of a wrapped line.
    """

    files: tuple[RawFile, ...]
    headless: int
    frayed: int


def scan(lines: Sequence[str]) -> Scan:
    """Cut a diff; lines that belong to no file (prose, signatures) are left out. Linear.

    Prose ends a file: a hunk after it has lost its header (git's apply refuses the diff then).
    """
    files: list[RawFile] = []
    current: RawFile | None = None
    headless = frayed = place = 0
    while place < len(lines):
        line = lines[place]
        header = HUNK.match(line) if line.startswith("@@ -") else None
        if header:
            hunk, place = _read_hunk(lines, place + 1, header)
            if current is not None and current.new is not None:
                current.hunks.append(hunk)
            else:
                headless += 1
            frayed += place < len(lines) and bool(lines[place].strip()) and not _ends_region(lines, place)
            continue
        place += 1
        if line.startswith("diff --git "):
            current = RawFile(git=line[11:])
            files.append(current)
        elif line.startswith("Index: "):
            current = RawFile(index=line[7:])
            files.append(current)
        elif line.startswith("--- ") and place < len(lines) and lines[place].startswith("+++ "):
            if current is None or current.new is not None or current.binary is not None:
                current = RawFile()
                files.append(current)
            current.old, current.new = line[4:], lines[place][4:]
            place += 1
        elif current is not None and current.new is None:
            place = _extend(current, lines, place)
        elif line.strip() and line not in SIGNATURE:
            current = None
    return Scan(tuple(file for file in files if _says_something(file)), headless, frayed)


def _says_something(file: RawFile) -> bool:
    """Whether a file's part changes anything; git takes a bare `diff --git` line for no patch either."""
    words = {line.rpartition(" ")[0] for line in file.extended}
    moves = any(line.startswith(("rename", "copy")) for line in file.extended)
    exists = words & {"new file mode", "deleted file mode"} or words >= {"old mode", "new mode"}
    return bool(file.hunks or moves or exists or file.binary is not None or file.differ is not None)


def _extend(file: RawFile, lines: Sequence[str], place: int) -> int:
    """Take the line before `place` into a file's header if it is one of its lines; the line to go on with."""
    line = lines[place - 1]
    if line.startswith(EXTENDED) and file.git is not None:
        file.extended.append(line.rstrip("\r"))
    elif line.startswith(("Binary files ", "Files ")) and line.rstrip("\r").endswith(" differ"):
        file.differ = line
    elif line.rstrip("\r") == "GIT binary patch" and file.git is not None:
        end = _binary_end(lines, place)
        file.binary = list(lines[place:end])
        if file.binary and file.binary[-1].strip():
            file.binary.append("")
        return end
    return place
