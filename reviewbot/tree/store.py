# SPDX-License-Identifier: GPL-2.0-or-later
"""The scratch repository: it takes all that is written, and borrows the objects of the user's repository."""

from __future__ import annotations

import hashlib
import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path

import pygit2
from pygit2.enums import RepositoryOpenFlag

from reviewbot.model.errors import UnusableInputError
from reviewbot.tree.objects import Objects
from reviewbot.tree.promisor import REMOTE, configuration, fetch, promisor_url
from reviewbot.tree.repository import Tree

# automatic maintenance would pack or prune what a review is about to read
CONFIG = "[core]\n\trepositoryformatversion = 0\n\tbare = true\n[gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
PARTIAL = f"partialClone = {REMOTE}\n"


def create_store(scratch: Path, tree: Tree) -> Objects:
    """Make (or open) the scratch repository in the directory `scratch` and return its objects, `tree`'s included.

    It is laid out by hand as gitrepository-layout(5) says: no template, and so no hook, is copied into it.
    Raises UnusableInputError when the tree's path cannot be written in an alternates file.
    """
    borrowed = str(tree.object_directory.resolve())
    # one a tree: a scratch directory may serve several
    name = hashlib.sha256(borrowed.encode("utf-8", "surrogateescape")).hexdigest()[:12]
    place = scratch / f"{name}.git"
    if not place.exists():
        if "\n" in borrowed or borrowed.startswith(('"', "#")):
            raise UnusableInputError(f"{tree.path}: git cannot borrow objects from a path with a line end")
        for folder in ("objects/info", "objects/pack", "refs"):
            (place / folder).mkdir(parents=True, exist_ok=True)
        url = promisor_url(tree.git_directory)
        (place / "config").write_text(CONFIG + (configuration(url) if url is not None else ""), "utf-8")
        (place / "HEAD").write_text("ref: refs/heads/series\n")
        (place / "objects/info/alternates").write_text(borrowed + "\n", "utf-8", "surrogateescape")
        # where a shallow clone's history ends (gitformat "shallow")
        with suppress(FileNotFoundError):
            shutil.copyfile(tree.git_directory / "shallow", place / "shallow")
    objects = Objects(pygit2.Repository(str(place), RepositoryOpenFlag.NO_SEARCH | RepositoryOpenFlag.BARE))
    if PARTIAL in (place / "config").read_text("utf-8"):
        objects.fetch = partial(fetch, place)
    return objects
