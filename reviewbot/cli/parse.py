# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot parse`: only the mail side."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from reviewbot.cli.output import coloured, emit, render


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write there instead of standard output.")
@click.option("--write-repaired", metavar="DIR", help="Write each patch there, repaired, as git apply takes it.")
def command(sources: tuple[str, ...], form: str, output: str | None, write_repaired: str | None) -> int:
    """Read SOURCE... and print the series, patches, remarks and damage in it; nothing is applied or checked.

    \b
    Examples:
      reviewbot parse thread.mbox
      reviewbot parse damaged.eml --write-repaired fixed/
    """
    from reviewbot.mail.read import read_mail
    from reviewbot.model.finding import Review, SeriesReview
    from reviewbot.model.tree import Base
    from reviewbot.patch.read import read_series

    mails, skipped = read_mail(sources, sys.stdin.buffer)
    series = [read_series(mail) for mail in mails]
    nowhere = Base("reconstructed", None, None, ("not applied: only the mail was read",))
    review = Review(tuple(SeriesReview(one, nowhere, (), (), ()) for one in series), skipped)
    emit(render(review, form, coloured(output), 100), output)
    if write_repaired:
        from reviewbot.patch.write import write_diff

        folder = Path(write_repaired)
        folder.mkdir(parents=True, exist_ok=True)
        for index, one in enumerate(series, 1):
            for patch in one.patches:
                # a name made of numbers alone: nothing from the mail may choose where a file goes
                place = folder / f"{index:04d}-v{one.mail.version}-{patch.number:04d}.patch"
                place.write_bytes(write_diff(patch))
                click.echo(f"{place}: {'repaired' if patch.repaired else 'as posted'}", err=True)
    return 0
