# SPDX-License-Identifier: GPL-2.0-or-later
"""The text of the functions of a file, to pass over those that cannot matter before they are read."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from reviewbot.csource.functions import Function
from reviewbot.csource.parse import Unit

_texts: WeakKeyDictionary[Unit, tuple[bytes, ...]] = WeakKeyDictionary()


def texts(unit: Unit) -> tuple[bytes, ...]:
    """Return the text of each function of a file, in the order of `unit.functions`."""
    if unit not in _texts:
        lines = unit.source.data.split(b"\n")
        _texts[unit] = tuple(b"\n".join(lines[one.start_line - 1 : one.end_line]) for one in unit.functions)
    return _texts[unit]


def naming(unit: Unit, *names: str) -> Iterator[Function]:
    """Yield the functions whose text has one of `names` somewhere (which need not be as a word)."""
    wanted = [name.encode("utf-8", "surrogateescape") for name in names]
    for function, text in zip(unit.functions, texts(unit), strict=True):
        if any(name in text for name in wanted):
            yield function
