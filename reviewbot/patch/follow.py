# SPDX-License-Identifier: GPL-2.0-or-later
"""Following a line through the patches that come after it."""

from __future__ import annotations

from collections.abc import Iterable

from reviewbot.model.diff import FileDiff, Patch


def _through(file: FileDiff, line: int) -> int | None:
    """Return the number that 1-based `line` of the old file has in the new one, None where it is taken away."""
    shift = 0
    for hunk in file.hunks:
        # a hunk that takes no lines stands behind the line that it names (see `@@ -n,0` in diff's documentation)
        first = hunk.old_start if hunk.old_count else hunk.old_start + 1
        if line < first:
            break
        if line < first + hunk.old_count:
            return next((one.new for one in hunk.lines if one.old == line), None)
        shift += hunk.new_count - hunk.old_count
    return line + shift


def follow(later: Iterable[Patch], path: str, line: int | None) -> tuple[str | None, int | None]:
    """Return where a line of a file is after further patches, in their order: (path, 1-based line).

    The line is None where it was taken away (or was None), the path where the file was.
    """
    now: str | None = path
    for patch in later:
        file = next((one for one in patch.files if one.old_path == now and not one.copied), None)
        if file is None:
            continue
        if file.new_path is None:
            return None, None
        line = _through(file, line) if line is not None else None
        now = file.new_path
    return now, line
