# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot bot outbox`: what waits to be posted, and a person's decisions about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from reviewbot.cli.memory import CONFIG, MEMORY, open_memory
from reviewbot.render.quote import printable

if TYPE_CHECKING:
    from reviewbot.publish.outbox import Outbox, OutboxRow

KEY_SHOWN = 12


@click.group("outbox")
def command() -> None:
    """Show what waits to be posted, and decide about it.

    A letter is held until a person approves it where the policy says so. It is in doubt when the bot was interrupted
    between sending it and noting so: it may have arrived. It is then never sent again by itself.

    \b
    Examples:
      reviewbot bot outbox list
      reviewbot bot outbox show 3f1c
      reviewbot bot outbox approve 3f1c 99ab
    """


@contextmanager
def _outbox(memory: str | None, config: str) -> Iterator[Outbox]:
    from reviewbot.publish.outbox import Outbox

    with open_memory(memory, config) as store:
        yield Outbox(store)


def _line(row: OutboxRow) -> str:
    when = f"{row.changed:%Y-%m-%d %H:%M}"
    reason = f" ({printable(row.reason)})" if row.reason else ""
    what = f"{row.channel} {printable(row.recipient)}: {printable(row.subject)}"
    return f"{row.key[:KEY_SHOWN]} {row.state:8} {when} {what}{reason}"


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="What was sent or dropped, too.")
@MEMORY
@CONFIG
def list_letters(everything: bool, memory: str | None, config: str) -> None:
    """Print the letters that wait, one a line: key, state, time, channel, recipient, subject, reason.

    \b
    Example:
      reviewbot bot outbox list --all
    """
    with _outbox(memory, config) as outbox:
        for row in outbox.everything() if everything else outbox.pending():
            click.echo(_line(row))


@command.command("show")
@click.argument("key")
@MEMORY
@CONFIG
def show_letter(key: str, memory: str | None, config: str) -> None:
    """Print a letter: what is known of it, then what is sent.

    KEY is the beginning of a key, as `list` prints it.

    \b
    Example:
      reviewbot bot outbox show 3f1c
    """
    with _outbox(memory, config) as outbox:
        row = outbox.find(key)
        for name in ("key", "state", "reason", "channel", "recipient", "subject", "reference", "tries"):
            click.echo(f"{name + ':':11}{printable(str(getattr(row, name) or '-'))}")
        click.echo(f"created:   {row.created:%Y-%m-%d %H:%M:%S}\nchanged:   {row.changed:%Y-%m-%d %H:%M:%S}\n")
        for line in outbox.letter(row.key).payload.decode("utf-8", "replace").splitlines():
            click.echo(printable(line))


def _decision(name: str, verb: str, help_text: str) -> None:
    """Add the command `name`, which does `verb` to each letter that is named."""

    @command.command(name, help=help_text)
    @click.argument("keys", nargs=-1, required=True, metavar="KEY...")
    @MEMORY
    @CONFIG
    def decide(keys: tuple[str, ...], memory: str | None, config: str) -> None:
        with _outbox(memory, config) as outbox:
            rows = [outbox.find(key) for key in keys]
            decisions: dict[str, Callable[[str], None]] = {
                "approve": outbox.approve,
                "drop": outbox.drop,
                "confirm": outbox.confirm,
            }
            for row in rows:
                decisions[name](row.key)
                click.echo(f"{row.key[:KEY_SHOWN]} {verb}: {printable(row.subject)}")


_decision(
    "approve",
    "approved",
    """Let letters be sent: held ones, or ones in doubt (once more). The bot sends them on its next round.

    \b
    Example:
      reviewbot bot outbox approve 3f1c
    """,
)
_decision(
    "drop",
    "dropped",
    """Never send letters.

    \b
    Example:
      reviewbot bot outbox drop 3f1c
    """,
)
_decision(
    "confirm",
    "confirmed",
    """Note that letters in doubt have arrived: you have seen them there.

    \b
    Example:
      reviewbot bot outbox confirm 3f1c
    """,
)
