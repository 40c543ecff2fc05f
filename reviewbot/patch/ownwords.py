# SPDX-License-Identifier: GPL-2.0-or-later
"""What of a reply's own text says something: greetings, closing words, signatures and trailers do not."""

from __future__ import annotations

import re

_GREETING = re.compile(r"(?:hi|hello|hey|dear|greetings|good (?:morning|afternoon|evening))\b[^.?:]{0,60}", re.I)
_CLOSING = re.compile(
    r"(?:(?:many |best |kind |warm |with best )?(?:thanks|regards|cheers|greetings)|thank you|thx|best|br|ttyl)"
    r"[\w ,.!/-]{0,40}",
    re.I,
)
_TRAILER = re.compile(r"[A-Z][A-Za-z]{1,20}(?:-[A-Za-z]{1,20}){0,4}-[Bb]y: .{1,400}")
_NAME = re.compile(r"[-~ ]{0,4}[\w.'-]{1,30}(?: [\w.'-]{1,30}){0,3}[.,]?")
_SIGNATURE = ("-- ", "--")
MAX_NAME_LINES = 3


def own_words(text: str) -> str:
    """The text without the greeting above, closing words with names below, the signature, and trailers; may be ""."""
    lines = text.split("\n")
    for place, line in enumerate(lines):
        if line.rstrip("\r") in _SIGNATURE:
            lines = lines[:place]
            break
    lines = [line for line in lines if not _TRAILER.fullmatch(line.strip())]
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is not None and _GREETING.fullmatch(lines[first].strip()):
        del lines[first]
    return "\n".join(_without_closing(lines)).strip()


def _without_closing(lines: list[str]) -> list[str]:
    """The lines without closing words at the end and the names under them."""
    said = [place for place, line in enumerate(lines) if line.strip()]
    for back in range(1, min(MAX_NAME_LINES, len(said)) + 1):
        place = said[-back]
        if _CLOSING.fullmatch(lines[place].strip()):
            return lines[:place]
        if not _NAME.fullmatch(lines[place].strip()):
            break
    return lines
