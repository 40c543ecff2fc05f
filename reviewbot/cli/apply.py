# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot apply`: a series onto a tree, without a checkout."""

from __future__ import annotations

import sys
from pathlib import Path

import click


@click.command()
@click.argument("source")
@click.option("--tree", required=True, metavar="PATH|NAME", help="Git repository, or a name from reviewbot.toml.")
@click.option("--base", metavar="REV", help="Revision to apply to (default: found, else HEAD).")
@click.option("--branch", metavar="NAME", help="Keep the result as this new branch, as git am would make it.")
def command(source: str, tree: str, base: str | None, branch: str | None) -> int:
    """Apply the series in SOURCE to a tree and print one line a patch; the tree's files are not touched.

    Exits with 1 when a patch does not apply.

    \b
    Examples:
      reviewbot apply series.mbox --tree ~/linux --base v6.1
      reviewbot apply series.mbox --tree ~/linux --base v6.1 --branch review/series
    """
    from reviewbot.mail.read import read_mail
    from reviewbot.patch.read import read_series
    from reviewbot.render.environment import harmless
    from reviewbot.tree.apply import apply_series
    from reviewbot.tree.branch import keep_branch, user_identity
    from reviewbot.tree.message import REVIEWBOT
    from reviewbot.tree.pins import FILE_NAME, find_tree
    from reviewbot.tree.scratch import scratch_directory

    opened = find_tree(tree, Path(FILE_NAME))
    if base is not None:
        opened.resolve(base)
    mails, _ = read_mail([source], sys.stdin.buffer)
    if branch is not None and len(mails) > 1:
        raise click.UsageError(
            f"{source} has {len(mails)} series, but --branch keeps one: give a source with one series"
        )
    committer = user_identity(opened) if branch is not None else REVIEWBOT
    failed = False
    for mail in mails:
        series = read_series(mail)
        with scratch_directory() as scratch:
            applied = apply_series(series, opened, base, scratch, committer)
            whole = not applied.reconstructed
            if branch is not None and whole:
                keep_branch(opened, applied, branch, committer)
        where = f"{applied.base.kind} {(applied.base.commit or '')[:12]}".strip()
        click.echo(harmless(f"{mail.subject}: onto {where}"))
        for patch, result in zip(series.patches, applied.applications, strict=True):
            failed |= result.status in ("conflict", "not-tried")
            commit = f" {result.commit[:12]}" if result.commit else ""
            reason = f": {result.reason}" if result.reason else ""
            click.echo(harmless(f"{patch.number}/{patch.total} {result.status}{commit} {patch.subject}{reason}"))
        if branch is not None:
            click.echo(
                f"kept as {branch}" if whole else f"{branch} was not made: the series does not apply", err=not whole
            )
    return int(failed)
