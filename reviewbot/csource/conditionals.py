# SPDX-License-Identifier: GPL-2.0-or-later
"""Preprocessor conditionals: which branches of `#if` can stand side by side in a text that is to be parsed.

A group whose branches are whole statements keeps all of them. In lists (initializers, enumerators) the branches simply
follow each other. Where a branch cuts a statement or a block in two, only the first one is kept, and that is noted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from reviewbot.csource.lexical import Directive, blank

Shape = Literal["whole", "list", "cut"]
_IFS = {"if", "ifdef", "ifndef"}
_BRACKET = re.compile(r"[(){}]")
_FIRST_WORD = re.compile(r"\s*(\w*)")
_NEAR, _LOOK_BACK = 40, 4000
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Group:
    """One `#if … #endif`: its directives in order; `shape` says how its branches were kept."""

    lines: tuple[Directive, ...]
    shape: Shape

    @property
    def start(self) -> int:
        """The offset of its `#if`."""
        return self.lines[0].start


def before(code: str, offset: int) -> str:
    """Return the last character before `offset` that is no white space, `;` where there is none."""
    for back in (_NEAR, _LOOK_BACK):
        head = code[max(0, offset - back) : offset].rstrip()
        if head:
            return head[-1]
    return ";"


def _first_word(text: str) -> str:
    found = _FIRST_WORD.match(text)
    return found.group(1) if found else ""


def _balanced(text: str) -> bool:
    braces = parens = 0
    for found in _BRACKET.finditer(text):
        char = found.group()
        if char in "{}":
            braces += 1 if char == "{" else -1
        else:
            parens += 1 if char == "(" else -1
        if braces < 0 or parens < 0:
            return False
    return braces == 0 and parens == 0


def _shape(texts: list[str], prior: str, following: str) -> Shape:
    if any(not _balanced(text) or _first_word(text) == "else" for text in texts) or following == "else":
        return "cut"
    if prior in ",{(" and all(text.endswith(",") or not text for text in texts):
        return "list"
    if prior in ";{}:" and all(not text or text[-1] in ";}:" for text in texts):
        # a label needs a statement after it, which a branch that ends with one has not
        return "list" if any(text.endswith(":") for text in texts) else "whole"
    return "list" if prior in ",{(=" and len(texts) == 1 else "cut"


class _Resolver:
    """Works from the inside out, so that an outer group is judged by what is left of the inner ones."""

    def __init__(self, code: str) -> None:
        self.code = bytearray(code, "latin-1")
        self.groups: list[Group] = []

    def text(self, start: int, end: int) -> str:
        return self.code[start:end].decode("latin-1")

    def drop(self, start: int, end: int) -> None:
        self.code[start:end] = blank(self.text(start, end)).encode("latin-1")

    def close(self, lines: tuple[Directive, ...]) -> None:
        spans = [(a.end, b.start) for a, b in pairwise(lines)]
        if lines[0].word == "if" and lines[0].rest.strip() == "0":
            self.drop(*spans[0])
        texts = [self.text(start, end).strip() for start, end in spans]
        following = _first_word(self.text(lines[-1].end, lines[-1].end + 200))
        shape = _shape(
            texts, before(self.text(max(0, lines[0].start - _LOOK_BACK), lines[0].start), _LOOK_BACK), following
        )
        if shape == "cut":
            kept = next((number for number, text in enumerate(texts) if text), 0)
            for number, span in enumerate(spans):
                if number != kept and texts[number]:
                    self.drop(*span)
        self.groups.append(Group(lines, shape))


def resolve(lines: tuple[Directive, ...], code: str) -> tuple[str, list[Group]]:
    """Pair up the conditionals of `code` (its preprocessor lines already blank) and drop what cannot be kept.

    Returns text of the same length and the groups, inner ones first. Conditionals without a partner, as a fragment
    has them, form no group.
    """
    work = _Resolver(code)
    open_ones: list[list[Directive]] = []
    for line in lines:
        if line.word in _IFS:
            open_ones.append([line])
        elif line.word in ("else", "elif") and open_ones:
            open_ones[-1].append(line)
        elif line.word == "endif" and open_ones:
            group = open_ones.pop()
            if len(open_ones) < _DEEPEST:
                work.close((*group, line))
    return work.text(0, len(code)), work.groups


def closed(lines: tuple[Directive, ...]) -> bool:
    """Tell whether every `#if` of a text has its `#endif` in it."""
    depth = 0
    for line in lines:
        depth += (line.word in _IFS) - (line.word == "endif" and depth > 0)
    return depth == 0
