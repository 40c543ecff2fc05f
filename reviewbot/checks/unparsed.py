# SPDX-License-Identifier: GPL-2.0-or-later
"""What of the changed code could not be read: it is said, since nothing was checked there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewbot.cache import NO_CACHE, Cache, digest
from reviewbot.checks.kept import side_key
from reviewbot.checks.touched import touched
from reviewbot.csource.parse import parse
from reviewbot.csource.sections import sections
from reviewbot.model.diff import Series
from reviewbot.model.tree import Applied

NAMES_SHOWN = 5


def unparsed(series: Series, applied: Applied, cache: Cache = NO_CACHE) -> tuple[str, ...]:
    """Return a sentence for each C file in which functions that the series changes have parts that do not parse."""
    return tuple(_sentences(series, applied, cache))


def _sentences(series: Series, applied: Applied, cache: Cache) -> Iterator[str]:
    for path in dict.fromkeys(f.new_path for p in series.patches for f in p.files if f.new_path):
        bad = unparsed_in(series, applied, cache, path)
        if bad:
            more = f" and {len(bad) - NAMES_SHOWN} more" if len(bad) > NAMES_SHOWN else ""
            names = ", ".join(bad[:NAMES_SHOWN])
            yield f"{path}: not all of {names}{more} could be parsed; what could not was not checked"


def unparsed_in(series: Series, applied: Applied, cache: Cache, path: str) -> Sequence[str]:
    """Return what the functions of a file are called that the series changes and that do not parse whole."""
    last = len(series.patches)
    source = applied.snapshots[last].read(path) if path.endswith((".c", ".h")) else None
    if source is None:
        return ()
    old = applied.snapshots[0].read(path)
    whole = side_key(path, source, old)
    key = digest("unparsed", whole) if whole is not None else None
    known = cache.get(key) if key is not None else None
    if isinstance(known, list):
        return [str(name) for name in known]
    before = parse(old, sections(series, path, 0)) if old else None
    bad = [function for function in touched(parse(source, sections(series, path, last)), before) if function.errors]
    names = [f"{f.name}()" if f.name else f"the function at line {f.start_line}" for f in bad]
    if key is not None:
        cache.put(key, names)
    return names
