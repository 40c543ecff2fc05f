# SPDX-License-Identifier: GPL-2.0-or-later
"""A reply taken apart: what its writer says, under which quotes, and the copies of diffs that it quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from reviewbot.mail.patchtext import is_cut, is_scissors
from reviewbot.mail.quotes import MAX_DEPTH, attribution, blocks, depth, unquote
from reviewbot.mail.trailers import is_trailer_line
from reviewbot.model.mail import Person, Remark

_CLOSING = re.compile(
    r"(?:(?:many )?thanks?(?: again| a lot| for .{1,40})?|thank you(?: .{1,40})?|thx"
    r"|(?:best |kind |warm |with )?regards|cheers|sincerely|best(?: wishes)?|br|tia)[ ,.!:)]{0,4}$",
    re.I,
)
_GREETING = re.compile(r"(?:hi|hello|hey|dear|good (?:morning|day|evening))\b.{0,40}$", re.I)
_DIFF_LIKE = re.compile(r"(?:[-+]|@@ |diff -|Index: )")
_SNIP = re.compile(r"[\[(<]? ?(?:\.\.\.|…|snip(?:ped)?|--|skip(?:ped)?|cut) ?[\])>]?$", re.I)


def own_lines(lines: Sequence[str]) -> tuple[str, ...]:
    """Return a reply's unquoted lines, up to its signature."""
    return tuple(line for line in lines[: signature(lines)] if not depth(line))


def signature(lines: Sequence[str]) -> int:
    """Return the line on which the signature begins (`-- `, or `--` with little after it), else how many there are."""
    for at in range(len(lines) - 1, max(-1, len(lines) - 40), -1):
        if lines[at] == "-- " or (lines[at] == "--" and len(lines) - at < 12):
            if any(depth(line) for line in lines[at:]):
                break
            return at
    return len(lines)


def read_remarks(
    lines: Sequence[str], who: Person, message_id: str | None, date: datetime | None, parent: str | None = None
) -> tuple[Remark, ...]:
    """Split a reply's lines into remarks, in order; greetings, closings, trailers and attributions are no remarks.

    What is part of a patch that the reply carries has to be blanked by the caller.
    """
    lines = list(lines[: signature(lines)])
    for at in range(len(lines)):
        found = attribution(lines, at, len(lines))
        if found and _quote_follows(lines, found.end):
            lines[found.start : found.end] = [""] * (found.end - found.start)
    remarks = []
    before: list[str] = []
    above: list[str] = []
    for block in blocks(lines):
        part = lines[block.start : block.end]
        if block.quoted:
            before += above
            above = [unquote(line) for line in part if depth(line)]
        elif text := _own_text(part, who):
            remarks.append(Remark(message_id, who, date, tuple(above), tuple(before), text, parent))
            before += above
            above = []
    return tuple(remarks)


def _quote_follows(lines: Sequence[str], at: int) -> bool:
    """Tell whether a quote begins within the next lines."""
    following = [line for line in lines[at : at + 6] if line.strip()]
    return any(depth(line) for line in following[:3])


def _own_text(lines: Sequence[str], who: Person) -> str:
    """Return a stretch of own text without greeting, closing, name and trailers; "" where nothing is left."""
    kept = [line.rstrip() for line in lines if not is_trailer_line(line) and not _SNIP.match(line.strip())]
    while kept and _ends(kept[-1], who):
        kept.pop()
    first = 0
    while first < len(kept) and (not kept[first].strip() or _GREETING.match(kept[first].strip()[:80])):
        first += 1
    return "\n".join(kept[first:])


def _ends(line: str, who: Person) -> bool:
    """Tell whether a last line says nothing: it is empty, a closing, the writer's name, or cuts off a patch below."""
    text = line.strip()[:200]
    return not text or _is_name(line, who) or bool(_CLOSING.match(text)) or is_cut(text) or is_scissors(text)


def _is_name(line: str, who: Person) -> bool:
    """Tell whether a line is but the writer's name, as a closing has it (`-Kame` for a Kamezawa)."""
    text = line.strip(" \t-~,.;/*").lower()
    if not text or len(text) > 60:
        return not text and bool(line.strip())
    names = who.name.lower().replace(",", " ").split()
    words = text.split()
    return bool(names) and all(any(name.startswith(word) for name in names) for word in words if len(word) > 1)


def quoted_copies(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the diffs that a reply quotes, one text for each depth at which it quotes one, quote marks removed.

    The text of a depth is all its lines from the first that looks like a diff's; what the reply says in between is
    left out, so that a hunk goes on under a remark.
    """
    by_depth: dict[int, list[str]] = {}
    for line in lines:
        level = depth(line)
        if 0 < level <= MAX_DEPTH:
            by_depth.setdefault(level, []).append(unquote(line, level))
    found = []
    for level in sorted(by_depth):
        text = by_depth[level]
        first = next((at for at, line in enumerate(text) if _DIFF_LIKE.match(line)), None)
        # a changelog has lines that begin with a dash; only a diff has some that begin with a plus or two at-signs
        if first is not None and any(line[:1] == "+" or line[:4] == "@@ -" for line in text):
            found.append("\n".join(text[first:]) + "\n")
    return tuple(found)
