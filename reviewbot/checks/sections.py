# SPDX-License-Identifier: GPL-2.0-or-later
"""What the `@@` lines of a series say of the functions that the known ranges of a reconstructed file begin in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reviewbot.model.diff import FileDiff, Hunk, Patch
from reviewbot.model.tree import SourceFile


def sections(patches: Sequence[Patch], state: int, source: SourceFile) -> Mapping[int, str]:
    """Return, for the known ranges of a file after the first `state` patches, the text after the `@@` of their hunk.

    The keys are the first lines of ranges. A hunk of another patch counts too: its line is moved as the patches
    between move it.
    """
    if not source.known:
        return {}
    starts = {first for first, _ in source.known}
    found: dict[int, str] = {}
    for line, text in (*_after(patches, state, source.path), *_before(patches, state, source.path)):
        if text and line in starts:
            found.setdefault(line, text)
    return found


def _after(patches: Sequence[Patch], state: int, path: str) -> Iterator[tuple[int, str]]:
    """Yield the (line, section) of hunks of patches that are part of the state, latest first."""
    later: list[FileDiff] = []
    name: str | None = path
    for patch in reversed(patches[:state]):
        diff = next((one for one in patch.files if one.new_path == name), None) if name else None
        if diff is None:
            continue
        for hunk in diff.hunks:
            line = _first(hunk, new=True)
            for step in reversed(later):
                line = _moved(line, step, forward=True)
            yield line, hunk.section
        later.append(diff)
        name = diff.old_path


def _before(patches: Sequence[Patch], state: int, path: str) -> Iterator[tuple[int, str]]:
    """Yield the (line, section) of hunks of patches that come after the state, next first."""
    earlier: list[FileDiff] = []
    name: str | None = path
    for patch in patches[state:]:
        diff = next((one for one in patch.files if one.old_path == name), None) if name else None
        if diff is None:
            continue
        for hunk in diff.hunks:
            line = _first(hunk, new=False)
            for step in reversed(earlier):
                line = _moved(line, step, forward=False)
            yield line, hunk.section
        earlier.append(diff)
        name = diff.new_path


def _first(hunk: Hunk, new: bool) -> int:
    numbers = (line.new if new else line.old for line in hunk.lines)
    return next((number for number in numbers if number is not None), 0)


def _moved(line: int, diff: FileDiff, forward: bool) -> int:
    """Return where a line outside of the hunks of a diff goes to; 0 (no line) for one that the diff changes."""
    shift = 0
    for hunk in diff.hunks:
        start, count = (hunk.old_start, hunk.old_count) if forward else (hunk.new_start, hunk.new_count)
        grown = hunk.new_count - hunk.old_count if forward else hunk.old_count - hunk.new_count
        if line >= start + max(count, 1):
            shift += grown
        elif line >= start:
            pairs = ((at.old, at.new) if forward else (at.new, at.old) for at in hunk.lines)
            return next((to for of, to in pairs if of == line and to is not None), 0)
    return line + shift if line else 0
