# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the rules that look at a whole series."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from reviewbot.checks.change_run import check_changes
from reviewbot.checks.fingerprint import Spot
from reviewbot.checks.mended import put_right
from reviewbot.checks.rule import Rule
from reviewbot.checks.series import SeriesCode, SeriesProblem
from reviewbot.model.diff import Series
from reviewbot.model.finding import Evidence, Finding
from reviewbot.model.tree import Applied


def check_whole_series(series: Series, applied: Applied, rules: Sequence[Rule]) -> Iterator[Finding]:
    """Yield what those of `rules` find that look at a whole series or at what its patches change, each once.

    Their source is "series", but for rules that stand for somebody else's tool.
    """
    code = SeriesCode(series, applied.snapshots, applied.history)
    for rule in rules:
        if rule.check_series is None:
            continue
        count: Counter[tuple[str, str]] = Counter()
        for problem in rule.check_series(code):
            key = (problem.path or "", problem.about)
            finding = _finding(rule, problem, count[key])
            mending = [patch for patch in series.patches if patch.number == problem.put_right_by]
            yield put_right(finding, mending[0]) if mending else finding
            count[key] += 1
    for rule, spot, number, mended in check_changes(code, rules):
        finding = _change_finding(rule, spot, number)
        mending = [patch for patch in series.patches if patch.number == mended]
        yield put_right(finding, mending[0]) if mending else finding


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
