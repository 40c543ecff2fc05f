# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that mean harm are refused with a reason, soon, and write nothing outside the scratch directory."""

from __future__ import annotations

import base64
import time
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model.diff import DiffLine, FileDiff, Hunk
from reviewbot.model.tree import Application
from reviewbot.tree.apply import apply_series
from reviewbot.tree.binary import BadBinaryError, apply_delta, patch_binary
from reviewbot.tree.paths import refusal
from reviewbot.tree.repository import open_tree
from tests.treekit import commit, diff_of, git, patch_of, read_file, repository, series_of

BAD_PATHS = [
    "", "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "a/.", ".git/config", "a/.git/hooks/x", ".GIT/x", ".Git",
    "git~1/x", ".g\u200cit/config", ".gi\u2060t\ufeff/x", ".git ./x", ".git::$INDEX_ALLOCATION/x", "a\\.git\\x", "C:/x",
    "\\x", "a\0b", "a\nb", "\x1b[31mx", "a" * 5000, "a\\..\\b", "\uff0egit/x",
]  # fmt: skip
GOOD_PATHS = [
    "b.c",
    ".gitignore",
    "a/.gitattributes",
    "Documentation/x y.rst",
    "a...b",
    "git/x",
    "b/\xe4\udcff.c",
    "nul",
    ".github/x",
]


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """A repository with a link out of the tree and a file."""
    place = repository(tmp_path / "linux", {"a.c": b"a\n" * 9})
    (place / "out").symlink_to("/tmp")
    (place / "folder").symlink_to(".git")
    return commit(place, {}, "links")


def tried(linux: Path, *diffs: FileDiff) -> Application:
    """Apply one patch of these diffs."""
    scratch = linux.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return apply_series(series_of(patch_of(1, *diffs)), open_tree(str(linux)), "main", scratch).applications[0]


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_hostile_path_is_refused_on_both_sides_of_a_diff(linux: Path, path: str) -> None:
    assert refusal(path)
    new = replace(diff_of("x", None, b"x\n"), new_path=path)
    moved = FileDiff("a.c", path, "rename", (), 0, 0)
    copied = FileDiff(path, "x", "copy", (), 0, 0)
    for diff in (new, moved, copied):
        result = tried(linux, diff)
        assert result.status == "conflict"
        assert "refused" in (result.reason or "")
        assert result.commit is None


@pytest.mark.parametrize("path", GOOD_PATHS)
def test_an_honest_path_is_not_refused(linux: Path, path: str) -> None:
    assert refusal(path) is None
    assert tried(linux, replace(diff_of("x", None, b"x\n"), new_path=path)).status == "clean"


@given(st.text(max_size=30))
def test_no_path_is_taken_that_leaves_the_tree_or_enters_git(path: str) -> None:
    if refusal(path) is None:
        parts = path.lower().split("/")
        assert not {"", ".", "..", ".git"} & set(parts)


@pytest.mark.parametrize("path", ["out/x", "folder/config", "out/deep/x"])
def test_nothing_goes_through_a_link(linux: Path, path: str) -> None:
    result = tried(linux, diff_of(path, None, b"x\n"))
    assert "is a symbolic link" in (result.reason or "")
    link = replace(diff_of("l", None, b"/tmp"), new_mode="120000")
    result = tried(linux, link, diff_of("l/x", None, b"x\n"))
    assert "the patch makes l a file" in (result.reason or "")


@pytest.mark.parametrize("mode", ["160000", "999999", "1006440", "x"])
def test_submodules_and_odd_modes_are_refused(linux: Path, mode: str) -> None:
    result = tried(linux, replace(diff_of("sub", None, b"Subproject commit 1\n"), new_mode=mode))
    assert "refused: sub" in (result.reason or "")


def test_very_many_hunks_that_fit_nowhere_end_soon(linux: Path) -> None:
    commit(linux, {"long.c": b"same\n" * 20_000}, "long")
    lines = (DiffLine(" ", "same", 1, 1), DiffLine("-", "other", 2, None), DiffLine(" ", "same", 3, 2))
    hunks = tuple(Hunk(n, 3, n, 2, "", lines) for n in range(2, 50_002))
    begin = time.process_time()
    result = tried(linux, FileDiff("long.c", "long.c", "modify", hunks, 0, 0))
    assert result.status == "conflict"
    assert "takes too long" in (result.reason or "")
    assert time.process_time() - begin < 20


def test_a_line_of_many_megabytes_is_just_a_line(linux: Path) -> None:
    begin = time.process_time()
    assert tried(linux, diff_of("a.c", b"a\n" * 9, b"a\n" * 9 + b"x" * (20 << 20))).status == "clean"
    assert time.process_time() - begin < 5


def encoded(data: bytes, size: int, method: str = "literal") -> bytes:
    """A part of a git binary patch."""
    out = [f"{method} {size}".encode()]
    for at in range(0, len(data), 52):
        piece = data[at : at + 52]
        mark = len(piece) + (ord("A") - 1 if len(piece) <= 26 else ord("a") - 27)
        out.append(bytes([mark]) + base64.b85encode(piece + bytes(-len(piece) % 4)))
    return b"\n".join(out) + b"\n\n"


def test_a_binary_bomb_is_not_inflated(linux: Path) -> None:
    bomb = zlib.compress(bytes(70 << 20), 1)
    for says, size in [("more than", 70 << 20), ("is not the 1000 bytes", 1000)]:
        diff = FileDiff(None, "x.bin", "binary", (), 0, 0, new_mode="100644", binary=encoded(bomb, size))
        begin = time.process_time()
        result = tried(linux, diff)
        assert says in (result.reason or "")
        assert time.process_time() - begin < 2


@given(st.binary(max_size=200), st.binary(max_size=60))
def test_a_binary_patch_that_is_damaged_is_an_error_and_nothing_else(base: bytes, noise: bytes) -> None:
    assert patch_binary(base, encoded(zlib.compress(noise), len(noise))) == noise
    for text in (
        noise,
        b"literal 5\n" + noise,
        b"delta 9\n" + noise,
        encoded(noise, 7),
        encoded(zlib.compress(noise), 7, "delta"),
    ):
        try:
            patch_binary(base, text)
        except BadBinaryError as error:
            assert str(error)
    try:
        assert len(apply_delta(base, bytes([len(base) & 127, 9]) + noise)) == 9
    except BadBinaryError as error:
        assert str(error)


def test_many_files_are_bounded(linux: Path) -> None:
    one = diff_of("x", None, b"x\n")
    diffs = [replace(one, new_path=f"n/{number}") for number in range(50_001)]
    assert "changes 50001 files" in (tried(linux, *diffs).reason or "")


def test_mails_with_hostile_diffs_are_refused_whole(linux: Path) -> None:
    names = ["../x", ".git/config", "out/x", ".g\u200cit/x"]
    for name in names:
        text = "From: A <a@b.c>\nSubject: [PATCH] x\nDate: Fri, 1 Mar 2024 12:00:00 +0100\n\nlog\n---\n"
        text += f"diff --git a/{name} b/{name}\n"
        text += f"new file mode 100644\n--- /dev/null\n+++ b/{name}\n@@ -0,0 +1 @@\n+x\n-- \n2.39\n"
        file = linux.parent / "mail.eml"
        file.write_text(text, "utf-8")
        scratch = linux.parent / "scratch"
        scratch.mkdir(exist_ok=True)
        result = apply_series(read_file(file), open_tree(str(linux)), "main", scratch).applications[0]
        assert (result.status, bool(result.reason)) == ("conflict", True), name


def test_nothing_outside_the_scratch_directory_is_written(linux: Path) -> None:
    commit(linux, {"b.c": b"b\n"}, "more")
    before = {path: path.stat().st_mtime_ns for path in linux.parent.rglob("*") if "scratch" not in str(path)}
    for path in ("out/x", "../x", "folder/config", "fine.c"):
        tried(linux, replace(diff_of("x", None, b"x\n"), new_path=path))
    after = {path: path.stat().st_mtime_ns for path in linux.parent.rglob("*") if "scratch" not in str(path)}
    assert before == after | {linux.parent: before.get(linux.parent, 0)} or before == after
    assert git(linux, "status", "--porcelain") == ""
