# SPDX-License-Identifier: GPL-2.0-or-later
"""Running rules before and after each patch of a series, and keeping what is new.

The findings of two neighbouring prefixes are compared as sets of fingerprints, so that what was there before is not
reported, lines may move, and a defect that takes the place of another is still seen (counts would hide it).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from reviewbot.cache import NO_CACHE, Cache
from reviewbot.checks.beside import judge_beside
from reviewbot.checks.compare import Change, compare
from reviewbot.checks.filegroups import file_groups, touched_files
from reviewbot.checks.fingerprint import Spot
from reviewbot.checks.introduced import introduced
from reviewbot.checks.kept import series_key
from reviewbot.checks.mended import put_right
from reviewbot.checks.rule import Rule
from reviewbot.checks.series_run import check_files, check_whole_series
from reviewbot.checks.sides import Side
from reviewbot.checks.unparsed import unparsed_in
from reviewbot.csource.parse import parse
from reviewbot.csource.sections import sections
from reviewbot.model.diff import FileDiff, Patch, Series
from reviewbot.model.finding import Evidence, Finding
from reviewbot.model.tree import Applied, SourceFile


def run_checks(series: Series, applied: Applied, rules: Sequence[Rule], cache: Cache = NO_CACHE) -> tuple[Finding, ...]:
    """Return what the series brings, each defect once, with the patch that introduces it.

    A defect that a later patch of the series puts right is kept as a note that says so. What rules found in the same
    states of the same files before is taken from `cache`. Nothing is raised: code that cannot be parsed is passed over
    by the rules.
    """

    def judge(paths: frozenset[str] | None = None) -> list[Finding]:
        run = _Run(series, applied, rules, cache, paths)
        for number in range(len(series.patches)):
            run.patch(number)
        return run.findings

    def judge_some(paths: frozenset[str]) -> None:
        judge(paths)
        key = series_key(series, applied)
        for group in file_groups(series):
            if group <= paths:
                check_files(series, applied, rules, cache, group, key)
                for path in group:
                    unparsed_in(series, applied, cache, path)

    judge_beside(series, applied, cache, judge_some)
    findings = [*judge(), *check_whole_series(series, applied, rules, cache)]
    return tuple(sorted(findings, key=lambda f: (f.patch or 0, f.path or "", f.line or 0, f.rule)))


@dataclass(frozen=True, slots=True)
class _Pair:
    """A file before and after a patch; None where it does not exist. `path` is the name that people call it by."""

    path: str
    before: Side | None
    after: Side | None


class _Run:
    """One run, over the files that are named: what is known of names so far, and which findings are still there."""

    def __init__(
        self, series: Series, applied: Applied, rules: Sequence[Rule], cache: Cache, paths: frozenset[str] | None
    ) -> None:
        self.paths = paths
        self.cache = cache
        self.series = series
        self.patches = series.patches
        self.snapshots = applied.snapshots
        self.rules = rules
        self.names: dict[str, frozenset[str]] = {}
        self.findings: list[Finding] = []
        self.live: dict[Spot, int] = {}

    def patch(self, place: int) -> None:
        """Compare the states before and after the patch at `place`, and update the findings."""
        patch = self.patches[place]
        if place and patch.number != self.patches[place - 1].number + 1:
            # a patch is missing in between: what it shows nobody knows, it may use the names
            self.names.clear()
        pairs = list(self._pairs(place))
        moved = (p for p in pairs if p.before is not None and p.before.source.path != p.path)
        renamed = {p.before.source.path: p.path for p in moved if p.before is not None}
        self.live = {replace(s, path=renamed.get(s.path, s.path)): i for s, i in self.live.items()}
        before, after = self._spots(pairs, {diff.path for diff in patch.files if _may_lose_function(diff)})
        sides = {(pair.path, old): pair.before if old else pair.after for pair in pairs for old in (True, False)}

        def there(path: str, old: bool) -> frozenset[str]:
            side = sides.get((path, old))
            return side.function_names if side is not None else frozenset()

        dimmed = {diff.path for diff in patch.files for pair in pairs if pair.path == diff.path and _dims(pair, diff)}
        self._update(patch, compare(before, after, there), dimmed)
        for side in (side for pair in pairs for side in (pair.before, pair.after) if side is not None):
            side.keep()

    def _pairs(self, place: int) -> Iterator[_Pair]:
        states = self.snapshots[place], self.snapshots[place + 1]
        for diff, old, new in touched_files(self.patches[place], *states, self.paths):
            if old is not None and new is not None and old.data == new.data and old.known == new.known:
                continue
            yield self._pair(place, diff.path, old, new)

    def _pair(self, place: int, path: str, old: SourceFile | None, new: SourceFile | None) -> _Pair:
        names = self.names.pop(old.path, frozenset()) if old else frozenset()
        before = Side(path, old, sections(self.series, old.path, place), names, self.cache) if old else None
        if new is None:
            return _Pair(path, before, None)
        seen = sections(self.series, new.path, place + 1)
        if new.known is not None:
            names |= introduced(parse(new, seen), self.patches[place], [new.path], old)
        self.names[new.path] = names
        after = Side(path, new, seen, names, self.cache)
        after.other = before
        if before is not None:
            before.other = after
        return _Pair(path, before, after)

    def _spots(self, pairs: Sequence[_Pair], losing: Collection[str]) -> tuple[list[Spot], list[Spot]]:
        """Return what there is to compare: the findings before and after. `losing` are the files that lose functions.

        Those before are looked for only by the rules, and in the files, where something is found after, or was told of
        an earlier patch, or may have gone to another file: of others nothing can be new, and nothing told can be gone.
        """
        told = {(spot.rule, spot.path) for spot in self.live}
        before: list[Spot] = []
        after: list[Spot] = []
        for rule in self.rules:
            found = {pair.path: pair.after.spots(rule) for pair in pairs if pair.after is not None}
            after += (spot for spots in found.values() for spot in spots)
            some = any(found.values())
            for pair in pairs:
                asked = found.get(pair.path) or (rule.id, pair.path) in told or (some and pair.path in losing)
                if pair.before is not None and asked:
                    before += pair.before.spots(rule)
        return before, after

    def _update(self, patch: Patch, change: Change, dimmed: set[str]) -> None:
        for old, new in change.same:
            if old in self.live:
                self.live[new] = self.live.pop(old)
        for spot in change.gone:
            if spot.path in dimmed:
                continue
            place = self.live.pop(spot, None)
            if place is not None:
                self.findings[place] = put_right(self.findings[place], patch)
        for spot in change.new:
            self.live[spot] = len(self.findings)
            self.findings.append(self._finding(spot, patch))

    def _finding(self, spot: Spot, patch: Patch) -> Finding:
        problem = spot.problem
        rule = next(rule for rule in self.rules if rule.id == spot.rule)
        fragment = problem.function is not None and problem.function.fragment
        return Finding(
            rule=rule.id,
            severity=rule.severity,
            confidence="high" if fragment and problem.confidence == "proved" else problem.confidence,
            patch=patch.number,
            path=spot.path,
            line=problem.line,
            end_line=problem.end_line or problem.line,
            function=spot.function or None,
            message=problem.message,
            evidence=tuple(Evidence(spot.path, line, note) for line, note in problem.evidence),
            fingerprint=spot.fingerprint,
            source=rule.source,
        )


def _dims(pair: _Pair, diff: FileDiff) -> bool:
    """Tell whether less is known of a file after a patch than before: its pieces could not be joined (damage).

    What is not seen any more is not thereby put right.
    """
    if pair.before is None or pair.after is None or pair.after.source.known is None:
        return False
    return pair.after.known_lines < pair.before.known_lines - diff.removed + diff.added


def _may_lose_function(diff: FileDiff) -> bool:
    """Tell whether a patch removes a line at the left of a file, as the head of a function is one."""
    return any(line.mark == "-" and line.text[:1].strip() for hunk in diff.hunks for line in hunk.lines)
