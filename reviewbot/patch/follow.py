# SPDX-License-Identifier: GPL-2.0-or-later
"""Following a line through the patches that come after it, and back to the one that brought it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def _before(file: FileDiff, line: int) -> tuple[int, bool]:
    """Return the number that 1-based `line` of the new file had in the old one, and whether the diff brings it."""
    shift = 0
    for hunk in file.hunks:
        first = hunk.new_start if hunk.new_count else hunk.new_start + 1
        if line < first:
            break
        if line < first + hunk.new_count:
            found = next((one.old for one in hunk.lines if one.new == line), None)
            return (line, True) if found is None else (found, False)
        shift += hunk.old_count - hunk.new_count
    return line + shift, False


def brought_by(patches: Sequence[Patch], path: str, line: int | None) -> tuple[int | None, str, int | None]:
    """Return which patch brought a line of a file as the last of `patches` leaves it: (number, path, line) there.

    It is the last patch that touches the file where none brought the line, or where `line` is None; the number is None
    where none touches it.
    """
    now, at = path, line
    last: tuple[int, str, int | None] | None = None
    for patch in reversed(patches):
        file = next((one for one in patch.files if one.new_path == now), None)
        if file is None:
            continue
        last = last or (patch.number, now, at)
        if at is None:
            break
        before, brought = _before(file, at)
        if brought or file.old_path is None:
            return patch.number, now, at
        now, at = file.old_path, before
    return last or (None, path, line)


def taken_by(patches: Iterable[Patch], path: str, line: int | None) -> tuple[int | None, str, int | None]:
    """Return which patch takes away a line of a file as it is before `patches`: (number, path, line) before it.

    It is the first that touches the file where none takes it, or where `line` is None, else None.
    """
    now, at = path, line
    first: tuple[int, str, int | None] | None = None
    for patch in patches:
        file = next((one for one in patch.files if one.old_path == now and not one.copied), None)
        if file is None:
            continue
        first = first or (patch.number, now, at)
        if at is None or file.new_path is None:
            return patch.number, now, at
        after = _through(file, at)
        if after is None:
            return patch.number, now, at
        now, at = file.new_path, after
    return first or (None, path, line)
