# SPDX-License-Identifier: GPL-2.0-or-later
"""What a series is based on: its own word for it, the blobs that it was made from, or the pin; in this order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from reviewbot.model.diff import Series
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.tree import Base, BaseKind
from reviewbot.tree.history import commits_with, find_patches, newest
from reviewbot.tree.objects import Objects
from reviewbot.tree.repository import Tree
from reviewbot.tree.threeway import SHORTEST_ID

TAGS = ("depends-on:", "based-on:", "prerequisite-")
SAYINGS = ("depends on", "based on", "based off", "on top of", "applies to", "prerequisite")
# a sentence with a saying is about the base when it names one of these as well
BASES = (
    "series",
    "patch",
    "tree",
    "branch",
    "commit",
    "-next",
    "mainline",
    "upstream",
    "-rc",
    "mm-",
    "http",
    "v6.",
    "v5.",
)
MOST_SAYINGS = 6
LONGEST_SAYING = 160


def wanted_blobs(series: Series) -> dict[str, str]:
    """Return the blob (or the beginning of its id) that each file must have in the base, by path.

    It is on the `index` line of the first patch that touches the file; what a patch before it made is not the base's.
    """
    wanted: dict[str, str] = {}
    made: set[str] = set()
    for patch in series.patches:
        for diff in patch.files:
            blob = diff.old_blob or ""
            if diff.old_path is not None and diff.old_path not in made and len(blob) >= SHORTEST_ID and blob.strip("0"):
                wanted.setdefault(diff.old_path, blob)
        made.update(path for diff in patch.files for path in (diff.old_path, diff.new_path) if path is not None)
    return wanted


def matching(objects: Objects, commit: str, wanted: dict[str, str]) -> int:
    """Count the wanted blobs that a commit has at their paths."""
    root = objects.root(commit)
    found = ((objects.find(root, path), blob) for path, blob in wanted.items())
    return sum(entry is not None and entry.id.startswith(blob) for entry, blob in found)


def sayings(series: Series) -> tuple[str, ...]:
    """Quote what the authors say of other series that theirs needs: `Depends-on:` lines, "based on …"."""
    texts = [("the cover letter", series.mail.cover.body)] if series.mail.cover is not None else []
    texts += [(f"the notes of patch {p.number}/{p.total}", p.notes) for p in series.patches]
    found = [
        f"{where} says: {' '.join(line.split())[:LONGEST_SAYING]}"
        for where, text in texts
        for line in text.split("\n")
        if _is_saying(line[: 4 * LONGEST_SAYING].lower())
    ]
    found += [
        f"patch {p.number}/{p.total} says: {line[:LONGEST_SAYING].strip()}"
        for p in series.patches
        for line in p.log.split("\n")
        if line[:LONGEST_SAYING].lower().startswith(TAGS)
    ]
    return tuple(found[:MOST_SAYINGS])


def _is_saying(line: str) -> bool:
    if line.lstrip().startswith(TAGS):
        return True
    return any(saying in line for saying in SAYINGS) and any(base in line for base in BASES)


@dataclass(slots=True)
class Search:
    """The search for one series: what to try, best first, and `reasons`, which grow as it goes on."""

    series: Series
    tree: Tree
    objects: Objects
    store: Path
    reasons: list[str] = field(default_factory=list)
    tried: set[str] = field(default_factory=set)

    def bases(self) -> Iterator[tuple[Base, str]]:
        """Yield bases to try with their commits, each once; further ones are only looked for when asked for."""
        self.reasons += sayings(self.series)
        yield from self._new("base-commit", self._told())
        pin = self.tree.pin or self.tree.resolve("HEAD")
        called = "the pin" if self.tree.pin is not None else "HEAD"
        wanted = wanted_blobs(self.series)
        matched = matching(self.objects, pin, wanted)
        if wanted:
            self.reasons.append(f"{matched} of {len(wanted)} blobs match {called} {pin[:12]}")
        else:
            self.reasons.append(f"the patches name no blobs: {called} {pin[:12]} is taken")
        if matched < len(wanted):
            yield from self._new("guessed", self._guessed(pin, wanted, matched))
        yield from self._new("pinned", pin)

    def _new(self, kind: BaseKind, commit: str | None) -> Iterator[tuple[Base, str]]:
        if commit is not None and commit not in self.tried:
            self.tried.add(commit)
            yield Base(kind, self.tree.name or self.tree.path, commit, tuple(self.reasons)), commit

    def _known(self, commit: str) -> str | None:
        try:
            return self.tree.resolve(commit)
        except UnusableInputError:
            return None

    def _tips(self, pin: str) -> list[str]:
        tips = [pin]
        for rev in self.tree.candidates:
            commit = self._known(rev)
            if commit is None:
                self.reasons.append(f"the candidate {rev} is not in the tree")
            elif commit not in tips:
                tips.append(commit)
        return tips

    def _told(self) -> str | None:
        """The commit that the `base-commit:` line names, with the prerequisite patches on it."""
        told = self.series.mail.base_commit
        if told is None:
            return None
        commit = self._known(told)
        if commit is None:
            self.reasons.append(f"the series is based on commit {told[:40]}, which is not in the tree")
            return None
        needed = self.series.mail.prerequisites
        if not needed:
            self.reasons.append(f"the series says that it is based on commit {commit}")
            return commit
        tips = self._tips(self.tree.pin or self.tree.resolve("HEAD"))
        found = find_patches(self.store, commit, tips, needed)
        self.reasons.append(
            f"the series is based on commit {commit} and {len(needed)} further patches, "
            f"of which {len(found)} are in the tree"
        )
        return newest(self.store, [commit, *found.values()])

    def _guessed(self, pin: str, wanted: dict[str, str], matched: int) -> str | None:
        """The commit of the history and the candidates that has most of the blobs, if it has more than the pin."""
        tips = self._tips(pin)
        if len(tips) == 1 and not self.objects.parents(pin):
            self.reasons.append("the tree has no history to look in")
            return None
        commits, whole = commits_with(self.store, tips, wanted, self.series.mail.date)
        best, most = None, matched
        for commit in [*tips[1:], *commits]:
            if not self.objects.has(commit):
                continue
            count = matching(self.objects, commit, wanted)
            if count > most:
                best, most = commit, count
            if most == len(wanted):
                break
        if not whole:
            self.reasons.append("the history could not be searched to its end")
        if best is None:
            self.reasons.append(f"no commit of the history matches more (of {len(commits)} with one of the blobs)")
        else:
            self.reasons.append(f"{most} of {len(wanted)} blobs match commit {best}")
        return best
