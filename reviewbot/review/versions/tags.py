# SPDX-License-Identifier: GPL-2.0-or-later
"""Tags that were given to one version of a patch and stand on another that says something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from reviewbot.csource.tokens import line_tokens
from reviewbot.model.comparison import CarriedTag
from reviewbot.model.diff import FileDiff, Hunk, Patch

TAGS = ("reviewed-by", "acked-by", "tested-by")
_C_ENDINGS = (".c", ".h", ".S", ".lds", ".dts", ".dtsi")

Change = tuple[str, str]
"""A mark and a word that stands on a line with it."""


def carried_tags(successors: Mapping[int, int], old: Sequence[Patch], new: Sequence[Patch]) -> tuple[CarriedTag, ...]:
    """Return the tags that the old version of a patch has (in its log or by reply) and the new log repeats.

    `successors` gives the new number of an old patch. Only for patches whose code is another in more than white space
    and comments; `path` is the first file that is.
    """
    olds, news = {one.number: one for one in old}, {one.number: one for one in new}
    found = []
    for number, later in successors.items():
        before, after = olds[number], news[later]
        path = changed_code(before, after)
        given = {(one.name.lower(), one.value.lower()) for one in before.trailers if one.name.lower() in TAGS}
        if path is None:
            continue
        found += [
            CarriedTag(number, later, one, path)
            for one in after.trailers
            if one.source == "patch" and (one.name.lower(), one.value.lower()) in given
        ]
    return tuple(found)


def changed_code(old: Patch, new: Patch) -> str | None:
    """Return the first file in which two versions of a patch add or remove other code, None where there is none."""
    before, after = {file.path: file for file in old.files}, {file.path: file for file in new.files}
    for path in dict.fromkeys((*after, *before)):
        mine, theirs = before.get(path), after.get(path)
        if mine is None or theirs is None or _facts(mine) != _facts(theirs):
            return path
        if list(_changes(mine)) != list(_changes(theirs)):
            return path
    return None


def _facts(file: FileDiff) -> tuple[object, ...]:
    return (file.kind, file.old_path, file.old_mode, file.new_mode, file.binary)


def _changes(file: FileDiff) -> Iterator[Change]:
    """Yield the words that a diff removes and adds, in order; those of comments are none."""
    for hunk in file.hunks:
        for mark in "-+":
            yield from _side(hunk, mark, file.path.endswith(_C_ENDINGS))


def _side(hunk: Hunk, mark: str, is_c: bool) -> Iterator[Change]:
    lines = [line for line in hunk.lines if line.mark in (" ", mark)]
    words = line_tokens([line.text for line in lines]) if is_c else [line.text.split() for line in lines]
    for line, found in zip(lines, words, strict=True):
        if line.mark == mark:
            yield from ((mark, word) for word in found)
