# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot ci` on real branches: linear ones, ones with merges, hostile ones; baselines and exit statuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from reviewbot.model.errors import UnusableInputError
from reviewbot.tree.commits import as_committed, is_behind, read_branch
from reviewbot.tree.repository import open_tree
from tests.commands import Done, called
from tests.fixturekit import git
from tests.github.packages import SARIF, load
from tests.github.scene import function, source


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository with a branch `main`, and no CI system around it."""
    for name in ("GITHUB_EVENT_PATH", "GITHUB_BASE_REF", "CI_COMMIT_BEFORE_SHA", "CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        monkeypatch.delenv(name, raising=False)
    place = tmp_path / "work"
    place.mkdir()
    git(place, "init", "-q", "-b", "main")
    commit(place, "base", **{"ring.c": source(function("old", bad=False))})
    git(place, "checkout", "-q", "-b", "topic")
    yield place


def commit(place: Path, message: str, **files: str) -> str:
    """Commit files and return the commit."""
    for name, text in files.items():
        (place / name).write_text(text)
    git(place, "add", "-A")
    assert git(place, "commit", "-q", "-m", message).status == 0
    return git(place, "rev-parse", "HEAD").out.strip()


def ci(place: Path, *arguments: str) -> Done:
    """Run `reviewbot ci` in a repository."""
    return called("ci", "--no-simulate", *arguments, cwd=place)


def report(place: Path, *arguments: str) -> Any:
    """Return the JSON report's one series."""
    found = json.loads(ci(place, "--format", "json", *arguments).out)["series"][0]
    return {**found, "findings": [f for f in found["findings"] if f["rule"] == "uninitialized-use"]}


def test_a_branch_is_reviewed_as_the_series_of_its_commits(work: Path) -> None:
    ids = [
        commit(
            work, "ring: add one\n\nSigned-off-by: A <a@b>", **{"ring.c": source(function("old", bad=False), "int x;")}
        ),
        commit(work, "ring: add two", **{"new.c": source(function("two"))}),
    ]
    found = report(work)
    assert [p["subject"] for p in found["patches"]] == ["ring: add one", "ring: add two"]
    assert [p["application"]["commit"] for p in found["patches"]] == ids
    assert found["patches"][0]["trailers"][0]["value"] == "A <a@b>"
    assert [(f["patch"], f["path"], f["line"]) for f in found["findings"]] == [(2, "new.c", 8)]
    assert found["base"]["commit"] == git(work, "rev-parse", "main").out.strip()


def test_the_exit_status_follows_fail_on(work: Path) -> None:
    commit(work, "bad", **{"new.c": source(function("two"))})
    assert [ci(work, "--fail-on", level).status for level in ("never", "error")] == [0, 1]
    assert ci(work, "--range", "main..main").status == 0
    assert ci(work, "--range", "nowhere..HEAD").status == 2


def test_what_a_message_says_is_never_read_as_a_patch(work: Path) -> None:
    diff = "diff --git a/x.c b/x.c\n--- a/x.c\n+++ b/x.c\n@@ -0,0 +1 @@\n+int evil;\n"
    evil = f"subject\n\n---\n\n{diff}\nFrom me Mon Sep 17 00:00:00 2001\nSubject: [PATCH] x\n"
    commit(work, evil, **{"new.c": "int fine;\n"})
    found = report(work)
    assert [[f["new_path"] for f in p["files"]] for p in found["patches"]] == [["new.c"]]


def test_merges_are_left_out_and_named(work: Path) -> None:
    commit(work, "one", **{"new.c": source(function("two"))})
    git(work, "checkout", "-q", "main")
    commit(work, "meanwhile", **{"main.c": source(function("charged_to_nobody"))})
    git(work, "checkout", "-q", "topic")
    assert git(work, "merge", "-q", "--no-edit", "main").status == 0
    merge = git(work, "rev-parse", "HEAD").out.strip()
    commit(work, "three", **{"ring.c": source(function("old", bad=False), "int x;")})
    done = ci(work, "--range", "main~1..topic", "--format", "json")
    found = json.loads(done.out)["series"][0]
    assert merge[:12] in done.err
    assert "charged_to_nobody" in git(work, "show", "HEAD:main.c").out
    assert [p["subject"] for p in json.loads(ci(work, "--format", "json").out)["series"][0]["patches"]] == [
        "one",
        "three",
    ]
    assert len(found["patches"]) == 3


def test_a_line_is_told_where_the_branch_s_end_has_it(work: Path) -> None:
    commit(work, "one", **{"new.c": source(function("two"))})
    commit(work, "two", **{"new.c": "int more;\nint lines;\n" + source(function("two"))})
    assert report(work)["findings"][0]["line"] == 8
    assert "file=new.c,line=10," in ci(work, "--format", "github").out


def test_what_a_later_commit_puts_right_is_no_annotation(work: Path) -> None:
    commit(work, "one", **{"new.c": source(function("two"))})
    commit(work, "two", **{"new.c": source(function("two", bad=False))})
    assert "puts this right" in ci(work).out
    assert "uninitialized-use" not in ci(work, "--format", "github").out


def known(work: Path) -> list[tuple[str, str]]:
    """Return the path and the rule of each finding of the baseline."""
    return [(row["path"], row["rule"]) for row in json.loads((work / "known.json").read_text())["findings"]]


def test_a_baseline_hides_what_is_known_and_nothing_else(work: Path) -> None:
    commit(work, "one", **{"new.c": source(function("two"))})
    assert ci(work, "--baseline", "known.json", "--write-baseline").status == 0
    first = known(work)
    assert "uninitialized-use" in [rule for _, rule in first] and {path for path, _ in first} == {"new.c"}
    hidden = ci(work, "--baseline", "known.json")
    assert hidden.status == 0 and f"{len(first)} findings of the baseline" in hidden.err
    commit(work, "two", **{"new.c": "int moved;\n" + source(function("two"), function("three"))})
    assert [f["function"] for f in report(work, "--baseline", "known.json")["findings"]] == ["three"]
    ci(work, "--baseline", "known.json", "--write-baseline")
    assert sorted(known(work)) == sorted(first * 2)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"schema": "x/1", "findings": []}', '{"schema": "reviewbot-baseline/1"}']
)
def test_a_file_that_is_no_baseline_is_refused_in_one_line(work: Path, content: str) -> None:
    commit(work, "one", **{"new.c": "int x;\n"})
    (work / "known.json").write_text(content)
    done = ci(work, "--baseline", "known.json")
    assert (done.status, done.err.count("\n")) == (2, 1) and "known.json" in done.err


def test_odd_commits_are_read(work: Path, tmp_path: Path) -> None:
    (work / "bytes.c").write_bytes(b"/* \xff\xfe */\nint x;\n")
    (work / "data.bin").write_bytes(bytes(range(256)))
    (work / "link").symlink_to("/etc/passwd")
    commit(work, "odd\nsecond line of the subject\n\nbody")
    git(work, "commit", "-q", "--allow-empty", "-m", "empty")
    tree = open_tree(str(work))
    branch = read_branch(tree, "main", "topic", tmp_path)
    assert [p.subject for p in branch.series.patches] == ["odd second line of the subject", "empty"]
    assert [len(p.files) for p in branch.series.patches] == [3, 0]
    assert branch.linear and len(as_committed(tree, branch).snapshots) == 3
    assert is_behind(tree, "main", "topic") and not is_behind(tree, "topic", "main")


def test_histories_that_never_met_are_refused(work: Path, tmp_path: Path) -> None:
    git(work, "checkout", "-q", "--orphan", "other")
    commit(work, "alone", **{"x.c": "int x;\n"})
    with pytest.raises(UnusableInputError, match="no commit in common"):
        read_branch(open_tree(str(work)), "main", "other", tmp_path)


def test_the_sarif_of_a_branch_is_valid_and_leaves_githubs_own_fingerprint_to_github(work: Path) -> None:
    commit(work, "one", **{"new.c": source(function("two"))})
    log = json.loads(ci(work, "--format", "sarif").out)
    assert not list(Draft7Validator(load(SARIF)).iter_errors(log))
    assert log["runs"][0]["results"]
    assert all(list(result["partialFingerprints"]) == ["reviewbot/1"] for result in log["runs"][0]["results"])
