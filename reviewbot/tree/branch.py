# SPDX-License-Identifier: GPL-2.0-or-later
"""Keeping an applied series as a branch: all that is ever written to the user's repository, and only when asked for."""

from __future__ import annotations

import os
import re
from configparser import Error as ConfigError
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from pathlib import Path

import pygit2
from git.config import GitConfigParser, get_config_path
from pygit2.enums import ObjectType

from reviewbot.model.errors import UnusableInputError
from reviewbot.model.tree import Applied
from reviewbot.tree.message import Identity, committer_line
from reviewbot.tree.objects import SUBMODULE, TREE, Objects
from reviewbot.tree.repository import ObjectSnapshot, Tree

COMMITTER = re.compile(rb"^committer [^\n]*", re.MULTILINE)
STAMP = re.compile(r"@?([0-9]{5,12}) ([+-])([0-9]{2})([0-9]{2})")
PARENT = re.compile(rb"^parent [0-9a-f]{40}", re.MULTILINE)


def _configured(tree: Tree, key: str) -> str | None:
    """Read `user.<key>` of the repository (its includes are not followed), else of the user."""
    own = [str(tree.git_directory / "config")]
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "git" / "config"
    users = (
        [os.environ["GIT_CONFIG_GLOBAL"]]
        if "GIT_CONFIG_GLOBAL" in os.environ
        else [
            str(home),
            get_config_path("global"),
        ]
    )
    for files, includes in ((own, False), (users, True)):
        try:
            with GitConfigParser(files, read_only=True, merge_includes=includes) as reader:
                value = reader.get_value("user", key, default="")
        except (ConfigError, OSError, UnicodeDecodeError):
            continue
        if value:
            return str(value)
    return None


def parse_date(text: str) -> datetime:
    """Read a date as GIT_COMMITTER_DATE has it: seconds and zone, ISO 8601, RFC 2822 ("Date Formats", git-commit(1)).

    Raises UnusableInputError for anything else.
    """
    stamp = STAMP.fullmatch(text)
    try:
        if stamp is not None:
            minutes = int(stamp[3]) * 60 + int(stamp[4])
            zone = timezone(timedelta(minutes=-minutes if stamp[2] == "-" else minutes))
            return datetime.fromtimestamp(int(stamp[1]), zone)
        date = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
    except (ValueError, OverflowError, OSError) as error:
        raise UnusableInputError(f"GIT_COMMITTER_DATE is no date: {text!r}") from error
    return date if date.tzinfo is not None else date.astimezone()


def user_identity(tree: Tree) -> Identity:
    """Return who commits in this repository, as git has it: GIT_COMMITTER_NAME, _EMAIL and _DATE, then `user.*`, now.

    Raises UnusableInputError when nobody has said, or the date is not one.
    """
    name = os.environ.get("GIT_COMMITTER_NAME") or _configured(tree, "name")
    email = os.environ.get("GIT_COMMITTER_EMAIL") or _configured(tree, "email")
    if not name or not email:
        raise UnusableInputError("who commits? git config user.name and user.email do not say")
    when = os.environ.get("GIT_COMMITTER_DATE")
    if not when:
        return Identity(name, email, datetime.now(UTC).astimezone())
    return Identity(name, email, parse_date(when))


def _copy(objects: Objects, identity: str, before: str | None, repository: pygit2.Repository) -> None:
    """Copy a folder and what is below it, as far as it differs from the folder `before`, which the repository has."""
    known = objects.tree(before)
    for name, entry in objects.tree(identity).items():
        old = known.get(name)
        if entry == old or entry.mode == SUBMODULE:
            continue
        if entry.mode == TREE:
            _copy(objects, entry.id, old.id if old is not None and old.mode == TREE else None, repository)
        else:
            repository.write(ObjectType.BLOB, objects.blob(entry.id))
    repository.write(ObjectType.TREE, objects.read(identity, ObjectType.TREE))


def _commits(applied: Applied, objects: Objects, committer: Identity) -> list[tuple[str, bytes]]:
    """The commits to keep, oldest first, each with its tree; a patch that changed nothing has none."""
    line = committer_line(committer).encode("utf-8", "surrogateescape")
    kept = []
    last = applied.base.commit
    for application in applied.applications:
        commit = application.commit
        if commit is not None and commit != last:
            data = objects.read(commit, ObjectType.COMMIT)
            kept.append((objects.root(commit), COMMITTER.sub(lambda _: line, data, count=1)))
            last = commit
    return kept


def keep_commits(tree: Tree, applied: Applied, committer: Identity) -> str:
    """Write the commits of an applied series to the tree's repository, with no branch; return the last one's id.

    They are byte for byte those of `git am`, given its committer and date. The scratch directory of `applied` must
    still be there. Raises UnusableInputError for a series that does not apply and a repository that cannot be written.
    """
    last = applied.snapshots[-1]
    if applied.reconstructed or applied.base.commit is None or not isinstance(last, ObjectSnapshot):
        raise UnusableInputError("the series does not apply")
    commit = applied.base.commit
    before = last.objects.root(commit)
    try:
        for root, data in _commits(applied, last.objects, committer):
            _copy(last.objects, root, before, tree.repository)
            before = root
            child = PARENT.sub(b"parent " + commit.encode("ascii"), data, count=1)
            commit = str(tree.repository.write(ObjectType.COMMIT, child))
    except (OSError, ValueError, pygit2.GitError) as error:
        raise UnusableInputError(f"{tree.path}: the commits cannot be written ({error})") from error
    return commit


def keep_branch(tree: Tree, applied: Applied, name: str, committer: Identity | None = None) -> str:
    """Write the commits of an applied series to the tree's repository as the new branch `name`; return its commit.

    They are those of `git am`, given its committer and date (None: what git would take, now). No hook
    runs, nothing is checked out, and the scratch directory of `applied` must still be there. Raises UnusableInputError
    for a series that does not apply, a bad name, a branch that exists, and a repository that cannot be written.
    """
    if applied.reconstructed or applied.base.commit is None:
        raise UnusableInputError(f"no branch {name}: the series does not apply")
    reference = f"refs/heads/{name}"
    if name.startswith("-") or not pygit2.reference_is_valid_name(reference):
        raise UnusableInputError(f"{name!r} is no name for a branch")
    if reference in tree.repository.references:
        raise UnusableInputError(f"{tree.path} has a branch {name} already")
    commit = keep_commits(tree, applied, committer or user_identity(tree))
    try:
        tree.repository.references.create(reference, commit)
    except (OSError, ValueError, pygit2.GitError) as error:
        raise UnusableInputError(f"{tree.path}: the branch {name} cannot be written ({error})") from error
    return commit
