# SPDX-License-Identifier: GPL-2.0-or-later
"""Which names a function of a file may reach through others of the file, read from its words.

This is the cheap question that comes before the exact one: a function whose words, and those of all that it names,
do not have `schedule` in them cannot call it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from reviewbot.checks.texts import texts
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit

_WORD = re.compile(rb"([A-Za-z_]\w*+)(?:[ \t]*+(\())?")


@dataclass(frozen=True, slots=True)
class Words:
    """The identifiers of a text (comments left out), and those before a `(`."""

    named: frozenset[str]
    called: frozenset[str]


@kept
def words_of(unit: Unit) -> dict[str, Words]:
    """Return, by the name of each function of a file, the identifiers in its text."""
    gathered: dict[str, bytes] = {}
    for function, text in zip(unit.functions, texts(unit), strict=True):
        gathered[function.name] = gathered.get(function.name, b"") + b"\n" + text
    return {name: _read(text) for name, text in gathered.items()}


@lru_cache(maxsize=4096)
def _read(text: bytes) -> Words:
    found = set(_WORD.findall(_without_comments(text)))
    words = {word: word.decode() for word, _ in found}
    return Words(frozenset(words.values()), frozenset(words[word] for word, mark in found if mark))


def _without_comments(text: bytes) -> bytes:
    """Return a text without its `/* … */`; one that is not closed goes to the end. Linear in the text."""
    kept, place = [], 0
    while (start := text.find(b"/*", place)) >= 0:
        kept.append(text[place:start])
        end = text.find(b"*/", start + 2)
        place = end + 2 if end >= 0 else len(text)
    return b" ".join([*kept, text[place:]])


@kept
def _below(unit: Unit) -> dict[str, Words]:
    return {}


def words_below(unit: Unit, name: str) -> Words:
    """Return the identifiers in a function and in all functions of the file that it may lead to."""
    known = _below(unit)
    if name not in known:
        words = words_of(unit)
        reached = [words[one] for one in _reached(words, name)]
        known[name] = Words(
            frozenset().union(*(one.named for one in reached)),
            frozenset().union(*(one.called for one in reached)),
        )
    return known[name]


def names_below(unit: Unit, name: str) -> tuple[str, ...]:
    """Return a function's name and those of all functions of the file that it may lead to."""
    return tuple(_reached(words_of(unit), name))


def _reached(words: dict[str, Words], name: str) -> Iterator[str]:
    seen = {name} & words.keys()
    queue = list(seen)
    while queue:
        here = queue.pop()
        yield here
        ahead = (words[here].named & words.keys()) - seen
        seen |= ahead
        queue += ahead
