# SPDX-License-Identifier: GPL-2.0-or-later
"""Where a new version of a series differs from the old one, and how far that is from any line of the old one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from reviewbot.model.comparison import ChangedHunk, PatchPair
from reviewbot.model.diff import DiffLine, Patch, Side
from reviewbot.review.versions.xdiff import diff_lines

SHOWN = 3
"""Lines of the new version shown around a changed stretch."""
JOINED = 2
"""Stretches with so few lines between them are one."""

_HEAD = re.compile(r"[A-Za-z_][^:]*\(")
_CALLED = re.compile(r"([A-Za-z_]\w*)\s?\(")


@dataclass(frozen=True, slots=True)
class Spot:
    """A changed stretch: what it is in the new version, and the words of the lines that went and came.

    `old` is the patch whose successor changed here (None: a patch that is new), `start` and `end` the 0-based range of
    lines of the file's diff in it that the stretch takes the place of. `function` is what it is in, as far as the diff
    shows it, else "".
    """

    hunk: ChangedHunk
    old: int | None
    start: int
    end: int
    text: str
    function: str


def flat(patch: Patch, path: str) -> list[DiffLine]:
    """Return the lines of all hunks of a file in a patch, in order."""
    return [line for file in patch.files if file.path == path for hunk in file.hunks for line in hunk.lines]


def function_at(patch: Patch, path: str, number: int | None, side: Side | None) -> str:
    """Return the name of the function that a line of a file's diff is in: by its head in the hunk, or the hunk's."""
    for hunk in (hunk for file in patch.files if file.path == path for hunk in file.hunks):
        head = hunk.section
        for line in hunk.lines:
            if _HEAD.match(line.text) and ";" not in line.text:
                head = line.text
            if number is not None and number == (line.old if side == "old" else line.new):
                found = _CALLED.search(head)
                return found[1] if found else ""
    return ""


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
        for path in dict.fromkeys(file.path for file in (*after.files, *(before.files if before else ()))):
            if before is not None:
                found += _changed(before, after, path)
            else:
                found += _brought(after, path, known.get(path, Counter()))
    return tuple(found)


def _key(line: DiffLine) -> str:
    return line.mark + "".join(line.text.split())


def _changed(before: Patch, after: Patch, path: str) -> Iterator[Spot]:
    """Yield the stretches of a file in which a patch differs from its predecessor."""
    mine, theirs = flat(before, path), flat(after, path)
    blocks = diff_lines([_key(line) for line in mine], [_key(line) for line in theirs], context=0)
    ranges: list[tuple[range, range]] = []
    for block in blocks:
        lines = [mine[at] for at in block.old] + [theirs[at] for at in block.new]
        if all(line.mark == " " or not line.text.strip() for line in lines):
            continue
        if ranges and block.new.start - ranges[-1][1].stop <= JOINED and block.old.start - ranges[-1][0].stop <= JOINED:
            first = ranges.pop()
            ranges.append((range(first[0].start, block.old.stop), range(first[1].start, block.new.stop)))
        else:
            ranges.append((block.old, block.new))
    for went, came in ranges:
        text = "\n".join([*(mine[at].text for at in went), *(theirs[at].text for at in came)])
        for stretch in _within_hunks(theirs, came):
            hunk = _hunk(after, path, theirs, stretch)
            yield Spot(hunk, before.number, went.start, went.stop, text, function_at(after, path, hunk.line, "new"))


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


def _brought(after: Patch, path: str, known: Counter[str]) -> Iterator[Spot]:
    """Yield the stretches of a file in a patch without predecessor that the old version had nowhere."""
    lines = flat(after, path)
    fresh = [at for at, line in enumerate(lines) if line.mark != " " and line.text.strip() and not known[_key(line)]]
    for stretch in _stretches(fresh):
        hunk = _hunk(after, path, lines, stretch)
        text = "\n".join(one.text for one in lines[stretch.start : stretch.stop])
        yield Spot(hunk, None, 0, 0, text, function_at(after, path, hunk.line, "new"))


def _stretches(numbers: Sequence[int]) -> list[range]:
    """Join ascending numbers with at most JOINED others between them."""
    found: list[range] = []
    for number in numbers:
        if found and number - found[-1].stop <= JOINED:
            found[-1] = range(found[-1].start, number + 1)
        else:
            found.append(range(number, number + 1))
    return found


def _hunk(patch: Patch, path: str, lines: Sequence[DiffLine], stretch: range) -> ChangedHunk:
    """Return a stretch of a patch with some lines around it."""
    placed = [line.new for line in lines[stretch.start : stretch.stop] if line.new is not None]
    if not placed:
        after = [line.new for line in lines[stretch.start :] if line.new is not None][:1]
        before = [line.new for line in lines[: stretch.start] if line.new is not None][-1:]
        placed = after or before or [1]
    shown = lines[max(0, stretch.start - SHOWN) : stretch.stop + SHOWN]
    return ChangedHunk(patch.number, path, placed[0], placed[-1], "\n".join(line.mark + line.text for line in shown))
