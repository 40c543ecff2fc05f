# SPDX-License-Identifier: GPL-2.0-or-later
"""Where `git am` fails and `git am -3` does not, and patches that a mailer damaged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.model.diff import FileDiff, Patch
from reviewbot.model.tree import Applied
from reviewbot.tree.apply import apply_series
from reviewbot.tree.message import Identity
from reviewbot.tree.repository import open_tree
from tests.treekit import commit, diff_of, git, git_am, mail_of, patch_of, repository, series_of

COMMITTER = Identity("C. Maintainer", "maintainer@example.org", datetime(2024, 3, 2, 12, tzinfo=UTC))
CODE = b"".join(b"int f%d(void)\n{\n\tif (x)\n\t\treturn %d;\n\n\treturn 0;\n}\n\n" % (n, n) for n in range(9))


@pytest.fixture
def linux(tmp_path: Path) -> Path:
    """A repository whose `main` is the base."""
    return repository(tmp_path / "linux", {"a.c": CODE, "b.c": b"b\n" * 5})


def applied(linux: Path, *patches: Patch, base: str = "main") -> Applied:
    """Apply patches."""
    scratch = linux.parent / "scratch"
    scratch.mkdir(exist_ok=True)
    return apply_series(series_of(*patches), open_tree(str(linux)), base, scratch, COMMITTER)


def upstream(linux: Path, files: dict[str, bytes | None], *patches: dict[str, bytes]) -> Path:
    """Commit `patches` on a branch and mail them, and commit `files` on main."""
    git(linux, "checkout", "-q", "-b", "work")
    for number, patch in enumerate(patches):
        commit(linux, dict(patch), f"patch {number}")
    mail_of(linux, "main..work", linux.parent / "mails")
    git(linux, "checkout", "-q", "main")
    commit(linux, files, "upstream")
    return linux.parent / "mails"


def test_a_patch_is_merged_from_known_blobs_as_git_am_3_does(linux: Path) -> None:
    mails = upstream(
        linux,
        {"a.c": CODE.replace(b"return 3;", b"return x;")},
        {"a.c": CODE.replace(b"f3(void)", b"f3(int x)")},
        {"b.c": b"b\n" * 6},
    )
    series = mail_of(linux, "main..work", mails)
    result = applied(linux, *series.patches)
    assert [a.status for a in result.applications] == ["three-way", "clean"]
    assert result.applications[0].hunks[0].status == "three-way"
    assert result.applications[-1].commit == git_am(linux, "main", mails, "-3")


def test_a_file_that_moved_upstream_is_found_as_git_am_3_does(linux: Path) -> None:
    mails = upstream(linux, {"a.c": None, "dir/a.c": CODE}, {"a.c": CODE.replace(b"f3(void)", b"f3(int x)")})
    result = applied(linux, *mail_of(linux, "main..work", mails).patches)
    assert [a.status for a in result.applications] == ["three-way"]
    assert result.applications[-1].commit == git_am(linux, "main", mails, "-3")


def test_a_patch_that_is_there_already_gets_no_commit_as_with_git_am_3(linux: Path) -> None:
    new = CODE.replace(b"f3(void)", b"f3(int x)")
    mails = upstream(linux, {"a.c": new}, {"a.c": new}, {"b.c": b"b\n" * 6})
    result = applied(linux, *mail_of(linux, "main..work", mails).patches)
    assert [a.status for a in result.applications] == ["three-way", "clean"]
    assert result.applications[0].commit == git(linux, "rev-parse", "main")
    assert "already in the tree" in (result.applications[0].reason or "")
    assert result.applications[-1].commit == git_am(linux, "main", mails, "-3")


def test_a_merge_with_conflicts_is_a_conflict(linux: Path) -> None:
    mails = upstream(
        linux, {"a.c": CODE.replace(b"f3(void)", b"f3(char)")}, {"a.c": CODE.replace(b"f3(void)", b"f3(int)")}
    )
    result = applied(linux, *mail_of(linux, "main..work", mails).patches)
    assert [a.status for a in result.applications] == ["conflict"]


def collapsed(diff: FileDiff, lost: bool) -> FileDiff:
    """What a mailer leaves that collapses white space, and (`lost`) loses empty context lines."""
    hunks = []
    for hunk in diff.hunks:
        lines = [replace(line, text=" ".join(line.text.split())) for line in hunk.lines]
        kept = tuple(line for line in lines if not lost or line.mark != " " or line.text)
        complete = len(kept) == len(lines)
        hunks.append(replace(hunk, lines=kept, complete=complete, slack=len(lines) - len(kept)))
    return replace(diff, hunks=tuple(hunks))


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 8), st.booleans(), st.integers(0, 3), st.integers(0, 20))
def test_a_collapsed_patch_goes_on_by_its_words_with_the_context_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, function: int, lost: bool, context: int, moved: int
) -> None:
    linux = tmp_path_factory.getbasetemp() / "by-words"
    if not linux.exists():
        repository(linux, {f"{n}.c": b"/* */\n" * n + CODE for n in range(21)})
    after = CODE.replace(b"\t\treturn %d;\n" % function, b"\t\treturn -%d;\n" % function)
    diff = replace(
        collapsed(diff_of("f.c", CODE, after, context + 1), lost), old_path=f"{moved}.c", new_path=f"{moved}.c"
    )
    patch = replace(patch_of(1, diff), damage=("collapsed",))
    result = applied(linux, patch)
    assert result.applications[0].status == "repaired"
    file = result.snapshots[1].read(f"{moved}.c")
    assert file is not None
    wanted = b"/* */\n" * moved + after
    assert [line.strip() for line in file.data.split(b"\n")] == [line.strip() for line in wanted.split(b"\n")]
    assert [line for line in file.data.split(b"\n") if b"-" not in line] == [
        line for line in wanted.split(b"\n") if b"-" not in line
    ]


def test_added_lines_get_the_indentation_that_the_context_shows(linux: Path) -> None:
    after = CODE.replace(b"\t\treturn 3;\n", b"\t\treturn 33;\n\tx++;\n")
    diff = diff_of("a.c", CODE, after)
    spaced = tuple(replace(line, text=line.text.replace("\t", " " * 7)) for line in diff.hunks[0].lines)
    diff = replace(diff, hunks=(replace(diff.hunks[0], lines=spaced),))
    result = applied(linux, replace(patch_of(1, diff), damage=("tabs-to-spaces",)))
    file = result.snapshots[1].read("a.c")
    assert file is not None
    assert file.data == after


def test_a_damaged_patch_that_fits_two_places_is_a_conflict(linux: Path) -> None:
    commit(linux, {"t.c": b"top\n" * 9 + b"{\n\tx();\n}\n" + b"mid\n" * 9 + b"{\n\tx();\n}\n"}, "twice")
    diff = diff_of("t.c", b"{\n\tx();\n}\n", b"{\n\ty();\n}\n")
    patch = replace(patch_of(1, collapsed(diff, False)), damage=("collapsed",))
    assert applied(linux, patch).applications[0].status == "conflict"


def test_words_in_the_wrong_order_prove_nothing(linux: Path) -> None:
    diff = collapsed(diff_of("a.c", CODE, CODE.replace(b"return 3;", b"return 33;")), True)
    hunk = diff.hunks[0]
    swapped = replace(hunk, lines=(hunk.lines[1], hunk.lines[0], *hunk.lines[2:]))
    patch = replace(patch_of(1, replace(diff, hunks=(swapped,))), damage=("collapsed",))
    assert applied(linux, patch).applications[0].status == "conflict"
