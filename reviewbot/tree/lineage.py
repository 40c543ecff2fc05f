# SPDX-License-Identifier: GPL-2.0-or-later
"""What a file diff shows of a file before and after it, and where the lines that it does not show move to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from reviewbot.model.diff import FileDiff, Hunk
from reviewbot.tree.match import line_bytes

Lines = dict[int, bytes]

# a reconstructed file is padded up to the last line it knows; no source file of the kernel has a tenth of this
MOST_LINES = 2_000_000


@dataclass(frozen=True, slots=True)
class Region:
    """The lines of a damaged hunk: `first` to `last` are the 1-based lines that it covers, `lines` its lowest guess."""

    first: int
    last: int
    lines: Lines


@dataclass(frozen=True, slots=True)
class Span:
    """A hunk's extent: the lines it covers before and after, and for each old context line of it the new one."""

    old: range
    new: range
    kept: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Edit:
    """A file diff as knowledge: the lines it shows before and after, with damaged hunks apart, and how lines move."""

    before: Lines
    after: Lines
    loose_before: tuple[Region, ...]
    loose_after: tuple[Region, ...]
    spans: tuple[Span, ...]

    def forward(self, lines: Mapping[int, bytes]) -> Iterator[tuple[int, bytes]]:
        """Yield the lines as they stand after the diff, without those that it removes or that it is vague about."""
        return _move(lines, [(span.old, span.new, span.kept) for span in self.spans])

    def backward(self, lines: Mapping[int, bytes]) -> Iterator[tuple[int, bytes]]:
        """Yield the lines as they stood before the diff, without those that it adds or that it is vague about."""
        return _move(lines, [(s.new, s.old, {new: old for old, new in s.kept.items()}) for s in self.spans])


def _move(
    lines: Mapping[int, bytes], spans: Sequence[tuple[range, range, Mapping[int, int]]]
) -> Iterator[tuple[int, bytes]]:
    shift = at = 0
    for number in sorted(lines):
        while at < len(spans) and number >= spans[at][0].stop:
            shift = spans[at][1].stop - spans[at][0].stop
            at += 1
        if at < len(spans) and number >= spans[at][0].start:
            moved = spans[at][2].get(number)
            if moved is not None:
                yield moved, lines[number]
        elif number + shift > 0:
            yield number + shift, lines[number]


def _extent(start: int, count: int) -> range:
    """The lines that a side of a hunk covers; one with no lines names the line before it (unified diff format)."""
    return range(start, start + count) if count else range(start + 1, start + 1)


def _sides(hunk: Hunk) -> tuple[Lines, Lines, dict[int, int]]:
    before: Lines = {}
    after: Lines = {}
    kept: dict[int, int] = {}
    for line in hunk.lines:
        data = line_bytes(line.text, line.no_newline)
        if line.old is not None and line.mark != "+":
            before[line.old] = data
        if line.new is not None and line.mark != "-":
            after[line.new] = data
        if line.mark == " " and line.old is not None and line.new is not None:
            kept[line.old] = line.new
    return before, after, kept


def edit_of(diff: FileDiff) -> Edit:
    """Read a file diff as knowledge. Hunks whose numbers are out of order or out of all bounds are left out."""
    edit = Edit({}, {}, (), (), ())
    spans: list[Span] = []
    loose_before, loose_after = [], []
    for hunk in diff.hunks:
        old, new = _extent(hunk.old_start, hunk.old_count), _extent(hunk.new_start, hunk.new_count)
        before, after, kept = _sides(hunk)
        highest = max(old.stop, new.stop, max(before, default=0), max(after, default=0))
        if highest > MOST_LINES or (spans and (old.start < spans[-1].old.stop or new.start < spans[-1].new.stop)):
            continue
        if hunk.complete:
            edit.before.update(before)
            edit.after.update(after)
        else:
            kept = {}
            loose_before.append(_region(old, before))
            loose_after.append(_region(new, after))
        spans.append(Span(old, new, kept))
    return Edit(edit.before, edit.after, tuple(loose_before), tuple(loose_after), tuple(spans))


def _region(covered: range, lines: Lines) -> Region:
    return Region(covered.start, max(covered.stop - 1, max(lines, default=0)), lines)


@dataclass(slots=True)
class Version:
    """One state of one file, from snapshot `first` to `last`, as far as it is known; filled while reading a series."""

    path: str
    first: int
    last: int
    lines: Lines = field(default_factory=dict)
    complete: bool = False
    incoming: tuple[Region, ...] = ()
    outgoing: tuple[Region, ...] = ()

    def contradicts(self, lines: Mapping[int, bytes]) -> bool:
        """Tell whether one of the lines is known to read differently, white space aside."""
        return any(
            number in self.lines and self.lines[number].split() != data.split() for number, data in lines.items()
        )

    def learn(self, lines: Iterator[tuple[int, bytes]]) -> None:
        """Add lines; what is known stays."""
        for number, data in lines:
            self.lines.setdefault(number, data)

    def shown(self) -> Lines:
        """The lines to show: exact ones, and damaged hunks in one piece each.

        The damaged hunk that made this version is shown at the cost of what others know of its lines; one that comes
        after it only where nothing is known.
        """
        lines = dict(self.lines)
        for region in self.incoming:
            for number in [n for n in lines if region.first <= n <= region.last]:
                del lines[number]
            lines.update(region.lines)
        for region in self.outgoing:
            if not any(region.first <= number <= region.last for number in lines):
                lines.update(region.lines)
        return lines
