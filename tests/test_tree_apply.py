# SPDX-License-Identifier: GPL-2.0-or-later
"""What is applied is what `git am` would have made: the same trees, and the same commits."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewbot.model.diff import Series
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.tree import Applied
from reviewbot.tree.apply import apply_series
from reviewbot.tree.message import Identity
from reviewbot.tree.repository import open_tree
from tests.treekit import ENVIRONMENT, commit, diff_of, git, git_am, mail_of, patch_of, repository, series_of

COMMITTER = Identity("C. Maintainer", "maintainer@example.org", datetime(2024, 3, 2, 12, tzinfo=UTC))
Files = Mapping[str, bytes | None]


def text(count: int, word: str = "line") -> bytes:
    """A file of different lines."""
    return "".join(f"{word} {n}\n" for n in range(1, count + 1)).encode()


BASE = {
    "a.c": text(40),
    "dir/b.c": text(30, "other"),
    "dir/data.bin": bytes(range(256)) * 9,
    "crlf.h": b"one\r\ntwo\r\nthree\r\n",
    "end": b"no line end",
    "gone/deep/only.c": text(5),
    "sp ace \xe4.c": text(9),
}
EDITS: dict[str, Files] = {
    "a change": {"a.c": text(40).replace(b"line 20\n", b"line twenty\nand more\n")},
    "two files": {"a.c": text(39), "dir/b.c": b"first\n" + text(30, "other")},
    "a new file": {"new/x.c": b"int x;\n", "new/empty": b""},
    "a removed file with its folders": {"gone/deep/only.c": None},
    "a rename with a change": {"dir/b.c": None, "moved/b.c": text(30, "other").replace(b"other 9\n", b"nine\n")},
    "a copy": {"copy.c": text(40).replace(b"line 1\n", b"one\n"), "a.c": text(40) + b"end\n"},
    "binary content": {"dir/data.bin": bytes(range(256)) * 9 + b"\0more", "new.bin": b"\0\1\2" * 40},
    "a binary rename with a change": {"dir/data.bin": None, "moved.bin": bytes(range(256)) * 9 + b"\0more"},
    "a binary copy with a change": {"copied.bin": bytes(range(256)) * 9 + b"\0more"},
    "line ends of DOS": {"crlf.h": b"one\r\n2\r\nthree\r\n"},
    "a line end at the end": {"end": b"no line end\n"},
    "no line end at the end": {"a.c": text(40) + b"end"},
    "bytes that are no UTF-8": {"a.c": text(40).replace(b"line 7\n", b"\xff\xfe\n"), "l1.c": b"\xe4\n"},
    "a name with a blank and an umlaut": {"sp ace \xe4.c": text(8)},
    "a file that becomes a folder": {"end": None, "end/x": b"x\n"},
    "a folder that becomes a file": {"gone/deep/only.c": None, "gone": b"x\n"},
}


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """A repository whose `main` is the base."""
    return repository(tmp_path / "linux", BASE)


def change(place: Path, files: Files, message: str) -> None:
    """Commit changes in an order in which a file can take a folder's place."""
    for name in [name for name, data in files.items() if data is None]:
        git(place, "rm", "-q", name)
    commit(place, {name: data for name, data in files.items() if data is not None}, message)


def applied_as_git(linux: Path, series: Series, mails: Path, *options: str) -> Applied:
    """Apply with both and compare the last commits."""
    scratch = linux.parent / "scratch"
    scratch.mkdir()
    applied = apply_series(series, open_tree(str(linux)), "main", scratch, COMMITTER)
    assert [a.reason for a in applied.applications if a.reason] == []
    assert applied.applications[-1].commit == git_am(linux, "main", mails, *options)
    return applied


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_gives_the_commit_that_git_am_gives(linux: Path, name: str) -> None:
    git(linux, "checkout", "-q", "-b", "work")
    change(linux, EDITS[name], f"{name}\n\nWhy it is done.\n\nSigned-off-by: A. Hacker <hacker@example.org>")
    series = mail_of(linux, "main..work", linux.parent / "mails")
    applied = applied_as_git(linux, series, linux.parent / "mails")
    assert [a.status for a in applied.applications] == ["clean"]
    for path, data in EDITS[name].items():
        file = applied.snapshots[1].read(path)
        assert (file.data if file is not None else None) == data


def test_modes_links_and_type_changes_give_the_commit_that_git_am_gives(linux: Path) -> None:
    git(linux, "checkout", "-q", "-b", "work")
    (linux / "a.c").chmod(0o755)
    (linux / "link").symlink_to("../../etc/passwd")
    commit(linux, {}, "mode and link")
    (linux / "link").unlink()
    (linux / "link").symlink_to("a.c")
    (linux / "crlf.h").unlink()
    (linux / "crlf.h").symlink_to("end")
    commit(linux, {}, "other link, and a file that becomes one")
    series = mail_of(linux, "main..work", linux.parent / "mails")
    applied = applied_as_git(linux, series, linux.parent / "mails")
    assert applied.snapshots[1].read("link") is None


def test_renames_that_swap_names_go_on(linux: Path) -> None:
    git(linux, "checkout", "-q", "-b", "work")
    one, two = text(90, "some words"), text(90, "of another kind")
    commit(linux, {"one.c": one, "two.c": two}, "two files")
    commit(linux, {"one.c": two + b"end\n", "two.c": one}, "swap")
    series = mail_of(linux, "main..work", linux.parent / "mails", "-B")
    assert [d.kind for d in series.patches[1].files] == ["rename", "rename"]
    applied_as_git(linux, series, linux.parent / "mails")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_a_random_series_gives_the_commits_of_git_am(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    dice = random.Random(seed)
    linux = repository(tmp_path_factory.mktemp("random") / "linux", BASE)
    git(linux, "checkout", "-q", "-b", "work")
    for number in range(dice.randint(1, 4)):
        files: dict[str, bytes | None] = {}
        for name in dice.sample([path.name for path in linux.iterdir() if path.is_file()], 2):
            lines = (linux / name).read_bytes().splitlines(keepends=True)
            at = dice.randint(0, len(lines))
            lines[at : at + dice.randint(0, 3)] = [b"random %d\n" % dice.getrandbits(32)] * dice.randint(0, 3)
            files[name] = b"".join(lines) if dice.random() < 0.9 else None
        change(linux, files, f"change {number}")
    series = mail_of(linux, "main..work", linux.parent / "mails")
    applied_as_git(linux, series, linux.parent / "mails")


def test_every_prefix_is_a_commit_with_its_own_files(linux: Path) -> None:
    git(linux, "checkout", "-q", "-b", "work")
    for number in (1, 2, 3):
        commit(linux, {"a.c": text(40 + number)}, f"longer by {number}")
    applied = applied_as_git(linux, mail_of(linux, "main..work", linux.parent / "mails"), linux.parent / "mails")
    ids = git(linux, "log", "--reverse", "--format=%T", "main..HEAD").splitlines()
    assert [getattr(s, "root", None) for s in applied.snapshots] == [git(linux, "rev-parse", "main^{tree}"), *ids]
    files = [snapshot.read("a.c") for snapshot in applied.snapshots]
    assert [file and len(file.data.splitlines()) for file in files] == [40, 41, 42, 43]


def test_offsets_are_told_and_give_what_git_am_gives(linux: Path) -> None:
    git(linux, "checkout", "-q", "-b", "work")
    commit(linux, {"a.c": text(40).replace(b"line 30\n", b"line thirty\n")}, "change")
    series = mail_of(linux, "main..work", linux.parent / "mails")
    git(linux, "checkout", "-q", "main")
    commit(linux, {"a.c": b"new\nnew\n" + text(40)}, "upstream went on")
    applied = applied_as_git(linux, series, linux.parent / "mails")
    hunk = applied.applications[0].hunks[0]
    assert (applied.applications[0].status, hunk.path, hunk.hunk, hunk.status, hunk.offset) == (
        "offset", "a.c", 1, "offset", 2,
    )  # fmt: skip


def conflict(linux: Path, series: Series) -> Applied:
    """Apply a series that does not go on."""
    scratch = linux.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    applied = apply_series(series, open_tree(str(linux)), "main", scratch)
    assert applied.reconstructed, applied.applications
    assert len(applied.snapshots) == len(series.patches) + 1
    return applied


def test_a_reject_names_base_patch_file_hunk_and_nearest_context(linux: Path) -> None:
    before = text(40).replace(b"line 21\n", b"something else\n")
    after = before.replace(b"line 20\n", b"line twenty\n")
    patches = [patch_of(1, diff_of("a.c", text(40), b"x\n" + text(40))), patch_of(2, diff_of("a.c", before, after))]
    applied = conflict(linux, series_of(*patches, patch_of(3)))
    assert [a.status for a in applied.applications] == ["clean", "conflict", "not-tried"]
    reason = applied.applications[1].reason or ""
    head = git(linux, "rev-parse", "main")[:12]
    for part in (f"patch 2/0 does not apply to {head} of {linux}", "a.c: hunk 1", "nearest context at line 18",
                 "should be 'something else' but is 'line 21'"):  # fmt: skip
        assert part in reason
    shown = applied.snapshots[2].read("a.c")
    assert shown is not None
    assert b"line twenty" in shown.data


def test_what_cannot_apply_says_why(linux: Path) -> None:
    reasons = {
        "no such file": diff_of("none.c", b"a\n", b"b\n"),
        "already exists": diff_of("a.c", None, b"new\n"),
        "at an end of the file": diff_of("a.c", text(20), None),
        "it is already in the tree": diff_of("a.c", text(38) + b"line 39\n", text(40)),
        "end is no folder": diff_of("end/x.c", None, b"new\n"),
        "dir: is a folder": diff_of("dir", b"a\n", b"b\n"),
    }
    for says, diff in reasons.items():
        applied = conflict(linux, series_of(patch_of(1, diff)))
        assert applied.applications[0].status == "conflict"
        assert says in (applied.applications[0].reason or "")


def test_an_unknown_base_is_unusable_input(linux: Path, tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="no commit called 'v9'"):
        apply_series(series_of(patch_of(1)), open_tree(str(linux)), "v9", tmp_path)


def test_the_repository_is_left_as_it_was(linux: Path) -> None:
    def state() -> list[tuple[str, int]]:
        return sorted((str(p), p.stat().st_mtime_ns) for p in linux.rglob("*"))

    before = state()
    git_environment = {name for name in ENVIRONMENT if name.startswith("GIT_")} & set(os.environ)
    assert not git_environment
    conflict(linux, series_of(patch_of(1, diff_of("a.c", b"x\n", b"y\n"))))
    scratch = linux.parent / "scratch2"
    scratch.mkdir()
    fine = series_of(patch_of(1, diff_of("a.c", text(40), text(41))))
    assert not apply_series(fine, open_tree(str(linux)), None, scratch).reconstructed
    assert state() == before
