# SPDX-License-Identifier: GPL-2.0-or-later
"""The words of the GitHub bot: line comments, the body of a review, the summary of a check."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from reviewbot.model.finding import SEVERITIES, Finding, SeriesReview
from reviewbot.publish.github.marks import mark
from reviewbot.publish.github.settings import Limits
from reviewbot.render.environment import harmless
from reviewbot.render.pages import escaped, fenced
from reviewbot.render.text import applied, failed_hunks, shown

MESSAGE = 1000
"""Characters of a finding's message and of a piece of its evidence that are shown."""
WRONG = (
    "Wrong? Please answer `/reviewbot false-positive` at the comment (the author, or who may write here): it counts "
    "against the rule. `/reviewbot stop` ends this."
)
PLACES = 10
ROLLED_UP = 100
"""Findings that are listed in the body of a review."""
MARKED = 2000
"""Fingerprints that a marker holds: half of what a body may be."""
SINCE = {"fixed": "fixed", "persisting": "still there", "regression": "back", "new": "new"}
"""What a comparison says of a finding, in words."""
_LINK = re.compile(r"https?://[A-Za-z0-9./#_:?=-]{1,300}")
LEVELS = {"error": "failure", "warning": "warning", "note": "notice"}


def cut(text: str, most: int, end: str = "") -> str:
    """Return `text` and `end`, together at most `most` characters; what has to go is taken from the end of `text`."""
    room = most - len(end)
    if len(text) > room:
        note = "\n\n… cut\n"
        text = text[: max(0, room - len(note))].rsplit("\n", 1)[0]
        # an open fence would swallow what follows
        text += ("\n```" if text.count("\n```") % 2 else "") + note
    return text + end


def _words(text: str) -> str:
    return escaped(" ".join(text.split())[:MESSAGE])


def comment(finding: Finding, review: SeriesReview, key: str, limits: Limits) -> str:
    """Return the comment for one finding, marked with its key and fingerprint."""
    show = shown(finding, review, 96)
    parts = [f"**{finding.severity}**: {_words(finding.message)}"]
    if finding.source != "simulation" and finding.evidence:
        parts.append("\n".join(f"- `{_code(e.path)}:{e.line}`: {_words(e.note)}" for e in finding.evidence[:PLACES]))
    if finding.raised_by:
        parts.append(f"This has been raised already: {_references(finding)}.")
    if show.result:
        schedule = fenced(harmless(show.columns))
        parts.append(f'One order of events in which it happens ("+" marks lines of this series):\n\n{schedule}')
    which = f", commit {finding.patch}/{len(review.series.patches)}" if finding.patch else ""
    parts.append(f"<sub>{_words(finding.rule)}, {finding.confidence}{which}</sub>")
    return cut("\n\n".join(parts), limits.characters, f"\n\n{mark(key, [finding.fingerprint])}")


def _code(text: str) -> str:
    return harmless(text).replace("`", "'").replace("\n", " ")


def _references(finding: Finding) -> str:
    """Return who raised a finding: links to the comments, as they are."""
    return ", ".join(one if _LINK.fullmatch(one) else _words(one) for one in finding.raised_by[:PLACES])


def brief(finding: Finding) -> str:
    """Return a finding in a line of a list."""
    place = f"`{_code(finding.path)}`" if finding.path else "the series"
    if finding.path and finding.function:
        place += f", `{_code(finding.function)}()`"
    return f"- **{finding.severity}** in {place}: {_words(finding.message)[:300]} ({_words(finding.rule)})"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def counts(findings: Sequence[Finding]) -> str:
    """Return how many findings of each severity there are, in words."""
    number = Counter(f.severity for f in findings)
    parts = [_number(number[s], s) for s in reversed(SEVERITIES) if number[s]]
    return ", ".join(parts) or "no findings"


def failures(review: SeriesReview) -> list[str]:
    """Return a line for each commit that could not be read or put on the base."""
    lines = []
    for patch in review.series.patches:
        found = applied(review, patch.number)
        if patch.refused:
            lines.append(f"- commit {patch.number} was not read: {_words(patch.refused)}")
        elif found and found.status == "conflict":
            reasons = "; ".join(filter(None, (found.reason, *failed_hunks(found))))
            lines.append(f"- commit {patch.number} does not apply by itself: {_words(reasons)}")
    return lines


def since(review: SeriesReview) -> str:
    """Return what became of the findings of the version before, in words; "" where there is none, or nothing was.

    What a later commit puts right is fixed: a pull request is looked at as it ends.
    """
    number: Counter[str] = Counter()
    for change in review.comparison.findings if review.comparison is not None else ():
        if change.new is not None and change.new.put_right_by is not None:
            number["fixed"] += change.old is not None and change.old.put_right_by is None
        else:
            number["persisting" if change.state == "moved" else change.state] += 1
    parts = [f"{number[state]} {word}" for state, word in SINCE.items() if number[state]]
    return f"Since the version before: {', '.join(parts)}." if parts else ""


def body(
    review: SeriesReview,
    findings: tuple[int, Sequence[Finding], Sequence[Finding]],
    key: str,
    head: str,
    limits: Limits,
) -> str:
    """Return the body of a review, of whose `findings` some (a number) are told at their lines, others have to be told
    here, and the last ones were raised by people, who are named.

    Of the rest as many as fit are listed, in their order, and the others counted. The marker names them all: what was
    rolled up once does not come a few at a time with every push.
    """
    lined, rest, raised = findings
    first = f"This is reviewbot, a program that reviews patches. It has looked at {head[:12]}"
    base = f" on {review.base.commit[:12]}" if review.base.commit else ""
    parts = [" ".join(filter(None, (f"{first}{base}: {_number(lined + len(rest), 'new finding')}.", since(review))))]
    if more := failures(review) + [f"- {_words(note)}" for note in review.notes]:
        parts.append("\n".join(more[:20]))
    if raised:
        listed = "\n".join(f"{brief(one)}: {_references(one)}" for one in raised[:PLACES])
        parts.append(f"Raised by people already, and not told again:\n\n{listed}")
    last = f"\n\n{WRONG}\n\n"
    text = "\n\n".join(parts)
    if not rest:
        return cut(text, limits.characters, last + mark(key))
    head_line = "Not on a line of the diff:" if lined < limits.comments else "Also, in short:"
    marked = mark(key, [f.fingerprint for f in rest[:MARKED]])
    lines = _fitting(rest[:ROLLED_UP], limits.characters - len(text) - len(last) - len(marked) - 200)
    text += f"\n\n{head_line}\n\n" + "\n".join(lines)
    if len(lines) < len(rest):
        text += f"\n- and {len(rest) - len(lines)} more"
    return cut(text, limits.characters, last + marked)


def _fitting(rest: Sequence[Finding], room: int) -> list[str]:
    """Return the findings, a line each, that fit in that many characters."""
    lines: list[str] = []
    for line in map(brief, rest):
        room -= len(line) + 1
        if room < 0:
            break
        lines.append(line)
    return lines


def summary(review: SeriesReview, findings: Sequence[Finding], annotated: int, limits: Limits) -> str:
    """Return the summary of a check: what was found in all, and what is not annotated."""
    count = f"{counts(findings)} in {_number(len(review.series.patches), 'commit')}."
    parts = [" ".join(filter(None, (count, since(review))))]
    if more := failures(review) + [f"- {_words(note)}" for note in review.notes]:
        parts.append("\n".join(more[:50]))
    if len(findings) > annotated:
        lines = _fitting(findings[annotated:], limits.characters // 2)
        parts.append(f"{len(findings) - annotated} are not annotated:\n\n" + "\n".join(lines))
    return cut("\n\n".join(parts), limits.characters)


def annotation(finding: Finding, limits: Limits) -> dict[str, object]:
    """Return an annotation of a check run; the finding must have a path."""
    line = finding.line or 1
    notes = "".join(f"\n{e.path}:{e.line}: {e.note}" for e in finding.evidence[:PLACES])
    return {
        "path": harmless(finding.path or ""),
        "start_line": line,
        "end_line": max(line, finding.end_line or line),
        "annotation_level": LEVELS[finding.severity],
        "title": harmless(finding.rule)[:255],
        # an annotation may have 64 KB
        "message": cut(harmless(finding.message + notes), min(limits.characters, 4000)),
    }
