# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot demo`: the main job on what ships with the program."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from reviewbot.cli.output import FORMATS
from reviewbot.cli.review import command as review

SERIES = "memcg-oom-v1.mbox"


@click.command()
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--series", default=SERIES, show_default=True, help="Which of the bundled mailboxes to review.")
@click.option("--output", metavar="FILE", help="Write there instead of standard output.")
@click.pass_context
def command(context: click.Context, form: str, series: str, output: str | None) -> int:
    """Review a bundled series on the bundled kernel-like tree.

    Findings are what is to be seen here, so they are no failure: the exit status is 0.

    \b
    Examples:
      reviewbot demo
      reviewbot demo --series memcg-oom-v2.mbox
      reviewbot demo --format email
    """
    from reviewbot.model.errors import UnusableInputError
    from reviewbot.resources import bundled
    from reviewbot.tree.importing import import_directory

    mailbox = bundled("fixtures") / "series" / series
    if not mailbox.is_file():
        names = ", ".join(sorted(p.name for p in mailbox.parent.iterdir())) if mailbox.parent.is_dir() else ""
        raise UnusableInputError(f"there is no bundled series {series}; there are: {names}")
    with tempfile.TemporaryDirectory(prefix="reviewbot-demo-") as scratch:
        tree = Path(scratch) / "tree"
        commit = import_directory(bundled("fixtures") / "tree", tree)
        context.invoke(
            review, sources=(str(mailbox),), tree=str(tree), base=commit, form=form, output=output, fail_on="never"
        )
    return 0
