# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as workflow commands, which GitHub shows as annotations on the changed lines."""

from __future__ import annotations

from reviewbot.model.finding import Finding, Review
from reviewbot.render.quote import printable

LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def _data(text: str) -> str:
    """Escape a message as the workflow commands of GitHub Actions want it."""
    text = "\n".join(printable(line) for line in text.split("\n"))
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def annotation(finding: Finding) -> str:
    """Return the workflow command for one finding."""
    parts = [f"title={_property(finding.rule)}"]
    if finding.path:
        parts.insert(0, f"file={_property(finding.path)}")
    if finding.path and finding.line:
        parts.insert(1, f"line={finding.line}")
        parts.insert(2, f"endLine={finding.end_line or finding.line}")
    notes = "".join(f"\n{e.path}:{e.line}: {e.note}" for e in finding.evidence)
    return f"::{LEVELS[finding.severity]} {','.join(parts)}::{_data(finding.message + notes)}"


def render_github(review: Review) -> str:
    """Return one command a line, "" when there is nothing to say."""
    return "".join(annotation(f) + "\n" for one in review.series for f in one.findings)
