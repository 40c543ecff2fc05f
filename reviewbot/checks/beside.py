# SPDX-License-Identifier: GPL-2.0-or-later
"""Judging some files of a series in further processes, while this one judges others.

What is found in a file does not depend on the other files of the series, so that a process per processor may each take
some files and leave what it finds in the cache. Whoever then goes through the whole series, in order, finds it there.
Nothing depends on that: what is not in the cache is found out again.
"""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from reviewbot.cache import Cache
from reviewbot.checks.filegroups import file_groups, touched_files
from reviewbot.checks.kept import side_key
from reviewbot.model.diff import Series
from reviewbot.model.tree import Applied

Work = Callable[[frozenset[str]], object]
LEAST = 60_000
"""Bytes of C for which a process of its own pays: about 50 ms of work."""

MOST = 4
"""Processes; more have seldom anything to do."""


def judge_beside(series: Series, applied: Applied, cache: Cache, work: Work, *, processors: int | None = None) -> None:
    """Call `work` on the names of the files of a series, in some processes at once; return when all are done.

    Does nothing where that does not pay: on one processor, with little code or one file, where all is in the cache, or
    where that keeps nothing and all would be found once more. Processes are not forked beside threads, which may hold a
    lock for ever in the child; but for those of rich, whose spinner on a terminal has no lock that this work asks for.
    """
    have = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    many = min(processors or have, MOST)
    threads = [one for one in threading.enumerate() if not type(one).__module__.startswith("rich.")]
    if many < 2 or len(threads) > 1 or not all(snapshot.complete for snapshot in applied.snapshots):
        return
    if not cache.keeps():
        return
    shares = _shares(list(_groups(series, applied, cache)), many)
    if len(shares) < 2:
        return
    children = [_child(work, paths) for paths in shares[:-1]]
    try:
        work(shares[-1])
    finally:
        for child in children:
            os.waitpid(child, 0)


def _child(work: Work, paths: frozenset[str]) -> int:
    """Start a process and return its number. Nothing that it meets with is an error: this one meets with it too."""
    child = os.fork()
    if not child:
        try:
            work(paths)
        finally:
            os._exit(0)
    return child


def _groups(series: Series, applied: Applied, cache: Cache) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield the work and the names of each file of the series that is not known yet, the most first.

    Work is measured in bytes of C: those of the file, as it is read once, and half of them for each patch.
    """
    size: dict[str, int] = {}
    states: Counter[str] = Counter()
    for place, patch in enumerate(series.patches):
        for diff, old, new in touched_files(patch, applied.snapshots[place], applied.snapshots[place + 1]):
            if new is not None and not cache.knows(side_key(diff.path, new, old)):
                size[new.path] = max(size.get(new.path, 0), len(new.data))
                states[new.path] += 1
    found = (
        (sum(size.get(name, 0) * (2 + states[name]) // 2 for name in group), group) for group in file_groups(series)
    )
    yield from sorted((one for one in found if one[0]), key=lambda one: -one[0])


def _shares(groups: Sequence[tuple[int, frozenset[str]]], many: int) -> list[frozenset[str]]:
    """Divide files among at most `many` processes, as equally as can be; this process takes the last, the least."""
    shares: list[tuple[int, frozenset[str]]] = [(0, frozenset())] * many
    for size, group in groups:
        shares.sort(key=lambda share: share[0])
        shares[0] = (shares[0][0] + size, shares[0][1] | group)
    worth = sorted((share for share in shares if share[0] >= LEAST), key=lambda share: -share[0])
    small = frozenset[str]().union(*(paths for size, paths in shares if size < LEAST))
    return [paths for _, paths in worth[:-1]] + [paths | small for _, paths in worth[-1:]]
