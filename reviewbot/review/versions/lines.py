# SPDX-License-Identifier: GPL-2.0-or-later
"""The lines of a patch's files in a row, with what function each is in and where a numbered one stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewbot.model.diff import DiffLine, FileDiff, Patch, Side

_HEAD = re.compile(r"[A-Za-z_][^:]*\(")
_CALLED = re.compile(r"(?<!\w)([A-Za-z_]\w*+)\s?\(")


@dataclass(frozen=True, slots=True)
class FileLines:
    """All lines of the hunks of a file in a patch, in order.

    `functions` has for each line the name of the function that it is in, as far as the diff shows it, else "";
    `places` where a line of the old or the new file is in the row.
    """

    lines: tuple[DiffLine, ...]
    functions: tuple[str, ...]
    places: Mapping[tuple[Side, int], int]

    def place(self, number: int | None, side: Side | None) -> int | None:
        """Return where a line is in the row, None where the diff does not show it."""
        return None if number is None else self.places.get((side or "new", number))


NOTHING = FileLines((), (), {})


def file_lines(patch: Patch) -> dict[str, FileLines]:
    """Return the lines of each file that a patch touches, by the file's path."""
    by_path: dict[str, list[FileDiff]] = {}
    for file in patch.files:
        by_path.setdefault(file.path, []).append(file)
    return {path: _row(files) for path, files in by_path.items()}


def _row(files: list[FileDiff]) -> FileLines:
    pairs = [pair for file in files for pair in _in_functions(file)]
    places: dict[tuple[Side, int], int] = {}
    for at, (line, _) in enumerate(pairs):
        if line.old is not None:
            places.setdefault(("old", line.old), at)
        if line.new is not None:
            places.setdefault(("new", line.new), at)
    return FileLines(tuple(line for line, _ in pairs), tuple(name for _, name in pairs), places)


def _in_functions(file: FileDiff) -> Iterator[tuple[DiffLine, str]]:
    """Yield each line with its function: by the head above it in the hunk, else by the hunk's own heading."""
    for hunk in file.hunks:
        name = _called(hunk.section)
        for line in hunk.lines:
            if _HEAD.match(line.text) and ";" not in line.text:
                name = _called(line.text)
            yield line, name


def _called(head: str) -> str:
    found = _CALLED.search(head)
    return found[1] if found else ""
