# SPDX-License-Identifier: GPL-2.0-or-later
"""White-space damage that leaves a diff's structure alone, named only where the text itself shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from reviewbot.model.diff import FileDiff
from reviewbot.patch.scan import RawHunk

KINDS = (
    "stripped-whitespace",
    "collapsed-whitespace",
    "trailing-whitespace-stripped",
    "lost-blank-lines",
    "wrapped-lines",
    "quoted",
    "html-entities",
    "format-flowed",
    "tabs-to-spaces",
    "nbsp",
    "crlf",
    "wrong-counts",
    "headless-hunks",
)
"""Every kind there is, in the order in which they are told.

The last three are `crlf` (line ends of the whole diff), `wrong-counts` (a hunk that has not the lines that its header
says, as after editing by hand or cutting off) and `headless-hunks` (hunks pasted without their file's header, which
are left out).
"""

MIN_LINES = 8
_TABBED = re.compile(r"\.(?:[chS]|dts|dtsi)$")
_WIDE = " " * 8


def in_order(kinds: set[str]) -> tuple[str, ...]:
    """The kinds in the order of `KINDS`, then those that another room found."""
    known = tuple(kind for kind in KINDS if kind in kinds)
    return known + tuple(sorted(kinds - set(known)))


def _texts(files: Sequence[FileDiff]) -> Iterator[tuple[FileDiff, str, str]]:
    for file in files:
        for hunk in file.hunks:
            for line in hunk.lines:
                yield file, line.mark, line.text


def is_collapsed(files: Sequence[FileDiff]) -> bool:
    """Whether runs of white space became one blank: no run is left, yet changed lines are indented by just one."""
    lines = indented = 0
    for _, mark, text in _texts(files):
        if "\t" in text or "  " in text:
            return False
        lines += " " in text
        indented += mark in "+-" and len(text) > 2 and text[0] == " " and text[1] not in "* "
    return lines >= MIN_LINES and indented >= 2


def is_detabbed(files: Sequence[FileDiff]) -> bool:
    """Whether tabs became blanks: C files of the tree before the patch have no tab, and their indentation is wide.

    A project that indents by fewer blanks shows that somewhere. Some mailers count the mark as the tab's first column.
    """
    wide = 0
    for file, mark, text in _texts(files):
        if text.strip() and _TABBED.search(file.path):
            indent = len(text) - len(text.lstrip(" "))
            if "\t" in text or 2 <= indent < len(_WIDE) - 1:
                return False
            wide += mark in " -" and indent > 0 and indent % len(_WIDE) in (0, len(_WIDE) - 1)
    return wide >= 2


def lost_trailing(hunks: Sequence[RawHunk]) -> bool:
    """Whether empty lines stand where a diff has a blank (git reads them; GNU diff writes them when told to)."""
    return any(not line.rstrip("\r") for hunk in hunks if hunk.exact for line in hunk.body)
