# SPDX-License-Identifier: GPL-2.0-or-later
"""A comparison of two versions in words, a line for each thing, and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from reviewbot.model.comparison import ChangedHunk, Comparison, FindingChange, RemarkChange
from reviewbot.model.diff import HumanComment
from reviewbot.model.finding import Finding
from reviewbot.render.clean import clean
from reviewbot.review.people import reference
from reviewbot.review.versions.rangediff import headline, number_width, range_diff_text

REMARK = 100
"""Characters of a remark by which people know it again."""
HUNK = 14
"""Lines of a changed place that are shown."""
RANGE_DIFF = 60
"""Lines of a range-diff that a review shows; a comparison shows all."""
CUT = "[ ... ]"

Json = dict[str, Any]


def heads(comparison: Comparison) -> list[str]:
    """Return the range-diff without the diffs: a line for each patch."""
    width = number_width(comparison.pairs)
    return [headline(pair, width) for pair in comparison.pairs]


def range_diff(comparison: Comparison, most: int | None = RANGE_DIFF) -> str:
    """Return the range-diff as git shows it, of at most `most` lines (None: all), then a mark that there is more."""
    lines = range_diff_text(comparison.pairs).split("\n")
    return "\n".join(lines if most is None or len(lines) <= most else [*lines[:most], CUT])


def named(finding: Finding) -> str:
    """Return what a finding is called in passing: its rule and where it is, without a line number."""
    place = f" in {finding.function}()" if finding.function else f" in {finding.path}" if finding.path else ""
    return f"{finding.rule}{place}"


def finding_state(change: FindingChange, comparison: Comparison) -> str:
    """Return in a few words what became of a finding; "" for a new one."""
    then = f"version {change.version}" if change.version != comparison.version else "the version before"
    words = {
        "new": "",
        "fixed": f"fixed since {then}",
        "persisting": f"still there since {then}",
        "moved": f"moved since {then}",
        "regression": f"back again, it was in {then} and fixed after it",
        "unseen": f"not known, its patch in {then} is missing now",
    }
    return words[change.state]


def finding_line(change: FindingChange, comparison: Comparison) -> str:
    """Return in a line what became of a finding, and which it is; "" for a new one, which has a place of its own."""
    known = change.new or change.old
    if known is None or change.state == "new":
        return ""
    patch = f", patch {change.new.patch}" if change.new and change.new.patch else ""
    path = f", {known.path}" if change.state == "moved" else ""
    return f"{finding_state(change, comparison)}: {named(known)}{patch}{path}"


def finding_lines(comparison: Comparison) -> list[str]:
    """Return a line for each finding that is not new, the open ones first."""
    order = ("regression", "persisting", "moved", "unseen", "fixed")
    known = sorted((one for one in comparison.findings if one.state != "new"), key=lambda one: order.index(one.state))
    return [finding_line(one, comparison) for one in known]


def open_lines(comparison: Comparison) -> list[str]:
    """Return a line for each thing of earlier versions that is open: findings, remarks, tags."""
    findings = [finding_line(one, comparison) for one in comparison.still_open]
    remarks = [f"nothing answers {asked(one.comment)}" for one in comparison.unanswered]
    return findings + remarks + tag_lines(comparison)


def asked(comment: HumanComment) -> str:
    """Return how a remark is called: whose it is, on what, and how it begins."""
    where = f" on {comment.path}" if comment.path else f" on patch {comment.patch}" if comment.patch else ""
    words = " ".join(comment.text.split())
    short = words if len(words) <= REMARK else words[:REMARK].rsplit(" ", 1)[0] + " ..."
    return f'{comment.author.name or comment.author.email}{where}: "{short}"'


def tag_lines(comparison: Comparison) -> list[str]:
    """Return a line for each tag that was given to another patch than the one that has it."""
    return [
        f"patch {one.new} has the {one.trailer.name} of {one.trailer.value} from before its code in {one.path} changed"
        for one in comparison.carried
    ]


def remark_line(change: RemarkChange) -> str:
    """Return in a line what became of a remark."""
    text = {
        "changed-here": "changed here",
        "answered-in-thread": f"answered in the thread ({change.answer})",
        "named-in-changelog": f'named in the changelog ("{(change.changelog or "")[:REMARK]}")',
        "silent": "silent",
    }
    return f"{text[change.state]}: {asked(change.comment)}"


def excerpt(hunk: ChangedHunk) -> str:
    """Return the first lines of a changed place."""
    lines = [line.rstrip() for line in hunk.text.split("\n")]
    return "\n".join(lines if len(lines) <= HUNK else [*lines[:HUNK], CUT])


def words(full: bool = False) -> dict[str, object]:
    """Return what the templates of pages call to tell of a comparison; `full` shows the whole of its range-diff."""
    return {
        "range_diff": lambda comparison: range_diff(comparison, None if full else RANGE_DIFF),
        "finding_lines": finding_lines,
        "remark_line": remark_line,
        "tag_lines": tag_lines,
        "excerpt": excerpt,
    }


def comparison_report(comparison: Comparison | None) -> Json | None:
    """Return the `comparison` of a report's series; None where there is none."""
    if comparison is None:
        return None
    mail = comparison.old.mail
    return {
        "old": {"id": mail.id, "subject": clean(mail.subject), "version": mail.version},
        "version": comparison.version,
        "patches": [
            {"old": one.old, "new": one.new, "mark": one.mark, "subject": clean(one.subject)}
            for one in comparison.pairs
        ],
        "range_diff": clean(range_diff(comparison, None)),
        "findings": [_finding(one) for one in comparison.findings],
        "remarks": [_remark(one) for one in comparison.remarks],
        "carried_tags": [
            {
                "old": one.old,
                "new": one.new,
                "name": clean(one.trailer.name),
                "value": clean(one.trailer.value),
                "path": clean(one.path),
            }
            for one in comparison.carried
        ],
    }


def _finding(change: FindingChange) -> Json:
    known = change.new or change.old
    return {
        "state": change.state,
        "version": change.version,
        "rule": known.rule if known else None,
        "old": _place(change.old),
        "new": _place(change.new),
    }


def _place(finding: Finding | None) -> Json | None:
    if finding is None:
        return None
    return {
        "patch": finding.patch,
        "path": clean(finding.path),
        "line": finding.line,
        "fingerprint": finding.fingerprint,
    }


def _remark(change: RemarkChange) -> Json:
    comment = change.comment
    return {
        "state": change.state,
        "asks": change.asks,
        "message_id": comment.message_id,
        "reference": clean(reference(comment)),
        "patch": comment.patch,
        "path": clean(comment.path),
        "line": comment.line,
        "text": clean(comment.text),
        "hunks": [{**asdict(one), "path": clean(one.path), "text": clean(one.text)} for one in change.hunks],
        "answer": clean(change.answer),
        "changelog": clean(change.changelog),
    }
