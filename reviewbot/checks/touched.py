# SPDX-License-Identifier: GPL-2.0-or-later
"""Which functions a patch has a part in: those that it changes, and those that call them."""

from __future__ import annotations

from collections import Counter
from weakref import WeakKeyDictionary

from reviewbot.checks.texts import naming, texts
from reviewbot.csource.functions import Function
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit


def touched(unit: Unit, other: Unit | None) -> tuple[Function, ...]:
    """Return the functions of `unit` that `other` (the file before, or after) lacks in just this wording.

    Their direct callers in the file come with them, because what a function does is part of what its callers do.
    """
    if other is None:
        return _picked(unit, None)
    known = _known(unit)
    found = known.get(other)
    if found is None:
        found = known[other] = _picked(unit, other)
    return found


@kept
def _known(unit: Unit) -> WeakKeyDictionary[Unit, tuple[Function, ...]]:
    return WeakKeyDictionary()


def _picked(unit: Unit, other: Unit | None) -> tuple[Function, ...]:
    there = Counter(texts(other)) if other is not None else Counter()
    changed = []
    for function, text in zip(unit.functions, texts(unit), strict=True):
        if there[text]:
            there[text] -= 1
        else:
            changed.append(function)
    names = {function.name for function in changed if function.name}
    if other is not None:
        names |= {function.name for function in other.functions} - {function.name for function in unit.functions}
    callers = (function for function in naming(unit, *names) if any(call.name in names for call in function.calls))
    picked = set(map(id, (*changed, *callers)))
    return tuple(function for function in unit.functions if id(function) in picked)
