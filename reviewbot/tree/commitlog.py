# SPDX-License-Identifier: GPL-2.0-or-later
"""The history below a base, as far as the repository has it."""

from __future__ import annotations

import pygit2
from pygit2.enums import ObjectType

from reviewbot.model.tree import PastCommit
from reviewbot.tree.objects import Objects

_LONGEST = 4096


class CommitLog:
    """Looks commits up by (abbreviated) id among all objects of a repository; nothing is walked."""

    def __init__(self, objects: Objects, base: str) -> None:
        self._objects = objects
        self._known: dict[str, PastCommit | None] = {}
        self.complete = not objects.repository.is_shallow and len(self._parents(base)) > 0

    def _parents(self, commit: str) -> list[str]:
        return [parent for parent in self._objects.parents(commit) if self._objects.has(parent)]

    def commit(self, prefix: str) -> PastCommit | None:
        """Return the commit whose id begins so; None where there is none, or several."""
        if prefix not in self._known:
            self._known[prefix] = self._look_up(prefix)
        return self._known[prefix]

    def _look_up(self, prefix: str) -> PastCommit | None:
        try:
            found = self._objects.repository[prefix]
        except (KeyError, ValueError, pygit2.GitError):
            return None
        if found.type != ObjectType.COMMIT:
            return None
        identity = str(found.id)
        text = self._objects.read(identity, ObjectType.COMMIT).partition(b"\n\n")[2]
        return PastCommit(identity, text[:_LONGEST].decode("utf-8", "replace").partition("\n")[0])

    def touches(self, commit: PastCommit, path: str) -> bool | None:
        """Tell whether a commit changes `path`.

        None where its parents are not there (a shallow clone, a root), and where neither it nor they have the path:
        the file may have had another name then.
        """
        parents = self._objects.parents(commit.id)
        if not parents or not all(self._objects.has(parent) for parent in parents):
            return None
        after = self._objects.find(self._objects.root(commit.id), path)
        before = [self._objects.find(self._objects.root(parent), path) for parent in parents]
        return None if after is None and not any(before) else any(one != after for one in before)
