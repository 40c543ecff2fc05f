# SPDX-License-Identifier: GPL-2.0-or-later
"""Quoting a patch in a reply: the lines around each comment, exact, the rest trimmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewbot.model.diff import DiffLine, FileDiff, Hunk, Patch

ABOVE = 8
"""Quoted lines kept above a comment."""
TRIMMED = "[ ... ]"

Anchor = tuple[str, int]
"""A path and a line of the file as the patch leaves it."""


def printable(text: str) -> str:
    """Return a line as a mail can carry it: bytes of no charset and control characters shown as U+FFFD."""
    decoded = text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c == "\t" or c.isprintable() else "\ufffd" for c in decoded)


def _hunk_head(hunk: Hunk) -> str:
    head = f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@"
    return f"{head} {hunk.section}".rstrip()


def _quoted(line: DiffLine) -> str:
    return printable(f"> {line.mark}{line.text}").rstrip()


def _anchored(lines: Sequence[DiffLine], path: str, wanted: Mapping[Anchor, str]) -> list[tuple[int, str]]:
    """Return (index of the line, comment) for the comments that hang in these lines."""
    return [
        (index, wanted[path, line.new])
        for index, line in enumerate(lines)
        if line.new is not None and line.mark != "-" and (path, line.new) in wanted
    ]


def _file_quote(file: FileDiff, wanted: Mapping[Anchor, str]) -> list[str]:
    out: list[str] = []
    for hunk in file.hunks:
        marks = _anchored(hunk.lines, file.path, wanted)
        if not marks:
            continue
        if not out:
            out += [f"> --- {'a/' + file.old_path if file.old_path else '/dev/null'}"]
            out += [f"> +++ {'b/' + file.new_path if file.new_path else '/dev/null'}"]
        out.append(printable(f"> {_hunk_head(hunk)}"))
        shown = 0
        for index, comment in marks:
            first = max(shown, index + 1 - ABOVE)
            if first > shown:
                out.append(TRIMMED)
            out += [_quoted(line) for line in hunk.lines[first : index + 1]]
            out += ["", comment, ""]
            shown = index + 1
        if shown < len(hunk.lines):
            out.append(TRIMMED)
    return out


def in_diff(patch: Patch, anchor: Anchor) -> bool:
    """Tell whether the diff of a patch shows a line, so that a comment can hang on it."""
    return any(
        line.new == anchor[1] and line.mark != "-"
        for file in patch.files
        if file.path == anchor[0]
        for hunk in file.hunks
        for line in hunk.lines
    )


def quote(patch: Patch, wanted: Mapping[Anchor, str]) -> str:
    """Return the quoted parts of a patch, each comment right under its line; comments outside the diff are left out."""
    return "\n".join(line for file in patch.files for line in _file_quote(file, wanted)).rstrip()
