# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of the functions of a file, to pass over those that cannot matter before they are read."""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.csource.functions import Function
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit
from reviewbot.csource.text import lines_of


@kept
def texts(unit: Unit) -> tuple[bytes, ...]:
    """Return the text of each function of a file, in the order of `unit.functions`."""
    return tuple(text_of(function) for function in unit.functions)


def text_of(function: Function) -> bytes:
    """Return the text of a function: all of the lines that it is on."""
    return b"\n".join(lines_of(function.source)[function.start_line - 1 : function.end_line])


def naming(unit: Unit, *names: str) -> Iterator[Function]:
    """Yield the functions whose text has one of `names` somewhere (which need not be as a word)."""
    wanted = [name.encode("utf-8", "surrogateescape") for name in names]
    for function, text in zip(unit.functions, texts(unit), strict=True):
        if any(name in text for name in wanted):
            yield function
