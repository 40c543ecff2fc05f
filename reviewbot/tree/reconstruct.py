# SPDX-License-Identifier: GPL-2.0-or-later
"""The source as a series itself shows it: partial files with known and unknown lines, for each prefix of the series."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping

from reviewbot.model.diff import FileDiff, Patch, Series
from reviewbot.model.tree import Application, HunkResult, Snapshot, SourceFile
from reviewbot.tree.lineage import MOST_LINES, Edit, Lines, Version, edit_of
from reviewbot.tree.patching import check


class PartialSnapshot:
    """The files that a series shows, after some prefix of it; see `reviewbot.model.tree.Snapshot`."""

    complete = False

    def __init__(self, versions: Mapping[str, list[Version]], state: int) -> None:
        self._versions = versions
        self._state = state
        self._read: dict[str, SourceFile | None] = {}

    def _at(self, path: str) -> list[Version]:
        return [v for v in self._versions.get(path, ()) if v.first <= self._state <= v.last]

    def read(self, path: str) -> SourceFile | None:
        """Return the file as far as it is known, None when the series does not show it (or it is gone)."""
        if path not in self._read:
            versions = self._at(path)
            self._read[path] = _source(path, versions) if versions else None
        return self._read[path]

    def paths(self, under: str = "") -> Iterator[str]:
        """Yield the paths of the shown files below `under`, sorted."""
        folder = f"{under.strip('/')}/" if under.strip("/") else ""
        yield from sorted(path for path in self._versions if path.startswith(folder) and self._at(path))


def ranges(numbers: Iterator[int]) -> tuple[tuple[int, int], ...]:
    """Join sorted numbers into inclusive ranges."""
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def _source(path: str, versions: list[Version]) -> SourceFile:
    lines: Lines = {}
    for version in versions:
        for number, data in version.shown().items():
            lines.setdefault(number, data)
    top = max(lines, default=0)
    data = b"".join(lines.get(number, b"\n") for number in range(1, top + 1))
    if not versions[0].complete:
        data = data if data.endswith(b"\n") or not data else data + b"\n"
    known = None if versions[0].complete and len(lines) == top else ranges(iter(sorted(lines)))
    key = hashlib.sha256(data + repr(known).encode()).hexdigest()
    return SourceFile(path, data, f"partial-{key}", known)


class History:
    """All versions of all files that a series shows, linked by its file diffs."""

    def __init__(self, states: int) -> None:
        self.last_state = states - 1
        self.versions: dict[str, list[Version]] = defaultdict(list)
        self._current: dict[str, Version | None] = {}
        self._links: list[tuple[Version, Edit, Version]] = []
        self._joined_from = 0

    def forget(self, state: int) -> None:
        """Stop joining: a patch is missing before the one that leads to `state + 1`, so that lines may have moved."""
        self._joined_from = state

    def _add(self, version: Version) -> Version:
        self.versions[version.path].append(version)
        return version

    def _before(self, path: str, edit: Edit, state: int) -> Version:
        """Return the version of `path` that the diff after `state` starts from, with what the diff shows of it."""
        known = self._current.get(path)
        if known is not None and not (self._gap(known, state) or known.contradicts(edit.before)):
            known.learn(iter(edit.before.items()))
            known.outgoing += edit.loose_before
            return known
        first = self._joined_from
        if path in self._current:
            first = state
        if known is not None:
            # what the patch before left stays to be seen in this state, and the two are shown together
            known.last = max(known.first, state - 1)
        fresh = self._add(Version(path, first, self.last_state, dict(edit.before), outgoing=edit.loose_before))
        self._current[path] = fresh
        return fresh

    def _gap(self, version: Version, state: int) -> bool:
        return version.first <= self._joined_from <= state and self._joined_from > 0

    def read(self, diff: FileDiff, state: int) -> None:
        """Take in a file diff of the patch that leads from snapshot `state` to the next one."""
        edit = edit_of(diff)
        whole = all(hunk.complete for hunk in diff.hunks)
        if diff.old_path is None or diff.kind == "add":
            self._start(diff.path, edit, state, whole and diff.kind != "binary")
            return
        before = self._before(diff.old_path, edit, state)
        if diff.new_path is None or diff.kind == "delete":
            before.complete |= whole and bool(edit.before)
            self._end(before, state)
            return
        after = Version(diff.new_path, state + 1, self.last_state, dict(edit.after), incoming=edit.loose_after)
        after.learn(edit.forward(before.lines))
        after.complete = before.complete and whole
        if diff.kind != "copy" and not diff.copied:
            self._end(before, state)
        self._current[diff.new_path] = self._add(after)
        self._links.append((before, edit, after))

    def _start(self, path: str, edit: Edit, state: int, whole: bool) -> None:
        there = self._current.get(path)
        if there is not None:
            self._end(there, state)
        version = Version(path, state + 1, self.last_state, dict(edit.after), whole, edit.loose_after)
        self._current[path] = self._add(version)

    def _end(self, version: Version, state: int) -> None:
        version.last = state
        self._current[version.path] = None

    def spread_back(self) -> None:
        """Carry what later diffs show back to the versions before them."""
        for before, edit, after in reversed(self._links):
            before.learn(edit.backward(after.lines))
            if after.complete and not edit.loose_before:
                before.complete = True


def _results(patch: Patch) -> tuple[HunkResult, ...]:
    return tuple(
        HunkResult(
            diff.path,
            number,
            "reconstructed",
            reason=None
            if max(hunk.old_start + hunk.old_count, hunk.new_start + hunk.new_count) <= MOST_LINES
            else f"it is for line {hunk.old_start}: more than {MOST_LINES} lines are not reconstructed",
        )
        for diff in patch.files
        for number, hunk in enumerate(diff.hunks, 1)
    )


def reconstruct(series: Series) -> tuple[tuple[Application, ...], tuple[Snapshot, ...]]:
    """Return an application a patch and one partial snapshot more: the base as the series shows it, and after each.

    Lines are joined over the patches and move as these move them; not across a patch that is missing or refused, and
    not between diffs that contradict each other. Refused patches have the status "conflict" and change nothing.
    """
    history = History(len(series.patches) + 1)
    applications = []
    expected = None
    for state, patch in enumerate(series.patches):
        if expected is not None and patch.number != expected:
            history.forget(state)
        expected = patch.number + 1
        refused = check(patch)
        if refused is not None:
            history.forget(state + 1)
            applications.append(Application(patch.number, "conflict", reason=refused))
            continue
        for diff in patch.files:
            history.read(diff, state)
        applications.append(Application(patch.number, "reconstructed", hunks=_results(patch)))
    history.spread_back()
    states = range(len(series.patches) + 1)
    return tuple(applications), tuple(PartialSnapshot(history.versions, state) for state in states)
