# SPDX-License-Identifier: GPL-2.0-or-later
"""Which commits a CI job is about, as the CI system says it in the environment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewbot.model.errors import UnusableInputError

Json = dict[str, Any]

# what a branch was most likely cut from, where nothing says so
TRUNKS = ("@{upstream}", "origin/HEAD", "origin/main", "origin/master", "main", "master")
LARGEST_EVENT = 64 << 20


@dataclass(frozen=True, slots=True)
class Range:
    """The commits of `head` that `base` has not (both revisions); `why` names who said so."""

    base: str
    head: str
    why: str


def parse_range(text: str) -> Range:
    """Read `BASE..HEAD` (or `BASE...HEAD`, or `BASE` alone for up to HEAD); UnusableInputError for anything else."""
    base, dots, head = text.partition("..")
    head = head.removeprefix(".")
    if not base or base.startswith("-") or head.startswith("-") or ".." in head:
        raise UnusableInputError(f"{text!r} is no range of commits: BASE..HEAD")
    return Range(base, head if dots and head else "HEAD", "--range")


def _is_commit(value: object) -> bool:
    """Tell whether a value is a full commit id, and not the zeros that stand for "there was none"."""
    return isinstance(value, str) and len(value) in (40, 64) and value.strip("0") != "" and value.isalnum()


def _event_range(event: Json) -> Range | None:
    """Return the range that a GitHub event tells of: a pull request's, a merge group's, a push's."""
    group = event.get("merge_group") or {}
    pull = event.get("pull_request") or {}
    pairs = (
        ("the pull request", (pull.get("base") or {}).get("sha"), (pull.get("head") or {}).get("sha")),
        ("the merge group", group.get("base_sha"), group.get("head_sha")),
        ("the push", event.get("before"), event.get("after")),
    )
    named = ((why, base, head) for why, base, head in pairs if _is_commit(base) and _is_commit(head))
    return next((Range(str(base), str(head), why) for why, base, head in named), None)


def read_event(path: str) -> Json:
    """Load the event that GitHub leaves for a job at `path`; UnusableInputError where it is no JSON object."""
    try:
        file = Path(path)
        if file.stat().st_size > LARGEST_EVENT:
            raise UnusableInputError(f"{path}: an event of more than {LARGEST_EVENT >> 20} MB")
        event = json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise UnusableInputError(f"{path}: {error}") from error
    if not isinstance(event, dict):
        raise UnusableInputError(f"{path}: not a JSON object")
    return event


def _gitlab(env: Mapping[str, str]) -> Range | None:
    """Return the range of a GitLab job (predefined CI/CD variables): of a merge request, else of a push."""
    head = env.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or env.get("CI_COMMIT_SHA") or "HEAD"
    if base := env.get("CI_MERGE_REQUEST_DIFF_BASE_SHA"):
        return Range(base, head, "CI_MERGE_REQUEST_DIFF_BASE_SHA")
    before = env.get("CI_COMMIT_BEFORE_SHA")
    return Range(before, head, "CI_COMMIT_BEFORE_SHA") if before and _is_commit(before) else None


def find_range(env: Mapping[str, str], known: Callable[[str], bool], event: Json | None = None) -> Range:
    """Find which commits to review. Pure but for `known`, which tells whether the repository has a revision.

    Asked in turn: the event of a GitHub job, its GITHUB_BASE_REF, GitLab's variables, the upstream of the branch, a
    main branch. Raises UnusableInputError where none of them answers.
    """
    found = _event_range(event) if event else None
    # a merge commit that GitHub tests may be all that a job has checked out, but it always has what it was made of
    if found is None and (ref := env.get("GITHUB_BASE_REF")):
        found = Range(next(filter(known, (f"origin/{ref}", ref)), f"origin/{ref}"), "HEAD", "GITHUB_BASE_REF")
    found = found or _gitlab(env)
    if found is None:
        trunk = next(filter(known, TRUNKS), None)
        if trunk is None:
            raise UnusableInputError("which commits? nothing names what the branch left: give --range BASE..HEAD")
        found = Range(trunk, "HEAD", trunk)
    for revision in (found.base, found.head):
        if not known(revision):
            raise UnusableInputError(
                f"{found.why} names {revision}, which is not in this clone: fetch all of its history (fetch-depth: 0)"
            )
    return found
