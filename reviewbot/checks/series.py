# SPDX-License-Identifier: GPL-2.0-or-later
"""What a rule over a whole series is given, and what it yields.

Such a rule defines `check_series(series: SeriesCode) -> Iterator[SeriesProblem]`. It sees what the mails say and the
source before and after each patch, so that it can hold the one against the other, and one patch against the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from reviewbot.checks.filegroups import touched_files
from reviewbot.checks.introduced import added_lines
from reviewbot.checks.rule import File
from reviewbot.csource.parse import parse
from reviewbot.csource.sections import sections
from reviewbot.csource.text import lines_of
from reviewbot.model.diff import FileDiff, Patch, Series
from reviewbot.model.finding import Confidence
from reviewbot.model.mail import MailSeries
from reviewbot.model.tree import History, Snapshot, SourceFile


@dataclass(frozen=True, slots=True)
class SeriesProblem:
    """A defect of a series, as a rule sees it.

    `patch` is the number of the patch that it is in (0: the cover letter). With a `path` it is in that file's `line` as
    the patch leaves it, with none it is in what the mail says. `about` names what the defect concerns: it is what makes
    two problems of a rule the same in two versions, and holds no line and no patch number. `evidence` are (path, line,
    note). `put_right_by` is the number of the later patch after which it is gone.
    """

    patch: int
    message: str
    about: str
    path: str | None = None
    line: int | None = None
    confidence: Confidence = "high"
    evidence: tuple[tuple[str, int, str], ...] = ()
    put_right_by: int | None = None


@dataclass(frozen=True, eq=False)
class ChangedFile:
    """A file of C before and after a patch, None where it does not exist. Files are parsed when they are asked for."""

    diff: FileDiff
    patch: Patch
    old: SourceFile | None
    new: SourceFile | None
    parsed: Callable[[SourceFile, bool], File]

    @property
    def path(self) -> str:
        """The path by which people call the file."""
        return self.diff.path

    @cached_property
    def before(self) -> File | None:
        """The file before the patch."""
        return self.parsed(self.old, False) if self.old is not None else None

    @cached_property
    def after(self) -> File | None:
        """The file after the patch."""
        return self.parsed(self.new, True) if self.new is not None else None

    @cached_property
    def added(self) -> frozenset[int]:
        """The 1-based lines of the file after the patch that the patch adds."""
        return added_lines(self.patch, self.path)

    @cached_property
    def added_texts(self) -> Mapping[int, str]:
        """The lines of the file after the patch that are counted as added, by their numbers, in order."""
        lines = lines_of(self.new.data) if self.new is not None else ()
        return {
            number: lines[number - 1].decode("utf-8", "replace")
            for number in sorted(self.added)
            if 0 < number <= len(lines)
        }

    @property
    def whole(self) -> bool:
        """Whether every line on both sides is known."""
        return all(one is None or one.known is None for one in (self.old, self.new))


@dataclass(frozen=True, eq=False)
class PatchCode:
    """A patch of the series with the source before and after it. `place` counts from 0.

    `only` names the files that are looked at, None for all.
    """

    patch: Patch
    place: int
    before: Snapshot
    after: Snapshot
    series: Series
    only: frozenset[str] | None = None

    @property
    def number(self) -> int:
        """The patch's number in the series."""
        return self.patch.number

    @property
    def text(self) -> str:
        """What the mail says of the patch: its subject and its log."""
        return f"{self.patch.subject}\n\n{self.patch.log}"

    @cached_property
    def files(self) -> tuple[ChangedFile, ...]:
        """The C files that the patch touches, those aside that it leaves as they were."""
        return tuple(self._files())

    def _files(self) -> Iterator[ChangedFile]:
        for diff, old, new in touched_files(self.patch, self.before, self.after, self.only):
            if old is None or new is None or old.data != new.data:
                yield ChangedFile(diff, self.patch, old, new, self._parsed)

    def _parsed(self, source: SourceFile, after: bool) -> File:
        return File(parse(source, sections(self.series, source.path, self.place + after)))


@dataclass(frozen=True, eq=False)
class SeriesCode:
    """A series under check: its patches in order, and the history of the tree where there is one.

    `only` names the files that its patches show, None for all.
    """

    series: Series
    snapshots: Sequence[Snapshot]
    history: History | None = None
    only: frozenset[str] | None = None

    @property
    def mail(self) -> MailSeries:
        """What the mails say."""
        return self.series.mail

    @property
    def final(self) -> Snapshot:
        """The source after the last patch."""
        return self.snapshots[-1]

    @cached_property
    def patches(self) -> tuple[PatchCode, ...]:
        """The patches, in order."""
        return tuple(
            PatchCode(patch, place, self.snapshots[place], self.snapshots[place + 1], self.series, self.only)
            for place, patch in enumerate(self.series.patches)
        )


CheckSeries = Callable[[SeriesCode], Iterable[SeriesProblem]]
