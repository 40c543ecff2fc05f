# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffstats in mails: what `git diff --stat` prints (git-diff(1)), read back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from posixpath import basename

_COUNT = re.compile(r" +(\d{1,9})(?: [+-]*)?$")
_BINARY = re.compile(r" +Bin\b")
_TOTAL = re.compile(r" ?(\d+) files? changed(?:, (\d+) insertions?\(\+\))?(?:, (\d+) deletions?\(-\))?$")
_BRACES = re.compile(r"\{[^{}]{0,255} => ([^{}]{0,255})\}")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a diffstat: the name as printed, the new one of a rename, and its number of lines (None: binary).

    `cut` says that the front of the name was left out for want of room.
    """

    name: str
    cut: bool
    lines: int | None

    def names(self, path: str) -> bool:
        """Tell whether the line can be about `path`."""
        return path.endswith(self.name) if self.cut else path == self.name


@dataclass(frozen=True, slots=True)
class Diffstat:
    """A diffstat as a whole. `rows` may be fewer than `files`, where they were left out."""

    rows: tuple[Row, ...]
    files: int
    added: int
    removed: int

    @property
    def every_row(self) -> bool:
        """Whether each file has its line."""
        return len(self.rows) == self.files


def read_diffstat(text: str) -> Diffstat | None:
    """Return the diffstat in a text; None where there is none, or several (somebody else's is quoted)."""
    lines = [line.rstrip() for line in text.split("\n")]
    totals = [found for line in lines if (found := _TOTAL.match(line))]
    if len(totals) != 1:
        return None
    files, added, removed = (int(number or 0) for number in totals[0].groups())
    return Diffstat(tuple(row for line in lines if (row := _row(line)) is not None), files, added, removed)


def _row(line: str) -> Row | None:
    name, _, rest = line.partition(" |")
    if not name.strip() or name.startswith("  "):
        return None
    count = _COUNT.match(rest)
    if count is not None:
        return Row(*_name(name.strip()), int(count.group(1)))
    return Row(*_name(name.strip()), None) if _BINARY.match(rest) else None


def _name(text: str) -> tuple[str, bool]:
    """Return the name after a rename that a diffstat writes as `a/{b => c}/d` or `a => b`, and whether it is cut."""
    name = _BRACES.sub(r"\1", text).replace("//", "/").rpartition(" => ")[2].strip()
    if "}" in name:
        # the brace's other half was cut off: the last part of the name is sure
        return basename(name).replace("}", ""), True
    return (name[3:], True) if name.startswith("...") else (name, text.startswith("...") and " => " in text)
