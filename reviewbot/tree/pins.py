# SPDX-License-Identifier: GPL-2.0-or-later
"""The trees that `reviewbot.toml` names and the commits that they are pinned to.

[trees.linux]
path = "../linux"              # relative to the file
pin = "<full commit id>"
rev = "v6.1"                   # what was pinned, for people and `verify`
candidates = ["origin/master"] # further revisions that a series may be based on
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pygit2

from reviewbot.model.errors import UnusableInputError
from reviewbot.tree.repository import Tree, open_tree

FILE_NAME = "reviewbot.toml"
FULL_ID = re.compile(r"[0-9a-f]{40}\Z")
TREE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}\Z")


@dataclass(frozen=True, slots=True)
class PinnedTree:
    """A named tree: `path` is absolute, `pin` a full commit id (None: not pinned yet), `rev` what it was pinned as."""

    name: str
    path: Path
    pin: str | None
    rev: str | None = None
    candidates: tuple[str, ...] = ()


def _text(file: Path, name: str, table: dict[str, object], key: str) -> str | None:
    value = table.get(key)
    if value is not None and not isinstance(value, str):
        raise UnusableInputError(f"{file}: trees.{name}.{key} is not a string")
    return value


def _tree(file: Path, name: str, table: object) -> PinnedTree:
    if not isinstance(table, dict):
        raise UnusableInputError(f"{file}: trees.{name} is not a table")
    path = _text(file, name, table, "path")
    if path is None:
        raise UnusableInputError(f"{file}: trees.{name} has no path")
    pin = _text(file, name, table, "pin")
    if pin is not None and not FULL_ID.match(pin):
        raise UnusableInputError(f"{file}: trees.{name}.pin is no full commit id (40 hex digits): {pin!r}")
    candidates = table.get("candidates", [])
    if not isinstance(candidates, list) or not all(isinstance(rev, str) for rev in candidates):
        raise UnusableInputError(f"{file}: trees.{name}.candidates is not a list of strings")
    place = Path(os.path.normpath(file.parent.absolute() / Path(path).expanduser()))
    return PinnedTree(name, place, pin, _text(file, name, table, "rev"), tuple(candidates))


def read_trees(file: Path) -> dict[str, PinnedTree]:
    """Return the trees that a `reviewbot.toml` names; none when there is no such file.

    Raises UnusableInputError when the file is no TOML or its `trees` are not as described above.
    """
    try:
        with file.open("rb") as stream:
            content = tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusableInputError(f"{file}: {error}") from error
    trees = content.get("trees", {})
    if not isinstance(trees, dict):
        raise UnusableInputError(f"{file}: trees is not a table")
    return {name: _tree(file, name, table) for name, table in trees.items()}


def verify(pinned: PinnedTree) -> str | None:
    """Say what is wrong with a tree or its pin, None when the pin is there and is what it was pinned as."""
    try:
        tree = open_tree(str(pinned.path))
    except UnusableInputError as error:
        return str(error)
    if pinned.pin is None:
        return f"{pinned.name} has no pin (reviewbot tree pin {pinned.name} REV)"
    kind = tree.repository.get(pinned.pin)
    if kind is None:
        return f"the pin {pinned.pin} of {pinned.name} is gone from {pinned.path}"
    if not isinstance(kind, pygit2.Commit):
        return f"the pin {pinned.pin} of {pinned.name} is no commit"
    if pinned.rev is not None and tree.repository.references.get(f"refs/tags/{pinned.rev}") is not None:
        now = tree.resolve(pinned.rev)
        if now != pinned.pin:
            return f"the tag {pinned.rev} of {pinned.name} is {now} now, but was pinned as {pinned.pin}"
    return None


def open_pinned(pinned: PinnedTree) -> Tree:
    """Open a named tree for use; UnusableInputError when its pin does not verify (a tree without a pin is taken)."""
    if pinned.pin is not None:
        wrong = verify(pinned)
        if wrong is not None:
            raise UnusableInputError(wrong)
    return open_tree(str(pinned.path), pinned.name, pinned.pin, pinned.candidates)


def find_tree(argument: str, file: Path) -> Tree:
    """Open what `--tree` says: a name in the `reviewbot.toml` at `file`, else the path of a repository.

    Raises UnusableInputError when it is neither, or the pin of the name does not verify.
    """
    trees = read_trees(file)
    if argument in trees:
        return open_pinned(trees[argument])
    try:
        return open_tree(argument)
    except UnusableInputError as error:
        if "/" in argument or Path(argument).exists():
            raise
        known = ", ".join(sorted(trees)) or "none"
        raise UnusableInputError(
            f"{argument}: no repository, and no tree of that name in {file} (it has {known})"
        ) from error


def pin(file: Path, name: str, rev: str, path: str | None = None) -> PinnedTree:
    """Pin the tree `name` to what `rev` is now, in the `reviewbot.toml` at `file`, and return it.

    `path` is needed for a name that is new (it is written relative to the file where it was given so). The rest of the
    file, comments too, stays as it is. Raises UnusableInputError for a path that is no repository or an unknown `rev`.
    """
    import tomlkit  # a writer is needed here only

    if not TREE_NAME.match(name):
        raise UnusableInputError(f"{name!r} is no name for a tree (letters, digits, `_`, `-` and `.`)")
    known = read_trees(file).get(name)
    if path is None and known is None:
        raise UnusableInputError(f"{file} has no tree {name!r}: give its path to add it")
    place = Path(path).expanduser().absolute() if path is not None else known.path if known else Path()
    commit = open_tree(str(place)).resolve(rev)
    document = tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
    trees = document.setdefault("trees", tomlkit.table(is_super_table=True))
    table = trees.setdefault(name, tomlkit.table())
    if path is not None:
        inside = os.path.relpath(place, file.parent.absolute())
        table["path"] = str(place) if Path(path).expanduser().is_absolute() else inside
    table["pin"] = commit
    table["rev"] = rev
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(tomlkit.dumps(document), "utf-8")
    fresh.replace(file)
    return read_trees(file)[name]
