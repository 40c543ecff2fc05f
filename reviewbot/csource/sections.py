# SPDX-License-Identifier: GPL-2.0-or-later
"""Which function each hunk of a series says it begins in, by the lines of a file after some of the patches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewbot.model.diff import FileDiff, Hunk, Series


def _shift(line: int, hunks: Sequence[Hunk], forward: bool) -> int | None:
    """Return where the line goes over a diff, None if the diff changes what is around it."""
    moved = 0
    for hunk in hunks:
        start, count = (hunk.old_start, hunk.old_count) if forward else (hunk.new_start, hunk.new_count)
        delta = hunk.new_count - hunk.old_count if forward else hunk.old_count - hunk.new_count
        if line >= start + count:
            moved += delta
        elif line > start:
            return None
    return line + moved


def _diffs(series: Series, path: str) -> list[tuple[int, FileDiff]]:
    return [(k, d) for k, patch in enumerate(series.patches) for d in patch.files if path in (d.old_path, d.new_path)]


def sections(series: Series, path: str, state: int) -> Mapping[int, str]:
    """Return the section texts of all hunks for `path`, by the line they begin on after the first `state` patches.

    This is what `parse` wants for a reconstructed file. A hunk that begins inside of another patch's change is left
    out. Files are followed by their path only, not over renames.
    """
    found: dict[int, str] = {}
    diffs = _diffs(series, path)
    for place, (number, diff) in enumerate(diffs):
        for hunk in diff.hunks:
            line: int | None = hunk.new_start if number < state else hunk.old_start
            if number < state:
                between = [d for k, d in diffs[place + 1 :] if k < state]
            else:
                between = [d for k, d in reversed(diffs[:place]) if k >= state]
            for other in between:
                line = _shift(line, other.hunks, number < state) if line is not None else None
            if line is not None and hunk.section:
                found.setdefault(line, hunk.section)
    return found
