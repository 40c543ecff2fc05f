# SPDX-License-Identifier: GPL-2.0-or-later
"""C as a sequence of words, so that two texts can be told to say the same in another layout."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"//(?:[^\n\\]|\\.|\\\n)*"
    r"|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/)?"
    r'|"(?:[^"\\\n]|\\.|\\\n)*"?'
    r"|'(?:[^'\\\n]|\\.|\\\n)*'?"
    r"|\w+|[^\w\s]"
)
_CONTINUED = re.compile(r"\s*\*(?:\s|/|$)")


def line_tokens(lines: list[str]) -> list[list[str]]:
    """Return the tokens of each line: names, numbers, literals and single marks; comments and white space are none.

    The lines may be a fragment that begins or ends within a comment: lines in front that look like the inside of one
    (` * …`), and what stands before a `*/` that nothing opens, are comments. Linear in the text.
    """
    start = _comment_end(lines)
    text = "\n".join(lines[start:])
    out: list[list[str]] = [[] for _ in lines]
    at, row = 0, start
    for match in _TOKEN.finditer(text):
        row += text.count("\n", at, match.start())
        at = match.start()
        word = match.group()
        if not word.startswith(("/*", "//")):
            out[row].append(word)
    if 0 < start <= len(lines):
        rest = lines[start - 1].split("*/", 1)
        if len(rest) > 1:
            out[start - 1] = [w for w in _TOKEN.findall(rest[1]) if not w.startswith(("/*", "//"))]
    return out


def _comment_end(lines: list[str]) -> int:
    """Return how many lines in front belong to a comment that began before them."""
    inside = 0
    for number, line in enumerate(lines):
        if "/*" in line:
            break
        if "*/" in line:
            return number + 1
        if inside == number and _CONTINUED.match(line):
            inside = number + 1
    return inside
