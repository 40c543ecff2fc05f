# SPDX-License-Identifier: GPL-2.0-or-later
"""Three-way application from the blobs that a patch's `index` lines name, as `git am -3` does it.

The patch is put on a tree of those blobs alone, and the difference that makes is merged into the tree at hand
(build_fake_ancestor in git's apply.c and fall_back_threeway in builtin/am.c).
"""

from __future__ import annotations

import pygit2
from pygit2.enums import FileMode

from reviewbot.model.diff import FileDiff, Patch
from reviewbot.model.tree import HunkResult
from reviewbot.tree.match import Budget
from reviewbot.tree.objects import FILE, SUBMODULE, TREE, Entry, Objects
from reviewbot.tree.patching import run_patch, write_outcome

# shorter prefixes of blob ids are too likely to be somebody else's
SHORTEST_ID = 7


def known_blob(objects: Objects, prefix: str | None) -> str | None:
    """Return the full id of the one blob that begins with `prefix`, None when there is none or there are several."""
    if prefix is None or len(prefix) < SHORTEST_ID:
        return None
    objects.flush()
    try:
        found = objects.repository.get(prefix)
    except ValueError:
        return None
    return str(found.id) if isinstance(found, pygit2.Blob) else None


def _ancestor(objects: Objects, root: str, diffs: tuple[FileDiff, ...]) -> str | None:
    """The tree of the files that the patch was made from; None when one of their blobs is not known."""
    entries: dict[str, Entry | None] = {}
    for diff in diffs:
        if diff.old_path is None or diff.old_path in entries:
            continue
        current = objects.find(root, diff.old_path)
        mode = int(diff.old_mode, 8) if diff.old_mode else current.mode if current else FILE
        blob = known_blob(objects, diff.old_blob)
        if blob is None and diff.old_blob is None and not diff.hunks and current is not None:
            # nothing but a mode or a name changes: any content will do
            blob = current.id
        if blob is None:
            return None
        entries[diff.old_path] = Entry(mode, blob)
    return objects.write_tree(None, entries)


def _ours(objects: Objects, root: str, diffs: tuple[FileDiff, ...]) -> str:
    """What is to be merged into: the patch's own files, or the whole tree where a file may have been renamed."""
    paths = {path for diff in diffs for path in (diff.old_path, diff.new_path) if path is not None}
    entries = {path: objects.find(root, path) for path in paths}
    if any(diff.old_path is not None and entries[diff.old_path] is None for diff in diffs):
        return root
    return objects.write_tree(None, entries)


def _blocked(objects: Objects, root: str, path: str) -> bool:
    """Whether the tree has something at or above `path` that no merge may replace by a file: a folder, a link, …"""
    entry = objects.find(root, path)
    return objects.blocker(root, path) is not None or (entry is not None and entry.mode in (TREE, SUBMODULE))


def apply_three_way(
    objects: Objects, root: str, patch: Patch, budget: Budget
) -> tuple[str, tuple[HunkResult, ...]] | None:
    """Return the tree after the patch and a result a hunk; None when a blob is not known or the merge conflicts.

    The tree is `root` itself when all that the patch does is in there already.
    """
    ancestor = _ancestor(objects, root, patch.files)
    if ancestor is None or any(d.new_path is not None and _blocked(objects, root, d.new_path) for d in patch.files):
        return None
    outcome = run_patch(objects, ancestor, patch.files, budget)
    if outcome.files is None:
        return None
    theirs = write_outcome(objects, ancestor, outcome)
    ours = _ours(objects, root, patch.files)
    objects.flush()
    repository = objects.repository
    index = repository.merge_trees(ancestor, ours, theirs)
    if index.conflicts is not None:
        return None
    hunks = tuple(
        HunkResult(diff.path, number, "three-way") for diff in patch.files for number in range(1, len(diff.hunks) + 1)
    )
    if ours == root:
        return str(index.write_tree(repository)), hunks
    merged = {entry.path: Entry(int(FileMode(entry.mode)), str(entry.id)) for entry in index}
    paths = {path for diff in patch.files for path in (diff.old_path, diff.new_path) if path is not None}
    return objects.write_tree(root, {path: merged.get(path) for path in paths}), hunks
