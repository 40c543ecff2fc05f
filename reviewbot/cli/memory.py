# SPDX-License-Identifier: GPL-2.0-or-later
"""What the commands that use the memory share: the option, and opening it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewbot.cli.tree import CONFIG

if TYPE_CHECKING:
    from reviewbot.review.memory.remembering import Remembering
    from reviewbot.review.memory.store import Store

MEMORY = click.option(
    "--memory",
    metavar="URL|none",
    help="Database to remember in: sqlite:///FILE, postgresql+psycopg://… (default: one in your data directory).",
)

__all__ = ["CONFIG", "MEMORY", "open_memory", "remembering"]


def open_memory(option: str | None, config: str) -> Store:
    """Open the memory that the option, REVIEWBOT_MEMORY or the configuration names, else the user's own.

    Raises UnusableInputError when it cannot be used, or is switched off.
    """
    from reviewbot.publish.config import memory_setting
    from reviewbot.review.memory.place import memory_url
    from reviewbot.review.memory.store import open_store

    return open_store(memory_url(option, memory_setting(Path(config))))


@contextmanager
def remembering(option: str | None, config: str) -> Iterator[Remembering]:
    """Give what remembers reviews, in the memory that `open_memory` opens, or nothing where it is switched off.

    A memory that cannot be used costs a line on standard error and no more, unless the option asks for just that one:
    then it is UnusableInputError.
    """
    from reviewbot.model.errors import UnusableInputError
    from reviewbot.publish.config import memory_setting
    from reviewbot.review.memory.place import NONE, memory_url
    from reviewbot.review.memory.remembering import Remembering
    from reviewbot.review.memory.store import open_store

    url = memory_url(option, memory_setting(Path(config)))
    store = None
    if url != NONE:
        try:
            store = open_store(url)
        except UnusableInputError as error:
            if option is not None:
                raise
            _without(str(error))
    try:
        yield Remembering(store, _without)
    finally:
        if store is not None:
            store.close()


def _without(reason: str) -> None:
    click.echo(f"reviewbot: nothing is remembered: {' '.join(reason.split())}", err=True)
