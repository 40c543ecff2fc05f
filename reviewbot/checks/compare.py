# SPDX-License-Identifier: GPL-2.0-or-later
"""What a patch changes in the findings: new ones, those that go, and those that only move or are reworded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reviewbot.checks.fingerprint import Spot

Names = Callable[[str, bool], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Change:
    """`same` are pairs (before, after) of one defect in another guise."""

    new: tuple[Spot, ...]
    gone: tuple[Spot, ...]
    same: tuple[tuple[Spot, Spot], ...]


def compare(before: Sequence[Spot], after: Sequence[Spot], there: Names) -> Change:
    """Compare the findings before and after a patch.

    `there` returns the names of the functions of a touched file: (path, True) before, (path, False) after. A defect
    is the same one when its statement is reworded (same rule, function and subject), and when its function gets
    another name or file (same statement, the function of the one gone, that of the other new).
    """
    left, came = set(before) - set(after), set(after) - set(before)
    gone = [spot for spot in before if spot in left]
    new = []
    same = []
    for spot in after:
        if spot not in came:
            continue
        old = next((one for one in gone if _reworded(one, spot) or _moved(one, spot, there)), None)
        if old is None:
            new.append(spot)
        else:
            gone.remove(old)
            same.append((old, spot))
    return Change(tuple(new), tuple(gone), tuple(same))


def _reworded(old: Spot, new: Spot) -> bool:
    place = (old.rule, old.path, old.function, old.about)
    return bool(old.about) and place == (new.rule, new.path, new.function, new.about)


def _moved(old: Spot, new: Spot, there: Names) -> bool:
    if (old.rule, old.tokens, old.about) != (new.rule, new.tokens, new.about) or not (old.function and new.function):
        return False
    left = old.function not in there(old.path, False)
    came = new.function not in there(new.path, True)
    return left and came
