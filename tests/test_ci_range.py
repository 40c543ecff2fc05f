# SPDX-License-Identifier: GPL-2.0-or-later
"""Which commits `reviewbot ci` takes: what is said, what CI systems say, what a clone suggests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.cirange import Range, find_range, parse_range, read_event
from tests.github.packages import WEBHOOKS, load

OLD, NEW, ZERO = "a" * 40, "b" * 40, "0" * 40


def found(env: dict[str, str], event: dict[str, Any] | None = None, known: set[str] | None = None) -> Range:
    """Find a range where every revision is known, or those alone."""
    return find_range(env, lambda rev: known is None or rev in known, event)


@pytest.mark.parametrize(
    ("text", "base", "head"),
    [("a..b", "a", "b"), ("a...b", "a", "b"), ("a..", "a", "HEAD"), ("a", "a", "HEAD"), ("v6.1..x/y", "v6.1", "x/y")],
)
def test_ranges_are_read_as_git_has_them(text: str, base: str, head: str) -> None:
    assert parse_range(text) == Range(base, head, "--range")


@pytest.mark.parametrize("text", ["", "..b", "--all", "a..--b", "a..b..c"])
def test_what_is_no_range_is_refused(text: str) -> None:
    with pytest.raises(UnusableInputError, match="no range"):
        parse_range(text)


def test_a_pull_request_s_event_names_both_ends() -> None:
    event = {"pull_request": {"base": {"sha": OLD}, "head": {"sha": NEW}}}
    assert found({"GITHUB_BASE_REF": "main"}, event) == Range(OLD, NEW, "the pull request")


def test_githubs_own_examples_are_understood() -> None:
    for one in load(WEBHOOKS):
        for event in one["examples"]:
            if one["name"] in ("pull_request", "push", "merge_group"):
                answer = found({}, event)
                assert answer.why in ("the pull request", "the push", "the merge group", "@{upstream}")


def test_a_first_push_has_nothing_before_it() -> None:
    assert found({"GITHUB_BASE_REF": "main"}, {"before": ZERO, "after": NEW}).base == "origin/main"
    assert found({}, {"before": OLD, "after": NEW}) == Range(OLD, NEW, "the push")


def test_gitlab_names_the_base_of_a_merge_request() -> None:
    env = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": OLD, "CI_COMMIT_SHA": NEW, "CI_COMMIT_BEFORE_SHA": ZERO}
    assert found(env) == Range(OLD, NEW, "CI_MERGE_REQUEST_DIFF_BASE_SHA")
    merged = {**env, "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": "c" * 40}
    assert found(merged).head == "c" * 40
    assert found({"CI_COMMIT_BEFORE_SHA": OLD, "CI_COMMIT_SHA": NEW}).base == OLD


def test_without_ci_the_upstream_counts_and_then_a_main_branch() -> None:
    assert found({}).base == "@{upstream}"
    assert found({}, None, {"HEAD", "origin/main", "main"}).base == "origin/main"
    with pytest.raises(UnusableInputError, match="give --range"):
        found({}, None, {"HEAD"})


def test_a_clone_that_is_too_shallow_is_told_what_to_fetch() -> None:
    with pytest.raises(UnusableInputError, match="fetch-depth: 0"):
        found({"GITHUB_BASE_REF": "main"}, None, {"HEAD"})


def test_an_event_that_is_no_json_object_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    for content in ("[1]", "{", json.dumps("x")):
        file.write_text(content)
        with pytest.raises(UnusableInputError, match=r"event\.json"):
            read_event(str(file))
