# SPDX-License-Identifier: GPL-2.0-or-later
"""What people tell the bot in comments: `/reviewbot [again|stop|help|false-positive RULE]` at the start of a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from reviewbot.publish.github.facts import Conversation, Remark, own_threads, same_login

FALSE = "false-positive"
_COMMAND = re.compile(
    r"^/reviewbot(?:[ \t]++(again|stop|help|false-positive(?:[ \t]++[A-Za-z0-9_.:-]{1,200})?))?[ \t]*+\r?$",
    re.MULTILINE,
)
_ANY = re.compile(r"^/reviewbot(?:[ \t]|\r?$)", re.MULTILINE)
WRITERS = frozenset({"admin", "maintain", "write"})
HELP = """I understand, at the start of a line, from the author and from those who may write here:

- `/reviewbot` or `/reviewbot again`: review once more
- `/reviewbot stop`: say no more in this pull request
- `/reviewbot false-positive RULE`: what that rule said here is wrong; in a thread of mine it is what I said there
- `/reviewbot help`: this text
"""


class Command(NamedTuple):
    """A command: "again", "stop", "help" or FALSE, which may name a rule."""

    word: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Dismissal:
    """A comment that calls findings false: those of a rule ("": of any), in a thread that of its `fingerprint`."""

    comment: int
    rule: str
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Orders:
    """What the comments come to: nothing more is wanted; the comment that asked last for another review (0: none); the
    comments that asked for help; those that call findings false.
    """

    stopped: bool = False
    again: int = 0
    help: tuple[int, ...] = ()
    false: tuple[Dismissal, ...] = ()


def command(text: str) -> Command | None:
    """Return the one command of a comment, None where there is none, or an unknown one.

    Only the first counts; a quoted or indented one does not.
    """
    first, match = _ANY.search(text), _COMMAND.search(text)
    if first is None or match is None or match.start() != first.start():
        return None
    word, _, rule = (match[1] or "again").replace("\t", " ").partition(" ")
    return Command(word, rule.strip())


def read_orders(
    remarks: Iterable[Remark], said: Conversation, own: str, author: str, permission: Callable[[str], str]
) -> Orders:
    """Read the commands of a pull request's comments, oldest first, and of the answers in the bot's threads (`said`).

    `own` is the bot's login (its own words are no commands), `author` the pull request's, `permission` what GitHub says
    that a login may do in the repository. Who is neither author nor may write is not heard. In a thread only FALSE is.
    """

    def heard(remark: Remark) -> Command | None:
        found = command(remark.body)
        if found is None or same_login(remark.author, own):
            return None
        allowed = same_login(remark.author, author) or permission(remark.author) in WRITERS
        return found if allowed else None

    orders = Orders()
    for remark in remarks:
        match heard(remark):
            case Command("help"):
                orders = replace(orders, help=(*orders.help, remark.id))
            case Command("stop"):
                orders = replace(orders, stopped=True)
            case Command("again"):
                orders = replace(orders, stopped=False, again=remark.id)
            # of a whole pull request nothing is false before somebody says what
            case Command("false-positive", rule) if rule:
                orders = replace(orders, false=(*orders.false, Dismissal(remark.id, rule)))
    for fingerprint, thread in own_threads(said):
        for remark in thread.comments[1:]:
            found = heard(remark)
            if found is not None and found.word == FALSE:
                orders = replace(orders, false=(*orders.false, Dismissal(remark.id, found.rule, fingerprint)))
    return orders
