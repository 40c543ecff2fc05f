# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a new version of a series differs from the old one, and how far that is from any line of the old one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewbot.model.comparison import ChangedHunk, PatchPair
from reviewbot.model.diff import DiffLine, Patch
from reviewbot.review.people import names
from reviewbot.review.versions.lines import NOTHING, FileLines, file_lines
from reviewbot.review.versions.xdiff import diff_lines

SHOWN = 3
"""Lines of the new version shown around a changed stretch."""
JOINED = 2
"""Stretches with so few lines between them are one."""
FAR = 200
"""So far a line that stays is looked for around one that goes."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A changed stretch: what it is in the new version, and the identifiers of the lines that went and came.

    `old` is the patch whose successor changed here (None: a patch that is new), `start` and `end` the 0-based range of
    lines of the file's diff in it that the stretch takes the place of. `function` is what it is in, as far as the diff
    shows it, else "".
    """

    hunk: ChangedHunk
    old: int | None
    start: int
    end: int
    names: frozenset[str]
    function: str


def changed_spots(
    successors: Mapping[int, int], pairs: Sequence[PatchPair], old: Sequence[Patch], new: Sequence[Patch]
) -> tuple[Spot, ...]:
    """Return where the new version removes or adds other lines than the old one, in the order of the new one.

    A patch is compared with the one it is the successor of (`successors`: old number to new); one without any, with
    what the old version does to the file at all, so that lines which only went to a patch of their own are no change.
    """
    olds = {one.number: one for one in old}
    known: dict[str, Counter[str]] = {}
    for patch in old:
        for file in patch.files:
            texts = (_key(line) for hunk in file.hunks for line in hunk.lines if line.mark != " ")
            known.setdefault(file.path, Counter()).update(texts)
    found: list[Spot] = []
    source = {later: olds[number] for number, later in successors.items()}
    same = {pair.new for pair in pairs if pair.mark == "="}
    for after in new:
        if after.number in same:
            continue
        before = source.get(after.number)
        mine, theirs = file_lines(before) if before else {}, file_lines(after)
        for path in dict.fromkeys((*theirs, *mine)):
            now = _File(after.number, path, theirs.get(path, NOTHING))
            if before is not None:
                found += _changed(before.number, mine.get(path, NOTHING), now)
            else:
                found += _brought(now, known.get(path, Counter()))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _File:
    """A file of a patch of the new version."""

    patch: int
    path: str
    rows: FileLines


def _key(line: DiffLine) -> str:
    return line.mark + "".join(line.text.split())


def _changed(old: int, before: FileLines, now: _File) -> Iterator[Spot]:
    """Yield the stretches of a file in which a patch differs from its predecessor, number `old`."""
    mine, theirs = before.lines, now.rows.lines
    ranges: list[tuple[range, range]] = []
    for block in diff_lines([_key(line) for line in mine], [_key(line) for line in theirs], context=0):
        lines = [*mine[block.old.start : block.old.stop], *theirs[block.new.start : block.new.stop]]
        if all(line.mark == " " or not line.text.strip() for line in lines):
            continue
        if ranges and block.new.start - ranges[-1][1].stop <= JOINED and block.old.start - ranges[-1][0].stop <= JOINED:
            first = ranges.pop()
            ranges.append((range(first[0].start, block.old.stop), range(first[1].start, block.new.stop)))
        else:
            ranges.append((block.old, block.new))
    for went, came in ranges:
        lines = [*mine[went.start : went.stop], *theirs[came.start : came.stop]]
        named = _named(lines)
        for stretch in _within_hunks(theirs, came):
            yield Spot(_hunk(now, stretch), old, went.start, went.stop, named, _function(now, stretch))


def _named(lines: Sequence[DiffLine]) -> frozenset[str]:
    return frozenset(names("\n".join(line.text for line in lines)))


def _function(now: _File, stretch: range) -> str:
    row = now.rows.functions
    return row[min(stretch.start, len(row) - 1)] if row else ""


def _within_hunks(lines: Sequence[DiffLine], stretch: range) -> Iterator[range]:
    """Cut a stretch where the numbers of its lines jump: another hunk begins there."""
    start = stretch.start
    last: tuple[int, int] | None = None
    for at in stretch:
        here = (lines[at].old or 0, lines[at].new or 0)
        if last is not None and any(now > before + 1 for now, before in zip(here, last, strict=True) if now and before):
            yield range(start, at)
            start = at
        last = (here[0] or (last[0] if last else 0), here[1] or (last[1] if last else 0))
    yield range(start, stretch.stop)


def _brought(now: _File, known: Counter[str]) -> Iterator[Spot]:
    """Yield the stretches of a file in a patch without predecessor that the old version had nowhere."""
    lines = now.rows.lines
    fresh = [at for at, line in enumerate(lines) if line.mark != " " and line.text.strip() and not known[_key(line)]]
    for stretch in _stretches(fresh):
        named = _named(lines[stretch.start : stretch.stop])
        yield Spot(_hunk(now, stretch), None, 0, 0, named, _function(now, stretch))


def _stretches(numbers: Sequence[int]) -> list[range]:
    """Join ascending numbers with at most JOINED others between them."""
    found: list[range] = []
    for number in numbers:
        if found and number - found[-1].stop <= JOINED:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found


def _hunk(now: _File, stretch: range) -> ChangedHunk:
    """Return a stretch of a file with some lines around it."""
    lines = now.rows.lines
    placed = [line.new for line in lines[stretch.start : stretch.stop] if line.new is not None]
    if not placed:
        placed = [_nearest(now.rows, stretch)]
    shown = lines[max(0, stretch.start - SHOWN) : stretch.stop + SHOWN]
    text = "\n".join(line.mark + line.text for line in shown)
    return ChangedHunk(now.patch, now.path, placed[0], placed[-1], text)


def _nearest(rows: FileLines, stretch: range) -> int:
    """Return the number of the new line that follows lines which are only gone, else of the one before, else 1."""
    after = next((line.new for line in rows.lines[stretch.stop : stretch.stop + FAR] if line.new is not None), None)
    if after is not None:
        return after
    before = rows.lines[max(0, stretch.start - FAR) : stretch.start]
    return next((line.new for line in reversed(before) if line.new is not None), 1)
