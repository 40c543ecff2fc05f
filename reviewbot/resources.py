# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the files that ship with the program are: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

from reviewbot.model.errors import UnusableInputError


def bundled(name: str) -> Path:
    """Return the directory of `rules`, `templates` or `fixtures`; raises UnusableInputError if it was not installed."""
    package = Path(__file__).resolve().parent
    for place in (package / "bundled" / name, package.parent / name):
        if place.is_dir():
            return place
    raise UnusableInputError(f"this installation of reviewbot lacks its {name} directory; install it again")
