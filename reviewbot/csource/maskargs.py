# SPDX-License-Identifier: GPL-2.0-or-later
"""The arguments of a macro as text, before there is a syntax tree."""

from __future__ import annotations

import re
from collections.abc import Mapping

_STATEMENT_FIRST = re.compile(r"\s*(?:\{|(?:if|for|while|do|return|goto)\b)")
STATEMENT_INSIDE = re.compile(r"[;{]|\b(?:if|return|for|while)\b")


def arguments(code: str, partner: Mapping[int, int], opening: int, closing: int) -> list[tuple[int, int]]:
    """Return the offsets (from, to) of the arguments between two parentheses."""
    spans, begin, place = [], opening + 1, opening + 1
    while place < closing:
        char = code[place]
        if char in "([{" and place in partner:
            place = partner[place]
        elif char == ",":
            spans.append((begin, place))
            begin = place + 1
        place += 1
    return [*spans, (begin, closing)]


def takes_statements(code: str, partner: Mapping[int, int], opening: int, closing: int) -> bool:
    """Tell whether a statement stands among the arguments where an expression would."""
    if not STATEMENT_INSIDE.search(code, opening + 1, closing):
        return False
    for begin, end in arguments(code, partner, opening, closing):
        place = begin
        while place < end:
            if code[place] in "([{" and place in partner:
                place = partner[place]
            elif code[place] == ";":
                return True
            place += 1
        if _STATEMENT_FIRST.match(code, begin, end):
            return True
    return False


def indents(code: str, start: int, following: int) -> bool:
    """Tell whether the line of `following` is indented further than that of `start`, and both begin their lines."""
    lines = [code[code.rfind("\n", 0, at) + 1 : at] for at in (start, following)]
    depths = [len(line.expandtabs()) for line in lines if not line.strip()]
    return len(depths) == 2 and depths[0] < depths[1]
