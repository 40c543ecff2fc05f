# SPDX-License-Identifier: GPL-2.0-or-later
"""The C files that patches touch, and those of a series in groups, the names of a renamed file in one."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from reviewbot.model.diff import FileDiff, Patch, Series
from reviewbot.model.tree import Snapshot, SourceFile

_ENDINGS = (".c", ".h")


def touched_files(
    patch: Patch, before: Snapshot, after: Snapshot, only: Collection[str] | None = None
) -> Iterator[tuple[FileDiff, SourceFile | None, SourceFile | None]]:
    """Yield the C files that a patch touches, each once, on both sides; None where one does not exist.

    `only` names those that are looked at, None for all.
    """
    seen = set()
    for diff in patch.files:
        names = (diff.old_path, diff.new_path)
        if names in seen or not diff.path.endswith(_ENDINGS) or (only is not None and diff.path not in only):
            continue
        seen.add(names)
        old = before.read(diff.old_path) if diff.old_path else None
        new = after.read(diff.new_path) if diff.new_path else None
        yield diff, old, new


def file_groups(series: Series) -> tuple[frozenset[str], ...]:
    """Return the names of the C files that a series touches, all names of one file in a set, in order of appearance.

    What is found in one group follows from it alone.
    """
    names: dict[str, frozenset[str]] = {}
    for patch in series.patches:
        for diff in patch.files:
            both = {path for path in (diff.old_path, diff.new_path) if path is not None and path.endswith(_ENDINGS)}
            group = frozenset(both).union(*(names.get(path, frozenset()) for path in both))
            names.update(dict.fromkeys(sorted(group), group))
    return tuple(dict.fromkeys(names.values()))
