# SPDX-License-Identifier: GPL-2.0-or-later
"""The user's git repository, read-only: revisions, snapshots, and where its objects are to be borrowed from."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pygit2
from pygit2.enums import ConfigLevel, Option, RepositoryOpenFlag

from reviewbot.model.errors import UnusableInputError
from reviewbot.model.tree import SourceFile
from reviewbot.tree.objects import Objects

# what git itself may have switched on and libgit2 only has to let pass: neither changes how objects are read
EXTENSIONS = ["partialclone", "worktreeconfig", "relativeworktrees", "preciousobjects", "noop"]


@cache
def _isolate() -> None:
    """Take libgit2 out of the user's and the system's configuration, once a process.

    libgit2 runs no hook, fsmonitor or credential helper by itself, and this program never checks out, so that no
    filter runs. As nothing in a repository's configuration can run, its owner does not matter (a CI container).
    """
    for level in (ConfigLevel.SYSTEM, ConfigLevel.XDG, ConfigLevel.GLOBAL, ConfigLevel.PROGRAMDATA):
        pygit2.option(Option.SET_SEARCH_PATH, level, "")
    pygit2.option(Option.SET_OWNER_VALIDATION, False)
    pygit2.option(Option.SET_EXTENSIONS, EXTENSIONS, len(EXTENSIONS))


class ObjectSnapshot:
    """The files of one git tree; see `reviewbot.model.tree.Snapshot`. Links and submodules are no source files."""

    complete = True

    def __init__(self, objects: Objects, root: str) -> None:
        self.objects = objects
        self.root = root

    def read(self, path: str) -> SourceFile | None:
        """Return the file at `path`, keyed by its blob id, or None."""
        entry = self.objects.find(self.root, path)
        if entry is None or not entry.is_file:
            return None
        return SourceFile(path, self.objects.blob(entry.id), entry.id)

    def paths(self, under: str = "") -> Iterator[str]:
        """Yield the paths of the regular files below `under`, sorted."""
        return self.objects.files(self.root, under)


class Tree:
    """A repository that series are applied to. Nothing in it is ever written through this.

    `name` is what `reviewbot.toml` calls it, `pin` the full id of the commit that series are for unless they say
    otherwise (None: HEAD), `candidates` are further revisions that they may be based on.
    """

    def __init__(
        self,
        repository: pygit2.Repository,
        path: str,
        name: str | None = None,
        pin: str | None = None,
        candidates: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.repository = repository
        self.name = name
        self.pin = pin
        self.candidates = candidates
        self.objects = Objects(repository)

    @property
    def git_directory(self) -> Path:
        """The directory that the worktrees of the repository share (`.git`, or the bare repository itself)."""
        own = Path(self.repository.path)
        try:
            shared = (own / "commondir").read_text("utf-8", "surrogateescape").strip()
        except OSError:
            return own
        return (own / shared).resolve()

    @property
    def object_directory(self) -> Path:
        """Where the repository keeps its objects; its own alternates are named in there."""
        return self.git_directory / "objects"

    def resolve(self, rev: str) -> str:
        """Return the full id of the commit that `rev` names; UnusableInputError when it names none."""
        try:
            return str(self.repository.revparse_single(rev).peel(pygit2.Commit).id)
        except (KeyError, ValueError, pygit2.GitError) as error:
            raise UnusableInputError(f"{self.path} has no commit called {rev!r}") from error

    def knows(self, rev: str) -> bool:
        """Tell whether `rev` names a commit here."""
        try:
            self.resolve(rev)
        except UnusableInputError:
            return False
        return True

    def snapshot(self, commit: str) -> ObjectSnapshot:
        """Return the files of a commit (any revision); UnusableInputError when there is no such commit."""
        return ObjectSnapshot(self.objects, self.objects.root(self.resolve(commit)))


def open_tree(path: str, name: str | None = None, pin: str | None = None, candidates: tuple[str, ...] = ()) -> Tree:
    """Open the git repository at `path`: a checkout, a linked worktree, a bare or shallow or partial clone.

    `name`, `pin` and `candidates` are what `reviewbot.toml` says of it (see `reviewbot.tree.pins`). Raises
    UnusableInputError, one line, when there is none or libgit2 cannot read it.
    """
    _isolate()
    if not Path(path).exists():
        raise UnusableInputError(f"{path}: no such directory")
    try:
        return Tree(pygit2.Repository(path, RepositoryOpenFlag.NO_SEARCH), path, name, pin, candidates)
    except pygit2.GitError as error:
        text = " ".join(str(error).split())
        if "not found" in text.lower():
            text = "not a git repository"
        raise UnusableInputError(f"{path}: {text.removeprefix(f'{path}: ')}") from error
