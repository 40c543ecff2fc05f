# SPDX-License-Identifier: GPL-2.0-or-later
"""How a rule stands by what authors made of its findings: pure, over what the ledger counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Answer = Literal["false-positive", "fixed", "silence"]
Override = Literal["on", "off"]


@dataclass(frozen=True, slots=True)
class Threshold:
    """When a rule is posted: with `answered` answers or more, a share of `right` of them or more must be fixes.

    Before that many nobody can tell: of five answers at least four must be right, of ten seven.
    """

    answered: int = 5
    right: float = 0.7


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a rule's posted findings: `silent` ones got no answer in time, `waiting` ones may yet."""

    fixed: int = 0
    false_positive: int = 0
    silent: int = 0
    waiting: int = 0

    @property
    def posted(self) -> int:
        """All of them."""
        return self.fixed + self.false_positive + self.silent + self.waiting

    @property
    def answered(self) -> int:
        """Those that an author answered by word or deed; silence says nothing about who is right."""
        return self.fixed + self.false_positive


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule's standing: `right` is the share of right answers (None: no answer yet), `reason` says why it shadows."""

    rule: str
    counts: Counts
    right: float | None
    shadowed: bool
    reason: str
    override: Override | None = None


def stand(rule: str, counts: Counts, override: Override | None = None, threshold: Threshold | None = None) -> Standing:
    """Return how a rule stands. What a person decided holds whatever the counts say."""
    limit = threshold or Threshold()
    right = counts.fixed / counts.answered if counts.answered else None
    if override is not None:
        reason = "a person says that it shadows" if override == "on" else "a person says that it is posted"
        return Standing(rule, counts, right, override == "on", reason, override)
    if right is None or counts.answered < limit.answered:
        return Standing(rule, counts, right, False, f"{counts.answered} of {limit.answered} answers that it takes")
    low = right < limit.right
    sense = "below" if low else "at least"
    return Standing(rule, counts, right, low, f"{right:.0%} right, {sense} {limit.right:.0%}")
