# SPDX-License-Identifier: GPL-2.0-or-later
"""Names that a patch brings: what it declares, and what stood nowhere in the known lines before.

In a reconstructed file this is the sound fact about unseen code: it was there before the patch, so that it cannot
use a local, a static object or a field that only the patch declares.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from reviewbot.csource.parse import Unit, parse
from reviewbot.csource.text import lines_of
from reviewbot.model.diff import Patch
from reviewbot.model.tree import SourceFile

_WORD = re.compile(rb"[A-Za-z_]\w*")


def added_lines(patch: Patch, path: str) -> frozenset[int]:
    """Return the 1-based lines of the file `path`, as the patch leaves it, that the patch adds (by its own counts)."""
    return frozenset(
        line.new
        for diff in patch.files
        if diff.new_path == path
        for hunk in diff.hunks
        for line in hunk.lines
        if line.mark == "+" and line.new is not None
    )


def declared_on(unit: Unit, lines: frozenset[int]) -> frozenset[str]:
    """Return the locals, parameters, functions, file-scope objects, fields, labels and macros declared on `lines`."""
    return frozenset(name for name, line in _declarations(unit) if name and line in lines)


def _declarations(unit: Unit) -> Iterator[tuple[str, int]]:
    for function in unit.functions:
        yield function.name, function.start_line
        yield from ((variable.name, variable.line) for variable in (*function.params, *function.locals))
        yield from function.labels.items()
    yield from ((variable.name, variable.line) for variable in unit.globals)
    yield from ((prototype.name, prototype.line) for prototype in unit.prototypes)
    for struct in unit.structs.values():
        yield struct.name, struct.line
        yield from ((field.name, field.line) for field in struct.fields)
    for enum in unit.enums:
        yield from ((name, line) for name, _, line in enum.constants)
    yield from ((macro.name, macro.line) for macro in unit.macros.values())


def _fields(unit: Unit, lines: frozenset[int]) -> Iterator[str]:
    """Yield the names of fields that `lines` outside of functions declare, where the structure's head is unseen."""
    seen = {n for function in unit.functions for n in range(function.start_line, function.end_line + 1)}
    text = lines_of(unit.source.data)
    for number in sorted(lines - seen):
        line = text[number - 1] if number <= len(text) else b""
        if line.rstrip().endswith(b";") and b"(" not in line:
            data = b"struct unseen {\n" + line + b"\n};\n"
            alone = parse(SourceFile(unit.path, data, hashlib.sha256(data).hexdigest()))
            if not alone.errors and "unseen" in alone.structs:
                yield from (field.name for field in alone.structs["unseen"].fields)


def words(source: SourceFile | None) -> frozenset[str]:
    """Return every identifier-like word of a file."""
    return _words(source.data) if source is not None else frozenset()


@lru_cache(maxsize=64)
def _words(data: bytes) -> frozenset[str]:
    return frozenset().union(*map(_words_of, data.split(b"\n}\n")))


@lru_cache(maxsize=4096)
def _words_of(piece: bytes) -> frozenset[str]:
    """Return the words of a piece of a file: most pieces are in all its versions."""
    return frozenset(word.decode() for word in set(_WORD.findall(piece)))


def introduced(unit: Unit, patch: Patch, paths: Iterable[str], before: SourceFile | None) -> frozenset[str]:
    """Return the names that `patch` declares in the file (known by `paths`) and that no known line before had."""
    lines = frozenset(line for path in paths for line in added_lines(patch, path))
    return (declared_on(unit, lines) | frozenset(_fields(unit, lines))) - words(before)
