# SPDX-License-Identifier: GPL-2.0-or-later
"""The rows that say of a review what is to be searched."""

from __future__ import annotations

from typing import Any

from reviewbot.model.finding import SeriesReview

Row = dict[str, Any]


def patch_rows(review: SeriesReview) -> list[Row]:
    """Return a row for each patch, with how it went on."""
    status = {application.number: application.status for application in review.applications}
    return [
        {
            "number": patch.number,
            "message_id": patch.message_id,
            "subject": patch.subject,
            "status": status.get(patch.number, "not-tried"),
        }
        for patch in {patch.number: patch for patch in review.series.patches}.values()
    ]


def finding_rows(review: SeriesReview) -> list[Row]:
    """Return a row for each finding, in the order of the review."""
    changes = review.comparison.findings if review.comparison is not None else ()
    before = {
        one.new.fingerprint: one.old.fingerprint for one in changes if one.new is not None and one.old is not None
    }
    names = ("rule", "severity", "status", "patch", "path", "line", "function", "message", "fingerprint")
    return [
        {
            "place": place,
            "before": _other(before.get(finding.fingerprint), finding.fingerprint),
            **{name: getattr(finding, name) for name in names},
        }
        for place, finding in enumerate(review.findings)
    ]


def _other(old: str | None, new: str) -> str | None:
    return None if old == new else old


def remark_rows(review: SeriesReview) -> list[Row]:
    """Return a row for each remark of a person, in the order of the review."""
    return [
        {
            "place": place,
            "message_id": comment.message_id,
            "author_name": comment.author.name,
            "author_email": comment.author.email,
            "date": comment.date,
            "patch": comment.patch,
            "path": comment.path,
            "line": comment.line,
            "text": comment.text,
        }
        for place, comment in enumerate(review.series.comments)
    ]
