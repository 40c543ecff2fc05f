# SPDX-License-Identifier: GPL-2.0-or-later
"""Which line of which patch each remark is about, by the quote above it.

Quotes are compared without white space, since mailers lose tabs, wrap and trim; they may be quoted again and again,
with other people's remarks between. The line nearest above the remark decides; the lines before it choose between
equal ones.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence

from reviewbot.model.diff import HumanComment, Patch, Side
from reviewbot.model.mail import MailSeries, Remark
from reviewbot.patch.places import Place, Places, list_places
from reviewbot.patch.quote import split_quote, squeeze

MAX_QUOTE = 400
"""Quoted lines above a remark that are looked at."""
MAX_BACK = 100
"""Lines of the quote that are tried, from the last one up, until one is known."""
MAX_CANDIDATES = 50
MAX_PIECES = 4
SKIP = 60
"""How far behind a matched line the one quoted before it is looked for, when the quote was trimmed."""
TAIL = 3
"""The context lines that end a hunk (git-diff(1), -U)."""
_TRIMMED = re.compile(r"[\[(<]?(?:\.\.\.|…|snip|\.\.|skip|trimmed|cut)[\])>.]{0,4}", re.I)
_WEAK = re.compile(r"[-+]?[^\w]{0,8}")


def _keys(remark: Remark) -> list[str]:
    """The quoted lines above a remark, oldest first, without quote marks, white space and marks of trimming."""
    quote = [*remark.quoted_before, *remark.quoted][-MAX_QUOTE:]
    keys = [squeeze(split_quote(line.lstrip(" "))[1]) for line in quote]
    return [key for key in keys if key and key not in "+-" and not _TRIMMED.fullmatch(key)]


class _Matcher:
    """Finds the places that quotes of one series stand for."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def _at(self, keys: Sequence[str], last: int) -> tuple[tuple[int, ...], int]:
        """Where the line `last` of a quote stands, and how many quoted lines it is made of (re-wrapped ones: more)."""
        found: tuple[int, ...] = ()
        key = ""
        for pieces in range(1, min(MAX_PIECES, last + 1) + 1):
            key = keys[last - pieces + 1] + key
            found = self._places.by_key.get(key, ())
            if found:
                return found, pieces
        return (), 0

    def _before(self, wanted: str, place: int) -> int | None:
        """The nearest place before `place`, in its patch and not too far, that has the wanted text."""
        numbers = self._places.by_key.get(wanted, ())
        nearest = bisect_left(numbers, place) - 1
        if nearest < 0 or numbers[nearest] < place - SKIP:
            return None
        before = numbers[nearest]
        return before if self._places.all[before].patch == self._places.all[place].patch else None

    def _support(self, keys: Sequence[str], last: int, place: int) -> tuple[int, int]:
        """How many quoted lines before `last` stand before `place`: in one run, and in all."""
        run = total = 0
        unbroken = True
        rest = ""
        for key in reversed(keys[max(0, last - SKIP) : last]):
            wanted = key + rest
            before = self._before(wanted, place)
            if before is not None:
                unbroken = unbroken and before == place - 1
                run, total, place, rest = run + unbroken, total + 1, before, ""
            elif place > 0 and self._places.all[place - 1].key.endswith(wanted):
                rest = wanted
            else:
                unbroken, rest = False, ""
        return run, total

    def find(self, keys: Sequence[str], answered: frozenset[str | None]) -> Place | None:
        """The place of the quote's last line that is known; `answered` are the messages that the reply hangs below."""
        last = len(keys) - 1
        while last >= max(0, len(keys) - MAX_BACK):
            found, pieces = self._at(keys, last)
            if found:
                ranked = max(
                    (
                        *self._support(keys, last - pieces + 1, place),
                        self._places.all[place].message_id in answered,
                        self._places.all[place].line is not None,
                        -place,
                    )
                    for place in found[:MAX_CANDIDATES]
                )
                run = ranked[0]
                place = self._places.all[-ranked[-1]]
                sure = not _WEAK.fullmatch(place.key) or run > 0 or len(found) == 1
                if sure:
                    return self._change_above(-ranked[-1], run)
            last -= 1
        return None

    def _change_above(self, number: int, quoted: int) -> Place:
        """The changed line whose hunk's last context lines end the quote, else the place itself.

        Who quotes a hunk to its end means the change, not the context under it. `quoted` places above are quoted too.
        """
        places = self._places.all
        for above in range(number, max(number - min(quoted, TAIL), 0) - 1, -1):
            line = places[above].line
            if line is None:
                break
            if line.mark != " ":
                return places[above]
        return places[number]


def _answered(remark: Remark, parents: Mapping[str, str | None]) -> list[str]:
    """The messages above a remark's, nearest first."""
    chain: list[str] = []
    parent = remark.in_reply_to
    while parent is not None and parent not in chain:
        chain.append(parent)
        parent = parents.get(parent)
    return chain


def _comment(remark: Remark, place: Place | None, patch: int | None) -> HumanComment:
    line: int | None = None
    side: Side | None = None
    if place is not None and place.line is not None:
        side = "old" if place.line.mark == "-" else "new"
        line = place.line.old if side == "old" else place.line.new
    return HumanComment(
        message_id=remark.message_id,
        author=remark.author,
        date=remark.date,
        patch=place.patch if place is not None else patch,
        path=place.path if place is not None else None,
        line=line,
        side=side,
        quoted=place.quoted if place is not None else "",
        text=remark.text,
    )


def anchor_remarks(mail: MailSeries, patches: Sequence[Patch]) -> tuple[HumanComment, ...]:
    """A comment for each remark, hung on the line that it is about.

    Under a quoted diff line: that line, on the old side when it was removed (the last changed line where the quote ends
    with a hunk's last context lines). Under a quoted commit message, or a
    diff's header: the patch (and file). With no quote that is known: the patch that the reply answers, over other
    replies; the whole series (`patch` None) when that is the cover or unknown.
    """
    matcher = _Matcher(list_places(mail, patches))
    numbers = {patch.message_id: patch.number for patch in patches if patch.message_id is not None}
    parents = {remark.message_id: remark.in_reply_to for remark in mail.remarks if remark.message_id is not None}
    comments = []
    for remark in mail.remarks:
        chain = _answered(remark, parents)
        place = matcher.find(_keys(remark), frozenset(chain))
        patch = next((numbers[answered] for answered in chain if answered in numbers), None)
        comments.append(_comment(remark, place, patch))
    return tuple(comments)
