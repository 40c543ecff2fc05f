# SPDX-License-Identifier: GPL-2.0-or-later
"""Real fixes taken backwards: what a stable branch changed in a function is undone, which brings the defect back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from bench.mutate.lines import Plant
from reviewbot.csource.parse import parse
from reviewbot.model.tree import Snapshot, SourceFile

KIND = "real fix"
# larger changes are backported features more often than fixes
MOST_LINES = 20


def reversed_fixes(old: Snapshot, new: Snapshot, directories: Sequence[str]) -> Iterator[Plant]:
    """Yield, for each function that a few lines changed in between, the step from `new` back to `old`."""
    for path in (path for where in directories for path in new.paths(where) if path.endswith(".c")):
        before, after = old.read(path), new.read(path)
        if before is None or after is None or before.data == after.data:
            continue
        earlier = functions(before)
        for name, (first, lines) in functions(after).items():
            if name in earlier and earlier[name][1] != lines:
                plant = backwards(path, name, first, lines, earlier[name][1])
                if plant is not None:
                    yield plant


def functions(source: SourceFile) -> dict[str, tuple[int, list[str]]]:
    """Return the functions of a file that were understood: the first line's number, and the lines."""
    text = source.data.decode("utf-8", "surrogateescape").split("\n")
    return {
        function.name: (function.start_line, text[function.start_line - 1 : function.end_line])
        for function in parse(source).functions
        if not function.errors
    }


def backwards(path: str, name: str, first: int, new: list[str], old: list[str]) -> Plant | None:
    """Return the plant that turns `new` (from line `first`) into `old`; None where too much changed, or only words."""
    edits = [edit for edit in SequenceMatcher(None, new, old, False).get_opcodes() if edit[0] != "equal"]
    if sum(max(edit[2] - edit[1], edit[4] - edit[3]) for edit in edits) > MOST_LINES:
        return None
    if "".join("".join(new).split()) == "".join("".join(old).split()):
        return None
    start, end = edits[0][1], edits[-1][2]
    lines = old[edits[0][3] : edits[-1][4]]
    return Plant(KIND, path, name, first + start, first + end - 1, tuple(lines))
