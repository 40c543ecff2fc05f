# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the rules that look at what patches take away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewbot.checks.change import Change, changes
from reviewbot.checks.fingerprint import Spot, spots
from reviewbot.checks.rule import Code, File, Problem, Rule
from reviewbot.checks.series import ChangedFile, SeriesCode
from reviewbot.checks.touched import touched
from reviewbot.csource.functions import Function

Found = tuple[Rule, Spot, int, int | None]


def check_changes(series: SeriesCode, rules: Sequence[Rule]) -> Iterator[Found]:
    """Yield what those of `rules` find that look at changes: the rule, where, the patch that brings it, and the later
    patch of the series, if any, after which it is gone (both by number)."""
    wanted = [rule for rule in rules if rule.check_change is not None]
    for place, patch in enumerate(series.patches if wanted else ()):
        for changed in patch.files:
            for change in _changes(changed):
                for rule in wanted:
                    problems = list(_problems(rule, change))
                    source = change.after.unit.source.data
                    for spot in spots(rule.id, changed.path, source, problems):
                        yield rule, spot, patch.number, _mended(series, place, changed.path, rule, change, spot)


def _changes(changed: ChangedFile) -> Iterator[Change]:
    before, after = changed.before, changed.after
    if before is None or after is None:
        return
    names = {function.name for function in touched(after.unit, before.unit)}
    yield from changes(_codes(before, names), _codes(after, names))


def _codes(file: File, names: set[str]) -> Iterator[Code]:
    return (file.code(function) for function in file.unit.functions if function.name in names)


def _problems(rule: Rule, change: Change) -> Iterator[Problem]:
    function: Function = change.after.function
    for problem in rule.check_change(change) if rule.check_change is not None else ():
        yield Problem(
            problem.line, problem.message, problem.confidence, problem.evidence, problem.about, None, function
        )


def _mended(series: SeriesCode, place: int, path: str, rule: Rule, change: Change, spot: Spot) -> int | None:
    """Return the number of the first later patch after which the change as a whole is no defect any more."""
    for later in series.patches[place + 1 :]:
        file = next((one.after for one in later.files if one.path == path), None)
        if file is None:
            continue
        since = changes([change.before], _codes(file, {change.before.function.name}))
        if not any(problem.about == spot.about for one in since for problem in _problems(rule, one)):
            return later.number
    return None
