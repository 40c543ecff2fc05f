# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as SARIF 2.1.0 (OASIS standard, 2020), which code-scanning services take."""

from __future__ import annotations

import json
from typing import Any

import reviewbot
from reviewbot.model.finding import Finding, Review
from reviewbot.render.report import clean

LEVELS = {"error": "error", "warning": "warning", "note": "note"}

Json = dict[str, Any]


def _location(path: str, line: int, note: str | None = None, end_line: int | None = None) -> Json:
    region: Json = {"startLine": line}
    if end_line is not None and end_line > line:
        region["endLine"] = end_line
    place: Json = {
        "physicalLocation": {"artifactLocation": {"uri": clean(path), "uriBaseId": "SRCROOT"}, "region": region}
    }
    if note is not None:
        place["message"] = {"text": clean(note)}
    return place


def _result(finding: Finding, rules: list[str]) -> Json:
    result: Json = {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": LEVELS[finding.severity],
        "message": {"text": clean(finding.message)},
        "partialFingerprints": {"reviewbot/1": finding.fingerprint},
        "properties": {"confidence": finding.confidence, "patch": finding.patch, "source": finding.source},
    }
    if finding.path and finding.line:
        result["locations"] = [_location(finding.path, finding.line, None, finding.end_line)]
    if finding.evidence:
        result["relatedLocations"] = [
            {"id": number, **_location(e.path, e.line, e.note)} for number, e in enumerate(finding.evidence)
        ]
    return result


def render_sarif(review: Review) -> str:
    """Return the review as one SARIF run; findings of all series together, each with its fingerprint."""
    findings = [f for one in review.series for f in one.findings]
    rules = sorted({f.rule for f in findings})
    driver = {
        "name": "reviewbot",
        "semanticVersion": reviewbot.__version__,
        "rules": [{"id": rule, "name": rule} for rule in rules],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(f, rules) for f in findings],
    }
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"
