# SPDX-License-Identifier: GPL-2.0-or-later
"""Two versions of a series side by side: what became of its patches, findings, remarks and tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reviewbot.model.diff import HumanComment, Series
from reviewbot.model.finding import Finding
from reviewbot.model.mail import Trailer

PairMark = Literal["=", "!", "<", ">"]
FindingState = Literal["new", "persisting", "moved", "fixed", "regression", "unseen"]
RemarkState = Literal["changed-here", "answered-in-thread", "named-in-changelog", "silent"]


@dataclass(frozen=True, slots=True)
class PatchPair:
    """One line of a range-diff, and the diff of the two diffs below it.

    `old` and `new` are patch numbers, None for a patch that is added or dropped; the ids name the content of a patch
    (short hex, the same for the same patch; no commit ids, since a patch need not have been applied). `mark` is git's:
    "=" the same, "!" changed, "<" dropped, ">" added. `diff` is as git shows it, not indented; "" unless "!".
    """

    old: int | None
    new: int | None
    old_id: str
    new_id: str
    mark: PairMark
    subject: str
    diff: str = ""


@dataclass(frozen=True, slots=True)
class FindingChange:
    """What became of a finding.

    `old` is the finding in the version `version` (the last one that had it), None for a new one; `new` is the one in
    the new version, None when it is fixed, or "unseen": its patch is announced but not at hand. A regression was found
    in an earlier version, not in the last one, and is back.
    """

    state: FindingState
    old: Finding | None
    new: Finding | None
    version: int


@dataclass(frozen=True, slots=True)
class ChangedHunk:
    """A stretch of the new version that its predecessor does not have.

    `line` is the first changed line in the file as patch number `patch` leaves it (of the line that follows, where
    lines are only gone), `end_line` the last one. `text` is the stretch as diff lines, some context around it.
    """

    patch: int
    path: str
    line: int
    end_line: int
    text: str


@dataclass(frozen=True, slots=True)
class RemarkChange:
    """What became of a remark on the old version.

    `hunks` show where the new version changed, nearest first, for "changed-here". `answer` is the message that
    answered it (a name and date where it has no id), `changelog` the line of the changelog that names it. `asks` tells
    whether it wants something: praise and chat need no answer.
    """

    state: RemarkState
    comment: HumanComment
    asks: bool
    hunks: tuple[ChangedHunk, ...] = ()
    answer: str | None = None
    changelog: str | None = None


@dataclass(frozen=True, slots=True)
class CarriedTag:
    """A Reviewed-by, Acked-by or Tested-by of the old version's patch `old` on its successor `new`, whose code changed.

    `path` is the first file that changed in more than white space and comments.
    """

    old: int
    new: int
    trailer: Trailer
    path: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A version of a series against the one before it; `old` is that one, `version` the number of the new one."""

    old: Series
    version: int
    pairs: tuple[PatchPair, ...]
    findings: tuple[FindingChange, ...]
    remarks: tuple[RemarkChange, ...]
    carried: tuple[CarriedTag, ...]

    @property
    def fixed(self) -> tuple[Finding, ...]:
        """The findings that are gone, as the old version had them."""
        return tuple(change.old for change in self.findings if change.state == "fixed" and change.old is not None)

    @property
    def still_open(self) -> tuple[FindingChange, ...]:
        """The findings of earlier versions that the new one has, regressions among them."""
        return tuple(change for change in self.findings if change.state in ("persisting", "moved", "regression"))

    @property
    def unanswered(self) -> tuple[RemarkChange, ...]:
        """The remarks that ask for something and that nothing in sight answers."""
        return tuple(one for one in self.remarks if one.state == "silent" and one.asks)
