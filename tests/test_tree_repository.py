# SPDX-License-Identifier: GPL-2.0-or-later
"""Opening real repositories of every shape, reading them, and leaving them alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.model.errors import UnusableInputError
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from tests.treekit import commit, diff_of, git, patch_of, repository, series_of

FILES = {"a.c": b"int a;\n", "dir/b.c": b"int b;\n", "dir-x": b"x\n", "dir/sub/c.h": b"\xff\r\n"}


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """A small repository with two commits."""
    place = repository(tmp_path / "linux", FILES)
    return commit(place, {"a.c": b"long a;\n"}, "second")


def clone(linux: Path, kind: str) -> Path:
    """Another repository with the commits of `linux`."""
    place = linux.parent / kind
    url = linux.as_uri()
    options = {
        "bare": ["clone", "-q", "--bare", url],
        "shallow": ["clone", "-q", "--depth=1", url],
        "partial": ["clone", "-q", "--filter=blob:none", url],
        "alternates": ["clone", "-q", "--shared", str(linux)],
        "worktree": ["worktree", "add", "-q", "--detach"],
    }
    git(linux, "config", "uploadpack.allowFilter", "true")
    git(linux, *options[kind], str(place))
    return place


@pytest.mark.parametrize("kind", ["bare", "shallow", "partial", "alternates", "worktree"])
def test_a_clone_of_any_kind_is_read(linux: Path, kind: str) -> None:
    tree = open_tree(str(clone(linux, kind)))
    head = tree.resolve("HEAD")
    assert head == git(linux, "rev-parse", "HEAD")
    file = tree.snapshot(head).read("a.c")
    assert file is not None
    assert (file.data, file.key, file.known) == (b"long a;\n", git(linux, "rev-parse", "HEAD:a.c"), None)
    assert (tree.object_directory / "pack").is_dir()


def test_a_partial_clone_with_its_extension_set_is_read(linux: Path) -> None:
    place = clone(linux, "partial")
    git(place, "config", "extensions.partialClone", "origin")
    assert open_tree(str(place)).resolve("HEAD") == git(linux, "rev-parse", "HEAD")


def test_paths_are_sorted_as_git_sorts_them(linux: Path) -> None:
    snapshot = open_tree(str(linux)).snapshot("HEAD")
    assert list(snapshot.paths()) == git(linux, "ls-tree", "-r", "--name-only", "HEAD").splitlines()
    assert list(snapshot.paths("dir/")) == ["dir/b.c", "dir/sub/c.h"]
    assert list(snapshot.paths("a.c")) == []
    assert list(snapshot.paths("none")) == []
    assert snapshot.complete


def test_what_is_no_file_reads_as_none(linux: Path) -> None:
    (linux / "link").symlink_to("/etc/passwd")
    commit(linux, {}, "link")
    snapshot = open_tree(str(linux)).snapshot("HEAD")
    assert [snapshot.read(path) for path in ("dir", "link", "none", "a.c/b", "")] == [None] * 5
    assert "link" not in list(snapshot.paths())


def test_any_revision_resolves_and_an_unknown_one_is_one_clear_line(linux: Path) -> None:
    git(linux, "tag", "-a", "v1", "-m", "v1", "HEAD~1")
    tree = open_tree(str(linux))
    assert tree.resolve("v1") == git(linux, "rev-parse", "HEAD~1")
    for rev in ("v2", "HEAD~7", "HEAD:a.c", "", "--all", "f" * 40, "main..main"):
        with pytest.raises(UnusableInputError, match="has no commit called") as caught:
            tree.resolve(rev)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "says"), [("nothing", "no such directory"), (".", "not a git repository")])
def test_what_is_no_repository_is_one_clear_line(tmp_path: Path, name: str, says: str) -> None:
    with pytest.raises(UnusableInputError, match=says) as caught:
        open_tree(str(tmp_path / name))
    assert "\n" not in str(caught.value)


def test_a_file_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    with pytest.raises(UnusableInputError, match="not a git repository"):
        open_tree(str(tmp_path / "file"))


def objects_of(place: Path) -> list[str]:
    """The object files of a repository."""
    return sorted(str(path) for path in (place / ".git/objects").rglob("*"))


def test_what_a_partial_clone_lacks_is_fetched_into_the_scratch_repository(linux: Path, tmp_path: Path) -> None:
    git(linux, "config", "uploadpack.allowFilter", "true")
    place = tmp_path / "partial"
    git(linux, "clone", "-q", "--filter=blob:none", "--no-checkout", linux.as_uri(), str(place))
    before = objects_of(place)
    series = series_of(patch_of(1, diff_of("a.c", b"long a;\n", b"short a;\n"), diff_of("dir/b.c", b"int b;\n", None)))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    applied = apply_series(series, open_tree(str(place)), None, tmp_path / "one")
    full = apply_series(series, open_tree(str(linux)), None, tmp_path / "two")
    assert applied.applications == full.applications
    assert [a.status for a in applied.applications] == ["clean"]
    other = applied.snapshots[1].read("dir/sub/c.h")
    assert other is not None
    assert other.data == FILES["dir/sub/c.h"]
    assert objects_of(place) == before


def test_a_partial_clone_that_is_cut_off_is_one_clear_line(linux: Path, tmp_path: Path) -> None:
    git(linux, "config", "uploadpack.allowFilter", "true")
    place = tmp_path / "partial"
    git(linux, "clone", "-q", "--filter=blob:none", "--no-checkout", linux.as_uri(), str(place))
    for url in ("ext::touch ran", "../nowhere", "-u", "\x07"):
        git(place, "config", "remote.origin.url", url)
        scratch = tmp_path / f"scratch{len(url)}"
        scratch.mkdir()
        with pytest.raises(UnusableInputError, match="is missing and cannot be fetched") as caught:
            apply_series(series_of(patch_of(1, diff_of("a.c", b"x\n", b"y\n"))), open_tree(str(place)), None, scratch)
        assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("ran"))
