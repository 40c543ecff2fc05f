# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as workflow commands, which GitHub shows as annotations on the changed lines.

A step shows ten annotations of each kind (GitHub Actions, "Workflow commands" and the limits of annotations).
"""

from __future__ import annotations

from collections.abc import Sequence

from reviewbot.model.finding import SEVERITIES, Finding, Review
from reviewbot.render.quote import printable

LEVELS = {"error": "error", "warning": "warning", "note": "notice"}
SHOWN = 10
"""Annotations of a kind that GitHub shows a step."""
LONGEST = 4096
"""Characters of a message; GitHub cuts longer ones anywhere."""


def _data(text: str) -> str:
    """Escape a message as the workflow commands of GitHub Actions want it."""
    text = "\n".join(printable(line) for line in text.split("\n"))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 4] + " ..."


def annotation(finding: Finding) -> str:
    """Return the workflow command for one finding."""
    parts = [f"title={_property(finding.rule)}"]
    if finding.path:
        parts.insert(0, f"file={_property(finding.path)}")
    if finding.path and finding.line:
        parts.insert(1, f"line={finding.line}")
        parts.insert(2, f"endLine={finding.end_line or finding.line}")
    notes = "".join(f"\n{e.path}:{e.line}: {e.note}" for e in finding.evidence)
    return f"::{LEVELS[finding.severity]} {','.join(parts)}::{_data(_cut(finding.message + notes))}"


def _rolled_up(rest: Sequence[Finding]) -> str:
    """Return one command for the findings of a kind that would not be shown."""
    places = "".join(f"\n{f.path}:{f.line}: {f.message} [{f.rule}]" for f in rest)
    text = _cut(f"{len(rest)} more findings of this kind:{places}")
    return f"::{LEVELS[rest[0].severity]} title=and {len(rest)} more::{_data(text)}"


def render_github(review: Review) -> str:
    """Return one command a line, "" when there is nothing to say; of each kind as many as are shown, the last for all
    that are left.
    """
    lines = []
    for severity in reversed(SEVERITIES):
        found = [f for one in review.series for f in one.findings if f.severity == severity]
        single = found if len(found) <= SHOWN else found[: SHOWN - 1]
        lines += [annotation(f) for f in single]
        if len(single) < len(found):
            lines.append(_rolled_up(found[len(single) :]))
    return "".join(line + "\n" for line in lines)
