# SPDX-License-Identifier: GPL-2.0-or-later
"""Which line of a damaged hunk is context, removed or added, as far as the counts of its `@@` line prove it.

With `a` added, `r` removed and `c` other lines found and counts `old` and `new`, context lines that look added (`x`),
context lines that look removed (`y`) and lost blank context lines (`m`) obey `x + m = old - r - c` and
`y + m = new - a - c`. With nothing lost (`m` 0) x and y follow. With lines lost the smallest x and y are taken:
nothing is called context that has a mark unless the counts say so; but where marks can have been lost and a hunk has
both added and removed lines, that is no proof. What stays open is not guessed: the hunk is incomplete.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import comb

from reviewbot.patch.modelled import Solved
from reviewbot.patch.scan import MARKED, WRAP_COLUMN, RawHunk

CONTEXT = 3
"""The context lines that git and quilt put before a change unless told otherwise (git-diff(1), -U)."""

MAX_CHOICES = 64
LINE_LENGTH = 80
"""Mailers that wrap leave no longer line."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What the mailer did to every line of a patch.

    `stripped`: context lines lost the blank that marks them. `indent_kept`: only that blank was lost, and the text's
    own white space is still there. `marks_kept`: a context line shows that the blank is there. `blanks_kept`: there are
    blank context lines, so that none were lost. `open`: blank lines can have been lost and long lines wrapped at once,
    so that one can stand in for the other in the counts.
    """

    stripped: bool = False
    indent_kept: bool = False
    marks_kept: bool = False
    blanks_kept: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class Solution:
    """A solved hunk and the kinds of damage that were seen while solving it."""

    hunk: Solved
    damage: frozenset[str] = frozenset()


def _is_bare(line: str) -> bool:
    """Whether a line of a hunk has no mark: context that lost it, or the rest of a wrapped line."""
    return bool(line) and not line.startswith(MARKED)


def _after_long(hunk: RawHunk) -> Iterator[bool]:
    """For each line without a mark whether it can be the rest of the one above, which then is long."""
    length = len("@@ -1,1 +1,1 @@ ") + len(hunk.section)
    for line in hunk.body:
        if _is_bare(line):
            yield length >= WRAP_COLUMN
        length = len(line)


def read_habits(hunks: Sequence[RawHunk]) -> Habits:
    """The habits that the hunks of one patch show together."""
    lines = [line for hunk in hunks for line in hunk.body]
    blanks = not all(map(str.strip, lines))
    if any(line.startswith(" \t") for line in lines):
        return Habits(marks_kept=True, blanks_kept=blanks)
    loose = not blanks and all(len(line) <= LINE_LENGTH for line in lines)
    if any(line.startswith("\t") for line in lines):
        return Habits(stripped=True, indent_kept=True, blanks_kept=blanks, open=loose)
    stripped = not all(after for hunk in hunks if not hunk.exact for after in _after_long(hunk))
    stripped = stripped and not any(line.startswith(" ") for line in lines)
    return Habits(stripped=stripped, blanks_kept=blanks, open=loose)


def _marked(line: str, habits: Habits) -> str:
    """A line with its mark; one that has none (or whose mark was lost) is context."""
    if line.startswith(("+", "-", "\\")):
        return line
    if line.startswith(" ") and not habits.indent_kept:
        return line
    return " " + line


def _tally(lines: Sequence[str]) -> tuple[int, int, int]:
    """How many lines are added, removed, context."""
    added = sum(line.startswith("+") for line in lines)
    removed = sum(line.startswith("-") for line in lines)
    return added, removed, sum(line.startswith(" ") for line in lines)


def _prefix(lines: Sequence[str], old: int, new: int) -> list[str]:
    """The lines until the counts are used up; what stands behind them is no part of the hunk."""
    for place, line in enumerate(lines):
        if old <= 0 and new <= 0 and not line.startswith("\\ "):
            return list(lines[:place])
        old -= line[0] in " -"
        new -= line[0] in " +"
    return list(lines)


def _unwrapped(hunk: RawHunk) -> tuple[str, list[str], bool, bool]:
    """The section and the lines with every line that has no mark put back behind the one before it; whether any was,
    and whether lines are left over.
    """
    section, joined = hunk.section, False
    lines: list[str] = []
    old, new = hunk.old_count, hunk.new_count
    length = WRAP_COLUMN
    for place, line in enumerate(hunk.body):
        bare = _is_bare(line)
        if old <= 0 and new <= 0 and not (line.startswith("\\ ") or (bare and length >= WRAP_COLUMN)):
            return section, lines, joined, any(map(str.strip, hunk.body[place:]))
        if bare and lines:
            lines[-1] += line if lines[-1].endswith(" ") else " " + line
        elif bare:
            section += " " + line
        else:
            line = line or " "
            lines.append(line)
            old -= line[0] in " -"
            new -= line[0] in " +"
        joined = joined or bare
        length = len(line)
    return section, lines, joined, False


def _reorders(lines: Sequence[str]) -> list[int]:
    """Where a removed line directly follows an added one, which no diff program writes: a context line is missing."""
    bare = [(place, line[0]) for place, line in enumerate(lines) if line[0] != "\\"]
    return [place for (_, mark), (place, following) in pairwise(bare) if (mark, following) == ("+", "-")]


def _flip(lines: list[str], mark: str, count: int) -> list[str] | None:
    """The lines with `count` of those with this mark turned into context, when only one choice is possible."""
    places = [place for place, line in enumerate(lines) if line[0] == mark]
    if not count:
        return lines
    if count > len(places) or comb(len(places), count) > MAX_CHOICES:
        return None
    found = None
    for chosen in map(frozenset, combinations(places, count)):
        flipped = [" " + line if place in chosen else line for place, line in enumerate(lines)]
        if _reorders(flipped):
            continue
        if found is not None:
            return None
        found = flipped
    return found


def _lead(lines: Sequence[str]) -> int:
    for place, line in enumerate(lines):
        if line[0] in "+-":
            return place
    return len(lines)


def _insert_blanks(hunk: RawHunk, lines: list[str], missing: int) -> tuple[list[str] | None, int]:
    """The lines with the lost blank ones put in where only one place is possible, else None and the lines lost before
    the first change (those are known: a hunk not at the file's beginning has its context whole).
    """
    lead = max(0, CONTEXT - _lead(lines)) if min(hunk.old_start, hunk.new_start) > CONTEXT else 0
    if lead > missing or _lead(lines) == len(lines):
        return None, 0
    gaps = frozenset(_reorders(lines))
    if len(gaps) + lead == missing and (lead == 0 or lead == CONTEXT):
        filled = [" "] * lead
        for place, line in enumerate(lines):
            filled += [" ", line] if place in gaps else [line]
        return filled, 0
    return None, lead


def _solved(hunk: RawHunk, section: str, lines: Sequence[str], lead: int = 0, slack: int | None = None) -> Solved:
    return Solved(
        hunk.old_start,
        hunk.old_count,
        hunk.new_start,
        hunk.new_count,
        section,
        tuple(lines),
        complete=slack is None,
        lead=lead,
        slack=slack or 0,
    )


def adds_up(lines: Sequence[str], hunk: RawHunk) -> bool:
    """Whether marked lines are as many as the hunk's header says."""
    added, removed, context = _tally(lines)
    return (removed + context, added + context) == (hunk.old_count, hunk.new_count) and context + added + removed > 0


def as_context(hunk: RawHunk, habits: Habits) -> list[str]:
    """The hunk's lines, each without a mark taken for context, as far as the counts reach."""
    return _prefix([_marked(line, habits) for line in hunk.body], hunk.old_count, hunk.new_count)


def solve(hunk: RawHunk, habits: Habits) -> Solution:
    """Give each line of a hunk its mark; kinds of damage that only the counts show are named in the result."""
    if hunk.exact:
        return Solution(_solved(hunk, hunk.section, [line if line.rstrip("\r") else " " + line for line in hunk.body]))
    section, lines, joined, more = _unwrapped(hunk)
    if not habits.stripped and joined and adds_up(lines, hunk):
        return Solution(_solved(hunk, section, lines, slack=1 if more else None), frozenset({"wrapped-lines"}))
    if habits.stripped or not joined:
        section, lines = hunk.section, as_context(hunk, habits)
    else:
        plain = as_context(hunk, habits)
        if adds_up(plain, hunk) and not any(_after_long(hunk)):
            return Solution(_solved(hunk, hunk.section, plain), frozenset({"stripped-whitespace"}))
    stripped = frozenset({"stripped-whitespace"} if habits.stripped else {"wrapped-lines"} if joined else ())
    return _settle(hunk, section, lines, stripped, habits)


def _settle(hunk: RawHunk, section: str, lines: list[str], damage: frozenset[str], habits: Habits) -> Solution:
    """Account for what is missing or marked wrongly, by the equations at the top of this file."""
    added, removed, context = _tally(lines)
    plus, minus = hunk.old_count - removed - context, hunk.new_count - added - context
    if plus < 0 or minus < 0 or not lines or (plus != minus and not habits.stripped):
        excess = max(abs(plus), abs(minus), 1)
        return Solution(_solved(hunk, section, lines, slack=excess), damage or frozenset({"wrong-counts"}))
    missing = min(plus, minus)
    if missing and habits.blanks_kept:
        return Solution(_solved(hunk, section, lines, slack=max(plus, minus)), damage | {"wrong-counts"})
    flipped = _flip(lines, "+", plus - missing)
    flipped = None if flipped is None else _flip(flipped, "-", minus - missing)
    kinds = damage | ({"lost-blank-lines"} if missing else set())
    if flipped is None:
        return Solution(_solved(hunk, section, lines, slack=max(plus, minus)), kinds)
    if not missing:
        wrapped = any(_after_long(hunk)) and (habits.open or any(map(str.strip, hunk.body[len(lines) :])))
        return Solution(_solved(hunk, section, flipped, slack=1 if wrapped else None), kinds)
    filled, lead = _insert_blanks(hunk, flipped, missing)
    if filled is not None and (habits.marks_kept or not (added and removed)):
        return Solution(_solved(hunk, section, filled), kinds)
    return Solution(_solved(hunk, section, flipped, lead=lead, slack=max(missing - lead, 1)), kinds)
