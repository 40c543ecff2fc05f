# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of the remarks that people made on the old version."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence

from reviewbot.model.comparison import ChangedHunk, RemarkChange
from reviewbot.model.diff import HumanComment, Series
from reviewbot.model.mail import Person
from reviewbot.review.people import names, reference
from reviewbot.review.versions.changelog import Changelog, read_changelog
from reviewbot.review.versions.changes import Spot, flat, function_at

NEAR = 3
"""So many lines of the diff may lie between a remark's line and a change that is to answer it."""
HUNKS = 12
"""A remark is told of at most so many changed places."""
FEW_WORDS = 5
"""With fewer words a remark asks for nothing by itself: it ends or begins another one."""

_ASKING = re.compile(
    r"\?|\b(?:should(?:n't)?|needs?|must|please|why|instead|missing|wrong|broken|bugs?|leak(?:s|ed|ing)?|nit|typo|race"
    r"|racy|can(?:'t| ?not)|don't|doesn't|isn't|won't|rather|better|remove|drop|rename|fix(?:es)?|unnecessary|useless"
    r"|deadlock|crash(?:es)?|oops|overflow|undefined|fails?|worried|concern(?:ed|s)?|forgot|lacks?|not safe"
    r"|unsafe|never)\b",
    re.I,
)


def follow_remarks(
    old: Series, new: Series, partner: Mapping[int, int], spots: Sequence[Spot]
) -> tuple[RemarkChange, ...]:
    """Tell for each remark on `old`, the author's own left out, what answers it.

    In this order: code that the new version changes at the remark's line, or where the remark's words point, in the
    patch that took the place of its own or in its file; the author's answer in the thread; the new version's changelog.
    """
    changelog = read_changelog(new)
    return tuple(
        _follow(place, old, partner, spots, changelog)
        for place, comment in enumerate(old.comments)
        if not _same(comment.author, old.mail.author)
    )


def _follow(
    place: int, old: Series, partner: Mapping[int, int], spots: Sequence[Spot], changelog: Changelog
) -> RemarkChange:
    comment = old.comments[place]
    asks = bool(_ASKING.search(comment.text)) and len(comment.text.split()) >= FEW_WORDS
    hunks = _changed_here(comment, old, partner, spots)
    answer = _answer(place, old)
    entry = changelog.naming(comment)
    if hunks:
        return RemarkChange("changed-here", comment, asks, hunks, answer, entry)
    if answer:
        return RemarkChange("answered-in-thread", comment, asks, (), answer, entry)
    return RemarkChange("named-in-changelog" if entry else "silent", comment, asks, (), None, entry)


def _same(one: Person, other: Person) -> bool:
    return one == other or bool(one.email and one.email.lower() == other.email.lower())


def _changed_here(
    comment: HumanComment, old: Series, partner: Mapping[int, int], spots: Sequence[Spot]
) -> tuple[ChangedHunk, ...]:
    """Return the changed places that bear on a remark, those at its line first; () where none does."""
    if comment.path is None or comment.patch is None:
        return ()
    own = [one for one in spots if one.old == comment.patch or one.hunk.path == comment.path]
    distance = {id(one): _distance(comment, old, one) for one in own}
    near = [one for one in own if _within(distance[id(one)])]
    pointed = [one for one in own if names(comment.text) & names(one.text) or _added_to(one, comment, old)]
    gone = comment.patch not in partner and not near
    if not near and not pointed and not (gone and own):
        return ()
    patches = {one.hunk.patch for one in near + pointed}

    def rank(spot: Spot) -> tuple[bool, bool, bool, bool, int]:
        far = distance[id(spot)]
        elsewhere = (spot.hunk.patch not in patches, spot.hunk.path != comment.path)
        return (spot not in near, spot not in pointed, *elsewhere, far if far is not None else sys.maxsize)

    return tuple(dict.fromkeys(one.hunk for one in sorted(own, key=rank)))[:HUNKS]


def _added_to(spot: Spot, comment: HumanComment, old: Series) -> bool:
    """Tell whether a patch that the new version adds changes the function that a remark is in."""
    if spot.old is not None or not spot.function:
        return False
    patch = next((one for one in old.patches if one.number == comment.patch), None)
    return patch is not None and function_at(patch, comment.path or "", comment.line, comment.side) == spot.function


def _within(distance: int | None) -> bool:
    return distance is not None and distance <= NEAR


def _distance(comment: HumanComment, old: Series, spot: Spot) -> int | None:
    """Return how many lines of the diff are between a remark and a changed place of its patch and file."""
    if spot.old != comment.patch or spot.hunk.path != comment.path or comment.line is None:
        return None
    patch = next((one for one in old.patches if one.number == comment.patch), None)
    lines = flat(patch, spot.hunk.path) if patch else []
    at = next(
        (i for i, line in enumerate(lines) if (line.old if comment.side == "old" else line.new) == comment.line), None
    )
    if at is None:
        return None
    return max(0, spot.start - at, at - max(spot.start, spot.end - 1))


def _answer(place: int, old: Series) -> str | None:
    """Return the author's first answer to a remark: a reply to its mail that hangs where it hangs."""
    comment = old.comments[place]
    parents = {one.message_id: one.in_reply_to for one in old.mail.remarks if one.message_id is not None}
    for other, remark in list(zip(old.comments, old.mail.remarks, strict=False))[place + 1 :]:
        if not _same(other.author, old.mail.author) or _spot(other) != _spot(comment):
            continue
        if comment.message_id is None and comment.path is not None:
            return reference(other)
        if comment.message_id is not None and _below(remark.in_reply_to, comment.message_id, parents):
            return reference(other)
    return None


def _spot(comment: HumanComment) -> tuple[object, ...]:
    return (comment.patch, comment.path, comment.line, comment.side)


def _below(message: str | None, wanted: str, parents: Mapping[str, str | None]) -> bool:
    seen = set()
    while message is not None and message not in seen:
        if message == wanted:
            return True
        seen.add(message)
        message = parents.get(message)
    return False
