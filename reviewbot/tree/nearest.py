# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a hunk does not go on: the place in the file that comes nearest, and the first line that differs there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

# a line that stands in more places than this says little about where a hunk belongs
COMMON = 50
# what is quoted of a line
QUOTED = 60


def quote(line: bytes) -> str:
    """A line for a message: decoded, without indentation, cut."""
    text = line.decode("utf-8", "replace").strip()
    return repr(text if len(text) <= QUOTED else text[: QUOTED - 1] + "…")


def nearest(file: Sequence[bytes], wanted: Sequence[bytes]) -> tuple[int, int] | None:
    """Return the 0-based line at which most of the `wanted` lines stand, white space aside, and how many do.

    None when no line of them is in the file. Each wanted line votes for the starts that would put it right.
    """
    places: dict[bytes, list[int]] = defaultdict(list)
    for number, line in enumerate(file):
        places[line.strip()].append(number)
    votes: Counter[int] = Counter()
    for index, line in enumerate(wanted):
        found = places.get(line.strip(), ())
        if line.strip() and len(found) <= COMMON:
            votes.update(at - index for at in found)
    if not votes:
        return None
    start = min(votes, key=lambda at: (-votes[at], at))
    window = file[max(0, start) : start + len(wanted)]
    skipped = max(0, -start)
    return start, sum(a.strip() == b.strip() for a, b in zip(window, wanted[skipped:], strict=False))


def explain(file: Sequence[bytes], wanted: Sequence[bytes], line: int) -> str:
    """Say in one sentence why the lines that a hunk wants at 1-based `line` are not to be found in the file."""
    if not file:
        return "the file is empty"
    found = nearest(file, wanted)
    if found is None:
        return f"none of its {len(wanted)} lines is in the file"
    start, equal = found
    text = f"nearest context at line {start + 1} (wanted at {line}): {equal} of {len(wanted)} lines are there"
    for index, want in enumerate(wanted):
        at = start + index
        have = file[at] if 0 <= at < len(file) else None
        if have != want:
            there = quote(have) if have is not None else "no line"
            if have is not None and have.strip() == want.strip():
                there += " with other white space"
            return f"{text}; line {at + 1} should be {quote(want)} but is {there}"
    return f"{text}, but an earlier hunk has changed them, or they had to be at an end of the file"
