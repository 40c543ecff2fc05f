# SPDX-License-Identifier: GPL-2.0-or-later
"""The files of a series, those that a patch renames together: what is found in one group follows from it alone."""

from __future__ import annotations

from reviewbot.model.diff import Series

_ENDINGS = (".c", ".h")


def file_groups(series: Series) -> tuple[frozenset[str], ...]:
    """Return the names of the C files that a series touches, all names of one file in a set, in order of appearance."""
    names: dict[str, frozenset[str]] = {}
    for patch in series.patches:
        for diff in patch.files:
            both = {path for path in (diff.old_path, diff.new_path) if path is not None and path.endswith(_ENDINGS)}
            group = frozenset(both).union(*(names.get(path, frozenset()) for path in both))
            names.update(dict.fromkeys(sorted(group), group))
    return tuple(dict.fromkeys(names.values()))
