# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that are alike but for a name or two, and the one place where the other's name was left.

Statements are laid side by side by their shape (their text with every identifier taken out); where identifiers differ
again and again in the same way, one place where they do not is conspicuous. (Li, Lu, Myagmar, Zhou: "CP-Miner: A Tool
for Finding Copy-paste and Related Bugs in Operating System Code", OSDI 2004.)
"""

from __future__ import annotations

import re
from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from reviewbot.checks.rule import Code
from reviewbot.checks.texts import text_of
from reviewbot.csource import syntax as c
from reviewbot.csource.functions import Function, own_expressions
from reviewbot.csource.spell import spell

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_FIELD = re.compile(r"(?:->|\.)([A-Za-z_]\w*)")
_FIELD_IN_TEXT = re.compile(rb"(?:->|\.)\s*([A-Za-z_]\w*)")
_FEWEST = 6
_MOST = 120
_ALIKE = 0.7
_CONSISTENT = 3
_MOST_KNOWN = 2000


@dataclass(frozen=True, slots=True)
class Left:
    """At `line`, `name` stands in the function as in its twin, which has `other` wherever this one has `mine`."""

    line: int
    name: str
    mine: str
    twin: Function
    twin_line: int
    places: int


@dataclass(frozen=True, slots=True)
class _Line:
    line: int
    text: str
    shape: str


def left_behind(code: Code) -> Iterator[Left]:
    """Yield what a function has in common with a near-twin of the file at one place only."""
    if not _may_be_left(code.function):
        return
    own = _lines(code.function)
    if not _FEWEST <= len(own) <= _MOST:
        return
    for twin in code.unit.functions:
        if twin is code.function or not _named_alike(code.function.name, twin.name):
            continue
        theirs = _lines(twin)
        if not 0.6 < len(theirs) / len(own) < 1.6:
            continue
        matcher = SequenceMatcher(None, [one.shape for one in own], [one.shape for one in theirs], autojunk=False)
        # the first two are cheap upper bounds of the third
        if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < _ALIKE or matcher.ratio() < _ALIKE:
            continue
        pairs = [
            (own[block.a + n], theirs[block.b + n])
            for block in matcher.get_matching_blocks()
            for n in range(block.size)
        ]
        yield from _exceptions(pairs, code.function, twin)


def _may_be_left(function: Function) -> bool:
    """Tell from its text alone whether a function has one field often enough, and others besides."""
    count = Counter(_FIELD_IN_TEXT.findall(text_of(function)))
    return len(count) > 1 and max(count.values()) >= _CONSISTENT


def _exceptions(pairs: list[tuple[_Line, _Line]], function: Function, twin: Function) -> Iterator[Left]:
    renamed: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], list[tuple[_Line, _Line]]] = {}
    for mine, other in pairs:
        for a, b in zip(_FIELD.findall(mine.text), _FIELD.findall(other.text), strict=False):
            renamed[a, b] += 1
            places.setdefault((a, b), []).append((mine, other))
    for (a, b), count in renamed.items():
        # the twin's name at one place, this function's own everywhere else
        if a == b or count < _CONSISTENT or renamed[b, b] != 1 or renamed[a, a]:
            continue
        if any((x == a and y != b) or (x == b and y not in (a, b)) for x, y in renamed):
            continue
        mine, other = places[b, b][0]
        if len(_FIELD.findall(mine.text)) == len(_FIELD.findall(other.text)):
            yield Left(function.start_line + mine.line, b, a, twin, twin.start_line + other.line, count)


def _named_alike(a: str, b: str) -> bool:
    """Tell whether two names share most of their words."""
    one, two = set(a.split("_")), set(b.split("_"))
    return bool(a and b) and 2 * len(one & two) >= max(len(one), len(two)) and len(one & two) >= 2


_known: OrderedDict[tuple[str, bytes], tuple[_Line, ...]] = OrderedDict()


def _lines(function: Function) -> tuple[_Line, ...]:
    """Return the lines of the statements of a function, as if it began on line 0.

    They follow from its text, and are read once for all versions of a file; unseen code is a matter of more than text.
    """
    if function.fragment:
        return tuple(_read(function))
    key = (function.name, text_of(function))
    found = _known.get(key)
    if found is None:
        found = _known[key] = tuple(_read(function))
        if len(_known) > _MOST_KNOWN:
            _known.popitem(last=False)
    return found


def _read(function: Function) -> Iterator[_Line]:
    for stmt in function.statements:
        if isinstance(stmt, (c.Block, c.Declare)):
            continue
        for top in own_expressions(stmt):
            text = spell(top)
            line = stmt.line - function.start_line
            yield _Line(line, text, f"{type(stmt).__name__} {_IDENTIFIER.sub('i', text)}")
