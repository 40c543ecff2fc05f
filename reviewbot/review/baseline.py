# SPDX-License-Identifier: GPL-2.0-or-later
"""A baseline: the findings that a project knows of and wants to hear no more about.

The file is JSON, one finding a line and sorted, so that two branches that add to it merge:
{"schema": "reviewbot-baseline/1", "findings": [{"fingerprint", "rule", "path"}, …]}
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import Finding, Review

SCHEMA = "reviewbot-baseline/1"


def _row(finding: Finding) -> tuple[str, str, str]:
    path = (finding.path or "").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return path, finding.rule, finding.fingerprint


def baseline_text(review: Review, kept: frozenset[tuple[str, str, str]] = frozenset()) -> str:
    """Return the baseline of a review's findings (path, rule, fingerprint), with the rows `kept` of an older one."""
    rows = sorted({_row(f) for one in review.series for f in one.findings if f.status != "fixed"} | kept)
    lines = [
        json.dumps({"fingerprint": fingerprint, "rule": rule, "path": path}, ensure_ascii=False)
        for path, rule, fingerprint in rows
    ]
    body = "\n" + ",\n".join(lines) + "\n" if lines else ""
    return f'{{"schema": "{SCHEMA}", "findings": [{body}]}}\n'


def parse_baseline(text: str, name: str) -> frozenset[tuple[str, str, str]]:
    """Return the rows (path, rule, fingerprint) of a baseline; UnusableInputError, naming `name`, for anything else."""
    try:
        content = json.loads(text)
        if content["schema"] != SCHEMA:
            raise UnusableInputError(f"{name}: a baseline of the kind {content['schema']!r}, not {SCHEMA}")
        rows = [(one["path"], one["rule"], one["fingerprint"]) for one in content["findings"]]
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableInputError(f"{name}: not a baseline ({type(error).__name__}: {error})") from error
    if not all(isinstance(part, str) for row in rows for part in row):
        raise UnusableInputError(f"{name}: not a baseline (its rows are not text)")
    return frozenset(rows)


def read_baseline(path: Path) -> frozenset[tuple[str, str, str]]:
    """Read a baseline's file; UnusableInputError where it cannot be read or is none."""
    try:
        return parse_baseline(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableInputError(f"cannot read the baseline {path}: {error}") from error


def without(review: Review, known: frozenset[tuple[str, str, str]]) -> tuple[Review, int]:
    """Return the review without the findings of a baseline, and how many those were.

    The fingerprint decides: it outlives a rename of the file, and two defects never share one.
    """
    prints = {fingerprint for _, _, fingerprint in known}
    left = [tuple(f for f in one.findings if f.fingerprint not in prints) for one in review.series]
    count = sum(len(one.findings) for one in review.series) - sum(map(len, left))
    series = tuple(replace(one, findings=told) for one, told in zip(review.series, left, strict=True))
    return replace(review, series=series), count
