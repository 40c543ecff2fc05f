# SPDX-License-Identifier: GPL-2.0-or-later
"""One file diff on the content of one file: all its hunks, and what became of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reviewbot.model.diff import DiffLine, FileDiff, Hunk
from reviewbot.model.tree import HunkResult, Status
from reviewbot.tree.match import Budget, Image, Place, Sides, locate, sides
from reviewbot.tree.nearest import explain

Rescue = Callable[[Image, Hunk, Budget], int | None]
# `git apply -C1`, GNU patch's fuzz of 2 on the usual three lines of context
LEAST_CONTEXT = 1
# hunks of one file for which the nearest context is looked up when they fail
MOST_EXPLAINED = 8


@dataclass(frozen=True, slots=True)
class Patched:
    """What came of it: the new content (None when a hunk failed) and a result a hunk."""

    data: bytes | None
    hunks: tuple[HunkResult, ...]


def _put(image: Image, parts: Sides, place: Place) -> None:
    last = len(parts.new) - place.skip_last
    count = len(parts.old) - place.skip_first - place.skip_last
    image.replace(place.at, count, parts.new[place.skip_first : last])


def _status(place: Place) -> Status:
    if place.relaxed:
        return "fuzzy"
    return "offset" if place.offset else "clean"


def patch_content(
    data: bytes, diff: FileDiff, budget: Budget, fuzzy: bool = False, rescue: Rescue | None = None
) -> Patched:
    """Put the hunks of `diff` on `data` by git's rules.

    With `fuzzy`, context may be left out where it does not fit; what fits nowhere goes to `rescue`, which puts a hunk
    on the file and returns its offset, or None.
    """
    image = Image.of(data)
    results = []
    failed = 0
    for number, hunk in enumerate(diff.hunks, 1):
        parts = sides(hunk)
        place = locate(image, hunk, parts, budget) if hunk.complete else None
        if place is None and fuzzy and hunk.complete:
            place = locate(image, hunk, parts, budget, LEAST_CONTEXT)
        if place is not None:
            _put(image, parts, place)
            fuzz = max(place.skip_first, place.skip_last)
            results.append(HunkResult(diff.path, number, _status(place), place.offset, fuzz))
            continue
        offset = rescue(image, hunk, budget) if rescue is not None else None
        if offset is not None:
            results.append(HunkResult(diff.path, number, "repaired", offset))
        else:
            failed += 1
            few = failed <= MOST_EXPLAINED
            reason = _reason(image, hunk, parts, budget) if few else f"{_header(hunk)}: it fits nowhere"
            results.append(HunkResult(diff.path, number, "conflict", reason=reason))
    return Patched(None if failed else image.data, tuple(results))


def _header(hunk: Hunk) -> str:
    return f"hunk @@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@"


def _reason(image: Image, hunk: Hunk, parts: Sides, budget: Budget) -> str:
    place = _header(hunk)
    if not hunk.complete:
        place += " (damaged, not all of its lines are in the mail)"
    back = reverse_hunk(hunk)
    if locate(image, back, sides(back), budget) is not None:
        return f"{place}: its change is already in the file"
    budget.spend(len(image.lines))
    return f"{place}: {explain(image.lines, parts.old, hunk.old_start)}"


def reverse_hunk(hunk: Hunk) -> Hunk:
    """Return the hunk that takes `hunk` back."""

    def turn(line: DiffLine) -> DiffLine:
        if line.mark == "+":
            return replace(line, mark="-", old=line.new, new=line.old)
        if line.mark == "-":
            return replace(line, mark="+", old=line.new, new=line.old)
        return line

    return replace(
        hunk,
        old_start=hunk.new_start,
        old_count=hunk.new_count,
        new_start=hunk.old_start,
        new_count=hunk.old_count,
        lines=tuple(turn(line) for line in hunk.lines),
    )
