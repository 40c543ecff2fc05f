# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of the remarks that people made on the old version."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewbot.model.comparison import ChangedHunk, RemarkChange
from reviewbot.model.diff import HumanComment, Series
from reviewbot.model.mail import Person
from reviewbot.review.people import names, reference
from reviewbot.review.versions.changelog import Changelog, read_changelog
from reviewbot.review.versions.changes import Spot
from reviewbot.review.versions.lines import FileLines, file_lines

NEAR = 3
"""So many lines of the diff may lie between a remark's line and a change that is to answer it."""
HUNKS = 12
"""A remark is told of at most so many changed places."""
DEEP = 100
FEW_WORDS = 5
"""With fewer words a remark asks for nothing by itself: it ends or begins another one."""

_ASKING = re.compile(
    r"\?|\b(?:should(?:n't)?|needs?|must|please|why|instead|missing|wrong|broken|bugs?|leak(?:s|ed|ing)?|nit|typo|race"
    r"|racy|can(?:'t| ?not)|don't|doesn't|isn't|won't|rather|better|remove|drop|rename|fix(?:es)?|unnecessary|useless"
    r"|deadlock|crash(?:es)?|oops|overflow|undefined|fails?|worried|concern(?:ed|s)?|forgot|lacks?|not safe"
    r"|unsafe|never)\b",
    re.I,
)


Spoken = Mapping[tuple[object, ...], Sequence[tuple[int, str | None]]]
"""By what they hang on: the places of the author's remarks, and the messages that they answer."""


@dataclass(frozen=True, slots=True)
class _Context:
    """What all remarks on a version are held against."""

    old: Series
    successors: Mapping[int, int]
    spots: Mapping[int | str, Sequence[Spot]]
    files: Mapping[int, Mapping[str, FileLines]]
    changelog: Changelog
    parents: Mapping[str, str | None]
    spoken: Spoken


def follow_remarks(
    old: Series, new: Series, successors: Mapping[int, int], spots: Sequence[Spot]
) -> tuple[RemarkChange, ...]:
    """Tell for each remark on `old`, the author's own left out, what answers it.

    In this order: code that the new version changes at the remark's line, or where the remark's words point, in the
    patch that took the place of its own (`successors`: old number to new) or in its file; the author's answer in the
    thread; the new version's changelog.
    """
    by_place: dict[int | str, list[Spot]] = {}
    for spot in spots:
        by_place.setdefault(spot.hunk.path, []).append(spot)
        if spot.old is not None:
            by_place.setdefault(spot.old, []).append(spot)
    spoken: dict[tuple[object, ...], list[tuple[int, str | None]]] = {}
    for place, (comment, remark) in enumerate(zip(old.comments, old.mail.remarks, strict=False)):
        if _same(comment.author, old.mail.author):
            spoken.setdefault(_hangs_on(comment), []).append((place, remark.in_reply_to))
    parents = {one.message_id: one.in_reply_to for one in old.mail.remarks if one.message_id is not None}
    files = {patch.number: file_lines(patch) for patch in old.patches}
    context = _Context(old, successors, by_place, files, read_changelog(new), parents, spoken)
    return tuple(
        _follow(place, context)
        for place, comment in enumerate(old.comments)
        if not _same(comment.author, old.mail.author)
    )


def _follow(place: int, context: _Context) -> RemarkChange:
    comment = context.old.comments[place]
    asks = bool(_ASKING.search(comment.text)) and len(comment.text.split()) >= FEW_WORDS
    hunks = _changed_here(comment, context)
    answer = _answer(place, context)
    entry = context.changelog.naming(comment, asks)
    if hunks:
        return RemarkChange("changed-here", comment, asks, hunks, answer, entry)
    if answer:
        return RemarkChange("answered-in-thread", comment, asks, (), answer, entry)
    return RemarkChange("named-in-changelog" if entry else "silent", comment, asks, (), None, entry)


def _same(one: Person, other: Person) -> bool:
    return one == other or bool(one.email and one.email.lower() == other.email.lower())


def _changed_here(comment: HumanComment, context: _Context) -> tuple[ChangedHunk, ...]:
    """Return the changed places that bear on a remark, those at its line first; () where none does."""
    if comment.path is None or comment.patch is None:
        return ()
    in_file, in_patch = context.spots.get(comment.path, ()), context.spots.get(comment.patch, ())
    own = [*in_file, *(one for one in in_patch if one.hunk.path != comment.path)]
    rows = context.files.get(comment.patch, {}).get(comment.path)
    at = rows.place(comment.line, comment.side) if rows else None
    function = rows.functions[at] if rows and at is not None else ""
    said = names(comment.text)
    far = [_distance(comment, at, one) for one in own]
    near = {i for i, distance in enumerate(far) if distance is not None and distance <= NEAR}
    pointed = {i for i, one in enumerate(own) if said & one.names or _added_to(function, one)}
    gone = comment.patch not in context.successors and bool(own)
    if not near and not pointed and not gone:
        return ()
    patches = {own[i].hunk.patch for i in near | pointed}

    def rank(i: int) -> tuple[bool, bool, bool, bool, int]:
        elsewhere = (own[i].hunk.patch not in patches, own[i].hunk.path != comment.path)
        distance = far[i]
        return (i not in near, i not in pointed, *elsewhere, distance if distance is not None else sys.maxsize)

    return tuple(dict.fromkeys(own[i].hunk for i in sorted(range(len(own)), key=rank)))[:HUNKS]


def _added_to(function: str, spot: Spot) -> bool:
    """Tell whether a patch that the new version adds changes the function that a remark is in."""
    return spot.old is None and bool(function) and spot.function == function


def _distance(comment: HumanComment, at: int | None, spot: Spot) -> int | None:
    """Return how many lines of the diff are between a remark, at place `at`, and a change of its patch and file."""
    if at is None or spot.old != comment.patch or spot.hunk.path != comment.path:
        return None
    return max(0, spot.start - at, at - max(spot.start, spot.end - 1))


def _answer(place: int, context: _Context) -> str | None:
    """Return the author's first answer to a remark: a reply to its mail that hangs where it hangs."""
    comment = context.old.comments[place]
    for other, parent in context.spoken.get(_hangs_on(comment), ()):
        if other < place:
            continue
        without_ids = comment.message_id is None and comment.path is not None
        if without_ids or (comment.message_id and _below(parent, comment.message_id, context.parents)):
            return reference(context.old.comments[other])
    return None


def _hangs_on(comment: HumanComment) -> tuple[object, ...]:
    return (comment.patch, comment.path, comment.line, comment.side)


def _below(message: str | None, wanted: str, parents: Mapping[str, str | None]) -> bool:
    """Tell whether a message is another or hangs below it, at most DEEP mails deep."""
    for _ in range(DEEP):
        if message is None or message == wanted:
            break
        message = parents.get(message)
    return message == wanted
