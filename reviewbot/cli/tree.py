# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot tree`: the trees that `reviewbot.toml` names, and what they are pinned to."""

from __future__ import annotations

from pathlib import Path

import click

CONFIG = click.option(
    "--config", default="reviewbot.toml", show_default=True, metavar="FILE", help="Where the trees are named."
)


@click.group("tree")
def command() -> None:
    """Name kernel trees and pin them to a commit.

    A pinned tree is given to the other commands by its name, and its pin is verified each time.

    \b
    Example:
      reviewbot tree pin linux v6.1 --path ~/linux
      reviewbot review series.mbox --tree linux
    """


@command.command("pin")
@click.argument("name")
@click.argument("rev")
@click.option("--path", metavar="PATH", help="The repository; needed for a new name.")
@CONFIG
def pin_tree(name: str, rev: str, path: str | None, config: str) -> None:
    """Pin the tree NAME to what REV is now.

    \b
    Example:
      reviewbot tree pin linux v6.1 --path ~/linux
    """
    from reviewbot.tree.pins import pin

    pinned = pin(Path(config), name, rev, path)
    click.echo(f"{pinned.name}: {pinned.pin} ({pinned.path})")


@command.command("list")
@CONFIG
def list_trees(config: str) -> None:
    """Print the trees, one a line.

    \b
    Example:
      reviewbot tree list
    """
    from reviewbot.tree.pins import read_trees

    for tree in read_trees(Path(config)).values():
        rev = f" ({tree.rev})" if tree.rev else ""
        click.echo(f"{tree.name}: {tree.pin or 'not pinned'}{rev} {tree.path}")


@command.command("verify")
@CONFIG
def verify_trees(config: str) -> int:
    """Check that every pin is still there and is what it was; exits with 1 when one is not.

    \b
    Example:
      reviewbot tree verify
    """
    from reviewbot.tree.pins import read_trees, verify

    wrong = 0
    for tree in read_trees(Path(config)).values():
        problem = verify(tree)
        click.echo(f"{tree.name}: {problem or 'ok'}")
        wrong += problem is not None
    return int(wrong > 0)
