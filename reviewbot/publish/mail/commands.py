# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands in replies: `#reviewbot stop|again|false-positive RULE|base REV|help`, and whose word counts."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Literal, cast

Action = Literal["stop", "again", "false-positive", "base", "help"]

_COMMAND = re.compile(r"#reviewbot[ \t]+([a-z-]{1,30})(?:[ \t]+(\S{1,200}))?[ \t]*")
_ARGUMENTS = {
    "false-positive": re.compile(r"[a-z0-9][a-z0-9:._-]{0,79}"),
    "base": re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_/+^~-]|\.(?!\.)){0,199}"),
}
_ALONE = ("stop", "again", "help")

HELP = """\
This is reviewbot, a program that reviews patches.

In a reply to one of its mails it understands a line of its own, not
quoted, one in a mail:

  "#reviewbot stop"
      No more mails to you. From the author: no more reviews of your
      series. From a maintainer: no more on this series.
  "#reviewbot again"
      Review the series once more.
  "#reviewbot base REV"
      Review it on that revision.
  "#reviewbot false-positive RULE"
      What that rule said of the patch is wrong. This is remembered.

The last three are for the author of the series and for maintainers.
Leave out the quotation marks. To stop these mails, answer with a
line that says "#reviewbot stop".
"""


@dataclass(frozen=True, slots=True)
class Command:
    """What a mail asks for; `argument` is a rule or a revision, "" for the others."""

    action: Action
    argument: str = ""


def read_command(body: str) -> Command | None:
    """Return the first command that a mail's text gives, None where it gives none.

    A command stands at the start of a line; unknown ones, and known ones whose argument is missing or unfit, are passed
    over. What comes after the first is not read: one action a mail.
    """
    for line in body.splitlines():
        match = _COMMAND.fullmatch(line) if line.startswith("#reviewbot") else None
        if match is None:
            continue
        action, argument = match[1], match[2] or ""
        fit = _ARGUMENTS.get(action)
        if (action in _ALONE and not argument) or (fit is not None and fit.fullmatch(argument)):
            return Command(cast(Action, action), argument)
    return None


def refused(action: Action, sender: str | None, authors: Set[str], maintainers: Set[str]) -> str:
    """Say why a command is not obeyed, "" where it is.

    `sender` is the address that wrote it, in lower case, None where nothing proves that it did; `authors` are those of
    the series. Anybody may ask for help and for no more mails to himself.
    """
    if sender is None:
        return "nothing proves who wrote it"
    if action in ("stop", "help") or sender in authors or sender in maintainers:
        return ""
    return f"{sender} is neither the author nor a maintainer"
