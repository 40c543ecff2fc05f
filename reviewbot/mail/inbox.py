# SPDX-License-Identifier: GPL-2.0-or-later
"""public-inbox archives (public-inbox-v2-format(5)), read through git objects and never checked out.

An archive is `DIR/git/0.git`, `1.git` … (epochs), each a line of commits; a commit adds one mail, the blob `m`, or
takes one out, the blob `d`. A mirror of one epoch, a bare repository, is an archive too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pygit2

from reviewbot.mail.message import split_head
from reviewbot.model.errors import UnusableInputError

_EPOCH = re.compile(r"(\d{1,4})\.git")
_THREADING = re.compile(
    rb"^(message-id|in-reply-to|references)[ \t]?:((?:.*\n[ \t])*.*)$", re.MULTILINE | re.IGNORECASE
)
_ID = re.compile(rb"<([^<>\s]{1,995})>")


@dataclass(frozen=True, slots=True)
class Stored:
    """A mail of an archive: a name to call it by, and how to read it."""

    origin: str
    read: Callable[[], bytes]


def epochs(path: Path) -> list[Path]:
    """Return the epochs' repositories of an archive, oldest first; [] where the directory is no archive."""
    found = [(int(m[1]), one) for one in (path / "git").glob("*.git") if (m := _EPOCH.fullmatch(one.name))]
    if found:
        return [one for _, one in sorted(found)]
    return [path] if _is_epoch(path) else []


def _is_epoch(path: Path) -> bool:
    """Tell whether a directory is a bare repository whose newest commit is a mail's."""
    if not (path / "objects").is_dir() or not (path / "HEAD").is_file():
        return False
    repository = _open(path)
    tip = _tip(repository)
    return tip is not None and any(name in tip.tree for name in ("m", "d"))


def _open(path: Path) -> pygit2.Repository:
    """Open a repository for reading objects alone.

    Archives are often mirrored by another user; nothing in the repository is run and its configuration is not used,
    so its owner does not matter.
    """
    before = pygit2.settings.owner_validation
    try:
        pygit2.settings.owner_validation = False
        return pygit2.Repository(str(path))
    except pygit2.GitError as error:
        raise UnusableInputError(f"{path}: not a usable git repository") from error
    finally:
        pygit2.settings.owner_validation = before


def _tip(repository: pygit2.Repository) -> pygit2.Commit | None:
    """Return the newest commit: of HEAD, else of the only branch (a mirror's HEAD may name a branch it lacks)."""
    try:
        if not repository.head_is_unborn:
            return repository.head.peel(pygit2.Commit)
        names = list(repository.branches.local)
        return repository.branches.local[names[0]].peel(pygit2.Commit) if len(names) == 1 else None
    except (pygit2.GitError, KeyError):
        return None


def read_archive(path: Path) -> Iterator[Stored]:
    """Yield the mails of an archive in the order in which they came; those taken out again are left out."""
    for epoch in epochs(path):
        blobs = _mail_blobs(_open(epoch))
        # opened again: what libgit2 remembers of the commits goes with the first
        repository = _open(epoch)
        for blob in reversed(blobs):
            yield Stored(f"{epoch.name}:{blob.hex()[:12]}", partial(_blob, repository, blob))


def _mail_blobs(repository: pygit2.Repository) -> list[bytes]:
    """Return the ids of an epoch's mails, newest first."""
    return [blob for _, blob in _walk(repository) if blob is not None]


def _walk(repository: pygit2.Repository) -> Iterator[tuple[pygit2.Commit, bytes | None]]:
    """Yield an epoch's commits, newest first, each with the id of the mail it adds; None where that is gone again."""
    removed: set[bytes] = set()
    commit = _tip(repository)
    while commit is not None:
        tree = commit.tree
        if "d" in tree:
            removed.add(tree["d"].id.raw)
        added = tree["m"].id.raw if "m" in tree and "d" not in tree else None
        yield commit, added if added not in removed else None
        parents = commit.parent_ids
        commit = _commit(repository, parents[0]) if parents else None


@dataclass(frozen=True, slots=True)
class Added:
    """A commit of an archive: its epoch's name, its id, when it was made, and how to read the mail that it adds.

    `read` is None where it adds none (any more), and for the commit that marks how far an epoch has been passed over.
    """

    epoch: str
    commit: str
    when: datetime
    read: Callable[[], bytes] | None


def read_since(path: Path, seen: Mapping[str, str], oldest: datetime | None = None) -> Iterator[Added]:
    """Yield the commits of an archive that came after those in `seen` (epoch to commit id), oldest first.

    Where an epoch's commit is not there any more (its history was rewritten) the epoch is read from its beginning.
    With `oldest` an epoch that is not in `seen` is read back to that time alone, and what is older only marked as seen.
    """
    for epoch in epochs(path):
        repository = _open(epoch)
        found: list[tuple[str, datetime, bytes | None]] = []
        for commit, blob in _walk(repository):
            when = datetime.fromtimestamp(commit.commit_time, UTC)
            if str(commit.id) == seen.get(epoch.name):
                break
            if oldest is not None and epoch.name not in seen and when < oldest:
                found.append((str(commit.id), when, None))
                break
            found.append((str(commit.id), when, blob))
        for identity, when, blob in reversed(found):
            yield Added(epoch.name, identity, when, partial(_blob, repository, blob) if blob is not None else None)


def _commit(repository: pygit2.Repository, identity: pygit2.Oid) -> pygit2.Commit | None:
    """Return a commit; None where a shallow or broken mirror lacks it."""
    found = repository.get(identity)
    return found if isinstance(found, pygit2.Commit) else None


def _blob(repository: pygit2.Repository, identity: bytes) -> bytes:
    """Return a blob's bytes; b"" where the mirror lacks it."""
    found = repository.get(pygit2.Oid(raw=identity))
    return found.data if isinstance(found, pygit2.Blob) else b""


def read_thread(path: Path, message_id: str) -> Iterator[Stored]:
    """Yield the mails of an archive that references tie to a message-id, in the order in which they came.

    Raises UnusableInputError where the archive has no such mail.
    """
    wanted = message_id.strip().removeprefix("<").removesuffix(">").encode()
    forest = _Forest()
    mails: list[tuple[Stored, bytes]] = []
    present = False
    for stored in read_archive(path):
        own, others = _ids(stored.read())
        present = present or own == wanted
        for other in others:
            forest.tie(own, other)
        if own:
            mails.append((stored, own))
    if not present:
        raise UnusableInputError(f"{path}: no mail with the message-id {message_id}")
    root = forest.root(wanted)
    yield from (stored for stored, own in mails if forest.root(own) == root)


def _ids(mail: bytes) -> tuple[bytes, list[bytes]]:
    """Return a mail's own id and those that it names."""
    head, _ = split_head(mail)
    own = b""
    others: list[bytes] = []
    for match in _THREADING.finditer(head):
        ids = _ID.findall(match[2])
        if match[1].lower() == b"message-id":
            own = own or (ids[0] if ids else b"")
        else:
            others += ids
    return own, others


class _Forest:
    """Which message-ids hang together (union-find, paths halved)."""

    def __init__(self) -> None:
        self._up: dict[bytes, bytes] = {}

    def root(self, one: bytes) -> bytes:
        """Return the id that stands for all that hang together with this one."""
        up = self._up
        while (above := up.get(one, one)) != one:
            up[one] = one = up.get(above, above)
        return one

    def tie(self, one: bytes, other: bytes) -> None:
        """Note that two hang together; the empty id is no id."""
        if one and other:
            self._up[self.root(one)] = self.root(other)
