# SPDX-License-Identifier: GPL-2.0-or-later
"""The changelog says what is done to a function that the diff does not have

"Add this", "call that", "take the lock": who reads such a sentence looks for it in the diff. Where it is not there,
either a part of the patch is missing, or the changelog is of an older version or has the name wrong.

To fix it, add what is missing, or bring the changelog up to date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from reviewbot.checks.changelog import claims
from reviewbot.checks.series import PatchCode, SeriesCode, SeriesProblem
from reviewbot.model.diff import FileDiff

id = "changelog-names-absent"
severity = "warning"

_DIFF = """
== mm/box.c
 void drain(struct box *box)
 {
+\tshake_box(box);
 }
"""
GOOD = [
    "== patch: box: shake it\nCall shake_box() before it is drained." + _DIFF,
    "== patch: box: shake it\nCall paint_box() in a later patch." + _DIFF,
    "== patch: box: shake it\nThe box rattles.  People call paint_box() for that." + _DIFF,
    "== patch: box: shake it\nAdd box_test_lid() and box_set_lid()." + _DIFF + "+BOX_FLAG(lid)\n",
]

BAD = [
    "== patch: box: shake it /* finding */\nThe box rattles. Call paint_box() before it is drained." + _DIFF,
    "== patch: box: shake it /* finding */\nAdd the helper lift_box()." + _DIFF,
    "== patch: box: shake it /* finding */\nCall shake_bxo() before it is drained." + _DIFF,
    "== patch: box: shake it /* finding */\nTake box_lock around it." + _DIFF,
]

_WORD = re.compile(r"\w+")
_GENERATES = re.compile(r"[A-Z][A-Z0-9_]+\s*\(")
_CLOSE = 0.8


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the names of functions and locks that a changelog says something is done to, and its diff lacks."""
    if series.mail.missing:
        return
    for one in series.patches:
        found = list(claims(one.patch.log))
        if not found or one.patch.refused or not _readable(one):
            continue
        lines = [line for diff in one.patch.files for line in _lines(diff)]
        words = set(_WORD.findall("\n".join(lines)))
        for claim in found:
            if claim.name in words or _generated(claim.name, lines):
                continue
            text = f'The changelog says "{_short(claim.sentence)}", but the diff has no {claim.name}.'
            close = get_close_matches(claim.name, sorted(words), 1, _CLOSE)
            if close:
                text = text[:-1] + f": is it {close[0]}?"
            yield SeriesProblem(one.number, text, claim.name, confidence="medium")


def _readable(one: PatchCode) -> bool:
    """Tell whether the diff is whole text: in a damaged one, a moved or binary file the name may be unseen."""
    whole = all(hunk.complete for diff in one.patch.files for hunk in diff.hunks)
    return whole and bool(one.patch.files) and all(diff.kind in ("modify", "add", "delete") for diff in one.patch.files)


def _lines(diff: FileDiff) -> Iterator[str]:
    for hunk in diff.hunks:
        yield hunk.section
        yield from (line.text for line in hunk.lines)


def _generated(name: str, lines: list[str]) -> bool:
    """Tell whether a macro may make up the name out of a part of it."""
    calls = (line for line in lines if _GENERATES.match(line.lstrip()))
    return any(len(word) > 2 and word.lower() in name.lower() for line in calls for word in _WORD.findall(line))


def _short(sentence: str) -> str:
    words = sentence.rstrip(".").split()
    return " ".join(words[:12]) + (" …" if len(words) > 12 else "")
