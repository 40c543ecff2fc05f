# SPDX-License-Identifier: GPL-2.0-or-later
"""Making a git repository of a plain directory, so that a series can be applied to it."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import git

AUTHOR = git.Actor("reviewbot", "reviewbot@localhost")
DATE = datetime(2000, 1, 1, tzinfo=UTC)


def import_directory(source: Path, place: Path) -> str:
    """Make `place` a git repository with one commit, the files below `source`; return the commit's id.

    Author and date are fixed, so that the same files give the same commit everywhere.
    """
    shutil.copytree(source, place)
    with git.Repo.init(place, initial_branch="main") as repository:
        repository.git.add("--all", "--force")
        commit = repository.index.commit("base", author=AUTHOR, committer=AUTHOR, author_date=DATE, commit_date=DATE)
        return commit.hexsha
