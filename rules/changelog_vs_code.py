# SPDX-License-Identifier: GPL-2.0-or-later
"""The changelog lists an event that the diff does nothing about

A changelog that says at which events sleepers are woken is what reviewers and users go by: where the diff wakes at some
of them and not at others, either code is missing, and somebody sleeps for ever, or the changelog is of an older
version.
To fix it, add the missing wake-up, or take the event off the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from reviewbot.checks.series import PatchCode, SeriesCode, SeriesProblem
from reviewbot.csource.lexical import plain

id = "changelog-vs-code"
severity = "warning"

_TREE = """
== mm/box.c
 void drain(struct box *box)
 {
+	wake_up(&box->queue);
 }
 void enlarge(struct box *box)
 {
+	box_wake_all(box);
 }
"""
GOOD = [
    """
== patch: box: wait for room
Sleepers are woken at these events:
 - a slot is drained,
 - the box is enlarged.
"""
    + _TREE,
    """
== patch: box: wait for room
The series was tested like this:
 - a box is enlarged,
 - a box is painted.
"""
    + _TREE,
    """
== patch: box: wait for room
Sleepers are woken at these events:
 - somebody says so
 - the box is enlarged.
"""
    + _TREE,
]

BAD = [
    """
== patch: box: wait for room /* finding */
Sleepers are woken at these events:
 - a slot is drained,
 - the box is enlarged,
 - the lid is removed.
"""
    + _TREE,
    """
== patch: box: wait for room /* finding */
* At some event that makes room, sleepers are waken up.
** A slot is drained.
** A slot is moved to another box.
"""
    + _TREE,
    """
== patch: box: wait for room /* finding */
Tasks wait until one of these events wakes them up

 1. a neighbour is killed
 2. the box is enlarged
"""
    + _TREE,
]

_ITEM = re.compile(r"\s*(?:[-*+o]+|\d+[.)])\s+(\S.*)")
_INTRO = re.compile(r"\b(?:wak|woken)\w*|\bevents?\b", re.IGNORECASE)
_EVENT = re.compile(r"\b(?:is|are|gets) (\w{4,}?)e?d\b")
_WAKE = re.compile(r"wake|wakeup|complete_all")
_WORD = re.compile(r"[a-z]+")
_SHORTEST = 5
_ALIKE = 0.8


def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
    """Yield the listed events that no function with a new wake-up is about, where those of others are."""
    for one in series.patches:
        events = [(item, event.group(1)) for item in _events(one.patch.log) if (event := _EVENT.search(item))]
        words = _woken(one) if len(events) > 1 else set()
        left = [(item, stem) for item, stem in events if not any(_about(word, stem.lower()) for word in words)]
        if not left or len(left) == len(events):
            continue
        for item, stem in left:
            text = (
                f'The changelog lists "{item}" among the events that wake, but no wake-up that the patch adds is there.'
            )
            yield SeriesProblem(one.number, text, stem.lower(), confidence="medium")


def _events(log: str) -> Iterator[str]:
    """Yield the items of lists under a line that speaks of events or of waking."""
    intro, listed = "", False
    for line in log.split("\n"):
        item = _ITEM.match(line)
        if item is not None and _INTRO.search(intro) and not _INTRO.search(item.group(1)):
            listed = True
            yield item.group(1).strip().rstrip(".,;")
        elif line.strip():
            intro = line if listed or item is not None else f"{intro} {line}"[-200:]
            listed = False


def _woken(one: PatchCode) -> set[str]:
    """Return the words of names in functions to which the patch adds a wake-up: of the function and of added lines."""
    found: set[str] = set()
    for changed in one.files:
        if changed.after is None:
            continue
        lines = plain(changed.after.unit.source.data.decode("utf-8", "replace")).split("\n")
        for function in changed.after.unit.functions:
            added = [lines[n - 1] for n in range(function.start_line, function.end_line + 1) if n in changed.added]
            if any(_WAKE.search(line) for line in added):
                found |= set(_WORD.findall(" ".join([function.name, *added]).lower()))
    return found


def _about(word: str, stem: str) -> bool:
    """Tell whether a word of the code is that of an event; people misspell in changelogs."""
    if len(word) < _SHORTEST or word.startswith(stem):
        return word.startswith(stem)
    return SequenceMatcher(None, word[: len(stem) + 1], stem).ratio() >= _ALIKE
