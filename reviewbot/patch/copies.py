# SPDX-License-Identifier: GPL-2.0-or-later
"""Hunks as the replies of a thread quote them: a second copy that proves what the first one lost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from reviewbot.patch.modelled import Solved
from reviewbot.patch.quote import split_quote, squeeze
from reviewbot.patch.scan import HUNK, SIGNATURE, RawHunk
from reviewbot.patch.solve import Habits, adds_up, as_context, read_habits

Header = tuple[int, int, int, int]
Copies = Mapping[Header, Sequence[tuple[str, ...]]]

MAX_COPY_CHARS = 8 << 20
MAX_COPIES = 8
"""Copies of hunks with one and the same header that are kept."""
_ENDS = ("@@ -", "diff -", "Index: ", "+++ ")


def _body(lines: Sequence[tuple[int, str]], depth: int, indent: int) -> list[str]:
    """The lines of one quote depth up to the next header; other depths are people's text in between."""
    body = []
    for deep, line in lines:
        if deep == depth:
            line = line[min(indent, len(line) - len(line.lstrip(" "))) :]
            if line.startswith(_ENDS) or line in SIGNATURE:
                break
            body.append(line)
    return body


def read_copies(texts: Iterable[str]) -> Copies:
    """Every quoted hunk of the texts that adds up, its lines with their marks, by the four numbers of its header."""
    found: dict[Header, list[tuple[str, ...]]] = defaultdict(list)
    budget = MAX_COPY_CHARS
    for text in texts:
        budget -= len(text)
        if budget < 0:
            break
        lines = [split_quote(line) for line in text.split("\n")]
        starts = [place for place, (_, line) in enumerate(lines) if line.lstrip(" ").startswith("@@ -")]
        for start, end in pairwise([*starts, len(lines)]):
            _read_copy(lines[start:end], found)
    return found


def _read_copy(lines: Sequence[tuple[int, str]], found: dict[Header, list[tuple[str, ...]]]) -> None:
    depth, header = lines[0]
    indent = len(header) - len(header.lstrip(" "))
    match = HUNK.match(header[indent:])
    if match is None:
        return
    key = (int(match[1]), int(match[2] or 1), int(match[3]), int(match[4] or 1))
    raw = RawHunk(key[0], key[1], key[2], key[3], "", _body(lines[1:], depth, indent), False)
    habits = read_habits([raw])
    for way in (habits, Habits(stripped=True)):
        marked = as_context(raw, way)
        if adds_up(marked, raw):
            if len(found[key]) < MAX_COPIES and tuple(marked) not in found[key]:
                found[key].append(tuple(marked))
            return


def _worth(lines: Sequence[str]) -> tuple[int, int]:
    """How much white space lines kept: tabs first, since mailers turn those into blanks but never the reverse."""
    return sum(line.count("\t") for line in lines), sum(map(len, lines))


def from_copy(hunk: RawHunk, posted: Solved, copies: Copies) -> Solved | None:
    """The hunk as a quote of it has it, when that adds up and is equal but for white space; None when none is.

    The text is the posted one where both have the same lines and the quote did not keep more white space.
    """
    wanted = "".join(map(squeeze, hunk.body))
    best: tuple[str, ...] | None = posted.lines if posted.complete else None
    for lines in copies.get((hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count), ()):
        same = "".join(map(squeeze, lines))
        if (wanted == same or (same and wanted.startswith(same))) and (best is None or _worth(lines) > _worth(best)):
            best = lines
    if best is None or best is posted.lines:
        return None
    return Solved(hunk.old_start, hunk.old_count, hunk.new_start, hunk.new_count, hunk.section, best, complete=True)
