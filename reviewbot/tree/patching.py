# SPDX-License-Identifier: GPL-2.0-or-later
"""One patch on one tree: which files it changes to what, or why it does not apply (check_patch in git's apply.c)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reviewbot.model.diff import FileDiff, FileKind, Patch
from reviewbot.model.tree import HunkResult
from reviewbot.tree.binary import BadBinaryError, patch_binary
from reviewbot.tree.content import Patched, patch_content, reverse_hunk
from reviewbot.tree.match import Budget, TooMuchWorkError
from reviewbot.tree.objects import EXECUTABLE, FILE, LINK, SUBMODULE, TREE, Entry, Objects
from reviewbot.tree.paths import refusal

MOST_FILES = 50_000
# what all the files that one patch changes may have together
LARGEST_RESULT = 512 << 20

Patcher = Callable[[bytes, FileDiff, Budget], Patched]


class RefusedError(Exception):
    """The patch is not applied; the text says why, naming the file."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A file after the patch: mode and content."""

    mode: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a patch did: `files` maps paths to their new state (None: removed), or is None and `reason` says why."""

    files: dict[str, Changed | None] | None
    hunks: tuple[HunkResult, ...]
    reason: str | None = None


class Attempt:
    """The files of one patch on their way, over the tree that they are applied to."""

    def __init__(
        self, objects: Objects, root: str, diffs: tuple[FileDiff, ...], patcher: Patcher, budget: Budget
    ) -> None:
        self.objects = objects
        self.root = root
        self.patcher = patcher
        self.budget = budget
        self.hunks: list[HunkResult] = []
        self.files: dict[str, Changed | None] = {}
        self.size = 0
        # these make room for files of their names, wherever they stand in the patch
        self.leaving = {d.old_path for d in diffs if d.kind == "delete" or d.new_path is None or _moves(d)}

    def run(self, diff: FileDiff) -> None:
        """Apply one file diff; RefusedError when it does not go on."""
        if diff.old_path is None:
            self._create(diff)
        elif diff.new_path is None or diff.kind == "delete":
            self._delete(diff, diff.old_path)
        else:
            self._change(diff, diff.old_path, diff.new_path)

    def _content(self, diff: FileDiff, base: bytes, name: str) -> bytes:
        if diff.kind == "binary" or diff.binary is not None:
            return self._binary(diff, base, name)
        if not diff.hunks:
            return base
        patched = self.patcher(base, diff, self.budget)
        self.hunks.extend(patched.hunks)
        if patched.data is None:
            bad = next(hunk for hunk in patched.hunks if hunk.status == "conflict")
            count = sum(hunk.status == "conflict" for hunk in patched.hunks)
            more = f" (and {count - 1} more of its {len(patched.hunks)} hunks)" if count > 1 else ""
            raise RefusedError(f"{name}: hunk {bad.hunk}{more} does not apply: {bad.reason}")
        return patched.data

    def _binary(self, diff: FileDiff, base: bytes, name: str) -> bytes:
        if diff.binary is not None:
            try:
                return patch_binary(base, diff.binary)
            except BadBinaryError as error:
                raise RefusedError(f"{name}: {error}") from error
        if diff.new_blob and len(diff.new_blob) == 40 and self.objects.has(diff.new_blob):
            return self.objects.blob(diff.new_blob)
        if diff.new_path is None:
            return b""
        raise RefusedError(f"{name}: a binary file whose content is not in the mail")

    def _put(self, path: str, mode: int, data: bytes) -> None:
        self.size += len(data)
        if self.size > LARGEST_RESULT:
            raise RefusedError(f"{path}: the patched files have more than {LARGEST_RESULT} bytes together")
        self.files[path] = Changed(mode, data)

    def _state(self, path: str, as_it_was: bool) -> Changed:
        """What `path` is: after the earlier file diffs of the patch, or before all of them (for renames and copies)."""
        if not as_it_was and path in self.files:
            state = self.files[path]
            if state is None:
                raise RefusedError(f"{path}: the patch itself has removed it before")
            return state
        entry = self.objects.find(self.root, path)
        if entry is None:
            raise RefusedError(f"{path}: no such file in the tree")
        if entry.mode == SUBMODULE:
            raise RefusedError(f"{path}: is a submodule; such changes are refused")
        if not entry.is_file and entry.mode != LINK:
            raise RefusedError(f"{path}: is a folder")
        return Changed(entry.mode, self.objects.blob(entry.id))

    def _room(self, path: str) -> None:
        """Refuse a new file where there is one, or below what is no folder."""
        entry = self.objects.find(self.root, path)
        if entry is not None and entry.mode == TREE:
            if not all(below in self.leaving for below in self.objects.files(self.root, path)):
                raise RefusedError(f"{path}: is a folder in the tree")
            entry = None
        there = self.files[path] is not None if path in self.files else entry is not None
        if there and path not in self.leaving:
            raise RefusedError(f"{path}: already exists in the tree")
        blocker = self.objects.blocker(self.root, path)
        if blocker is not None and self.files.get(blocker[0], blocker) is not None:
            what = "a symbolic link" if blocker[1].mode == LINK else "no folder"
            raise RefusedError(f"{path}: {blocker[0]} is {what}")
        names = path.split("/")
        for depth in range(1, len(names)):
            if self.files.get("/".join(names[:depth])) is not None:
                raise RefusedError(f"{path}: the patch makes {'/'.join(names[:depth])} a file")

    def _create(self, diff: FileDiff) -> None:
        path = diff.new_path or ""
        self._room(path)
        self._put(path, _mode(diff.new_mode) or FILE, self._content(diff, b"", path))

    def _delete(self, diff: FileDiff, path: str) -> None:
        state = self._state(path, as_it_was=False)
        left = self._content(diff, state.data, path)
        if left and (diff.hunks or diff.binary is not None):
            raise RefusedError(f"{path}: the patch removes the file but not all of its lines")
        self.files[path] = None

    def _change(self, diff: FileDiff, old: str, new: str) -> None:
        moves = old != new
        state = self._state(old, as_it_was=moves)
        if moves:
            self._room(new)
        if _is_link(diff.old_mode) is not None and _is_link(diff.old_mode) != (state.mode == LINK):
            raise RefusedError(f"{old}: is {'' if state.mode == LINK else 'no '}symbolic link, unlike in the patch")
        explicit = _mode(diff.new_mode) if diff.new_mode != diff.old_mode else None
        data = self._content(diff, state.data, old)
        if _moves(diff):
            self.files.setdefault(old, None)
        self._put(new, explicit or state.mode, data)


def _moves(diff: FileDiff) -> bool:
    """Whether the old file goes and the new one comes; a binary one is of the kind "binary" all the same."""
    between = diff.old_path is not None and diff.new_path is not None and diff.old_path != diff.new_path
    return between and diff.kind != "copy" and not diff.copied


def _mode(text: str | None) -> int | None:
    """The mode that git stores for a patch's mode: files are plain or executable (canon_mode)."""
    if text is None:
        return None
    value = int(text, 8)
    kind = value & 0o170000
    if kind in (LINK, SUBMODULE):
        return kind
    return EXECUTABLE if value & 0o100 else FILE


def _is_link(text: str | None) -> bool | None:
    return None if text is None else _mode(text) == LINK


def check(patch: Patch) -> str | None:
    """Say why a patch is not even tried (what its reader refused, hostile paths, submodules, sizes), else None."""
    if patch.refused is not None:
        return f"refused: {patch.refused}"
    if len(patch.files) > MOST_FILES:
        return f"refused: it changes {len(patch.files)} files, more than {MOST_FILES}"
    for diff in patch.files:
        for path in {diff.old_path, diff.new_path} - {None}:
            bad = refusal(path or "")
            if bad is not None:
                return f"refused: {bad}"
        for mode in (diff.old_mode, diff.new_mode):
            if mode is not None and (len(mode) > 6 or set(mode) - set("01234567")):
                return f"refused: {diff.path} has the mode {mode[:20]!r}"
            if _mode(mode) == SUBMODULE:
                return f"refused: {diff.path} is a submodule"
    return None


def run_patch(
    objects: Objects, root: str, diffs: tuple[FileDiff, ...], budget: Budget, patcher: Patcher = patch_content
) -> Outcome:
    """Apply the file diffs of a patch to the tree `root`; nothing is written. `patcher` puts hunks on one content.

    `budget` bounds the search for places, over all that is tried with the patch.
    """
    attempt = Attempt(objects, root, diffs, patcher, budget)
    reason = None
    for diff in diffs:
        try:
            attempt.run(diff)
        except RefusedError as error:
            reason = reason or str(error)
        except TooMuchWorkError:
            reason = f"{diff.path}: looking for the places of its hunks takes too long; the patch is not tried further"
            break
    return Outcome(attempt.files if reason is None else None, tuple(attempt.hunks), reason)


def write_outcome(objects: Objects, root: str, outcome: Outcome) -> str:
    """Store the changed files and return the id of the tree with them."""
    edits = {
        path: None if state is None else Entry(state.mode, objects.write_blob(state.data))
        for path, state in (outcome.files or {}).items()
    }
    return objects.write_tree(root, edits)


def already_there(objects: Objects, root: str, diffs: tuple[FileDiff, ...], budget: Budget) -> bool:
    """Tell whether the tree has the patch already: whether taking it back goes on."""
    back = tuple(_reverse(diff) for diff in reversed(diffs))
    return bool(diffs) and run_patch(objects, root, back, budget).reason is None


def _reverse(diff: FileDiff) -> FileDiff:
    kinds: dict[FileKind, FileKind] = {"add": "delete", "delete": "add"}
    return replace(
        diff,
        old_path=diff.new_path,
        new_path=diff.old_path,
        kind=kinds.get(diff.kind, diff.kind),
        hunks=tuple(reverse_hunk(hunk) for hunk in diff.hunks),
        old_mode=diff.new_mode,
        new_mode=diff.old_mode,
        old_blob=diff.new_blob,
        new_blob=diff.old_blob,
        binary=None,
    )
