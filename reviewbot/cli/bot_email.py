# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot bot email`: the mail bot."""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewbot.cli.memory import CONFIG, MEMORY, open_memory
from reviewbot.render.quote import printable

if TYPE_CHECKING:
    from reviewbot.publish.mail.spool import Spool
    from reviewbot.review.memory.store import Store

LOST = 2
"""Exit status of `--once` where a source could not be read."""


@click.command()
@click.option("--once", is_flag=True, help="One round, for cron; else rounds until SIGTERM.")
@click.option("--send", is_flag=True, help="Really send, to the lists that [policy.lists] names.")
@click.option("--dry-run", "shelf", metavar="DIR", help="Where a dry run puts its mails (default: as configured).")
@click.option("--parked", is_flag=True, help="List the mails that were given up, and why; do nothing else.")
@click.option(
    "--retry", "retried", type=int, multiple=True, metavar="NUMBER", help="Give a parked mail another chance."
)
@MEMORY
@CONFIG
def command(
    once: bool,
    send: bool,
    shelf: str | None,
    parked: bool,
    retried: tuple[int, ...],
    memory: str | None,
    config: str,
) -> int:
    """Read mail, review the series in it, answer them.

    Everything is told by [bot.email] and [policy] in reviewbot.toml; docs/bots.md has both. Without --send it is a dry
    run: the mails that would be sent are written into a directory.

    \b
    Examples:
      reviewbot bot email --once
      reviewbot bot email --send
      reviewbot bot email --parked
    """
    with open_memory(memory, config) as store:
        if parked or retried:
            return _look_after(store, retried)
        return _run(store, Path(config), once, send, shelf)


def _look_after(store: Store, retried: tuple[int, ...]) -> int:
    """List parked mails, or give some another chance."""
    from reviewbot.publish.mail.spool import Spool

    spool = Spool(store)
    for key in retried:
        if not spool.unpark(key):
            raise click.UsageError(f"no parked mail has the number {key}")
    if not retried:
        _list(spool)
    return 0


def _list(spool: Spool) -> None:
    from reviewbot.mail.headers import clean, fields
    from reviewbot.mail.message import split_head

    for mail in spool.mails("parked"):
        head = dict(reversed(fields(split_head(spool.data(mail.key))[0])))
        subject = printable(clean(head.get("subject", "")))
        click.echo(f"{mail.key} {mail.arrived:%Y-%m-%d %H:%M} {mail.source}: {subject} ({printable(mail.reason)})")


def _run(store: Store, file: Path, once: bool, send: bool, shelf: str | None) -> int:
    from dataclasses import replace
    from datetime import timedelta

    from reviewbot.cli.bot_minds import minds
    from reviewbot.publish.config import load_config
    from reviewbot.publish.mail.loop import run
    from reviewbot.publish.mail.making import make_bot, usable

    config = load_config(file)
    settings = usable(config, send)
    if shelf is not None:
        settings = replace(settings, dry_run=Path(shelf))
    _log()
    bot = make_bot(replace(config, email=settings), store, minds(config, settings, store), send)
    keep = timedelta(days=settings.keep_days)
    try:
        if once:
            return 0 if bot.round(keep) else LOST
        run(bot, lambda: bot.round(keep), settings.poll)
    finally:
        for source in bot.sources:
            source.close()
    return 0


def _log() -> None:
    """Log on standard error; the journal has times of its own (systemd.exec(5), JOURNAL_STREAM)."""
    form = "%(message)s" if os.environ.get("JOURNAL_STREAM") else "%(asctime)s %(levelname)s %(message)s"
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format=form)
    logging.getLogger("imapclient").setLevel(logging.WARNING)
