# SPDX-License-Identifier: GPL-2.0-or-later
"""The fixture mailboxes are real mail that real git applies, and what is recorded about them is so."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.fixturekit import apply_mails, expectations, git, has_patch, make_repository, messages, patch_mails

FIXTURES = ROOT / "fixtures"
EXPECTED = {one["mailbox"]: one for one in expectations(FIXTURES)}
MAILBOXES = sorted(name for name in EXPECTED if name.endswith(".mbox"))
SHIPPED = {file.stem.replace("_", "-") for file in (ROOT / "rules").glob("*.py")}
FIRST = {"uninitialized-use", "wait-without-wake", "schedule-without-state", "loop-without-progress"}

Applied = dict[tuple[str, int], list[str] | None]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fixture tree as a repository, branch `base`."""
    place = tmp_path_factory.mktemp("fixtures") / "tree"
    make_repository(FIXTURES, place)
    return place


@pytest.fixture(scope="module")
def applied(repository: Path) -> Applied:
    """For each series of each mailbox: the base and the commits that `git am` made, None where it refused."""
    return {
        (name, number): apply_mails(repository, "base", mails)
        for name in MAILBOXES
        for number, mails in enumerate(patch_mails(FIXTURES / "series" / name))
    }


def every_series() -> list[tuple[str, int, dict[str, Any]]]:
    """All series that are recorded, with the mailbox and their place in it."""
    return [(name, number, one) for name in MAILBOXES for number, one in enumerate(EXPECTED[name]["series"])]


def test_each_mailbox_has_its_record_and_each_record_its_mailbox() -> None:
    assert {file.name for file in (FIXTURES / "series").iterdir()} == set(EXPECTED)


@pytest.mark.parametrize("name", MAILBOXES)
def test_messages_have_the_headers_of_real_mail(name: str) -> None:
    seen: set[str] = set()
    for message in messages(FIXTURES / "series" / name):
        for header in ("From", "To", "Subject", "Date", "Message-ID", "X-Mailer"):
            assert message[header], (header, message["Subject"])
        assert re.fullmatch(r"[^<>]+ <[a-z.]+@example\.org>", message["From"])
        references = (message["References"] or "").split()
        assert set(references) <= seen
        assert message["In-Reply-To"] == (references[-1] if references else None)
        assert message["Message-ID"] not in seen
        seen.add(message["Message-ID"])


@pytest.mark.parametrize(("name", "number", "one"), every_series())
def test_git_am_says_of_each_series_what_is_recorded(
    applied: Applied, name: str, number: int, one: dict[str, Any]
) -> None:
    commits = applied[name, number]
    assert (commits is None) == (one["applies"] == "conflict")
    assert commits is None or len(commits) == len(one["patches"]) + 1


@pytest.mark.parametrize(("name", "number", "one"), every_series())
def test_the_files_and_counts_of_each_patch_are_what_git_counts(
    repository: Path, applied: Applied, name: str, number: int, one: dict[str, Any]
) -> None:
    commits = applied[name, number]
    for (before, after), patch in zip(pairwise(commits), one["patches"], strict=True) if commits else ():
        counted = [line.split("\t") for line in git(repository, "diff", "--numstat", before, after).out.splitlines()]
        assert [(f["path"], f["added"], f["removed"]) for f in patch["files"]] == [
            (path, int(added), int(removed)) for added, removed, path in counted
        ]


@pytest.mark.parametrize(("name", "number", "one"), every_series())
def test_index_lines_name_the_blobs_that_the_patches_make(
    repository: Path, applied: Applied, name: str, number: int, one: dict[str, Any]
) -> None:
    commits = applied[name, number]
    mails = patch_mails(FIXTURES / "series" / name)[number]
    for (before, after), mail in zip(pairwise(commits), mails, strict=True) if commits else ():
        posted = re.findall(r"^index (\w+)\.\.(\w+)", mail.as_string(), re.MULTILINE)
        made = re.findall(
            r"^index (\w+)\.\.(\w+)", git(repository, "diff", "--abbrev=12", before, after).out, re.MULTILINE
        )
        assert posted == made


@pytest.mark.parametrize(("name", "number", "one"), every_series())
def test_each_recorded_line_has_the_recorded_text(
    repository: Path, applied: Applied, name: str, number: int, one: dict[str, Any]
) -> None:
    commits = applied[name, number]
    places = [(d["patch"], d["path"], d["line"], d["text"]) for d in one["defects"]]
    places += [(r["patch"], r["path"], r["line"], r["quoted"]) for r in one["remarks"]]
    for patch, path, line, text in places:
        if path is None:
            assert line is None
            continue
        assert commits is not None
        source = git(repository, "show", f"{commits[patch]}:{path}").out.split("\n")
        assert source[line - 1].strip() == text, (path, line)


@pytest.mark.parametrize(("name", "number", "one"), every_series())
def test_a_defect_stands_on_a_line_that_its_patch_adds(
    repository: Path, applied: Applied, name: str, number: int, one: dict[str, Any]
) -> None:
    commits = applied[name, number] or []
    for defect in one["defects"]:
        if defect["path"] is None:
            continue
        blame = git(
            repository,
            *("blame", "-s", "-l", f"-L{defect['line']},{defect['line']}"),
            *(commits[defect["patch"]], "--", defect["path"]),
        )
        added = blame.out.split()[0] == commits[defect["patch"]]
        assert added or defect["rule"] in ("stale-error-on-success",), defect


def test_what_is_marked_as_shipped_is_a_rule_that_there_is() -> None:
    for _, _, one in every_series():
        assert {defect["rule"] for defect in one["defects"] if defect["shipped"]} <= SHIPPED


def test_each_of_the_first_rules_has_one_planted_defect_in_the_first_version() -> None:
    found = [d["rule"] for one in EXPECTED["memcg-oom-v1.mbox"]["series"] for d in one["defects"] if d["shipped"]]
    assert sorted(rule for rule in found if rule in FIRST) == sorted(FIRST)


def test_the_corrected_versions_are_recorded_as_clean() -> None:
    for name in ("memcg-oom-v2.mbox", "quickfix-v2.mbox", "clean.mbox", "partial.mbox"):
        assert [one["defects"] for one in EXPECTED[name]["series"]] == [[]]


def test_the_mailbox_without_patches_has_none() -> None:
    assert not any(has_patch(m) for m in messages(FIXTURES / "series" / "no-patches.mbox"))


def test_the_text_dump_has_lost_its_headers_tabs_and_blank_lines() -> None:
    text = (FIXTURES / "series" / "memcg-oom-thread.txt").read_text()
    assert "\t" not in text
    assert "\n\n" not in text
    assert "Message-ID:" not in text
    assert text.count("\ndiff --git ") == len(re.findall(r"\n\+\+\+ ", text)) == 7
