# SPDX-License-Identifier: GPL-2.0-or-later
"""Putting together what was found about one series."""

from __future__ import annotations

from dataclasses import replace

from reviewbot.model.diff import Series
from reviewbot.model.finding import SEVERITIES, Finding, ScheduleStep, SeriesReview, SimulationResult
from reviewbot.model.tree import Applied, Snapshot
from reviewbot.review.people import raised_by
from reviewbot.review.simulated import simulation_findings


class Lines:
    """The source lines of a series at each of its prefixes, read once a file."""

    def __init__(self, series: Series, applied: Applied) -> None:
        """Number the snapshots by the patches that make them."""
        self._snapshots: dict[int | None, Snapshot] = {None: applied.snapshots[0]}
        for patch, snapshot in zip(series.patches, applied.snapshots[1:], strict=True):
            self._snapshots[patch.number] = snapshot
        self._added = {
            (patch.number, file.path, line.new)
            for patch in series.patches
            for file in patch.files
            for hunk in file.hunks
            for line in hunk.lines
            if line.mark == "+"
        }
        self._files: dict[tuple[int | None, str], list[bytes]] = {}

    def text(self, patch: int | None, path: str | None, line: int | None) -> str:
        """Return a line as patch number `patch` leaves it (None: the base), "" if it is not known."""
        if path is None or line is None or patch not in self._snapshots:
            return ""
        key = (patch, path)
        if key not in self._files:
            source = self._snapshots[patch].read(path)
            self._files[key] = source.data.split(b"\n") if source else []
        lines = self._files[key]
        return lines[line - 1].decode("utf-8", "replace").rstrip() if 0 < line <= len(lines) else ""

    def added(self, patch: int | None, path: str | None, line: int | None) -> bool:
        """Tell whether patch number `patch` itself brings the line."""
        return (patch, path, line) in self._added


def _with_source(result: SimulationResult, lines: Lines) -> SimulationResult:
    def shown(step: ScheduleStep) -> ScheduleStep:
        text = lines.text(result.patch, step.path, step.line).strip()
        return replace(step, source=text, added=lines.added(result.patch, step.path, step.line))

    return replace(result, schedule=tuple(shown(step) for step in result.schedule))


def _order(finding: Finding) -> tuple[int, int, bool, str, int]:
    """Order by patch and weight; what a rule can put into words comes before what only a run shows."""
    weight = -SEVERITIES.index(finding.severity)
    return (finding.patch or 0, weight, finding.source == "simulation", finding.path or "", finding.line or 0)


def build_review(
    series: Series,
    applied: Applied,
    findings: tuple[Finding, ...],
    simulation: tuple[SimulationResult, ...],
    notes: tuple[str, ...] = (),
) -> SeriesReview:
    """Make the review of a series from its parts.

    Takes the findings of the checks and the results of the simulation; gives findings ordered by patch and weight, each
    with its source line and the people who raised it, and schedules with their source lines. `notes` say what else
    a reader should know.
    """
    lines = Lines(series, applied)
    simulation = tuple(_with_source(result, lines) for result in simulation)
    complete = [replace(f, snippet=lines.text(f.patch, f.path, f.line)) for f in findings] + list(
        simulation_findings(simulation, findings)
    )
    author = series.mail.author
    complete = [replace(f, raised_by=raised_by(f, series.comments, author)) for f in complete]
    return SeriesReview(
        series=series,
        base=applied.base,
        applications=applied.applications,
        findings=tuple(sorted(complete, key=_order)),
        simulation=simulation,
        notes=notes,
    )
