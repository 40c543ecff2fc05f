# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffs of texts in memory, by the algorithm that git itself uses (libgit2's copy of xdiff)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pygit2
from pygit2.enums import DiffOption

CONTEXT = 3


@dataclass(frozen=True, slots=True)
class Block:
    """A hunk: its lines with their marks, and the 0-based ranges of lines that it covers in both texts."""

    old: range
    new: range
    lines: tuple[tuple[str, str], ...]


def _encoded(lines: Sequence[str]) -> bytes:
    return "".join(line + "\n" for line in lines).encode("utf-8", "surrogateescape")


def diff_lines(old: Sequence[str], new: Sequence[str], context: int = CONTEXT, heuristic: bool = True) -> list[Block]:
    """Return the hunks between two texts, given as lines without ends.

    `heuristic` moves hunks to where their indentation looks best, as git shows diffs; without it they are as git counts
    them. Pure; lines may hold surrogates for bytes of no charset.
    """
    flag = DiffOption.INDENT_HEURISTIC if heuristic else DiffOption.NORMAL
    made = pygit2.Patch.create_from(
        _encoded(old), _encoded(new), flag=flag | DiffOption.FORCE_TEXT, context_lines=context
    )
    return [
        Block(
            _range(hunk.old_start, hunk.old_lines),
            _range(hunk.new_start, hunk.new_lines),
            tuple((line.origin, _decoded(line.raw_content)) for line in hunk.lines),
        )
        for hunk in made.hunks
    ]


def _range(start: int, count: int) -> range:
    """Return a hunk's lines; where it has none, git's start names the line above."""
    first = start - 1 if count else start
    return range(first, first + count)


def _decoded(line: bytes) -> str:
    return line.removesuffix(b"\n").decode("utf-8", "surrogateescape")
