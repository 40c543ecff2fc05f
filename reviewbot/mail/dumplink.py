# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mail of a text dump answers which, and who wrote it: told by what later mails quote.

A reply names in its attribution who wrote the mail that it answers, not who wrote itself. So the lines that it quotes
once are looked up among the own lines of earlier mails; that mail's writer is the one named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewbot.mail.quotes import Attribution, depth, unquote
from reviewbot.mail.remarks import own_lines
from reviewbot.model.mail import Person

SIGNIFICANT = 10
"""A line with fewer characters is too common to tell where a quote is from."""

MAX_PLACES = 50
"""A line that stands in more texts than this tells nothing about where a quote is from."""

_NOBODY = Person("", "")


@dataclass(frozen=True, slots=True)
class Node:
    """Text that can be quoted: a cover or a patch of `series`; `reply` is the reply that carries it, None: none."""

    series: int
    reply: int | None
    start: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply's lines below its attribution; `author` and `date` are from fields above it, where it has some."""

    start: int
    lines: tuple[str, ...]
    attribution: Attribution | None
    author: Person | None = None
    date: datetime | None = None


@dataclass(frozen=True, slots=True)
class Linked:
    """A reply with the series that it is about, its writer (empty: unknown) and its date."""

    reply: Reply
    series: int
    author: Person
    date: datetime | None


@dataclass(frozen=True, slots=True)
class Links:
    """The replies, and what attributions say of each node: its writer and date, (None, None) where none quotes it."""

    replies: tuple[Linked, ...]
    nodes: tuple[tuple[Person | None, datetime | None], ...]


def link(nodes: Sequence[Node], replies: Sequence[Reply]) -> Links:
    """Link replies (in the order of the dump) to nodes and to each other; there is at least one node."""
    texts = [(node.start, significant_lines(node.lines)) for node in nodes]
    texts += [(reply.start, significant_lines(own_lines(reply.lines))) for reply in replies]
    index: dict[str, list[int]] = {}
    for number, (_, words) in enumerate(texts):
        for line in words:
            places = index.setdefault(line, [])
            if len(places) < MAX_PLACES:
                places.append(number)
    series = [node.series for node in nodes] + [0] * len(replies)
    told: list[tuple[Person | None, datetime | None]] = [(None, None)] * len(texts)
    parents: list[int] = []
    for number, reply in enumerate(replies):
        own = len(nodes) + number
        parent, direct = _parent(reply, index, texts)
        parents.append(parent if parent is not None else own)
        series[own] = series[parent] if parent is not None else _latest(nodes, reply.start)
        if parent is not None and direct and reply.attribution:
            told[parent] = (reply.attribution.person, reply.attribution.date)
            carrier = nodes[parent].reply if parent < len(nodes) else None
            if carrier is not None:
                told[len(nodes) + carrier] = told[parent]
    authors = _authors(nodes, replies, told, parents)
    linked = tuple(
        Linked(reply, series[len(nodes) + n], authors[n], reply.date or told[len(nodes) + n][1])
        for n, reply in enumerate(replies)
    )
    return Links(linked, tuple(told[: len(nodes)]))


def significant(line: str) -> str:
    """Return a line as it is compared, white space squeezed; "" for one that is too short to mean anything."""
    text = " ".join(line.split())
    return text if len(text) >= SIGNIFICANT else ""


def significant_lines(lines: Sequence[str]) -> set[str]:
    """Return the lines of a text as they are compared, those too short to mean anything left out."""
    return {text for line in lines if (text := significant(line))}


def _parent(
    reply: Reply, index: dict[str, list[int]], texts: Sequence[tuple[int, set[str]]]
) -> tuple[int | None, bool]:
    """Return the earlier text that a reply quotes most, and whether it does so directly (at the first depth)."""
    by_depth: dict[int, set[str]] = {}
    for line in reply.lines:
        level = depth(line)
        if level and (text := significant(unquote(line, level))):
            by_depth.setdefault(level, set()).add(text)
    for level in sorted(by_depth):
        votes: dict[int, int] = {}
        for text in by_depth[level]:
            for number in index.get(text, ()):
                if texts[number][0] < reply.start:
                    votes[number] = votes.get(number, 0) + 1
        if votes:
            return max(votes, key=lambda number: (votes[number], texts[number][0])), level == 1
    return None, False


def _latest(nodes: Sequence[Node], before: int) -> int:
    """Return the series of the last node above a line."""
    return max((node for node in nodes if node.start < before), key=lambda n: n.start, default=nodes[0]).series


def _authors(
    nodes: Sequence[Node],
    replies: Sequence[Reply],
    told: Sequence[tuple[Person | None, datetime | None]],
    parents: Sequence[int],
) -> list[Person]:
    """Return who wrote each reply: its own field, else who a later attribution names, else its closing line.

    Of two people who talk to each other, the one who is not answered wrote the answer.
    """
    known: dict[str, Person] = {}
    for reply in replies:
        for person in (reply.author, reply.attribution.person if reply.attribution else None):
            if person and person.name:
                known.setdefault(person.name, person)
    found = []
    for number, reply in enumerate(replies):
        person = reply.author or told[len(nodes) + number][0] or _signed(reply, known)
        if person is None:
            answered = reply.attribution.person.name if reply.attribution else ""
            others = [one for name, one in known.items() if name != answered]
            person = others[0] if len(others) == 1 else _NOBODY
        found.append(person)
    return found


def _signed(reply: Reply, known: dict[str, Person]) -> Person | None:
    """Return whom a reply's closing line names (`-Kame` for a Kamezawa), if that is one of the people known."""
    closing = [line.strip(" \t-~,.;/*").lower() for line in own_lines(reply.lines) if line.strip()][-2:]
    for text in reversed(closing):
        words = text.split()
        if not words or len(words) > 4 or len(words[0]) < 3:
            continue
        for person in known.values():
            names = person.name.lower().replace(",", " ").split()
            if all(any(name.startswith(word) for name in names) for word in words):
                return person
    return None
