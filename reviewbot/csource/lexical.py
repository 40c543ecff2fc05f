# SPDX-License-Identifier: GPL-2.0-or-later
"""C at the level of characters: comments, literals, preprocessor lines and brackets, all with offsets kept.

Text is `str` decoded as latin-1 here, so that one character is one byte and offsets agree with tree-sitter's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_OPAQUE = re.compile(
    r"//(?:[^\n\\]|\\.|\\\n)*"
    r"|/\*[^*]*(?:\*(?!/)[^*]*)*(?:\*/)?"
    r'|"(?:[^"\\\n]|\\.|\\\n)*"?'
    r"|'(?:[^'\\\n]|\\.|\\\n)*'?"
)
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(\w*)((?:[^\n\\]|\\[^\n]|\\\n)*)", re.MULTILINE)
_BRACKET = re.compile(r"[(){}\[\]]")
_WORD_BACKWARDS = re.compile(r"\s*+(\w++)")
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_PARTNER = {")": "(", "}": "{", "]": "["}


@dataclass(frozen=True, slots=True)
class Directive:
    """A preprocessor line with its continuations: `word` is `if`, `define` …, `rest` what follows it."""

    start: int
    end: int
    word: str
    rest: str


def blank(text: str) -> str:
    """Return `text` with everything but line ends turned into spaces."""
    return "\n".join([" " * len(line) for line in text.split("\n")])


def _opaque(match: re.Match[str]) -> str:
    text = match.group()
    first = text[0]
    if first == "/":
        return blank(text)
    if len(text) < 2 or text[-1] != first:
        # not closed on its line: no literal that a parser could use
        return blank(text)
    inside = text[1:-1]
    filler = "0" if first == "'" else " "
    if "\n" in inside:
        return first + re.sub(r"[^\n\\]|\\(?!\n)", filler, inside) + first
    return first + filler * len(inside) + first


def plain(text: str) -> str:
    """Return C text of the same length and lines in which comments are spaces and literals have no content."""
    return _OPAQUE.sub(_opaque, text)


def directives(code: str) -> tuple[Directive, ...]:
    """List the preprocessor lines of `code`, which must have gone through `plain`."""
    return tuple(Directive(m.start(), m.end(), m.group(1), m.group(2)) for m in _DIRECTIVE.finditer(code))


def without_directives(code: str, lines: tuple[Directive, ...]) -> str:
    """Return `code` with its preprocessor lines turned into spaces."""
    parts: list[str] = []
    done = 0
    for line in lines:
        parts += [code[done : line.start], blank(code[line.start : line.end])]
        done = line.end
    return "".join(parts) + code[done:]


def name_before(backwards: str, at: int) -> tuple[str, int]:
    """Return the identifier right before an offset, white space aside, and where it begins; ("", at) without one.

    `backwards` is the text from its end to its beginning: a pattern that ends at an offset is slow to look for.
    """
    found = _WORD_BACKWARDS.match(backwards, len(backwards) - at)
    word = found.group(1)[::-1] if found is not None else ""
    if found is None or word[0] not in _LETTERS:
        return "", at
    return word, len(backwards) - found.end()


def match_brackets(code: str) -> dict[int, int]:
    """Map the offset of each opening bracket to that of its partner; brackets without one are left out.

    A brace closes whatever parenthesis is still open inside of it, since a lost `)` is likelier than a lost `}`.
    """
    partner: dict[int, int] = {}
    open_ones: list[tuple[str, int]] = []
    for found in _BRACKET.finditer(code):
        char = found.group()
        wanted = _PARTNER.get(char)
        if wanted is None:
            open_ones.append((char, found.start()))
            continue
        if char == "}":
            while open_ones and open_ones[-1][0] != "{":
                open_ones.pop()
        if open_ones and open_ones[-1][0] == wanted:
            partner[open_ones.pop()[1]] = found.start()
    return partner
