# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of the functions of a file, to pass over those that cannot matter before they are read."""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.csource.functions import Function
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit


@kept
def texts(unit: Unit) -> tuple[bytes, ...]:
    """Return the text of each function of a file, in the order of `unit.functions`."""
    lines = unit.source.data.split(b"\n")
    return tuple(b"\n".join(lines[one.start_line - 1 : one.end_line]) for one in unit.functions)


def naming(unit: Unit, *names: str) -> Iterator[Function]:
    """Yield the functions whose text has one of `names` somewhere (which need not be as a word)."""
    wanted = [name.encode("utf-8", "surrogateescape") for name in names]
    for function, text in zip(unit.functions, texts(unit), strict=True):
        if any(name in text for name in wanted):
            yield function
