# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of the findings of earlier versions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewbot.model.comparison import FindingChange, FindingState
from reviewbot.model.earlier import Reviewed
from reviewbot.model.finding import Finding

_WORD = re.compile(r"\w+|[^\w\s]")
ALIKE = 0.6
"""The share of words that the statements of two findings have in common when one is the other reworded."""

_Same = Callable[[Finding, Finding], bool]


@dataclass(frozen=True, slots=True)
class _Past:
    """An earlier version: its number, and its findings that no finding of the new version is known to be."""

    version: int
    findings: list[Finding]


def follow_findings(
    earlier: Sequence[Reviewed], findings: Sequence[Finding], partner: Mapping[int, int], missing: Sequence[int]
) -> tuple[FindingChange, ...]:
    """Tell what became of each finding: first those of the new version, in their order, then what it lacks.

    `earlier` are the versions before, oldest first; `partner` gives for a patch number of the last of them that of the
    new version; `missing` are the new version's patches that are not at hand. The findings that come out have the
    status that a report gives them.
    """
    last, before = earlier[-1], earlier[:-1]
    pairs, gone = _pair_up(last.findings, findings)
    found = []
    past = [_Past(one.series.mail.version, list(one.findings)) for one in reversed(before)]
    for place, new in enumerate(findings):
        if place in pairs:
            old = pairs[place]
            state: FindingState = "persisting" if _at_home(old, new, partner) else "moved"
            found.append(FindingChange(state, old, replace(new, status="persisting"), last.series.mail.version))
        elif returned := _returned(new, past):
            found.append(FindingChange("regression", returned[1], new, returned[0]))
        else:
            found.append(FindingChange("new", None, new, last.series.mail.version))
    for old in gone:
        unseen = bool(missing) and old.patch is not None and old.patch not in partner
        state = "unseen" if unseen else "fixed"
        found.append(FindingChange(state, replace(old, status="fixed"), None, last.series.mail.version))
    return tuple(found)


def _pair_up(old: Sequence[Finding], new: Sequence[Finding]) -> tuple[dict[int, Finding], list[Finding]]:
    """Return which old finding each place of `new` is, and the old ones that are none of them.

    The surest likeness comes first, so that no finding takes another's partner.
    """
    left = list(old)
    pairs: dict[int, Finding] = {}
    for same in (_same_print, _reworded, _elsewhere):
        for place, finding in enumerate(new):
            partner = None if place in pairs else next((one for one in left if same(one, finding)), None)
            if partner is not None:
                left.remove(partner)
                pairs[place] = partner
    return pairs, left


def _returned(finding: Finding, past: Sequence[_Past]) -> tuple[int, Finding] | None:
    """Return the latest of the older versions that had a finding, and what it was there."""
    likenesses: tuple[_Same, ...] = (_same_print, _reworded, _elsewhere)
    for one in past:
        for same in likenesses:
            for old in one.findings:
                if same(old, finding):
                    one.findings.remove(old)
                    return one.version, old
    return None


def _same_print(old: Finding, new: Finding) -> bool:
    return old.fingerprint == new.fingerprint


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _reworded(old: Finding, new: Finding) -> bool:
    """Tell whether a finding is another with its statement reworded: rule, function and what it says are the same.

    Two defects of one kind in one function are told apart by what their messages name.
    """
    if (old.rule, old.path, old.function) != (new.rule, new.path, new.function) or old.function is None:
        return False
    # one of the two may have more to say: that a later patch puts it right
    said = old.message in new.message or new.message in old.message
    return said or _alike(old.snippet, new.snippet)


def _elsewhere(old: Finding, new: Finding) -> bool:
    """Tell whether a finding is another whose code went to another file or function, its statement as it was."""
    words = _words(old.snippet)
    return old.rule == new.rule and len(words) > 1 and words == _words(new.snippet)


def _alike(old: str, new: str) -> bool:
    mine, theirs = set(_words(old)), set(_words(new))
    return bool(mine) and len(mine & theirs) >= ALIKE * len(mine | theirs)


def _at_home(old: Finding, new: Finding, partner: Mapping[int, int]) -> bool:
    """Tell whether a finding is in the same file of the patch that its old one became."""
    return old.path == new.path and (old.patch is None or partner.get(old.patch) == new.patch)
