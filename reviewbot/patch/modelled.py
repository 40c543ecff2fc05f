# SPDX-License-Identifier: GPL-2.0-or-later
"""From cut files to the model: unidiff counts and numbers the lines of every hunk that adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from unidiff.patch import Hunk as ParsedHunk
from unidiff.patch import PatchSet

from reviewbot.model.diff import DiffLine, FileDiff, Hunk
from reviewbot.patch.filehead import Head

Mark = Literal[" ", "+", "-"]
NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True, slots=True)
class Solved:
    """A hunk whose lines have their marks: `lines` as a diff has them, `\\ No newline` lines included.

    `complete` says that they add up to the counts. Else `lead` lines are known to be missing before the first changed
    line, and `slack` more somewhere.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[str, ...]
    complete: bool
    lead: int = 0
    slack: int = 0


def _unidiff_text(hunks: Sequence[Solved]) -> list[str]:
    text = ["--- a/file\n", "+++ b/file\n"]
    for hunk in hunks:
        text.append(f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@\n")
        text += [(NO_NEWLINE if line.startswith("\\") else line) + "\n" for line in hunk.lines]
    return text


def _model_complete(parsed: ParsedHunk, solved: Solved) -> Hunk:
    """The model's hunk from unidiff's."""
    lines: list[DiffLine] = []
    for line in parsed:
        if line.line_type == "\\":
            lines[-1:] = [replace(last, no_newline=True) for last in lines[-1:]]
        else:
            text = line.value.removesuffix("\n")
            lines.append(DiffLine(cast(Mark, line.line_type), text, line.source_line_no, line.target_line_no))
    return Hunk(solved.old_start, solved.old_count, solved.new_start, solved.new_count, solved.section, tuple(lines))


def _model_incomplete(solved: Solved) -> Hunk:
    """A hunk that does not add up, its lines numbered as low as they can be; unidiff takes none of these."""
    lines: list[DiffLine] = []
    old, new = solved.old_start, solved.new_start
    pending = solved.lead
    for line in solved.lines:
        mark, text = line[:1], line[1:]
        if mark in "+-" and pending:
            old, new, pending = old + pending, new + pending, 0
        if mark == "+":
            lines.append(DiffLine("+", text, None, new))
        elif mark == "-":
            lines.append(DiffLine("-", text, old, None))
        elif mark == " ":
            lines.append(DiffLine(" ", text, old, new))
        else:
            lines[-1:] = [replace(last, no_newline=True) for last in lines[-1:]]
        old += mark in "- "
        new += mark in "+ "
    return Hunk(
        solved.old_start,
        solved.old_count,
        solved.new_start,
        solved.new_count,
        solved.section,
        tuple(lines),
        complete=False,
        slack=solved.slack,
    )


def model_file(head: Head, hunks: Sequence[Solved], binary: Sequence[str] | None) -> FileDiff:
    """The model of one file: its head, its hunks (unidiff's where they add up) and its raw binary patch, if any."""
    complete = [hunk for hunk in hunks if hunk.complete]
    parsed = iter(PatchSet(_unidiff_text(complete))[0]) if complete else iter(())
    modelled = tuple(
        _model_complete(next(parsed), hunk) if hunk.complete else _model_incomplete(hunk) for hunk in hunks
    )
    raw = None if binary is None else "".join(line + "\n" for line in binary).encode("utf-8", "surrogateescape")
    return FileDiff(
        old_path=head.old_path,
        new_path=head.new_path,
        kind=head.kind,
        hunks=modelled,
        added=sum(line.mark == "+" for hunk in modelled for line in hunk.lines),
        removed=sum(line.mark == "-" for hunk in modelled for line in hunk.lines),
        old_mode=head.old_mode,
        new_mode=head.new_mode,
        old_blob=head.old_blob,
        new_blob=head.new_blob,
        similarity=head.similarity,
        binary=raw,
        copied=head.copied,
    )
