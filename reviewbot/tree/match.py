# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a hunk goes on, by the rules of `git apply` (find_pos, match_fragment, apply_one_fragment in git's apply.c)."""

from __future__ import annotations

import io
from dataclasses import dataclass

from reviewbot.model.diff import Hunk

# Lines that may be compared for one patch (a few seconds' work). A patch of 100,000 hunks that goes on where it says
# needs a million or two; what needs more looks for places all over a file, again and again.
MOST_COMPARISONS = 100_000_000


class TooMuchWorkError(Exception):
    """A patch asks for more comparisons than any honest one."""


@dataclass(slots=True)
class Budget:
    """How many lines may still be compared."""

    left: int = MOST_COMPARISONS

    def spend(self, lines: int) -> None:
        """Take `lines` off; TooMuchWorkError when none are left."""
        self.left -= lines
        if self.left < 0:
            raise TooMuchWorkError


@dataclass(slots=True)
class Image:
    """A file being patched: its lines with their line ends, and which of them an earlier hunk has laid down."""

    lines: list[bytes]
    touched: bytearray

    @classmethod
    def of(cls, data: bytes) -> Image:
        """Split a file; only LF ends a line, the last one may lack it."""
        lines = list(io.BytesIO(data))
        return cls(lines, bytearray(len(lines)))

    @property
    def data(self) -> bytes:
        """The file."""
        return b"".join(self.lines)

    def replace(self, at: int, count: int, lines: list[bytes]) -> None:
        """Put `lines` in the place of `count` lines; no later hunk matches what this one laid down."""
        self.lines[at : at + count] = lines
        self.touched[at : at + count] = b"\1" * len(lines)


@dataclass(frozen=True, slots=True)
class Sides:
    """A hunk as bytes: the lines it wants and the lines it leaves, and how many of both are context at either end."""

    old: list[bytes]
    new: list[bytes]
    leading: int
    trailing: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hunk goes on: 0-based line, lines of context left out at either end, how far from where it said."""

    at: int
    skip_first: int
    skip_last: int
    offset: int
    relaxed: bool


def line_bytes(text: str, no_newline: bool = False) -> bytes:
    """The bytes of a line of the model, with its line end."""
    return text.encode("utf-8", "surrogateescape") + (b"" if no_newline else b"\n")


def sides(hunk: Hunk) -> Sides:
    """Take a hunk apart."""
    old: list[bytes] = []
    new: list[bytes] = []
    leading = trailing = 0
    changed = False
    for line in hunk.lines:
        data = line_bytes(line.text, line.no_newline)
        if line.mark == " ":
            old.append(data)
            new.append(data)
            leading += not changed
            trailing += 1
            continue
        changed = True
        trailing = 0
        (old if line.mark == "-" else new).append(data)
    return Sides(old, new, leading, trailing)


def _fits(image: Image, old: list[bytes], at: int, end: bool) -> bool:
    """Tell whether the lines are at `at`, untouched.

    As in git, a last line without line end also matches one that has more white space after it, unless it has to be the
    end of the file.
    """
    count = len(old)
    if at < 0 or at + count > len(image.lines) or (end and at + count != len(image.lines)):
        return False
    if image.touched.find(1, at, at + count) >= 0:
        return False
    if image.lines[at : at + count] == old:
        return True
    if not count or end or old[-1].endswith(b"\n") or image.lines[at : at + count - 1] != old[:-1]:
        return False
    last = image.lines[at + count - 1]
    return last.startswith(old[-1]) and not last[len(old[-1]) :].strip()


def candidates(image: Image, old: list[bytes], budget: Budget) -> list[int]:
    """Every 0-based line at which the longest of the wanted lines would come to lie right."""
    whole = [index for index, line in enumerate(old) if line.endswith(b"\n")]
    if not whole:
        return list(range(len(image.lines) + 1))
    anchor = max(whole, key=lambda index: len(old[index]))
    budget.spend(len(image.lines))
    found: list[int] = []
    start = 0
    while True:
        try:
            start = image.lines.index(old[anchor], start) + 1
        except ValueError:
            return found
        found.append(start - 1 - anchor)


def find(image: Image, old: list[bytes], line: int, begin: bool, end: bool, budget: Budget) -> list[int]:
    """All places of the wanted lines, best first: where they should be, then one after, one before, two after …

    `begin` and `end` say that it must be the first or the last lines of the file.
    """
    budget.spend(len(old) + 1)
    if begin or end:
        at = 0 if begin else len(image.lines) - len(old)
        return [at] if _fits(image, old, at, end) else []
    if not 0 <= line <= len(image.lines):
        line = len(image.lines)
    if _fits(image, old, line, end):
        return [line]
    places = candidates(image, old, budget)
    budget.spend(len(places) * len(old))
    places.sort(key=lambda at: (abs(at - line), at < line))
    return [at for at in places if _fits(image, old, at, end)]


def locate(image: Image, hunk: Hunk, parts: Sides, budget: Budget, least_context: int | None = None) -> Place | None:
    """Find the place of a hunk, None when it has none.

    With no `least_context` all context must match, as `git am` wants it. With it, context is left out from the outside
    in until so many lines are left at either end, as `git apply -C<n>` does (`-C1` goes as far as GNU patch's fuzz of 2
    on three lines of context); such a place must be the expected one or the only one, as less context proves less.
    """
    begin = hunk.old_start <= 1
    end = not parts.trailing
    at = expected = hunk.new_start - 1 if hunk.new_start else 0
    leading, trailing = parts.leading, parts.trailing
    first, last = 0, len(parts.old)
    relaxed = False
    while True:
        found = find(image, parts.old[first:last], at, begin, end, budget)
        if found and (not relaxed or found[0] == at or len(found) == 1):
            skip_last = len(parts.old) - last
            return Place(found[0], first, skip_last, found[0] - first - expected, relaxed)
        if least_context is None or (leading <= least_context and trailing <= least_context):
            return None
        relaxed = True
        if begin or end:
            begin = end = False
            continue
        if leading >= trailing:
            first += 1
            at -= 1
            leading -= 1
        if trailing > leading:
            last -= 1
            trailing -= 1
