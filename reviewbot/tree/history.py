# SPDX-License-Identifier: GPL-2.0-or-later
"""Looking a series' base up in the history of a tree: commits by the blobs they have, and by patch ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from reviewbot.tree.gitcommand import run_git

# how far before the posting of a series its base is looked for
OLDEST_BASE = timedelta(days=3 * 365)
MOST_PATHS = 500
MOST_COMMITS = 5000
MOST_CANDIDATES = 400
SECONDS = 30


def commits_with(
    store: Path, tips: Sequence[str], wanted: Mapping[str, str], posted: datetime | None
) -> tuple[list[str], bool]:
    """Return commits that have one of the wanted blobs (path to id or its beginning), newest first.

    They are the commits that brought one and the last ones before it went; all are ancestors of `tips`. Also tells
    whether the whole history could be read in time.
    """
    paths = sorted(wanted)[:MOST_PATHS]
    # -m: what merges bring counts as well. Colour, notes, signatures and the like are configuration, and there is none.
    arguments = ["log", "--raw", "--no-abbrev", "--no-renames", "-m", f"--max-count={MOST_COMMITS}", "--format=%H %P"]
    if posted is not None:
        arguments.append(f"--since={int((posted - OLDEST_BASE).timestamp())}")
    text, whole = run_git(store, [*arguments, *tips, "--", *paths], seconds=SECONDS)
    found: dict[str, None] = {}
    for commit in _holders(text.decode("utf-8", "surrogateescape").splitlines(), tuple(wanted.values())):
        found[commit] = None
        if len(found) >= MOST_CANDIDATES:
            break
    return list(found), whole


def _holders(lines: Sequence[str], blobs: tuple[str, ...]) -> Iterator[str]:
    """Read `git log --raw` (git-diff(1), "Raw output format"): who has one of the blobs, and who had before."""
    commit = ""
    parents: list[str] = []
    for line in lines:
        if line.startswith(":"):
            fields = line.split("\t", 1)[0].split(" ")
            if len(fields) < 5:
                continue
            if fields[2].startswith(blobs):
                yield from parents
            if fields[3].startswith(blobs):
                yield commit
        elif line:
            commit, *parents = line.split(" ")


def find_patches(store: Path, start: str, tips: Sequence[str], patch_ids: Sequence[str]) -> dict[str, str]:
    """Return the commits after `start` up to `tips` whose patches have one of these ids (git-patch-id(1)), by id."""
    listed, _ = run_git(store, ["rev-list", f"--max-count={MOST_COMMITS}", "--no-merges", *tips, f"^{start}"])
    patches, _ = run_git(store, ["diff-tree", "--stdin", "-p", "--no-ext-diff", "--no-textconv"], listed, SECONDS)
    wanted = set(patch_ids)
    found = {}
    for way in ("--stable", "--unstable"):
        answer, _ = run_git(store, ["patch-id", way], patches, SECONDS)
        pairs = (line.split() for line in answer.decode("ascii", "replace").splitlines())
        found.update({pair[0]: pair[1] for pair in pairs if len(pair) == 2 and pair[0] in wanted})
    return found


def newest(store: Path, commits: Sequence[str]) -> str | None:
    """Return the commit that has all the others behind it, None when no one has."""
    if not commits:
        return None
    heads, well = run_git(store, ["merge-base", "--independent", *commits])
    tips = heads.decode("ascii", "replace").split()
    return tips[0] if well and len(tips) == 1 else None
