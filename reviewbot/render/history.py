# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory's answers as text: series, one series, the standing of rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewbot.render.quote import printable
from reviewbot.review.memory.history import SeriesHistory, SeriesLine, VersionEntry
from reviewbot.review.memory.standing import Standing


def series_lines(lines: Sequence[SeriesLine]) -> Iterator[str]:
    """Yield a line for each series."""
    for one in lines:
        versions = ", ".join(f"v{number}" for number in one.versions)
        who = printable(one.author_name or one.author_email)
        found = _count(one.findings, "finding")
        yield f"{one.number:5} {one.reviewed:%Y-%m-%d %H:%M} {printable(one.title)} ({who}; {versions}; {found})"


def history_lines(history: SeriesHistory) -> Iterator[str]:
    """Yield the lines that show one series: its versions, findings, remarks, and what was posted."""
    line = history.line
    yield f"{printable(line.title)}, by {printable(line.author_name)} <{printable(line.author_email)}>"
    for version in history.versions:
        yield ""
        yield from _version_lines(version)
    if history.postings:
        yield ""
        yield "Posted:"
    for one in history.postings:
        place = printable(f"{one.thread} at {one.place}")
        yield f"  {one.at:%Y-%m-%d %H:%M} {one.rule} {one.fingerprint} on {place}: {one.answer or 'no answer yet'}"


def _version_lines(version: VersionEntry) -> Iterator[str]:
    date = f", {version.date:%Y-%m-%d}" if version.date else ""
    yield f"v{version.version}{date}: {printable(version.subject)} ({printable(version.identity)})"
    base = " ".join(one for one in (version.base_tree, (version.base_commit or "")[:12]) if one)
    yield f"  reviewed {version.reviewed:%Y-%m-%d %H:%M}, base {version.base_kind}" + (
        f" ({printable(base)})" if base else ""
    )
    for patch in version.patches:
        yield f"  patch {patch.number}/{version.total} {patch.status}: {printable(patch.subject)}"
    for found in version.findings:
        where = _where(found.patch, found.path, found.line)
        yield f"  {found.severity} {found.rule} ({found.status}){where}: {printable(found.message)}"
    for remark in version.remarks:
        where = _where(remark.patch, remark.path, remark.line)
        first = next((text for text in remark.text.splitlines() if text.strip()), "")
        yield f"  remark of {printable(remark.author_name or remark.author_email)}{where}: {printable(first)}"


def _where(patch: int | None, path: str | None, line: int | None) -> str:
    place = f" {printable(path)}" + (f":{line}" if line else "") if path else ""
    return (f" on patch {patch}" if patch is not None else "") + place


def standing_lines(standings: Sequence[Standing]) -> Iterator[str]:
    """Yield a line for each rule: how it stands, and the counts that say so."""
    for one in standings:
        counts = one.counts
        state = "shadows" if one.shadowed else "posted"
        yield (
            f"{one.rule}: {state} ({one.reason}); {counts.posted} posted: {counts.fixed} fixed, "
            f"{counts.false_positive} false positive, {counts.silent} silent, {counts.waiting} waiting"
        )


def _count(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'s' if number != 1 else ''}"
