# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding the lines that a quote stands for.

Quotes are compared without white space, since mailers lose tabs, wrap and trim; they may be quoted again and again,
with other people's remarks between. The line nearest above the remark decides; the lines before it choose between
equal ones.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from reviewbot.model.mail import Remark
from reviewbot.patch.places import Place, Places
from reviewbot.patch.quote import split_quote, squeeze

MAX_QUOTE = 400
"""Quoted lines above a remark that are looked at."""
MAX_BACK = 100
"""Lines of the quote that are tried, from the last one up, until one is known."""
MAX_CANDIDATES = 50
MAX_PIECES = 4
SKIP = 60
"""How far behind a matched line the one quoted before it is looked for, when the quote was trimmed."""
TELLING = 16
"""Characters without white space from which on a line of a remark is taken to be that remark's."""
TAIL = 3
"""The context lines that end a hunk (git-diff(1), -U)."""
_TRIMMED = re.compile(r"[\[(<]?(?:\.\.\.|…|snip|\.\.|skip|trimmed|cut)[\])>.]{0,4}", re.I)
_WEAK = re.compile(r"[-+]?[^\w]{0,8}")


@dataclass(frozen=True, slots=True)
class Anchor:
    """What a remark hangs on: a place, or (when None) no more than a patch; without one, the whole series."""

    place: Place | None
    patch: int | None


def quote_keys(remark: Remark) -> list[str]:
    """The quoted lines above a remark, oldest first, without quote marks, white space and marks of trimming."""
    quote = [*remark.quoted_before, *remark.quoted][-MAX_QUOTE:]
    keys = [squeeze(split_quote(line.lstrip(" "))[1]) for line in quote]
    return [key for key in keys if key and key not in "+-" and not _TRIMMED.fullmatch(key)]


class Matcher:
    """Finds the places that quotes of one series stand for."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._said: dict[str, Anchor] = {}

    def learn(self, text: str, anchor: Anchor) -> None:
        """Remember that this remark hangs there, for the replies that quote it without the patch."""
        for line in text.split("\n"):
            key = squeeze(line)
            if len(key) >= TELLING:
                self._said.setdefault(key, anchor)

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

    def _place(self, keys: Sequence[str], last: int, answered: Collection[str]) -> Place | None:
        """The place of one quoted line, chosen by the lines above it; None when it is not known or says too little."""
        found, pieces = self._at(keys, last)
        if not found:
            return None
        ranked = max(
            (
                *self._support(keys, last - pieces + 1, place),
                self._places.all[place].message_id in answered,
                self._places.all[place].line is not None,
                -place,
            )
            for place in found[:MAX_CANDIDATES]
        )
        run, place = ranked[0], -ranked[-1]
        if _WEAK.fullmatch(self._places.all[place].key) and run == 0 and len(found) > 1:
            return None
        return self._change_above(place, run)

    def find(self, keys: Sequence[str], answered: Collection[str]) -> Anchor | None:
        """Where the last line of a quote stands that is known, of a patch or of an earlier remark.

        `keys` is what `quote_keys` made of the quote, `answered` the messages that the reply hangs below.
        """
        for last in range(len(keys) - 1, max(0, len(keys) - MAX_BACK) - 1, -1):
            place = self._place(keys, last, answered)
            if place is not None:
                return Anchor(place, place.patch)
            if keys[last] in self._said:
                return self._said[keys[last]]
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
