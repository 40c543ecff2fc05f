# SPDX-License-Identifier: GPL-2.0-or-later
"""The patches in a mail's text: where each begins and ends, its in-body header, log, notes and diff.

The layout is that of git-am(1): in-body `From:`, `Subject:` and `Date:` first, the log up to `---`, then notes, then
the diff; a scissors line makes what is above it no part of the patch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewbot.mail.diffwalk import Extent, join, walk
from reviewbot.mail.headers import clean, read_date, read_person
from reviewbot.mail.quotes import depth
from reviewbot.model.mail import Person

_IN_BODY = re.compile(r">?(From|Subject|Date)[ \t]{0,4}:[ \t]*(\S.*)", re.I)
_OTHER_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,40}:[ \t]")
_FROM_COMMIT = re.compile(r"From [0-9a-f]{40,64} \S")
_FROM_PERSON = re.compile(r"From:[ \t]{0,4}\S.{0,200}[@<]")
_BELOW = re.compile(r"--[ \t]{0,3}$|\d{1,3}(?:\.\d{1,8}){1,4}(?:[-.\w]{0,40})$|base-commit:|prerequisite-")
_SCISSORS = (">8", "8<", ">%", "%<")
_SIGNED = re.compile(r"(?:Signed-off-by|Subject):[ \t]", re.I)


@dataclass(frozen=True, slots=True)
class PatchText:
    """One patch as a text has it.

    `author`, `subject` and `date` are of the in-body header, None where it lacks them. `start` is the 0-based line on
    which the patch begins (its log where a cut sets it off from the rest of a reply, else its diff), `first` and
    `end` those on which its diff begins and after which it is over.
    """

    author: Person | None
    subject: str | None
    date: datetime | None
    log: str
    notes: str
    diff: bytes
    start: int
    extent: Extent


def whole_patch(payload: Sequence[bytes], body: Sequence[str]) -> PatchText | None:
    """Read a mail that announces one patch: whatever diffs are in it are that patch's, so that commits equal mails."""
    extents = walk(payload)
    return _patch(payload, body, 0, join(extents), False, True) if extents else None


def split_patches(payload: Sequence[bytes], body: Sequence[str], is_reply: bool) -> tuple[PatchText, ...]:
    """Find the unquoted patches of a text given as lines, as bytes and decoded (as many of each)."""
    found = []
    before = 0
    for extent in _groups(walk(payload), body):
        found.append(_patch(payload, body, before, extent, is_reply))
        before = _after_signature(body, extent.end)
    return tuple(found)


def _after_signature(body: Sequence[str], at: int) -> int:
    """Return the line after what git writes below a diff: `-- `, its version, the base commit."""
    while at < len(body) and (not body[at].strip() or _BELOW.match(body[at])):
        at += 1
    return at


def _groups(extents: Sequence[Extent], body: Sequence[str]) -> list[Extent]:
    """Put the file diffs of one patch together; another begins where the text between two of them says so."""
    runs: list[list[Extent]] = []
    for extent in extents:
        if runs and not _parts(body[runs[-1][-1].end : extent.start]):
            runs[-1].append(extent)
        else:
            runs.append([extent])
    return [join(run) for run in runs]


def _parts(gap: Sequence[str]) -> bool:
    """Tell whether the text between two file diffs makes them two patches."""
    return any(
        depth(line) or is_scissors(line) or is_patch_start(line) or _SIGNED.match(line) for line in gap if line.strip()
    )


def is_patch_start(line: str) -> bool:
    """Tell whether a line opens a patch within a text: `From <commit>` or an in-body `From:` with an address."""
    return _FROM_COMMIT.match(line) is not None or _FROM_PERSON.match(line) is not None


def is_field(line: str) -> bool:
    """Tell whether a line is a From, Subject or Date field."""
    return _IN_BODY.match(line) is not None


def is_cut(line: str) -> bool:
    """Tell whether a line is all equals signs, which some people set a patch off with."""
    line = line.strip()
    return len(line) >= 2 and not line.strip("=")


def is_scissors(line: str) -> bool:
    """Tell whether a line is a scissors line by the rule of git-mailinfo(1); the obvious pattern is exponential.

    There may be other words on it, but from the first visible character to the last it is eight columns or more, more
    than a third of them perforation (dashes, scissors and what is blank after those), and that less than half blank.
    """
    line = line.strip()
    if not 8 <= len(line) <= 200 or not any(mark in line for mark in _SCISSORS):
        return False
    cut = gap = at = 0
    inside = False
    while at < len(line):
        if line[at : at + 2] in _SCISSORS:
            cut, at, inside = cut + 2, at + 2, True
            continue
        if line[at].isspace():
            gap += inside
        else:
            inside = line[at] == "-"
            cut += inside
        at += 1
    return len(line) < 3 * (cut + gap) and gap < cut


def _patch(
    payload: Sequence[bytes], body: Sequence[str], before: int, extent: Extent, is_reply: bool, whole: bool = False
) -> PatchText:
    """Read the patch whose diff is at `extent`; its log is somewhere in the lines from `before` on.

    `whole`: the mail is the patch, and what looks like another mail's header in its log is the log's.
    """
    cut = _cut(body, before, extent.start, whole)
    start = cut if cut is not None else _after_quotes(body, before, extent.start) if is_reply else before
    fields, start_of_log = in_body_fields(body, start, extent.start)
    log, notes = split_log(body[start_of_log : extent.start])
    author = read_person(clean(fields["from"])) if "from" in fields else None
    return PatchText(
        author=author if author and (author.email or author.name) else None,
        subject=clean(fields["subject"]) if "subject" in fields else None,
        date=read_date(fields["date"]) if "date" in fields else None,
        log=log,
        notes=notes,
        diff=b"\n".join(payload[extent.start : extent.end]) + b"\n",
        start=start if cut is not None or not is_reply else extent.start,
        extent=extent,
    )


def _cut(body: Sequence[str], before: int, end: int, whole: bool) -> int | None:
    """Return the line after the last cut in a stretch: scissors, `==` with a header under it, a mail's header."""
    has_end = False
    for at in range(end - 1, before - 1, -1):
        line = body[at]
        # with `---` or a sign-off under it, `From:` opens a log and is not just a word of the text
        has_end = has_end or line.rstrip() == "---" or _SIGNED.match(line) is not None
        if is_scissors(line):
            return at + 1
        if _FROM_COMMIT.match(line) and not whole:
            return at
        if is_cut(line) and _opens_header(body, at + 1, end):
            return at + 1
        if has_end and not whole and at > before and _FROM_PERSON.match(line) and not body[at - 1].strip(" -=_*"):
            return at
    return None


def _opens_header(body: Sequence[str], at: int, end: int) -> bool:
    """Tell whether the next line that is not empty is an in-body header."""
    while at < end and not body[at].strip():
        at += 1
    return at < end and _IN_BODY.match(body[at]) is not None


def _after_quotes(body: Sequence[str], before: int, end: int) -> int:
    """Return the line after the last quoted one in a stretch."""
    for at in range(end - 1, before - 1, -1):
        if depth(body[at]):
            return at + 1
    return before


def in_body_fields(body: Sequence[str], start: int, end: int) -> tuple[dict[str, str], int]:
    """Read the in-body header at `start` (empty lines before it skipped).

    Returns its From, Subject and Date by name in lower case, the first of each, and the line on which the log begins.
    """
    at = start
    while at < end and (not body[at].strip() or _FROM_COMMIT.match(body[at])):
        at += 1
    fields: dict[str, str] = {}
    if at < end and body[at].startswith("[PATCH] "):
        return {"subject": body[at].strip()}, at + 1
    if at >= end or not _IN_BODY.match(body[at]):
        return fields, start
    name = ""
    while at < end and body[at].strip():
        line = body[at]
        if match := _IN_BODY.match(line):
            name = match[1].lower()
            fields.setdefault(name, match[2].strip())
        elif line[:1] in (" ", "\t") and name:
            fields[name] += " " + line.strip()
        elif _OTHER_FIELD.match(line) and not _SIGNED.match(line):
            name = ""
        else:
            break
        at += 1
    return fields, at


def split_log(lines: Sequence[str]) -> tuple[str, str]:
    """Split what stands above a diff at the first `---`: the log, and notes that are no part of the commit."""
    for at, line in enumerate(lines):
        if line.rstrip() == "---":
            return _strip("\n".join(lines[:at])), _strip("\n".join(lines[at + 1 :]))
    return _strip("\n".join(lines)), ""


def _strip(text: str) -> str:
    """Remove empty lines at both ends; the first line keeps its indent."""
    return text.strip("\n").rstrip() if not text[:1].isspace() else text.lstrip("\n").rstrip()


def headline(log: str, files: Sequence[str]) -> str:
    """Make a title for a patch that has none: the log's first sentence, else the names of the files."""
    for line in log.split("\n"):
        text = " ".join(line.split())
        if len(text) > 5 and not text.lower().startswith(("hi", "hello", "dear")):
            text = text.partition(". ")[0].rstrip(" .,:;")
            return text if len(text) <= 80 else text[:77].rpartition(" ")[0] + "..."
    return ", ".join(dict.fromkeys(files))[:80] or "patch"
