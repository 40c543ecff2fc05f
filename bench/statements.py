# SPDX-License-Identifier: GPL-2.0-or-later
"""Editing single statements of a C file that is at hand, by the names in them: nothing of the file is kept here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.csource.parse import parse
from reviewbot.model.tree import Snapshot, SourceFile


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit in one function of one file.

    drop: the statement that calls `word` becomes empty; replace: the word becomes `other`; before, after: the statement
    that calls `word` moves to before or after the one that calls `other`.
    """

    path: str
    function: str
    kind: Literal["drop", "replace", "before", "after"]
    word: str
    other: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.function, self.kind, self.word, self.other) if part)


class Edited:
    """A snapshot with one statement edited."""

    complete = True

    def __init__(self, inner: Snapshot, edit: Edit | None) -> None:
        self.inner = inner
        self.edit = edit

    def read(self, path: str) -> SourceFile | None:
        """Return a file, the edited one edited. Raises ValueError if there is nothing to edit."""
        file = self.inner.read(path)
        if file is None or self.edit is None or path != self.edit.path:
            return file
        data = edited(file, self.edit)
        return SourceFile(path, data, hashlib.sha256(data).hexdigest())

    def paths(self, under: str = "") -> Iterator[str]:
        """Yield the names of the files."""
        return self.inner.paths(under)


def edited(file: SourceFile, edit: Edit) -> bytes:
    """Return a file with an edit done. Raises ValueError if its function or statement is not there."""
    function = next((f for f in parse(file).functions if f.name == edit.function), None)
    if function is None:
        raise ValueError(f"{file.path} has no function {edit.function}")
    lines = file.data.decode("utf-8", "surrogateescape").splitlines(keepends=True)
    head, body = lines[: function.start_line - 1], lines[function.start_line - 1 : function.end_line]
    made = _edit("".join(body), edit)
    return "".join([*head, made, *lines[function.end_line :]]).encode("utf-8", "surrogateescape")


def _edit(text: str, edit: Edit) -> str:
    if edit.kind == "replace":
        made, times = re.subn(rf"(?<![\w>.]){re.escape(edit.word)}\b|(?<=->){re.escape(edit.word)}\b", edit.other, text)
        if not times:
            raise ValueError(f"{edit.function} does not name {edit.word}")
        return made
    start, end = _statement(text, edit.word)
    moved, rest = text[start:end], text[:start] + ";" + text[end:]
    if edit.kind == "drop":
        return rest
    first, last = _statement(rest, edit.other)
    at = first if edit.kind == "before" else last
    return rest[:at] + f"\n\t{moved}\n\t" + rest[at:]


def _statement(text: str, word: str) -> tuple[int, int]:
    """Return where the statement that begins by calling a function is."""
    opening = text.index("{")
    found = re.compile(rf"(?<=[\t;{{}})\n ]){re.escape(word)}\s*\([^;{{}}]{{0,400}};").search(text, opening)
    if found is None:
        raise ValueError(f"there is no statement that calls {word}")
    return found.start(), found.end()
