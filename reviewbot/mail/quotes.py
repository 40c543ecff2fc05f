# SPDX-License-Identifier: GPL-2.0-or-later
"""Quoting in replies: depth, unquoting, the blocks of a reply, attribution lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewbot.mail.headers import read_date, read_person
from reviewbot.model.mail import Person

MAX_DEPTH = 30
"""Quotes within quotes are followed as far as this."""

_MARKS = re.compile(r">(?:[ \t]?>)*")
_WROTE = re.compile(r"\b(wrote|writes|said|schrieb|escribió|scrisse|écrit|napisał|skrev)\b[^:]{0,60}:[ \t]{0,9}$")
_OPENING = re.compile(r"(?:on|at|am|le|el|il|op|den|em|w|dnia|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4})\b", re.I)
_DIGIT = re.compile(r"\d")
_TIME = re.compile(r"\d{1,2}:\d\d(?::\d\d)?(?:[\s?]?[AaPp][Mm])?(?:\s?[+-]\d{4})?(?:\s?\([A-Za-z]{2,5}\))?")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_US_DATE = re.compile(
    r"\b([A-Z][a-z]{2})[a-z]{0,6}\.? (\d{1,2}), ((?:19|20)\d\d),?(?: at)? (\d{1,2}):(\d\d)(?::(\d\d))?"
)
_MERIDIEM = re.compile(r"[AaPp](?=[Mm]\b)")
_ZONE = re.compile(r"[+-]\d{4}")
_ISO_DATE = re.compile(r"\b(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?)")
_DATED = re.compile(r"[A-Z][a-z]{2}, {1,2}\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)?(?: [+-]\d{4})?")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive lines `start` to `end` (0-based, end excluded) of a reply, all quoted or all the writer's own."""

    quoted: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """`On <date>, <person> wrote:`, on the lines from `start` to `end` (end excluded)."""

    person: Person
    date: datetime | None
    start: int
    end: int


def depth(line: str) -> int:
    """Return how many quote marks a line begins with."""
    match = _MARKS.match(line) if line[:1] == ">" else None
    return match[0].count(">") if match else 0


def unquote(line: str, levels: int = 1) -> str:
    """Remove up to `levels` quote marks, each with the one space that mailers put after it."""
    for _ in range(levels):
        if line[:1] != ">":
            break
        line = line[2:] if line[1:2] == " " or line[1:3] == "\t>" else line[1:]
    return line


def blocks(lines: Sequence[str]) -> tuple[Block, ...]:
    """Split lines into quoted and own stretches; empty lines between two quoted stretches are part of the quote."""
    found: list[Block] = []
    for at, line in enumerate(lines):
        quoted = depth(line) > 0
        if found and found[-1].quoted == quoted:
            found[-1] = Block(quoted, found[-1].start, at + 1)
        elif len(found) > 1 and quoted and not any(x.strip() for x in lines[found[-1].start : found[-1].end]):
            found.pop()
            found[-1] = Block(True, found[-1].start, at + 1)
        else:
            found.append(Block(quoted, at, at + 1))
    return tuple(found)


def attribution(lines: Sequence[str], at: int, end: int) -> Attribution | None:
    """Read the attribution that begins at line `at` (one line, or two or three when it was wrapped); None: none."""
    line = lines[at].strip()
    if not line or len(line) > 400 or line[0] == ">":
        return None
    joined = line
    for last in range(at, min(at + 3, end)):
        if last > at:
            if not (_OPENING.match(line) and _DIGIT.search(line)):
                return None
            following = lines[last].strip()
            if not following or following[0] == ">" or len(following) > 400:
                return None
            joined += " " + following
        if (match := _WROTE.search(joined[-200:])) is not None:
            head = joined[: len(joined) - len(joined[-200:]) + match.start()].strip()
            if not _plausible(head):
                return None
            after = joined[-200:][match.end(1) :].strip(" :\t")
            return Attribution(_person(head, after), _date(head), at, last + 1)
    return None


def _plausible(head: str) -> bool:
    """Tell an attribution's beginning from prose that happens to end in "wrote:"."""
    return "@" in head or (_OPENING.match(head) is not None and _DIGIT.search(head) is not None) or len(head) < 60


def _person(head: str, after: str) -> Person:
    """Return who an attribution names: what stands after the date and time, else after the verb (German has it so)."""
    last = 0
    for match in _TIME.finditer(head):
        last = match.end()
    if not last:
        for match in _YEAR.finditer(head):
            last = match.end()
    rest = head[last:].strip(" ,;:*-")
    if not rest and after and not _DIGIT.search(after):
        rest = after
    elif not rest and last:
        digit = _DIGIT.search(head)
        rest = head[: digit.start()].strip(" ,*") if digit else head
    person = read_person(rest)
    return Person(person.name.strip(" ,*"), person.email)


def _date(head: str) -> datetime | None:
    """Return the date that an attribution gives, in any of the usual three forms."""
    if match := _DATED.search(head):
        return read_date(match[0])
    if (match := _US_DATE.search(head)) and match[1] in _MONTHS:
        hour = int(match[4])
        after = head[match.end() : match.end() + 12]
        if half := _MERIDIEM.search(after):
            hour = hour % 12 + (12 if half[0] in "Pp" else 0)
        zone = _ZONE.search(after)
        clock = f"{hour:02d}:{match[5]}:{match[6] or '00'} {zone[0] if zone else '+0000'}"
        return read_date(f"{match[2]} {match[1]} {match[3]} {clock}")
    if match := _ISO_DATE.search(head):
        try:
            return datetime.fromisoformat(f"{match[1]} {match[2]}+00:00")
        except ValueError:
            return None
    return None
