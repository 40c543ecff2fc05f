# SPDX-License-Identifier: GPL-2.0-or-later
"""A series finds its base: by its own word, by the blobs that it was made from, or the pin; and says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.model.tree import Applied
from reviewbot.tree.apply import apply_series
from reviewbot.tree.base import wanted_blobs
from reviewbot.tree.repository import open_tree
from tests.treekit import commit, diff_of, git, mail_of, patch_of, read_file, repository, series_of


def text(word: str, count: int = 30) -> bytes:
    """A file of different lines."""
    return "".join(f"{word} {n}\n" for n in range(1, count + 1)).encode()


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """A repository: v1, then upstream changes the file that the series of the branch `work` (on v1) changes too."""
    place = repository(tmp_path / "linux", {"a.c": text("a"), "b.c": text("b")})
    commit(place, {"c.c": text("c")}, "the base")
    git(place, "tag", "v1")
    git(place, "checkout", "-q", "-b", "work")
    commit(place, {"a.c": text("a").replace(b"a 10\n", b"ten\n")}, "a: ten")
    commit(place, {"a.c": text("a").replace(b"a 10\n", b"TEN\n"), "b.c": text("b") + b"end\n"}, "a and b")
    git(place, "checkout", "-q", "main")
    return commit(place, {"a.c": text("a").replace(b"a 11\n", b"eleven, upstream\n")}, "upstream went on")


def found(linux: Path, mails: Path, *candidates: str, pin: str | None = None) -> Applied:
    """Read and apply a file of mails to a base that is found."""
    tree = open_tree(str(linux), "linux", pin and git(linux, "rev-parse", pin), candidates)
    scratch = linux.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return apply_series(read_file(mails), tree, None, scratch)


def mails(linux: Path, *options: str, revisions: str = "v1..work") -> Path:
    """Mail the branch `work`."""
    file = linux.parent / "mails"
    mail_of(linux, revisions, file, *options)
    return file


def test_the_base_commit_line_comes_first(linux: Path) -> None:
    applied = found(linux, mails(linux, "--base=v1"))
    assert (applied.base.kind, applied.base.commit) == ("base-commit", git(linux, "rev-parse", "v1"))
    assert applied.base.tree == "linux"
    assert not applied.reconstructed
    assert any("says that it is based on commit" in reason for reason in applied.base.reasons)


def test_a_base_commit_that_is_not_there_is_told_and_the_blobs_decide(linux: Path) -> None:
    file = mails(linux, "--base=v1")
    file.write_bytes(file.read_bytes().replace(git(linux, "rev-parse", "v1").encode(), b"f" * 40))
    applied = found(linux, file)
    assert (applied.base.kind, applied.base.commit) == ("guessed", git(linux, "rev-parse", "v1"))
    assert any("is not in the tree" in reason for reason in applied.base.reasons)


def test_blobs_find_the_last_commit_of_the_history_that_has_them(linux: Path) -> None:
    applied = found(linux, mails(linux))
    assert (applied.base.kind, applied.base.commit) == ("guessed", git(linux, "rev-parse", "v1"))
    assert [a.status for a in applied.applications] == ["clean", "clean"]
    reasons = " / ".join(applied.base.reasons)
    assert "1 of 2 blobs match HEAD" in reasons
    assert f"2 of 2 blobs match commit {applied.base.commit}" in reasons


def test_a_pin_whose_blobs_match_is_the_base(linux: Path) -> None:
    applied = found(linux, mails(linux), pin="v1")
    assert (applied.base.kind, applied.base.commit) == ("pinned", git(linux, "rev-parse", "v1"))
    assert "2 of 2 blobs match the pin" in applied.base.reasons[-1]


def test_candidates_are_looked_at_with_their_history(linux: Path) -> None:
    git(linux, "checkout", "-q", "--orphan", "elsewhere")
    commit(linux, {"z": b"z\n"}, "another root")
    applied = found(linux, mails(linux), "gone", "main", pin="elsewhere")
    assert (applied.base.kind, applied.base.commit) == ("guessed", git(linux, "rev-parse", "v1"))
    assert "the candidate gone is not in the tree" in applied.base.reasons


def test_the_pin_is_taken_when_no_commit_matches_better(linux: Path) -> None:
    git(linux, "checkout", "-q", "work")
    commit(linux, {"a.c": text("new") + text("a")}, "private")
    commit(linux, {"a.c": text("new") + text("a").replace(b"a 25\n", b"x\n")}, "on private work")
    file = mails(linux, revisions="work~1..work")
    for branch in git(linux, "branch", "--format=%(refname:short)").split():
        if branch == "work":
            git(linux, "checkout", "-q", "main")
            git(linux, "branch", "-D", branch)
    applied = found(linux, file)
    assert (applied.base.kind, applied.base.commit) == ("pinned", git(linux, "rev-parse", "main"))
    assert [a.status for a in applied.applications] == ["offset"]


def test_prerequisite_patches_are_found_in_the_history(linux: Path) -> None:
    file = mails(linux, "--base=v1", revisions="work~1..work")
    assert b"prerequisite-patch-id:" in file.read_bytes()
    git(linux, "reset", "-q", "--hard", "v1")
    git(linux, "cherry-pick", "--allow-empty", "work~1")
    before = git(linux, "rev-parse", "HEAD")
    commit(linux, {"a.c": text("other")}, "and on")
    applied = found(linux, file)
    assert (applied.base.kind, applied.base.commit) == ("base-commit", before)
    assert any("1 further patches, of which 1 are in the tree" in reason for reason in applied.base.reasons)


def test_nothing_fits_and_every_try_is_told(linux: Path, tmp_path: Path) -> None:
    series = series_of(patch_of(1, diff_of("a.c", b"not\nthis\n", b"not\nthat\n")))
    applied = apply_series(series, open_tree(str(linux)), None, tmp_path)
    assert (applied.base.kind, applied.base.commit, applied.reconstructed) == ("reconstructed", None, True)
    assert "the patches name no blobs" in applied.base.reasons[0]
    assert "none of its 2 lines is in the file" in applied.base.reasons[-1]


def test_remarks_on_what_the_series_needs_are_quoted(linux: Path) -> None:
    file = mails(linux, "--cover-letter", "--base=v1")
    said = b"This is based on the series at https://example.org/x\nDepends-on: <x@y>\nbased on nothing\n"
    file.write_bytes(file.read_bytes().replace(b"*** BLURB HERE ***", said))
    reasons = found(linux, file).base.reasons
    assert "the cover letter says: This is based on the series at https://example.org/x" in reasons
    assert "the cover letter says: Depends-on: <x@y>" in reasons
    assert not any("nothing" in reason for reason in reasons)


def test_a_shallow_clone_is_searched_as_far_as_it_goes(linux: Path) -> None:
    shallow = linux.parent / "shallow"
    git(linux, "clone", "-q", "--depth=2", linux.as_uri(), str(shallow))
    applied = found(shallow, mails(linux))
    assert (applied.base.kind, applied.base.commit) == ("guessed", git(linux, "rev-parse", "v1"))
    git(linux, "clone", "-q", "--depth=1", linux.as_uri(), str(linux.parent / "one"))
    assert found(linux.parent / "one", mails(linux)).base.kind in ("pinned", "reconstructed")


def test_only_what_the_series_itself_did_not_make_is_wanted(linux: Path) -> None:
    wanted = wanted_blobs(read_file(mails(linux)))
    short = git(linux, "rev-parse", "--short=7", "v1:a.c")
    assert set(wanted) == {"a.c", "b.c"}
    assert wanted["a.c"].startswith(short)
