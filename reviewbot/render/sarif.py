# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as SARIF 2.1.0 (OASIS standard, 2020), which code-scanning services take.

The limits are those of GitHub's code scanning ("SARIF support for code scanning", GitHub Docs): 25,000 results a run
of which the 5,000 gravest are shown, 10 MB when compressed, 100 places shown a result, no result without a place.
"""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import quote

import reviewbot
from reviewbot.model.finding import SEVERITIES, Finding, Review, SeriesReview
from reviewbot.render.clean import clean

LEVELS = {"error": "error", "warning": "warning", "note": "note"}
MAX_RESULTS = 25_000
SHOWN_RESULTS = 5_000
MAX_COMPRESSED = 10 * 1024 * 1024
MAX_PLACES = 100

Json = dict[str, Any]


def _location(path: str, line: int | None, note: str | None = None, end_line: int | None = None) -> Json:
    # a URI, in which bytes of no charset, blanks and the like are written as %XX (RFC 3986)
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/+,:@=~!$&'()*;")
    place: Json = {"physicalLocation": {"artifactLocation": {"uri": uri, "uriBaseId": "SRCROOT"}}}
    if line is not None:
        region: Json = {"startLine": line}
        if end_line is not None and end_line > line:
            region["endLine"] = end_line
        place["physicalLocation"]["region"] = region
    if note is not None:
        place["message"] = {"text": clean(note)}
    return place


def _changed(finding: Finding, review: SeriesReview) -> str | None:
    """Return the first file of the finding's patch: where to show what has no place of its own."""
    patches = [p for p in review.series.patches if finding.patch in (None, p.number)]
    return next((file.path for patch in patches for file in patch.files), None)


def _result(finding: Finding, review: SeriesReview, rules: dict[str, int]) -> Json:
    result: Json = {
        "ruleId": finding.rule,
        "ruleIndex": rules[finding.rule],
        "level": LEVELS[finding.severity],
        "message": {"text": clean(finding.message)},
        "partialFingerprints": {"reviewbot/1": finding.fingerprint},
        "properties": {"confidence": finding.confidence, "patch": finding.patch, "source": finding.source},
    }
    path = finding.path or _changed(finding, review)
    if path:
        result["locations"] = [_location(path, finding.line if finding.path else None, None, finding.end_line)]
    if finding.evidence:
        result["relatedLocations"] = [
            {"id": number, **_location(e.path, e.line, e.note)}
            for number, e in enumerate(finding.evidence[:MAX_PLACES])
        ]
    return result


def _left_out(count: int, most: int) -> Json:
    text = f"{count} more findings are not listed: a file takes {most}. The gravest are listed."
    return {
        "executionSuccessful": True,
        "toolExecutionNotifications": [{"level": "warning", "message": {"text": text}}],
    }


def _log(found: list[tuple[Finding, SeriesReview]], most: int) -> str:
    kept = found[:most]
    rules = {rule: number for number, rule in enumerate(sorted({f.rule for f, _ in kept}))}
    driver = {
        "name": "reviewbot",
        "semanticVersion": reviewbot.__version__,
        "rules": [
            {"id": rule, "name": rule, "shortDescription": {"text": rule.replace("-", " ").capitalize()}}
            for rule in rules
        ],
    }
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, review, rules) for finding, review in kept],
    }
    if len(found) > most:
        run["invocations"] = [_left_out(len(found) - most, most)]
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=1, ensure_ascii=False) + "\n"


def render_sarif(review: Review) -> str:
    """Return the review as one SARIF run; findings of all series together, each with its fingerprint.

    What goes beyond the limits above is left out from the lightest on, and a notification of the run says how many.
    """
    found = [(f, one) for one in review.series for f in one.findings]
    if len(found) > SHOWN_RESULTS:
        found.sort(key=lambda pair: -SEVERITIES.index(pair[0].severity))
    most = MAX_RESULTS
    text = _log(found, most)
    while len(text) > MAX_COMPRESSED and len(gzip.compress(text.encode("utf-8", "replace"))) > MAX_COMPRESSED:
        most = min(most, len(found)) // 2
        text = _log(found, most)
    return text
