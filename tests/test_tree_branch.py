# SPDX-License-Identifier: GPL-2.0-or-later
"""A kept branch has the commits of `git am`, byte for byte; and nothing of the repository's configuration runs."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from reviewbot.model.errors import UnusableInputError
from reviewbot.model.tree import Applied
from reviewbot.tree.apply import apply_series
from reviewbot.tree.branch import keep_branch, parse_date, user_identity
from reviewbot.tree.message import Identity
from reviewbot.tree.repository import open_tree
from tests.treekit import commit, diff_of, git, git_am, mail_of, patch_of, read_file, repository, series_of

COMMITTER = Identity("C. Maintainer", "maintainer@example.org", datetime(2024, 3, 2, 12, tzinfo=UTC))
HOOKS = ["applypatch-msg", "pre-applypatch", "post-applypatch", "reference-transaction", "post-checkout", "pre-commit"]


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """A repository with a mailed branch `work` of three commits (in `mails`), and a main that went on."""
    place = repository(tmp_path / "linux", {"a.c": b"a\n" * 9, "dir/b.c": b"b\n"})
    git(place, "checkout", "-q", "-b", "work")
    commit(
        place, {"dir/new/c.c": b"c\n"}, "dir: Add c\n\nWith a body: ünïcode\n\n\n\nand  blanks.\n\nCc: x@example.org"
    )
    commit(place, {"a.c": b"a\n" * 8}, "a: shorter")
    commit(place, {"dir/b.c": None}, "b: gone")
    mail_of(place, "main..work", tmp_path / "mails")
    git(place, "checkout", "-q", "main")
    return commit(place, {"other": b"x\n"}, "upstream")


def applied(linux: Path) -> Applied:
    """Apply the mails to main."""
    scratch = linux.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return apply_series(read_file(linux.parent / "mails"), open_tree(str(linux)), "main", scratch)


def test_the_branch_is_byte_for_byte_what_git_am_makes(linux: Path) -> None:
    kept = keep_branch(open_tree(str(linux)), applied(linux), "series", COMMITTER)
    assert kept == git(linux, "rev-parse", "series")
    git(linux, "fsck", "--strict")
    assert git(linux, "status", "--porcelain") == ""
    copy = linux.parent / "copy"
    git(linux, "clone", "-q", linux.as_uri(), str(copy))
    assert git_am(copy, "main", linux.parent / "mails") == kept


def test_a_branch_can_be_kept_in_a_bare_repository_and_a_partial_clone(linux: Path) -> None:
    git(linux, "config", "uploadpack.allowFilter", "true")
    for name, options in [("bare", ["--bare"]), ("partial", ["--filter=blob:none"])]:
        place = linux.parent / name
        git(linux, "clone", "-q", *options, linux.as_uri(), str(place))
        kept = keep_branch(open_tree(str(place)), applied(place), "series", COMMITTER)
        assert git(place, "log", "--format=%s", "main..series").splitlines() == ["b: gone", "a: shorter", "dir: Add c"]
        assert kept == git(place, "rev-parse", "series")


def test_a_bad_name_a_name_that_is_taken_and_a_conflict_keep_nothing(linux: Path) -> None:
    tree, result = open_tree(str(linux)), applied(linux)
    before = git(linux, "for-each-ref")
    for name in ("work", "-d", "a..b", "x.lock", "", "a b", "../x"):
        with pytest.raises(UnusableInputError):
            keep_branch(tree, result, name, COMMITTER)
    bad = series_of(patch_of(1, diff_of("a.c", b"x\n", b"y\n")))
    conflict = apply_series(bad, tree, "main", linux.parent / "scratch")
    with pytest.raises(UnusableInputError, match="does not apply"):
        keep_branch(tree, conflict, "fine", COMMITTER)
    assert git(linux, "for-each-ref") == before


def test_the_committer_is_who_git_would_take(linux: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    tree = open_tree(str(linux))
    with pytest.raises(UnusableInputError, match="who commits"):
        user_identity(tree)
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Global\n\temail = global@example.org\n")
    assert user_identity(tree).name == "Global"
    git(linux, "config", "user.name", "Local")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2024-03-02T12:00:00+0200")
    there = datetime(2024, 3, 2, 12, tzinfo=timezone(timedelta(hours=2)))
    assert user_identity(tree) == Identity("Local", "global@example.org", there)
    assert parse_date("1709373600 +0200") == parse_date("Sat, 2 Mar 2024 12:00:00 +0200") == there
    monkeypatch.setenv("GIT_COMMITTER_DATE", "some day")
    with pytest.raises(UnusableInputError, match="is no date"):
        user_identity(tree)


def test_nothing_of_a_hostile_configuration_runs(linux: Path) -> None:
    marker = linux.parent / "ran"
    script = linux.parent / "script"
    script.write_text(f"#!/bin/sh\ntouch {marker}\ncat\n")
    script.chmod(0o755)
    (linux / ".git/hooks").mkdir(exist_ok=True)
    for hook in HOOKS:
        (linux / ".git/hooks" / hook).symlink_to(script)
    (linux.parent / "more").write_text(f"[core]\n\tfsmonitor = {script}\n\tsshCommand = {script}\n")
    settings = {"core.fsmonitor": script, "filter.x.smudge": script, "filter.x.clean": script, "diff.x.command": script,
                "include.path": "../../more", "core.alternateRefsCommand": script, "core.pager": script,
                "log.showSignature": "true", "gpg.program": script, "gc.auto": 1, "merge.x.driver": script}  # fmt: skip
    for key, value in settings.items():
        git(linux, "config", key, str(value))
    marker.unlink(missing_ok=True)
    (linux / ".git/info/attributes").write_text("* filter=x diff=x merge=x\n")
    tree = open_tree(str(linux))
    scratch = linux.parent / "scratch"
    scratch.mkdir()
    result = apply_series(read_file(linux.parent / "mails"), tree, None, scratch, COMMITTER)
    keep_branch(tree, result, "series", COMMITTER)
    assert not marker.exists()
    git(linux, "rev-parse", "series")
    git(linux, "status")
    assert marker.exists(), "the trap was not armed"


REVIEW = """
import sys, pathlib
from reviewbot.mail.read import read_mail
from reviewbot.patch.read import read_series
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from reviewbot.tree.scratch import scratch_directory
tree, mails, parent = sys.argv[1:]
with scratch_directory(pathlib.Path(parent)) as scratch:
    (mail,), _ = read_mail([mails])
    print(apply_series(read_series(mail), open_tree(tree), None, scratch).applications[-1].commit)
"""


def test_two_reviews_at_once_do_not_disturb_each_other(linux: Path) -> None:
    command = [sys.executable, "-c", REVIEW, str(linux), str(linux.parent / "mails"), str(linux.parent)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    commits = {run.communicate()[0].strip() for run in runs}
    assert commits == {applied(linux).applications[-1].commit}
    assert list(linux.parent.glob("reviewbot-scratch-*")) == []
