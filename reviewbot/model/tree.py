# SPDX-License-Identifier: GPL-2.0-or-later
"""What a tree shows of the source at each prefix of a series, and how the patches went on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

BaseKind = Literal["pinned", "base-commit", "guessed", "reconstructed"]
Status = Literal["clean", "offset", "fuzzy", "three-way", "repaired", "reconstructed", "conflict", "not-tried"]


@dataclass(frozen=True, slots=True)
class Base:
    """What the series was applied to: `tree` is a path or name, `reasons` what was tried and why it was (not) taken."""

    kind: BaseKind
    tree: str | None
    commit: str | None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HunkResult:
    """How one hunk went on: `hunk` counts from 1 in its file, `offset` is in lines, `reason` is for a failure."""

    path: str
    hunk: int
    status: Status
    offset: int = 0
    fuzz: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Application:
    """How one patch went on; `commit` is its commit in the scratch repository, None where there is none."""

    number: int
    status: Status
    commit: str | None = None
    hunks: tuple[HunkResult, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of a snapshot.

    `known` is None when the whole file is there. In a reconstructed file it is the sorted, disjoint, 1-based inclusive
    ranges of lines that the series shows; every other line of `data` is empty and stands for code nobody has seen.
    `key` identifies the content (a blob id, or a hash) for caches.
    """

    path: str
    data: bytes
    key: str
    known: tuple[tuple[int, int], ...] | None = None

    def knows(self, line: int) -> bool:
        """Tell whether the text of 1-based `line` is known."""
        return self.known is None or any(first <= line <= last for first, last in self.known)


class Snapshot(Protocol):
    """The source after some prefix of a series; pure to its users: the same path always reads the same."""

    @property
    def complete(self) -> bool:
        """False when the snapshot is reconstructed, so that a file that is not there may exist all the same."""

    def read(self, path: str) -> SourceFile | None:
        """Return the file, or None when the snapshot has none of that name."""

    def paths(self, under: str = "") -> Iterator[str]:
        """Yield the paths of all files below the folder `under` ("" for all), sorted."""


@dataclass(frozen=True, slots=True)
class PastCommit:
    """A commit of a tree's history: its full hex id and its subject."""

    id: str
    subject: str


class History(Protocol):
    """What is known of the commits before a series."""

    @property
    def complete(self) -> bool:
        """False when commits may be missing (a shallow clone, an imported tree), so that an absent one may exist."""

    def commit(self, prefix: str) -> PastCommit | None:
        """Return the commit whose id begins so; None where there is none, or several."""

    def touches(self, commit: PastCommit, path: str) -> bool | None:
        """Tell whether a commit changes `path`; None where that cannot be known."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A series on its base. `snapshots[0]` is the base, `snapshots[k]` the tree after the k-th patch in order.

    When a patch conflicts, `applications` says so and `snapshots` are reconstructed from the series instead
    (`reconstructed` is True then), so that there is always one snapshot more than there are patches. `history` is that
    of the base, None without one.
    """

    base: Base
    applications: tuple[Application, ...]
    snapshots: tuple[Snapshot, ...]
    reconstructed: bool
    history: History | None = None
