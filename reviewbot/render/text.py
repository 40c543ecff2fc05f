# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as text for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from reviewbot.model.finding import Finding, Review, SeriesReview, SimulationResult
from reviewbot.model.tree import Application
from reviewbot.render.environment import environment
from reviewbot.render.timeline import timeline
from reviewbot.render.versions import words
from reviewbot.review.simulated import EXPLAINED_BY

HUNKS_SHOWN = 5


def explains(result: SimulationResult, finding: Finding) -> bool:
    """Tell whether the schedule of a simulation shows what a finding says."""
    if result.verdict != "violated" or finding.patch != result.patch:
        return False
    if finding.source == "simulation":
        return finding.rule == f"simulation-{result.property}"
    through = {(step.path, step.function) for step in result.schedule}
    return finding.rule in EXPLAINED_BY.get(result.property, set()) and (finding.path, finding.function) in through


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding with the schedule that shows it, if any: the shortest one, and what it is of."""

    finding: Finding
    result: SimulationResult | None
    columns: str


def shown(finding: Finding, review: SeriesReview, width: int = 72, most: int | None = None) -> Shown:
    """Join a finding with the shortest schedule that shows it, in at most `most` lines."""
    fitting = [r for r in review.simulation if explains(r, finding) and r.schedule]
    best = min(fitting, key=lambda r: len(r.schedule), default=None)
    return Shown(finding, best, timeline(best.schedule, width, most) if best else "")


def applied(review: SeriesReview, number: int) -> Application | None:
    """Return how a patch went on, None when it was not tried."""
    return next((a for a in review.applications if a.number == number), None)


def failed_hunks(application: Application) -> list[str]:
    """Return a line for each hunk that did not apply, as a maintainer wants to read it; at most HUNKS_SHOWN."""
    lines = [
        f"{hunk.path}, hunk {hunk.hunk}: {hunk.reason or 'does not apply'}"
        for hunk in application.hunks
        if hunk.status == "conflict"
    ]
    more = len(lines) - HUNKS_SHOWN
    return lines[:HUNKS_SHOWN] + ([f"and {more} more"] if more > 0 else [])


def verdicts(review: SeriesReview, quiet: bool = True) -> list[str]:
    """Return a line for each scenario that came to something: what is violated, left open or changed by the series.

    What holds as it did before is one line for all, if it is wanted (`quiet`).
    """
    lines = []
    holding = []
    for scenario, group in groupby(review.simulation, key=lambda r: r.scenario):
        results = [r for r in group if r.verdict != "not-applicable"]
        if not results:
            continue
        states = max(r.states for r in results)
        if all(r.verdict == "holds" and r.baseline != "violated" for r in results):
            holding.append(f"{scenario} ({states} states)")
            continue
        parts = []
        for verdict, same in groupby(sorted(results, key=lambda r: r.verdict, reverse=True), key=lambda r: r.verdict):
            parts.append(f"{verdict}: {', '.join(map(_with_baseline, same))}")
        lines.append(f"{scenario}: {'; '.join(parts)} [{states} states]")
    return lines + ([f"everything holds in: {', '.join(holding)}"] if holding and quiet else [])


def _with_baseline(result: SimulationResult) -> str:
    """Return a property, with its verdict before the series where there was another."""
    if result.baseline in (result.verdict, "not-applicable"):
        return result.property
    return f"{result.property} (before: {result.baseline})"


def origin(finding: Finding, review: SeriesReview) -> str:
    """Return which patch brings a finding, and which takes it away again, in a maintainer's words."""
    total = review.series.mail.total
    if finding.patch is None:
        return "the series"
    gone = f" and fixed by {finding.put_right_by}/{total}" if finding.put_right_by is not None else ""
    return f"introduced by {finding.patch}/{total}{gone}"


def who(reference: str, review: SeriesReview) -> str:
    """Return whom a reference of `raised_by` stands for, by name where the message is at hand."""
    for comment in review.series.comments:
        if comment.message_id == reference:
            return f"{comment.author.name} ({reference})"
    return reference


def render_text(
    review: Review, colour: bool = False, width: int = 100, templates: Sequence[Path] = (), full: bool = False
) -> str:
    """Return the review as text of at most `width` columns where that can be (source lines are never cut).

    `full` shows the whole of a range-diff, else its first lines.
    """
    template = environment(colour, templates).get_template("text.j2")
    return template.render(
        review=review,
        width=width,
        shown=lambda finding, series: shown(finding, series, width - 4),
        applied=applied,
        origin=origin,
        who=who,
        failed_hunks=failed_hunks,
        verdicts=verdicts,
        **words(full),
    )
