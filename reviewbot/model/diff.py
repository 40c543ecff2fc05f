# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffs, hunks and the patches of a series, once they are read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from reviewbot.model.mail import MailSeries, Person, Trailer

FileKind = Literal["modify", "add", "delete", "rename", "copy", "mode", "binary"]
Side = Literal["old", "new"]


@dataclass(frozen=True, slots=True)
class DiffLine:
    """One line of a hunk. `text` has neither the leading mark nor the line end; bytes that are no UTF-8 are surrogates.

    `mark` is " ", "+" or "-". `old` and `new` are 1-based line numbers in the file before and after, None on the side
    that lacks the line. `no_newline` says that the file ends here without a line end.
    """

    mark: Literal[" ", "+", "-"]
    text: str
    old: int | None
    new: int | None
    no_newline: bool = False


@dataclass(frozen=True, slots=True)
class Hunk:
    """A hunk; the counts are those of the `@@` line. `complete` is False when the lines do not add up to the counts.

    In an incomplete hunk (damage that could not be repaired) line numbers are the lowest possible ones, and
    `slack` tells by how many lines the true ones may exceed them.
    """

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[DiffLine, ...]
    complete: bool = True
    slack: int = 0


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a patch does to one file. Paths are relative to the tree; None for the missing side of an add or delete.

    Modes are the octal text of git's extended headers; blobs the (possibly shortened) hex ids of the `index` line.
    `binary` is git's binary patch (the raw lines after `GIT binary patch`), None for a text diff or when the
    content is not in the mail. `copied` tells, where the paths differ, that the old file stays (a binary one too).
    """

    old_path: str | None
    new_path: str | None
    kind: FileKind
    hunks: tuple[Hunk, ...]
    added: int
    removed: int
    old_mode: str | None = None
    new_mode: str | None = None
    old_blob: str | None = None
    new_blob: str | None = None
    similarity: int | None = None
    binary: bytes | None = None
    copied: bool = False

    @property
    def path(self) -> str:
        """The path by which people call the file: the new one, else the old one."""
        return self.new_path or self.old_path or ""


@dataclass(frozen=True, slots=True)
class Patch:
    """One patch of a series, its diff modelled.

    `damage` names what a mailer did to the diff; `repaired` says that there was some and that each line's side
    and number is proven nevertheless (white space lost within lines may still be missing).
    `refused` is the reason why the diff is not used at all (hostile path, combined diff …), else None.
    `diff` is the bytes to hand to an applier: the posted ones, or the repaired text.
    """

    number: int
    total: int
    message_id: str | None
    subject: str
    author: Person
    sender: Person
    date: datetime | None
    log: str
    notes: str
    trailers: tuple[Trailer, ...]
    files: tuple[FileDiff, ...]
    diff: bytes
    damage: tuple[str, ...] = ()
    repaired: bool = False
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class HumanComment:
    """A remark of a person, anchored.

    `patch` is a patch number (None: the whole series). With a patch and no `path` the remark is about the commit
    message. `line` is in the file before ("old") or after ("new") that patch. `quoted` is the line it hangs on,
    `text` the remark.
    """

    message_id: str | None
    author: Person
    date: datetime | None
    patch: int | None
    path: str | None
    line: int | None
    side: Side | None
    quoted: str
    text: str


@dataclass(frozen=True, slots=True)
class Series:
    """A series with its diffs modelled and its comments anchored; `mail` is what it was made from."""

    mail: MailSeries
    patches: tuple[Patch, ...]
    comments: tuple[HumanComment, ...] = ()
