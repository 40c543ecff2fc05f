# SPDX-License-Identifier: GPL-2.0-or-later
"""The commits of a branch as a series: what a mailbox of them would say, without going through mail.

A commit's message and its diff are taken apart by git's own objects, so that nothing which a message says (a diff, a
`From ` line) is ever read as another patch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pygit2
from pygit2.enums import SortMode

from reviewbot.mail.trailers import patch_trailers
from reviewbot.model.diff import FileDiff, Series
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries, PatchMail, Person
from reviewbot.model.tree import Application, Applied, Base
from reviewbot.patch.copies import read_copies
from reviewbot.patch.read import read_patch, read_series
from reviewbot.tree.gitcommand import run_git
from reviewbot.tree.repository import Tree
from reviewbot.tree.scratch import scratch_directory
from reviewbot.tree.store import create_store

MAX_COMMITS = 1000
"""More commits than this are no series that somebody wants reviewed: a wrong range, most likely."""
SUBJECT_LINES = 10
FILE = re.compile(rb"^diff --git ", re.MULTILINE)

# a whole diff by git's own rules: no configuration, attributes or programs of the repository have a say in it
DIFF = (
    "diff-tree", "-r", "-p", "-M", "--root", "--no-commit-id", "--full-index", "--binary", "--no-color",
    "--no-ext-diff", "--no-textconv", "--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=default", "-U3",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Branch:
    """The commits between a branch and what it left.

    `base` is the full id of the commit that it left, `commits` are the ones that are patches, oldest first; `merges`
    are those that are not. `linear` says that each commit stands on the one before, the first on `base`.
    """

    series: Series
    base: str
    commits: tuple[str, ...]
    merges: tuple[str, ...]
    linear: bool


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _date(signature: pygit2.Signature) -> datetime | None:
    try:
        return datetime.fromtimestamp(signature.time, timezone(timedelta(minutes=signature.offset)))
    except (ValueError, OverflowError):
        # a commit may carry any number: that of one without a usable date is that of no date
        return None


def _person(signature: pygit2.Signature) -> Person:
    return Person(_text(signature.raw_name), _text(signature.raw_email))


def _patch(store: Path, commit: pygit2.Commit, number: int, total: int) -> PatchMail:
    """Return a commit as the patch that `git format-patch` would mail."""
    before = [str(parent) for parent in commit.parent_ids[:1]]
    diff, whole = run_git(store, [*DIFF, *before, str(commit.id)])
    if not whole:
        raise UnusableInputError(f"git cannot show what commit {str(commit.id)[:12]} changes")
    head, _, log = _text(commit.raw_message).replace("\r\n", "\n").lstrip("\n").partition("\n\n")
    lines = head.split("\n")
    return PatchMail(
        number=number,
        total=total,
        message_id=None,
        subject=" ".join(line.strip() for line in lines[:SUBJECT_LINES]).strip(),
        author=_person(commit.author),
        sender=_person(commit.author),
        date=_date(commit.author),
        log=log,
        notes="",
        diff=diff,
        diff_line=1,
        trailers=patch_trailers(log),
    )


def _between(tree: Tree, base: str, head: str) -> Iterator[pygit2.Commit]:
    """Yield the commits that `head` has and `base` has not, parents before children."""
    walker = tree.repository.walk(pygit2.Oid(hex=head), SortMode.TOPOLOGICAL | SortMode.REVERSE)
    walker.hide(pygit2.Oid(hex=base))
    for number, commit in enumerate(walker):
        if number >= MAX_COMMITS:
            raise UnusableInputError(f"{base[:12]}..{head[:12]} has more than {MAX_COMMITS} commits: a wrong range?")
        yield commit


def merge_base(tree: Tree, one: str, other: str) -> str:
    """Return the commit at which two histories part (full ids in and out); UnusableInputError where they never met."""
    try:
        found = tree.repository.merge_base(pygit2.Oid(hex=one), pygit2.Oid(hex=other))
    except pygit2.GitError as error:
        raise UnusableInputError(f"{tree.path}: {error}") from error
    if found is None:
        shallow = " (a shallow clone: fetch more of the history)" if tree.repository.is_shallow else ""
        raise UnusableInputError(f"{tree.path}: {one[:12]} and {other[:12]} have no commit in common{shallow}")
    return str(found)


def is_behind(tree: Tree, head: str, base: str) -> bool:
    """Tell whether `base` has every commit of `head`, so that there is nothing between them (any revisions)."""
    first, last = tree.resolve(base), tree.resolve(head)
    return merge_base(tree, first, last) == last


def read_branch(tree: Tree, base: str, head: str, scratch: Path, identity: str | None = None, name: str = "") -> Branch:
    """Read the commits of `base..head` (any revisions) as a series; merges are left out and named.

    `identity` and `name` become the series' id and subject (a series of one commit has that commit's). `scratch` is an
    empty directory that outlives the result. Raises UnusableInputError for unknown revisions, histories that never
    met, and where there is no commit to review.
    """
    last = tree.resolve(head)
    start = merge_base(tree, tree.resolve(base), last)
    found = list(_between(tree, start, last))
    commits = [commit for commit in found if len(commit.parent_ids) < 2]
    if not commits:
        raise UnusableInputError(f"there are no commits in {base}..{head}")
    store = Path(create_store(scratch, tree).repository.path)
    patches = tuple(_patch(store, commit, number, len(commits)) for number, commit in enumerate(commits, 1))
    ids = [str(commit.id) for commit in commits]
    parents = [[str(parent) for parent in commit.parent_ids] for commit in found]
    mail = MailSeries(
        id=identity,
        subject=patches[0].subject if len(patches) == 1 else name or f"{start[:12]}..{last[:12]}",
        version=1,
        total=len(patches),
        author=patches[0].author,
        date=patches[-1].date or datetime.fromtimestamp(0, UTC),
        cover=None,
        patches=patches,
        missing=(),
        messages=(),
    )
    return Branch(
        series=read_series(mail),
        base=start,
        commits=tuple(ids),
        merges=tuple(str(commit.id) for commit in found if len(commit.parent_ids) > 1),
        linear=parents == [[before] for before in (start, *ids[:-1])],
    )


def whole_change(tree: Tree, base: str, head: str) -> tuple[FileDiff, ...]:
    """Return what lies between two commits (full ids) as one diff, renames found: what a pull request shows.

    Files whose change is refused (a submodule's, say) are left out, the others are not.
    """
    with scratch_directory() as scratch:
        diff, whole = run_git(Path(create_store(scratch, tree).repository.path), [*DIFF, base, head])
    if not whole:
        raise UnusableInputError(f"git cannot show what lies between {base[:12]} and {head[:12]}")
    nobody, copies = Person("", ""), read_copies(())
    # no line of a file's content can begin so: each has its mark before it
    starts = [match.start() for match in FILE.finditer(diff)]
    parts = [diff[start:end] for start, end in pairwise((*starts, len(diff)))]
    patches = (PatchMail(1, 1, None, "", nobody, nobody, None, "", "", part, 1) for part in parts)
    return tuple(file for patch in patches for file in read_patch(patch, copies).files)


def as_committed(tree: Tree, branch: Branch) -> Applied:
    """Return a linear branch as applied: its commits are what applying its patches would give."""
    base = Base("base-commit", tree.name or tree.path, branch.base, ("the branch starts there",))
    applications = tuple(Application(n, "clean", commit) for n, commit in enumerate(branch.commits, 1))
    return Applied(base, applications, tuple(map(tree.snapshot, (branch.base, *branch.commits))), False)
