# SPDX-License-Identifier: GPL-2.0-or-later
"""The files around those that a series touches: in the same folders, and what a file includes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from posixpath import dirname, join, normpath

from reviewbot.model.tree import Snapshot, SourceFile

# what is read of the folders around a patch at most: what lies beyond is undecided
MOST_BYTES = 16 << 20
MOST_FILES = 400
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"\n]{1,200})[>"]', re.MULTILINE)
_ROOTS = ("include", "include/uapi", "arch/x86/include", "arch/x86/include/uapi")


def around(snapshot: Snapshot, paths: Collection[str]) -> tuple[SourceFile, ...] | None:
    """Return the C files of the folders that `paths` are in; None where there are too many to look at."""
    folders = {dirname(path) for path in paths}
    found: list[SourceFile] = []
    size = 0
    for folder in sorted(folders):
        for path in snapshot.paths(folder):
            if dirname(path) != folder or not path.endswith((".c", ".h")):
                continue
            source = snapshot.read(path)
            size += len(source.data) if source is not None else 0
            if size > MOST_BYTES or len(found) >= MOST_FILES:
                return None
            if source is not None:
                found.append(source)
    return tuple(found)


def included(snapshot: Snapshot, source: SourceFile) -> Iterator[SourceFile]:
    """Yield the files that a file includes itself, where they are in the tree under the usual names."""
    for found in _INCLUDE.finditer(source.data):
        name = found.group(2).decode("utf-8", "surrogateescape")
        places = [join(root, name) for root in _ROOTS]
        if found.group(1) == b'"':
            places.insert(0, join(dirname(source.path), name))
        header = next((one for place in places if (one := snapshot.read(normpath(place))) is not None), None)
        if header is not None:
            yield header
