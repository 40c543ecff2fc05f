# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot bot`: the posting bots, and the outbox through which they post."""

from __future__ import annotations

import click

from reviewbot.cli.lazy import LazyGroup

# name: (module of reviewbot.cli, one line for the list of commands)
COMMANDS = {
    "email": ("bot_email", "Read mail, review the series in it, answer them."),
    "github": ("bot_github", "Review pull requests at GitHub; make pull requests of mailed series."),
    "outbox": ("bot_outbox", "Show what waits to be posted; approve or drop it."),
}


@click.group("bot", cls=LazyGroup, table=COMMANDS)
def command() -> None:
    """Post reviews, and look after what is posted.

    \b
    Example:
      reviewbot bot email --once
      reviewbot bot github --repo octo/ring --once
      reviewbot bot outbox list
    """
