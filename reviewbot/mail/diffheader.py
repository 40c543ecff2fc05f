# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines that open a file's part of a diff: git's, quilt's and CVS's `Index:`, and plain `---` / `+++`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_HEADER = 16
"""No header is longer than this many lines."""

EXTENDED = (
    b"index ",
    b"new file mode ",
    b"deleted file mode ",
    b"old mode ",
    b"new mode ",
    b"rename ",
    b"copy ",
    b"similarity index ",
    b"dissimilarity index ",
    b"mode ",
)
"""git's extended header lines (git-diff(1), "Generating patch text with -p"); `mode ` is a combined diff's."""

_CVS = (b"=====", b"RCS file:", b"retrieving revision", b"diff -", b"new file", b"Property ")
_STAMP = re.compile(rb"[ \t](?:\d{4}-\d\d-\d\d|[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d) ?\d\d:\d\d.*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FileHeader:
    """Names as written (b"" where the header does not say), and the line after the header."""

    old: str
    new: str
    end: int
    binary: bool = False
    combined: bool = False


def is_pair(lines: Sequence[bytes], at: int, end: int) -> bool:
    """Tell whether `--- x` and `+++ y` stand at `at`."""
    return at + 1 < end and lines[at][:4] == b"--- " and lines[at + 1][:4] == b"+++ "


def starts_file(lines: Sequence[bytes], at: int, end: int) -> bool:
    """Tell whether `at` is a `---` / `+++` pair of the same file with a hunk after it, not two lines of a hunk.

    A removed line `-- x/f` followed by an added `++ y/f` would look the same; no language writes that.
    """
    if not (is_pair(lines, at, end) and at + 2 < end and lines[at + 2][:4] == b"@@ -"):
        return False
    old, new = _name(lines[at]), _name(lines[at + 1])
    if "/dev/null" in (old, new):
        return True
    return "/" in old and old.rpartition("/")[2] == new.rpartition("/")[2]


def read_header(lines: Sequence[bytes], at: int, end: int) -> FileHeader | None:
    """Read the header that begins at line `at`; None where none does."""
    line = lines[at]
    end = min(end, at + MAX_HEADER)
    if line[:7] == b"diff --":
        return _git(lines, at, end)
    if line[:6] == b"diff -":
        return _pair_after(lines, at + 1, end)
    if line[:7] == b"Index: ":
        here = at + 1
        while here < end and lines[here].startswith(_CVS):
            here += 1
        header = _pair_after(lines, here, end)
        if header is None and here > at + 1:
            return FileHeader(_text(line[7:]), _text(line[7:]), here)
        return header
    return _pair_after(lines, at, end) if line[:4] == b"--- " else None


def _git(lines: Sequence[bytes], at: int, end: int) -> FileHeader | None:
    """Read a header that begins with `diff --git`, `diff --cc` or `diff --combined`."""
    combined = lines[at][:8] in (b"diff --c",)
    old, new = _halves(lines[at])
    here = at + 1
    while here < end and lines[here].startswith(EXTENDED):
        word, _, name = lines[here].partition(b" ")
        if word in (b"rename", b"copy"):
            direction, _, name = name.partition(b" ")
            old, new = (_text(name), new) if direction == b"from" else (old, _text(name))
        here += 1
    if is_pair(lines, here, end):
        return FileHeader(_name(lines[here]), _name(lines[here + 1]), here + 2, combined=combined)
    if here < end and lines[here].startswith((b"GIT binary patch", b"Binary files ")):
        return FileHeader(old, new, here, binary=True)
    return FileHeader(old, new, here, combined=combined) if here > at + 1 else None


def _pair_after(lines: Sequence[bytes], at: int, end: int) -> FileHeader | None:
    """Read the `---` / `+++` pair that has to stand at `at` with a hunk under it, extended headers skipped."""
    while at < end and lines[at].startswith(EXTENDED):
        at += 1
    if at < end and lines[at].startswith(b"Binary files "):
        return FileHeader("", "", at, binary=True)
    if not is_pair(lines, at, end) or at + 2 >= end or lines[at + 2][:4] != b"@@ -":
        return None
    return FileHeader(_name(lines[at]), _name(lines[at + 1]), at + 2)


def _halves(line: bytes) -> tuple[str, str]:
    """Split the names of a `diff --git a/x b/x` line: the same name twice, so the middle is where it splits."""
    rest = line.rstrip()[11:]
    middle = len(rest) // 2
    if line[:11] == b"diff --git " and rest[middle : middle + 1] == b" ":
        return _text(rest[:middle]), _text(rest[middle + 1 :])
    old, _, new = rest.partition(b" ")
    return _text(old), _text(new)


def _name(line: bytes) -> str:
    """Return the name on a `---` or `+++` line, without a time stamp."""
    name = line[4:].rstrip(b"\r").partition(b"\t")[0]
    if b":" in name and (match := _STAMP.search(name)):
        name = name[: match.start()]
    return _text(name)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace").strip()
