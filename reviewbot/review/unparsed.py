# SPDX-License-Identifier: GPL-2.0-or-later
"""What of the changed code could not be read: it is said, since nothing was checked there."""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.touched import touched
from reviewbot.csource.parse import parse
from reviewbot.csource.sections import sections
from reviewbot.model.diff import Series
from reviewbot.model.tree import Applied

NAMES_SHOWN = 5


def unparsed(series: Series, applied: Applied) -> tuple[str, ...]:
    """Return a sentence for each C file in which functions that the series changes have parts that do not parse."""
    return tuple(_sentences(series, applied))


def _sentences(series: Series, applied: Applied) -> Iterator[str]:
    last = len(series.patches)
    paths = dict.fromkeys(f.new_path for p in series.patches for f in p.files if f.new_path)
    for path in paths:
        source = applied.snapshots[last].read(path) if path.endswith((".c", ".h")) else None
        if source is None:
            continue
        unit = parse(source, sections(series, path, last))
        old = applied.snapshots[0].read(path)
        before = parse(old, sections(series, path, 0)) if old else None
        bad = [f for f in touched(unit, before) if f.errors]
        if bad:
            names = ", ".join(
                f"{f.name}()" if f.name else f"the function at line {f.start_line}" for f in bad[:NAMES_SHOWN]
            )
            more = f" and {len(bad) - NAMES_SHOWN} more" if len(bad) > NAMES_SHOWN else ""
            yield f"{path}: not all of {names}{more} could be parsed; what could not was not checked"
