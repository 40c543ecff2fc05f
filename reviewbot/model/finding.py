# SPDX-License-Identifier: GPL-2.0-or-later
"""What checks and simulations find, and the review they make up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reviewbot.model.diff import Series
from reviewbot.model.mail import Skipped
from reviewbot.model.tree import Application, Base

if TYPE_CHECKING:
    # a comparison is made of findings, and a review may hold one
    from reviewbot.model.comparison import Comparison

Severity = Literal["error", "warning", "note"]
Confidence = Literal["proved", "high", "medium"]
Verdict = Literal["holds", "violated", "inconclusive", "not-applicable"]
SEVERITIES: tuple[Severity, ...] = ("note", "warning", "error")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place that supports a finding, and what is to be seen there."""

    path: str
    line: int
    note: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect. `line` is in the file as patch `patch` (a patch number) leaves it.

    `message` is one or two sentences to a maintainer. `fingerprint` is the same for the same defect in another version
    and after unrelated lines move. `raised_by` are the messages of people that say the same (a name and date where the
    message has no id). `snippet` is the source line that the finding is about.
    `put_right_by` is the number of the later patch of the same series after which it is gone.
    """

    rule: str
    severity: Severity
    confidence: Confidence
    patch: int | None
    path: str | None
    line: int | None
    end_line: int | None
    function: str | None
    message: str
    evidence: tuple[Evidence, ...]
    fingerprint: str
    status: Literal["new", "persisting", "fixed"] = "new"
    raised_by: tuple[str, ...] = ()
    source: str = "rule"
    snippet: str = ""
    put_right_by: int | None = None


@dataclass(frozen=True, slots=True)
class ScheduleStep:
    """One step of a schedule: which task does what, and where; `source` is the line, `added` if the patch brings it."""

    task: str
    function: str
    path: str | None
    line: int | None
    event: str
    source: str = ""
    added: bool = False


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """What one property of one scenario came to, before (`baseline`) and after the series.

    `patch` is the number of the first patch after which the verdict is `verdict`; None where it is the base's.
    `seconds` is wall time; `bounds` is a short text that says what was limited; `reason` explains inconclusive and
    not-applicable; `functions` are those of the tree that ran. `replay` is the schedule of a violation as it is saved
    and run again, "" if there is none.
    """

    scenario: str
    property: str
    verdict: Verdict
    baseline: Verdict
    regression: bool
    states: int
    transitions: int
    seconds: float
    bounds: str
    unmodelled: tuple[str, ...]
    schedule: tuple[ScheduleStep, ...]
    patch: int | None = None
    reason: str = ""
    functions: tuple[str, ...] = ()
    replay: str = ""


@dataclass(frozen=True, slots=True)
class SeriesReview:
    """Everything that is to be said about one series.

    `findings` are those that it has. `comparison` tells what became of an earlier version's, the fixed ones among them;
    it is None where no earlier version is at hand.
    """

    series: Series
    base: Base
    applications: tuple[Application, ...]
    findings: tuple[Finding, ...]
    simulation: tuple[SimulationResult, ...]
    notes: tuple[str, ...] = ()
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """The result of one run: a review for each series, and what was skipped."""

    series: tuple[SeriesReview, ...]
    skipped: tuple[Skipped, ...]
