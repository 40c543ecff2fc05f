# SPDX-License-Identifier: GPL-2.0-or-later
"""What people tell the bot in comments: `/reviewbot [again|stop|help]` at the start of a line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from reviewbot.publish.github.facts import Remark, same_login

_COMMAND = re.compile(r"^/reviewbot(?:[ \t]+([a-z]{1,20}))?[ \t]*\r?$", re.MULTILINE)
WRITERS = frozenset({"admin", "maintain", "write"})
HELP = """I understand, at the start of a line, from the author and from those who may write here:

- `/reviewbot` or `/reviewbot again`: review once more
- `/reviewbot stop`: say no more in this pull request
- `/reviewbot help`: this text
"""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the comments come to: nothing more is wanted; the comment that asked last for another review (0: none); the
    comments that asked for help.
    """

    stopped: bool = False
    again: int = 0
    help: tuple[int, ...] = ()


def command(text: str) -> str | None:
    """Return the one command of a comment ("again", "stop", "help"), None where there is none, or an unknown one.

    Only the first counts; a quoted or indented one does not.
    """
    match = _COMMAND.search(text)
    if match is None:
        return None
    word = match[1] or "again"
    return word if word in ("again", "stop", "help") else None


def read_orders(remarks: Iterable[Remark], own: str, author: str, permission: Callable[[str], str]) -> Orders:
    """Read the commands of a pull request's comments, oldest first.

    `own` is the bot's login (its own words are no commands), `author` the pull request's, `permission` what GitHub says
    that a login may do in the repository. Who is neither author nor may write is not heard.
    """
    orders = Orders()
    for remark in remarks:
        word = command(remark.body)
        if word is None or same_login(remark.author, own):
            continue
        if not same_login(remark.author, author) and permission(remark.author) not in WRITERS:
            continue
        if word == "help":
            orders = Orders(orders.stopped, orders.again, (*orders.help, remark.id))
        else:
            orders = Orders(word == "stop", remark.id if word == "again" else orders.again, orders.help)
    return orders
