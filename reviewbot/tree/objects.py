# SPDX-License-Identifier: GPL-2.0-or-later
"""Blobs, trees and commits of a git repository by their ids; no index, no work tree, no configuration, no filters."""

from __future__ import annotations

import hashlib
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pygit2
from pygit2.enums import ObjectType

from reviewbot.model.errors import UnusableInputError

TREE = 0o040000
LINK = 0o120000
SUBMODULE = 0o160000
FILE = 0o100644
EXECUTABLE = 0o100755

# "mode name NUL id" of a tree object; see "Object storage format" in gitformat-pack(5) and read-tree's sources.
# A mode has six digits at most, a name no NUL: the match is linear.
TREE_ENTRY = re.compile(rb"([0-7]{5,6}) ([^\0]+)\0(.{20})", re.DOTALL)
# bytes of new objects that are kept in memory before they are written out
BUFFERED = 64 << 20
# trees that are remembered, so that each prefix of a series reads a folder once
REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """What a tree says of a name: the mode as a number and the hex id of the object."""

    mode: int
    id: str

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file (not a folder, link or submodule)."""
        return self.mode & 0o170000 == 0o100000


def path_bytes(path: str) -> bytes:
    """The bytes that git stores for a path as the model has it."""
    return path.encode("utf-8", "surrogateescape")


def path_text(path: bytes) -> str:
    """The path as the model has it: UTF-8, other bytes as surrogates."""
    return path.decode("utf-8", "surrogateescape")


class Objects:
    """The objects that a repository holds or borrows. Reading is cached by id, which never goes stale.

    New objects stay in memory until `flush`, or until there are many: most series are reviewed without a single write.
    `fetch` gets objects that a partial clone lacks, by their ids, and tells whether it could.
    """

    def __init__(self, repository: pygit2.Repository) -> None:
        self.repository = repository
        self._trees: dict[str, dict[bytes, Entry]] = {}
        self._new: dict[str, tuple[ObjectType, bytes]] = {}
        self._new_size = 0
        self.fetch: Callable[[Sequence[str]], bool] | None = None

    def has(self, identity: str) -> bool:
        """Tell whether the object of this full hex id is there."""
        return identity in self._new or identity in self.repository

    def write(self, kind: ObjectType, data: bytes) -> str:
        """Take in a new object and return its id: the SHA-1 of type, size and content (gitformat-pack(5))."""
        identity = hashlib.sha1(b"%s %d\0" % (kind.name.lower().encode(), len(data)), usedforsecurity=False)
        identity.update(data)
        name = identity.hexdigest()
        if name not in self._new:
            self._new[name] = (kind, data)
            self._new_size += len(data)
            if self._new_size > BUFFERED:
                self.flush()
        return name

    def flush(self) -> None:
        """Write new objects to the repository, so that libgit2 and git see them too."""
        for kind, data in self._new.values():
            self.repository.write(kind, data)
        self._new.clear()
        self._new_size = 0

    def read(self, identity: str, wanted: ObjectType) -> bytes:
        """Return the bytes of an object; UnusableInputError when it is missing (a partial clone) or of another type."""
        try:
            if self.fetch is not None and not self.has(identity):
                self.fetch([identity])
            kind, data = self._new.get(identity) or self.repository.read(identity)
        except (KeyError, ValueError, pygit2.GitError) as error:
            raise UnusableInputError(
                f"object {identity} is missing and cannot be fetched (a damaged clone, or a partial one cut off)"
            ) from error
        if kind != wanted:
            raise UnusableInputError(f"object {identity} in {self.repository.path} is no {wanted.name.lower()}")
        return data

    def blob(self, identity: str) -> bytes:
        """Return the content of a file."""
        return self.read(identity, ObjectType.BLOB)

    def prefetch(self, root: str, paths: Iterable[str]) -> None:
        """In a partial clone, get the files at these paths in one go; what cannot be got is missed when it is read."""
        if self.fetch is None:
            return
        found = (self.find(root, path) for path in paths)
        missing = sorted({entry.id for entry in found if entry is not None and not self.has(entry.id)})
        if missing:
            self.fetch(missing)

    def tree(self, identity: str | None) -> Mapping[bytes, Entry]:
        """Return the entries of a folder by name; those of None are none."""
        if identity is None:
            return {}
        known = self._trees.get(identity)
        if known is None:
            data = self.read(identity, ObjectType.TREE)
            known = {name: Entry(int(mode, 8), raw.hex()) for mode, name, raw in TREE_ENTRY.findall(data)}
            self._remember(identity, known)
        return known

    def _remember(self, identity: str, entries: dict[bytes, Entry]) -> None:
        if len(self._trees) >= REMEMBERED:
            self._trees.clear()
        self._trees[identity] = entries

    def root(self, commit: str) -> str:
        """Return the id of a commit's tree; UnusableInputError when there is no such commit."""
        data = self.read(commit, ObjectType.COMMIT)
        return data[5:45].decode("ascii")

    def parents(self, commit: str) -> list[str]:
        """Return the ids of a commit's parents, as its object has them (a shallow clone may lack them)."""
        head = self.read(commit, ObjectType.COMMIT).split(b"\n\n", 1)[0]
        return [line[7:].decode("ascii") for line in head.split(b"\n") if line.startswith(b"parent ")]

    def find(self, root: str, path: str) -> Entry | None:
        """Return what is at `path` below the folder `root`, None where there is nothing."""
        entry = Entry(TREE, root)
        for name in path_bytes(path).split(b"/"):
            if entry.mode != TREE:
                return None
            below = self.tree(entry.id).get(name)
            if below is None:
                return None
            entry = below
        return entry

    def blocker(self, root: str, path: str) -> tuple[str, Entry] | None:
        """Return the first leading folder of `path` that is there but is no folder (a file, a link), with its path."""
        entry = Entry(TREE, root)
        names = path_bytes(path).split(b"/")
        for depth, name in enumerate(names[:-1], 1):
            below = self.tree(entry.id).get(name)
            if below is None:
                return None
            if below.mode != TREE:
                return path_text(b"/".join(names[:depth])), below
            entry = below
        return None

    def files(self, root: str, under: str = "") -> Iterator[str]:
        """Yield the paths of the regular files below the folder `under` of `root`, sorted as git sorts them."""
        start = self.find(root, under.strip("/")) if under.strip("/") else Entry(TREE, root)
        if start is not None and start.mode == TREE:
            yield from self._walk(start.id, path_bytes(under.strip("/")))

    def _walk(self, identity: str, folder: bytes) -> Iterator[str]:
        for name, entry in sorted(self.tree(identity).items(), key=_git_order):
            path = posixpath.join(folder, name)
            if entry.mode == TREE:
                yield from self._walk(entry.id, path)
            elif entry.is_file:
                yield path_text(path)

    def write_blob(self, data: bytes) -> str:
        """Store the content of a file and return its id."""
        return self.write(ObjectType.BLOB, data)

    def write_tree(self, root: str | None, edits: Mapping[str, Entry | None]) -> str:
        """Return the id of `root` with the files of `edits` put in (or taken out, for None); empty folders vanish."""
        plan: dict[bytes, object] = {}
        # removals first: a file may take the place of a folder, or a folder that of a file
        for path, entry in sorted(edits.items(), key=lambda edit: edit[1] is not None):
            *folders, name = path_bytes(path).split(b"/")
            level = plan
            for folder in folders:
                below = level.get(folder)
                if not isinstance(below, dict):
                    below = level[folder] = {}
                level = below
            level[name] = entry
        return self._write_level(root, plan) or self.write(ObjectType.TREE, b"")

    def _write_level(self, identity: str | None, plan: Mapping[bytes, object]) -> str | None:
        before = self.tree(identity)
        entries = dict(before)
        for name, wanted in plan.items():
            if isinstance(wanted, dict):
                old = entries.get(name)
                below = self._write_level(old.id if old is not None and old.mode == TREE else None, wanted)
                wanted = Entry(TREE, below) if below is not None else None
            if isinstance(wanted, Entry):
                entries[name] = wanted
            else:
                entries.pop(name, None)
        if not entries:
            return None
        if any(name not in before or (before[name].mode == TREE) != (entries[name].mode == TREE) for name in entries):
            entries = dict(sorted(entries.items(), key=_git_order))
        data = b"".join([b"%o %s\0%s" % (e.mode, name, bytes.fromhex(e.id)) for name, e in entries.items()])
        written = self.write(ObjectType.TREE, data)
        self._remember(written, entries)
        return written


def _git_order(item: tuple[bytes, Entry]) -> bytes:
    """Git sorts a folder as if its name ended in a slash (base_name_compare in git's read-cache.c)."""
    name, entry = item
    return name + b"/" if entry.mode == TREE else name
