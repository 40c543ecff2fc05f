# SPDX-License-Identifier: GPL-2.0-or-later
"""Quote marks and white space, the two things in which copies of one line differ."""

from __future__ import annotations


def split_quote(line: str) -> tuple[int, str]:
    """How deep a line is quoted, and the rest: the marks and one blank behind each are taken off."""
    depth = place = 0
    while place < len(line) and line[place] == ">":
        depth += 1
        place += 1
        if place < len(line) and line[place] == " ":
            place += 1
    return depth, line[place:]


def squeeze(line: str) -> str:
    """A line without any white space, by which damaged and intact copies of it are equal."""
    return "".join(line.split())
