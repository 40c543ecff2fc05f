# SPDX-License-Identifier: GPL-2.0-or-later
"""What makes two problems the same defect, before and after a patch and from version to version."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from reviewbot.checks.rule import Problem
from reviewbot.csource.functions import Function
from reviewbot.csource.text import lines_of

# a statement is read over at most so many lines; longer ones are told apart by their beginning
_LONGEST = 12
_TOKEN = re.compile(r"/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Spot:
    """A problem with its identity: rule, place and the statement's words; no line number takes part.

    `ordinal` tells apart the problems of one function whose statements are written alike.
    """

    rule: str
    path: str
    function: str
    tokens: str
    about: str
    ordinal: int
    problem: Problem = field(compare=False)

    @property
    def fingerprint(self) -> str:
        """The identity as a short hexadecimal number, the same in every version of a series."""
        parts = (self.rule, self.path, self.function, self.tokens, self.about, str(self.ordinal))
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def spots(rule: str, path: str, source: bytes, problems: Iterable[Problem]) -> Iterator[Spot]:
    """Give the problems that `rule` finds in a file their identity; `source` is the text of the file."""
    found = sorted(problems, key=lambda one: (one.line, one.about))
    lines = lines_of(source) if found else ()
    count: Counter[tuple[str, str, str]] = Counter()
    for problem in found:
        key = (_name(problem.function), statement(lines, problem.line), problem.about)
        yield Spot(rule, path, *key, count[key], problem)
        count[key] += 1


def _name(function: Function | None) -> str:
    return function.name if function is not None else ""


def statement(lines: Sequence[bytes], line: int) -> str:
    """Return the words of the statement that begins on 1-based `line`, without comments, single blanks between."""
    text = b"\n".join(lines[line - 1 : line - 1 + _LONGEST]).decode("utf-8", "surrogateescape")
    words: list[str] = []
    depth = 0
    for match in _TOKEN.finditer(text):
        word = match.group()
        if word.startswith(("/*", "//")):
            continue
        words.append(word)
        depth += (word in "([") - (word in ")]")
        ended = word in ";{}:" and depth <= 0
        if ended or (depth == 0 and word == ")" and words[0] in _HEADS):
            break
    return " ".join(words)


_HEADS = ("if", "while", "for", "switch")
