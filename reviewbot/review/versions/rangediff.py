# SPDX-License-Identifier: GPL-2.0-or-later
"""Matching the patches of two versions, and the diff of their diffs, as git range-diff does.

What is compared, the costs and the order of the result are those of git's range-diff.c; git-range-diff(1) has a section
on the algorithm.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewbot.model.comparison import PatchPair
from reviewbot.model.diff import FileDiff, Patch
from reviewbot.review.versions.assignment import pair_off
from reviewbot.review.versions.xdiff import diff_lines

CREATION_FACTOR = 60
"""In per cent of a diff's size: what a patch costs that is added or dropped rather than changed."""

CANDIDATES = 40
"""With so many partners a patch is compared at most: those with which it has most lines in common."""

ID_DIGITS = 12
HEADING = 80
"""Bytes of a heading that git shows beside the at-signs."""

_HEADING = re.compile(r" ## (.*) ##$|.?@@ (.*)$")


@dataclass(frozen=True, slots=True)
class PatchText:
    """A patch as range-diff sees it: `head` (author and message) and `diff`, as lines; `size` is git's of the diff."""

    number: int
    subject: str
    head: tuple[str, ...]
    diff: tuple[str, ...]
    size: int

    @property
    def id(self) -> str:
        """A short hash of the content."""
        text = "\n".join((*self.head, *self.diff))
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:ID_DIGITS]


def patch_text(patch: Patch) -> PatchText:
    """Return the text of a patch without what changes with its place: blob ids, line numbers, dates."""
    author = f"{patch.author.name} <{patch.author.email}>"
    message = [patch.subject, "", *patch.log.strip("\n").split("\n")] if patch.log.strip() else [patch.subject]
    head = [" ## Metadata ##", f"Author: {author}", "", " ## Commit message ##"]
    head += [f"    {line}".rstrip() for line in message]
    files = [list(_file_text(file)) for file in patch.files]
    diff = [line for file in files for line in ("", *file)][1:]
    return PatchText(patch.number, patch.subject, (*head, ""), tuple(diff), sum(map(len, files)))


def _file_text(file: FileDiff) -> Iterator[str]:
    name = file.path
    if file.kind == "add":
        name += " (new)"
    elif file.kind == "delete":
        name += " (deleted)"
    elif file.kind == "rename" and not file.copied:
        name = f"{file.old_path} => {file.new_path}"
    if file.old_mode and file.new_mode and file.old_mode != file.new_mode:
        name += f" (mode change {file.old_mode} => {file.new_mode})"
    yield f" ## {name} ##"
    if file.binary is not None or (file.kind == "binary" and not file.hunks):
        yield f" Binary files {file.old_path or '/dev/null'} and {file.new_path or '/dev/null'} differ"
    for hunk in file.hunks:
        yield f"@@ {file.path}: {hunk.section}" if hunk.section else "@@"
        for line in hunk.lines:
            yield f"{line.mark}{line.text}"
            if line.no_newline:
                yield " \\ No newline at end of file"


def range_diff(old: Sequence[Patch], new: Sequence[Patch], factor: int = CREATION_FACTOR) -> tuple[PatchPair, ...]:
    """Match the patches of two versions, in the order in which git range-diff shows them.

    `factor` is git's --creation-factor. Numbers are those of the patches, also in a series of which some are missing.
    """
    left, right = [patch_text(one) for one in old], [patch_text(one) for one in new]
    return tuple(_in_order(left, right, match(left, right, factor)))


def match(old: Sequence[PatchText], new: Sequence[PatchText], factor: int = CREATION_FACTOR) -> dict[int, int]:
    """Return which place in `old` goes with which in `new`: equal diffs first, then the cheapest of all ways."""
    found: dict[int, int] = {}
    waiting: dict[tuple[str, ...], list[int]] = {}
    for place, one in enumerate(old):
        waiting.setdefault(one.diff, []).append(place)
    for place, one in enumerate(new):
        if waiting.get(one.diff):
            found[waiting[one.diff].pop(0)] = place
    taken = set(found.values())
    lefts = [place for place in range(len(old)) if place not in found]
    rights = [place for place in range(len(new)) if place not in taken]
    alone_left = [old[place].size * factor // 100 for place in lefts]
    alone_right = [new[place].size * factor // 100 for place in rights]
    together = {
        (i, j): _size(old[lefts[i]], new[rights[j]])
        for i, j in _candidates([old[p] for p in lefts], [new[p] for p in rights], alone_left, alone_right)
    }
    pairs = pair_off(alone_left, alone_right, together)
    return found | {lefts[i]: rights[j] for i, j in pairs.items()}


def _candidates(
    old: Sequence[PatchText], new: Sequence[PatchText], alone_left: Sequence[int], alone_right: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield the pairs that can be cheaper than leaving both alone: each line they do not share costs at least one."""
    counts = [Counter(one.diff) for one in new]
    for i, one in enumerate(old):
        mine = Counter(one.diff)
        shared = []
        for j, other in enumerate(counts):
            common = sum(min(count, other[line]) for line, count in mine.items() if line in other)
            if len(one.diff) + len(new[j].diff) - 2 * common <= alone_left[i] + alone_right[j]:
                shared.append((common, -j))
        for _, j in heapq.nlargest(CANDIDATES, shared):
            yield i, -j


def _size(old: PatchText, new: PatchText) -> int:
    """Return the lines of the diff between two diffs, hunk heads included."""
    return sum(len(block.lines) + 1 for block in diff_lines(old.diff, new.diff, heuristic=False))


def _in_order(old: Sequence[PatchText], new: Sequence[PatchText], matches: dict[int, int]) -> Iterator[PatchPair]:
    """Yield the pairs in the new order; a dropped patch comes as soon as all that stood before it are out."""
    partner = {right: left for left, right in matches.items()}
    out: set[int] = set()
    place = 0
    for at, one in enumerate(new):
        while place < len(old) and (place in out or place not in matches):
            if place not in out:
                yield _dropped(old[place])
            place += 1
        if at in partner:
            out.add(partner[at])
            yield _changed(old[partner[at]], one)
        else:
            yield _added(one)
    for left in range(place, len(old)):
        if left not in out:
            yield _dropped(old[left])


def _changed(old: PatchText, new: PatchText) -> PatchPair:
    same = (old.head, old.diff) == (new.head, new.diff)
    diff = "" if same else _diff((*old.head, *old.diff), (*new.head, *new.diff))
    return PatchPair(old.number, new.number, old.id, new.id, "=" if same else "!", old.subject, diff)


def _dropped(old: PatchText) -> PatchPair:
    return PatchPair(old.number, None, old.id, "", "<", old.subject)


def _added(new: PatchText) -> PatchPair:
    return PatchPair(None, new.number, "", new.id, ">", new.subject)


def _diff(old: Sequence[str], new: Sequence[str]) -> str:
    out = []
    for block in diff_lines(old, new):
        out.append(f"@@ {_heading(old, block.old.start)}".rstrip())
        out += [mark + text for mark, text in block.lines]
    return "\n".join(out)


def _heading(lines: Sequence[str], start: int) -> str:
    """Return the last heading above a line: the file and function, or the part of the message."""
    for line in reversed(lines[:start]):
        if found := _HEADING.match(line):
            text = (found[1] or found[2] or "").rstrip()
            return text.encode("utf-8", "surrogateescape")[:HEADING].decode("utf-8", "replace").rstrip()
    return ""


def number_width(pairs: Sequence[PatchPair]) -> int:
    """Return how many columns git gives to the numbers of patches."""
    highest = max((number for pair in pairs for number in (pair.old, pair.new) if number is not None), default=0)
    return len(str(highest + 1))


def headline(pair: PatchPair, width: int) -> str:
    """Return git's line for a pair; numbers take `width` columns."""
    dashes = "-" * ID_DIGITS
    left = f"{pair.old or '-':>{width}}:  {pair.old_id or dashes}"
    right = f"{pair.new or '-':>{width}}:  {pair.new_id or dashes}"
    return f"{left} {pair.mark} {right} {pair.subject}"


def range_diff_text(pairs: Sequence[PatchPair]) -> str:
    """Return the whole range-diff as git shows it; "" for no pairs."""
    width = number_width(pairs)
    out = []
    for pair in pairs:
        out.append(headline(pair, width))
        out += [f"    {line}".rstrip() for line in pair.diff.split("\n") if pair.diff]
    return "\n".join(out)
