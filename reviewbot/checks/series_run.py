# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the rules that look at a whole series."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from reviewbot.cache import NO_CACHE, Cache
from reviewbot.checks.change_run import Changes
from reviewbot.checks.filegroups import file_groups
from reviewbot.checks.fingerprint import Spot
from reviewbot.checks.kept import Watched, files_key, findings_from_plain, findings_to_plain, series_key
from reviewbot.checks.mended import put_right
from reviewbot.checks.rule import Rule
from reviewbot.checks.series import SeriesCode, SeriesProblem
from reviewbot.model.diff import Series
from reviewbot.model.finding import Evidence, Finding
from reviewbot.model.tree import Applied


def check_whole_series(
    series: Series, applied: Applied, rules: Sequence[Rule], cache: Cache = NO_CACHE
) -> Iterator[Finding]:
    """Yield what those of `rules` find that look at a whole series or at what its patches change, each once.

    Their source is "series", but for rules that stand for somebody else's tool. What they found in the same series on
    the same base before is taken from `cache`.
    """
    history = Watched(applied.history) if applied.history is not None else None
    code = SeriesCode(series, applied.snapshots, history)
    whole = [rule for rule in rules if rule.check_series is not None and not rule.by_file]
    key = series_key(series, applied)
    yield from _known(whole, lambda rule: _of_series(rule, code), key, cache, history)
    for group in file_groups(series):
        yield from check_files(series, applied, rules, cache, group, key)


def check_files(
    series: Series,
    applied: Applied,
    rules: Sequence[Rule],
    cache: Cache,
    paths: frozenset[str],
    key: str | None = None,
) -> list[Finding]:
    """Return what those of `rules` find in some files of a series that look at the series, but judge file by file.

    `key` is that of the series if it is known. `paths` are a group of `file_groups`.
    """
    code = SeriesCode(series, applied.snapshots, None, paths)
    changes = Changes(code)
    key = files_key(key or series_key(series, applied), paths)

    def found(rule: Rule) -> Iterator[Finding]:
        return _of_changes(rule, changes, series) if rule.check_change is not None else _of_series(rule, code)

    return list(_known([rule for rule in rules if rule.by_file or rule.check_change is not None], found, key, cache))


def _known(
    rules: Sequence[Rule],
    find: Callable[[Rule], Iterator[Finding]],
    key: str | None,
    cache: Cache,
    history: Watched | None = None,
) -> Iterator[Finding]:
    """Yield what rules find, or found before as `cache` has it under `key`; what a history tells is not kept."""
    known = cache.get(key) if key is not None else None
    kept = known if isinstance(known, dict) else {}
    before = len(kept)
    for rule in rules:
        found = findings_from_plain(kept[rule.digest]) if rule.digest in kept else None
        if found is None:
            found = list(find(rule))
            if rule.digest and not (history is not None and history.asked):
                kept[rule.digest] = findings_to_plain(found)
            if history is not None:
                history.asked = False
        yield from found
    if key is not None and len(kept) > before:
        cache.put(key, kept)


def _of_series(rule: Rule, code: SeriesCode) -> Iterator[Finding]:
    count: Counter[tuple[str, str]] = Counter()
    for problem in rule.check_series(code) if rule.check_series is not None else ():
        key = (problem.path or "", problem.about)
        finding = _finding(rule, problem, count[key])
        yield _mended(finding, code.series, problem.put_right_by)
        count[key] += 1


def _of_changes(rule: Rule, changes: Changes, series: Series) -> Iterator[Finding]:
    for spot, number, mended in changes.check(rule):
        yield _mended(_change_finding(rule, spot, number), series, mended)


def _mended(finding: Finding, series: Series, number: int | None) -> Finding:
    mending = [patch for patch in series.patches if patch.number == number]
    return put_right(finding, mending[0]) if mending else finding


def _finding(rule: Rule, problem: SeriesProblem, ordinal: int) -> Finding:
    parts = (rule.id, problem.path or "", problem.about, str(ordinal))
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        confidence=problem.confidence,
        patch=problem.patch or None,
        path=problem.path,
        line=problem.line,
        end_line=problem.line,
        function=None,
        message=problem.message,
        evidence=tuple(Evidence(path, line, note) for path, line, note in problem.evidence),
        fingerprint=hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16],
        source="series" if rule.source == "rule" else rule.source,
    )


def _change_finding(rule: Rule, spot: Spot, patch: int) -> Finding:
    problem = spot.problem
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        confidence=problem.confidence,
        patch=patch,
        path=spot.path,
        line=problem.line,
        end_line=problem.line,
        function=spot.function or None,
        message=problem.message,
        evidence=tuple(Evidence(spot.path, line, note) for line, note in problem.evidence),
        fingerprint=spot.fingerprint,
        source=rule.source,
    )
