# SPDX-License-Identifier: GPL-2.0-or-later
"""Applying a series to git objects: a commit a patch, in a scratch repository, without a checkout."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pygit2.enums import ObjectType

from reviewbot.model.diff import Patch, Series
from reviewbot.model.tree import Application, Applied, Base, HunkResult, Snapshot, Status
from reviewbot.tree.content import patch_content
from reviewbot.tree.message import REVIEWBOT, Identity, commit_object
from reviewbot.tree.objects import Objects
from reviewbot.tree.patching import Outcome, already_there, check, run_patch, write_outcome
from reviewbot.tree.reconstruct import reconstruct
from reviewbot.tree.repository import ObjectSnapshot, Tree
from reviewbot.tree.store import create_store

# from best to worst: a patch is as good as its worst hunk
ORDER: tuple[Status, ...] = ("clean", "offset", "fuzzy", "repaired", "conflict")


@dataclass(frozen=True, slots=True)
class Step:
    """A patch that was tried: the tree and commit after it, None when it conflicts."""

    application: Application
    root: str | None = None


def worst(hunks: tuple[HunkResult, ...]) -> Status:
    """The status of a patch with these hunks; clean when it has none."""
    return max((hunk.status for hunk in hunks), key=ORDER.index, default="clean")


def attempt(objects: Objects, root: str, patch: Patch) -> Outcome:
    """Try a patch on the tree `root`: as `git am` would, then with less context."""
    refused = check(patch)
    if refused is not None:
        return Outcome(None, (), refused)
    strict = run_patch(objects, root, patch.files)
    if strict.reason is None:
        return strict
    if already_there(objects, root, patch.files):
        return Outcome(None, strict.hunks, "it is already in the tree")
    fuzzy = run_patch(objects, root, patch.files, partial(patch_content, fuzzy=True))
    return fuzzy if fuzzy.reason is None else strict


def apply_patch(objects: Objects, root: str, parent: str, patch: Patch, committer: Identity, place: str) -> Step:
    """Apply one patch on the tree `root` and write its commit on top of `parent`; a reject calls the base `place`."""
    outcome = attempt(objects, root, patch)
    if outcome.files is None:
        reason = f"patch {patch.number}/{patch.total} does not apply to {place}: {outcome.reason}"
        return Step(Application(patch.number, "conflict", None, outcome.hunks, reason))
    after = write_outcome(objects, root, outcome)
    written = objects.repository.write(ObjectType.COMMIT, commit_object(patch, after, parent, committer))
    return Step(Application(patch.number, worst(outcome.hunks), str(written), outcome.hunks), after)


def apply_to(
    series: Series, tree: Tree, base: Base, commit: str, scratch: Path, committer: Identity = REVIEWBOT
) -> Applied:
    """Apply a series to the commit `commit` of `tree`; see `apply_series`."""
    objects = create_store(scratch, tree)
    place = f"{base.kind} base {commit[:12]} of {tree.path}"
    root, parent = objects.root(commit), commit
    snapshots: list[Snapshot] = [ObjectSnapshot(objects, root)]
    applications: list[Application] = []
    for number, patch in enumerate(series.patches):
        where = place if number == 0 else f"{place} after the patches before it"
        step = apply_patch(objects, root, parent, patch, committer, where)
        applications.append(step.application)
        if step.root is None or step.application.commit is None:
            rest = [Application(p.number, "not-tried") for p in series.patches[number + 1 :]]
            _, shown = reconstruct(series)
            return Applied(base, (*applications, *rest), shown, True)
        root, parent = step.root, step.application.commit
        snapshots.append(ObjectSnapshot(objects, root))
    return Applied(base, tuple(applications), tuple(snapshots), False)


def apply_series(
    series: Series, tree: Tree | None, base: str | None, scratch: Path, committer: Identity = REVIEWBOT
) -> Applied:
    """Apply a series to `base` of `tree` (None: a base that fits is looked for), or show it from its own context.

    `scratch` is an existing directory of the caller that takes all that is written and must outlive the snapshots;
    without a tree it is not used. The tree's repository is never written. When a patch conflicts, its application says
    which file and hunk, later ones are "not-tried", and the snapshots are reconstructed from the series. Raises
    UnusableInputError for a base that does not exist.
    """
    if tree is None:
        applications, snapshots = reconstruct(series)
        reason = "no tree was given: the source is reconstructed from what the series shows"
        return Applied(Base("reconstructed", None, None, (reason,)), applications, snapshots, True)
    commit = tree.resolve(base if base is not None else "HEAD")
    reason = f"{base} was asked for" if base is not None else "HEAD, as no base was asked for"
    return apply_to(series, tree, Base("pinned", tree.path, commit, (reason,)), commit, scratch, committer)
