# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the rules that look at what patches take away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from reviewbot.checks.change import Change, changes
from reviewbot.checks.fingerprint import Spot, spots
from reviewbot.checks.rule import Code, File, Problem, Rule
from reviewbot.checks.series import ChangedFile, SeriesCode
from reviewbot.checks.touched import touched
from reviewbot.csource.functions import Function

Found = tuple[Spot, int, int | None]


@dataclass(frozen=True, slots=True)
class _Made:
    """A function that a patch changes: the patch's place in the series, and the file."""

    place: int
    file: ChangedFile
    change: Change


class Changes:
    """The functions that the patches of a series change. They are looked for when the first rule asks."""

    def __init__(self, series: SeriesCode) -> None:
        self._series = series

    @cached_property
    def _all(self) -> tuple[_Made, ...]:
        return tuple(
            _Made(place, file, change)
            for place, patch in enumerate(self._series.patches)
            for file in patch.files
            for change in _changes(file)
        )

    def check(self, rule: Rule) -> Iterator[Found]:
        """Yield what a rule finds that looks at changes: where, the patch that brings it, and the later patch of the
        series, if any, after which it is gone (both by number)."""
        for made in self._all:
            source = made.change.after.unit.source.data
            for spot in spots(rule.id, made.file.path, source, _problems(rule, made.change)):
                yield spot, made.file.patch.number, _mended(self._series, made, rule, spot)


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


def _mended(series: SeriesCode, made: _Made, rule: Rule, spot: Spot) -> int | None:
    """Return the number of the first later patch after which the change as a whole is no defect any more."""
    before = made.change.before
    for later in series.patches[made.place + 1 :]:
        file = next((one.after for one in later.files if one.path == made.file.path), None)
        if file is None:
            continue
        since = changes([before], _codes(file, {before.function.name}))
        if not any(problem.about == spot.about for one in since for problem in _problems(rule, one)):
            return later.number
    return None
