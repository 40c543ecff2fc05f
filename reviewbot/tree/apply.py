# SPDX-License-Identifier: GPL-2.0-or-later
"""Applying a series to git objects: a commit a patch, in a scratch repository, without a checkout."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pygit2.enums import ObjectType

from reviewbot.model.diff import Patch, Series
from reviewbot.model.tree import Application, Applied, Base, HunkResult, Snapshot, Status
from reviewbot.tree.base import Search
from reviewbot.tree.commitlog import CommitLog
from reviewbot.tree.content import patch_content
from reviewbot.tree.damaged import place_by_words
from reviewbot.tree.match import Budget
from reviewbot.tree.message import REVIEWBOT, Identity, commit_object
from reviewbot.tree.objects import Objects
from reviewbot.tree.patching import Outcome, already_there, check, run_patch, write_outcome
from reviewbot.tree.reconstruct import reconstruct
from reviewbot.tree.repository import ObjectSnapshot, Tree
from reviewbot.tree.store import create_store
from reviewbot.tree.threeway import apply_three_way

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


def attempt(objects: Objects, root: str, patch: Patch) -> Step:
    """Try a patch on the tree `root`: as `git am` would, as `git am -3` would, with less context, by words."""
    refused = check(patch)
    if refused is not None:
        return Step(Application(patch.number, "conflict", reason=refused))
    budget = Budget()
    strict = run_patch(objects, root, patch.files, budget)
    if strict.reason is None:
        return _taken(objects, root, patch, strict)
    if budget.left < 0:
        return Step(Application(patch.number, "conflict", None, strict.hunks, strict.reason))
    merged = apply_three_way(objects, root, patch, budget)
    if merged is not None:
        after, hunks = merged
        reason = "nothing of it is new: it is already in the tree" if after == root else None
        return Step(Application(patch.number, "three-way", None, hunks, reason), after)
    if already_there(objects, root, patch.files, budget):
        return Step(Application(patch.number, "conflict", None, strict.hunks, "it is already in the tree"))
    ways = [partial(patch_content, fuzzy=True)]
    if patch.damage or not all(hunk.complete for diff in patch.files for hunk in diff.hunks):
        ways.insert(0, partial(patch_content, rescue=place_by_words))
    for way in ways:
        outcome = run_patch(objects, root, patch.files, budget, way)
        if outcome.reason is None:
            return _taken(objects, root, patch, outcome)
    return Step(Application(patch.number, "conflict", None, strict.hunks, strict.reason))


def _taken(objects: Objects, root: str, patch: Patch, outcome: Outcome) -> Step:
    after = write_outcome(objects, root, outcome)
    return Step(Application(patch.number, worst(outcome.hunks), None, outcome.hunks), after)


def apply_patch(objects: Objects, root: str, parent: str, patch: Patch, committer: Identity, place: str) -> Step:
    """Apply one patch on the tree `root` and write its commit on top of `parent`; a reject calls the base `place`.

    As with `git am -3`, a patch whose change is there already gets no commit: its commit is the parent.
    """
    step = attempt(objects, root, patch)
    if step.root is None:
        reason = f"patch {patch.number}/{patch.total} does not apply to {place}: {step.application.reason}"
        return Step(replace(step.application, reason=reason))
    if step.root == root and step.application.status == "three-way":
        return Step(replace(step.application, commit=parent), root)
    written = objects.write(ObjectType.COMMIT, commit_object(patch, step.root, parent, committer))
    return Step(replace(step.application, commit=written), step.root)


def apply_to(series: Series, objects: Objects, base: Base, commit: str, committer: Identity = REVIEWBOT) -> Applied:
    """Apply a series to a commit that the scratch repository has or borrows; see `apply_series`."""
    place = f"{commit[:12]} of {base.tree}"
    root, parent = objects.root(commit), commit
    objects.prefetch(root, {d.old_path for p in series.patches for d in p.files if d.old_path is not None})
    snapshots: list[Snapshot] = [ObjectSnapshot(objects, root)]
    applications: list[Application] = []
    for number, patch in enumerate(series.patches):
        where = place if number == 0 else f"{place} with the patches before it"
        gaps = ", ".join(str(gap) for gap in series.mail.missing if gap < patch.number)
        where += f" (without {gaps}, which the mails do not have)" if gaps else ""
        step = apply_patch(objects, root, parent, patch, committer, where)
        applications.append(step.application)
        if step.root is None or step.application.commit is None:
            rest = [Application(p.number, "not-tried") for p in series.patches[number + 1 :]]
            _, shown = reconstruct(series)
            return Applied(base, (*applications, *rest), shown, True)
        root, parent = step.root, step.application.commit
        snapshots.append(ObjectSnapshot(objects, root))
    return Applied(base, tuple(applications), tuple(snapshots), False, CommitLog(objects, commit))


def _got_to(applied: Applied) -> int:
    return sum(application.status not in ("conflict", "not-tried") for application in applied.applications)


def _apply_to_found(series: Series, tree: Tree, objects: Objects, committer: Identity) -> Applied:
    """Apply a series to the first base that it fits; when it fits none, tell what came of the best attempt."""
    search = Search(series, tree, objects, Path(objects.repository.path))
    best: Applied | None = None
    for base, commit in search.bases():
        applied = apply_to(series, objects, base, commit, committer)
        if not applied.reconstructed:
            return applied
        reason = next(a.reason for a in applied.applications if a.status == "conflict")
        search.reasons.append(reason or f"the series does not apply to {commit}")
        if best is None or _got_to(applied) > _got_to(best):
            best = applied
    base = Base("reconstructed", tree.name or tree.path, None, tuple(search.reasons))
    if best is None:
        applications, snapshots = reconstruct(series)
        return Applied(base, applications, snapshots, True)
    return replace(best, base=base)


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
    objects = create_store(scratch, tree)
    if base is None:
        return _apply_to_found(series, tree, objects, committer)
    commit = tree.resolve(base)
    asked = Base("pinned", tree.name or tree.path, commit, (f"{base} was asked for",))
    return apply_to(series, objects, asked, commit, committer)
