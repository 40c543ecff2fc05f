# SPDX-License-Identifier: GPL-2.0-or-later
"""Hunks whose white space a mailer damaged: placed by their words, and their context taken from the file.

The file is the proof: a hunk is only put where all its old lines follow one another but for white space and lost empty
lines, where that covers as many lines of the file as the hunk announces, and where there is one such place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewbot.model.diff import Hunk
from reviewbot.tree.match import Budget, Image, line_bytes

# stands for a line that an earlier hunk has laid down: no line of a hunk has a line end inside
LAID_DOWN = b"\n"


def words(line: bytes) -> bytes:
    """A line without its white space."""
    return b"".join(line.split())


def _places(file: Sequence[bytes], wanted: Sequence[bytes], budget: Budget) -> list[int]:
    """Where the non-empty `wanted` lines stand in a row in `file`, by words."""
    budget.spend(len(file) + 1)
    starts = [at for at, line in enumerate(file) if line == wanted[0]]
    budget.spend(len(starts) * len(wanted))
    return [at for at in starts if list(file[at : at + len(wanted)]) == list(wanted)]


def _rebuild(image: Image, hunk: Hunk, at: int) -> tuple[int, list[bytes]]:
    """Walk the hunk from line `at` of the file on; return the line after its last old one, and the lines it leaves.

    Empty lines that the file has and the hunk lost are kept: a mailer that strips white space loses the blank that
    marks an empty line as context, never the mark of a removed or added one. An added line gets the indentation that
    the file has wherever the hunk's old lines are indented like it.
    """
    out: list[bytes] = []
    added: list[int] = []
    indents: dict[bytes, set[bytes]] = {}
    for line in hunk.lines:
        if line.mark == "+":
            added.append(len(out))
            out.append(line_bytes(line.text, line.no_newline))
            continue
        wanted = words(line_bytes(line.text))
        while wanted and at < len(image.lines) and not words(image.lines[at]):
            out.append(image.lines[at])
            at += 1
        if not wanted and (at >= len(image.lines) or words(image.lines[at])):
            continue
        if line.mark == " ":
            out.append(image.lines[at])
        indents.setdefault(_indent(line_bytes(line.text)), set()).add(_indent(image.lines[at]))
        at += 1
    for index in added:
        indent = _indent(out[index])
        out[index] = _true_indent(indent, indents) + out[index][len(indent) :]
    return at, out


def _true_indent(indent: bytes, seen: Mapping[bytes, set[bytes]]) -> bytes:
    """What an indentation was before the mailer: what the file has for it, else tabs where it has them for blanks.

    A tab behind the mark of a diff line ends at column 8, so that seven blanks are left of it, or fifteen of two.
    """
    known = seen.get(indent, set())
    if len(known) == 1:
        return next(iter(known))
    blanks = len(indent)
    tabs_lost = any(b"\t" in true and b"\t" not in shown for shown, trues in seen.items() for true in trues)
    if tabs_lost and blanks and not indent.strip(b" "):
        return b"\t" * (blanks // 8 + blanks % 8 // 7) if blanks % 8 in (0, 7) else indent
    return indent


def _indent(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(b" \t"))]


def place_by_words(image: Image, hunk: Hunk, budget: Budget) -> int | None:
    """Put a damaged hunk on the file and return its offset in lines; None when nothing proves where it belongs."""
    wanted = [words(line_bytes(line.text)) for line in hunk.lines if line.mark != "+" and line.text.strip()]
    if not wanted:
        return None
    full = [number for number, line in enumerate(image.lines) if words(line)]
    file = [LAID_DOWN if image.touched[number] else words(image.lines[number]) for number in full]
    expected = max(hunk.new_start - 1, 0)
    found = {full[place]: _offset(image, full[place], expected) for place in _places(file, wanted, budget)}
    right = [start for start, offset in found.items() if len(found) == 1 or offset == 0]
    if len(right) != 1:
        return None
    start = right[0]
    stop, lines = _rebuild(image, hunk, start)
    covered = stop - start
    if not covered <= hunk.old_count <= covered + _empty_before(image, start) + _empty_after(image, stop):
        return None
    offset = found[start]
    image.replace(start, covered, lines)
    return offset


def _offset(image: Image, start: int, expected: int) -> int:
    """How far from where it should be a hunk is; the empty lines before its first other line may belong to it."""
    offset = start - expected
    if offset <= 0:
        return offset
    return max(0, offset - _empty_before(image, start))


def _empty_before(image: Image, at: int) -> int:
    count = 0
    while at - count > 0 and not words(image.lines[at - count - 1]):
        count += 1
    return count


def _empty_after(image: Image, at: int) -> int:
    count = 0
    while at + count < len(image.lines) and not words(image.lines[at + count]):
        count += 1
    return count
