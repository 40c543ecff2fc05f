# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot tree` and `--tree NAME`."""

from __future__ import annotations

from pathlib import Path

import git

from reviewbot.tree.importing import import_directory
from tests.commands import reviewbot


def test_a_tree_is_pinned_listed_verified_and_used_by_name(fixtures: Path, tmp_path: Path) -> None:
    commit = import_directory(fixtures / "tree", tmp_path / "tree")
    assert reviewbot("tree", "pin", "small", "HEAD", "--path", "tree", cwd=tmp_path).status == 0
    assert commit in reviewbot("tree", "list", cwd=tmp_path).out
    assert reviewbot("tree", "verify", cwd=tmp_path).out == "small: ok\n"
    done = reviewbot("apply", fixtures / "series" / "clean.mbox", "--tree", "small", cwd=tmp_path)
    assert done.status == 0, done.err
    assert commit[:12] in done.out


def test_a_pin_that_is_gone_is_said(fixtures: Path, tmp_path: Path) -> None:
    import_directory(fixtures / "tree", tmp_path / "tree")
    reviewbot("tree", "pin", "small", "HEAD", "--path", "tree", cwd=tmp_path)
    (tmp_path / "tree" / ".git").rename(tmp_path / "elsewhere")
    git.Repo.init(tmp_path / "tree")
    done = reviewbot("tree", "verify", cwd=tmp_path)
    assert done.status == 1
    assert "is gone" in done.out


def test_the_same_directory_is_the_same_commit(fixtures: Path, tmp_path: Path) -> None:
    first, second = (import_directory(fixtures / "tree", tmp_path / name) for name in ("a", "b"))
    assert first == second


def owned_tree(fixtures: Path, tmp_path: Path) -> git.Repo:
    """Make a repository of the bundled tree in which somebody commits."""
    import_directory(fixtures / "tree", tmp_path / "tree")
    repository = git.Repo(tmp_path / "tree")
    with repository.config_writer() as config:
        config.set_value("user", "name", "Max Maintainer").set_value("user", "email", "max@example.org")
    return repository


def test_apply_keeps_the_result_as_a_branch_only_when_asked_to(fixtures: Path, tmp_path: Path) -> None:
    repository = owned_tree(fixtures, tmp_path)
    mailbox = fixtures / "series" / "clean.mbox"
    assert reviewbot("apply", mailbox, "--tree", tmp_path / "tree").status == 0
    assert [head.name for head in repository.heads] == ["main"]
    done = reviewbot("apply", mailbox, "--tree", tmp_path / "tree", "--branch", "review/clean")
    assert done.status == 0, done.err
    assert len(list(repository.iter_commits("main..review/clean"))) == 3
    assert repository.commit("review/clean").committer.name == "Max Maintainer"


def test_no_branch_is_made_of_a_series_that_does_not_apply(fixtures: Path, tmp_path: Path) -> None:
    repository = owned_tree(fixtures, tmp_path)
    mailbox = fixtures / "series" / "conflict.mbox"
    done = reviewbot("apply", mailbox, "--tree", tmp_path / "tree", "--branch", "review/conflict")
    assert done.status == 1
    assert "conflict" in done.out
    assert [head.name for head in repository.heads] == ["main"]
