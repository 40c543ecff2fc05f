# SPDX-License-Identifier: GPL-2.0-or-later
"""`#if` inside a function: which branch is there, as far as a scenario's world says how the kernel is configured."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewbot.simulate.lower.emit import LoweringError
from reviewbot.simulate.lower.sources import Sources

_TERM = re.compile(r"\s*(!?)\s*(?:(?:defined|IS_ENABLED|IS_BUILTIN)\s*\(?\s*(\w{1,80})\s*\)?|([01]))\s*")


def branch_taken(conditions: Sequence[str], sources: Sources) -> int:
    """Return the number of the branch that is compiled: the first whose condition, `#ifdef X` for one, holds.

    Names have the values that the world's `constants:` give them, 0 for an option that is off. Raises LoweringError
    for a condition about anything else: which branch is there is not known then.
    """
    for at, condition in enumerate(conditions):
        word, _, rest = condition.strip().partition(" ")
        if word == "#else":
            return at
        if word in ("#ifdef", "#ifndef"):
            rest = f"{'!' if word == '#ifndef' else ''}defined({rest.strip()})"
        if any(all(_term(term, sources) for term in part.split("&&")) for part in rest.split("||")):
            return at
    raise LoweringError("an #if with no branch")


def _term(text: str, sources: Sources) -> bool:
    found = _TERM.fullmatch(text)
    if found is None:
        raise LoweringError(f"the condition #if {text.strip()[:60]}")
    negated, name, number = found.groups()
    value = int(number) if number else sources.configured.get(name)
    if value is None:
        raise LoweringError(f"whether {name} is configured")
    return bool(value) != bool(negated)
