# SPDX-License-Identifier: GPL-2.0-or-later
"""What the commands that use the memory share: the option, and opening it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewbot.cli.tree import CONFIG

if TYPE_CHECKING:
    from reviewbot.review.memory.store import Store

MEMORY = click.option(
    "--memory",
    metavar="URL|none",
    help="Database to remember in: sqlite:///FILE, postgresql+psycopg://… (default: one in your data directory).",
)

__all__ = ["CONFIG", "MEMORY", "open_memory"]


def open_memory(option: str | None, config: str) -> Store:
    """Open the memory that the option, REVIEWBOT_MEMORY or the configuration names, else the user's own.

    Raises UnusableInputError when it cannot be used, or is switched off.
    """
    from reviewbot.publish.config import memory_setting
    from reviewbot.review.memory.place import memory_url
    from reviewbot.review.memory.store import open_store

    return open_store(memory_url(option, memory_setting(Path(config))))
