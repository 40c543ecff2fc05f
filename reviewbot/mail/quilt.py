# SPDX-License-Identifier: GPL-2.0-or-later
"""Quilt directories: patches in the order of a `series` file (quilt(1)), with headers as people write them there.

A header is a mail's (`From`, `Date`, `Subject`, `Origin`), Debian's DEP-3 (`Description`, `Author`), or just text.
"""

from __future__ import annotations

import gzip
import re
import zlib
from dataclasses import replace
from pathlib import Path

from reviewbot.mail.headers import clean, decode_bytes, fields, read_date, read_person
from reviewbot.mail.message import split_head
from reviewbot.mail.patchtext import PatchText, headline, whole_patch
from reviewbot.mail.subject import Subject, parse_subject
from reviewbot.mail.trailers import patch_trailers
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries, PatchMail, Person, Skipped

MAX_PATCH = 256 * 1024 * 1024
"""Patch files are read up to this many bytes."""

_NOBODY = Person("", "")
_DIFF = re.compile(rb"^(?:---$|--- |diff -|Index: )", re.MULTILINE)
_FIELDS = frozenset({"from", "subject", "description", "author", "origin", "date", "forwarded", "bug", "last-update"})


def is_quilt(path: Path) -> bool:
    """Tell whether a directory has a `series` file, itself or in its `patches`."""
    try:
        return (path / "series").is_file() or (path / "patches" / "series").is_file()
    except OSError:
        return False


def read_quilt(path: Path) -> tuple[MailSeries, tuple[Skipped, ...]]:
    """Read a quilt directory into one series, and name the files that could not be used.

    Raises UnusableInputError when none of them is a patch.
    """
    home = path if (path / "series").is_file() else path / "patches"
    patches: list[tuple[PatchMail, Subject]] = []
    skipped: list[Skipped] = []
    for name in _names(home / "series"):
        try:
            patches.append(_read_patch(home, name))
        except UnusableInputError as error:
            skipped.append(Skipped(None, str(error)))
    if not patches:
        raise UnusableInputError(f"no patch in {path}")
    return _series(path, patches), tuple(skipped)


def _names(file: Path) -> list[str]:
    """Return the patches that a series file lists; comments and options (`-p1`, `-R`) are dropped."""
    try:
        lines = decode_bytes(file.read_bytes(), "").splitlines()
    except OSError as error:
        raise UnusableInputError(f"{file}: {(error.strerror or str(error)).lower()}") from error
    words = [line.partition("#")[0].split() for line in lines]
    return [word[0] for word in words if word]


def _read_patch(home: Path, name: str) -> tuple[PatchMail, Subject]:
    """Read one file of the queue; a name that leaves the directory is refused."""
    file = home / name
    if not file.resolve().is_relative_to(home.resolve()):
        raise UnusableInputError(f"{name}: outside of the quilt directory")
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_PATCH)
        data = gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        reason = (error.strerror or "unreadable").lower() if isinstance(error, OSError) else "broken gzip data"
        raise UnusableInputError(f"{name}: {reason}") from error
    named, text = _split_header(data.replace(b"\r\n", b"\n") if b"\r\n" in data[:200] else data)
    payload = text.split(b"\n")
    part = whole_patch(payload, [decode_bytes(line, "") for line in payload])
    if part is None:
        raise UnusableInputError(f"{name}: no diff in it")
    subject = parse_subject(clean(named.get("subject", part.subject or "")))
    return _patch(named, part, subject, data[: len(data) - len(text)].count(b"\n"), name), subject


def _split_header(data: bytes) -> tuple[dict[str, str], bytes]:
    """Split a patch file into its header's fields and the rest; no fields where it begins with something else."""
    named: dict[str, str] = {}
    # some headers go on into the diff with no empty line between
    begins = _DIFF.search(data)
    head, rest = split_head(data)
    if begins is not None and begins.start() < len(head):
        head, rest = data[: begins.start()], data[begins.start() :]
    for field, value in fields(head):
        named.setdefault(field, value)
    if "description" in named:
        named["description"] = _description(decode_bytes(head, ""))
    return (named, rest) if named.keys() & _FIELDS else ({}, data)


def _description(head: str) -> str:
    """Return the lines of a DEP-3 description: a title, then text indented by a space, ` .` for an empty line."""
    lines: list[str] = []
    for line in head.split("\n"):
        if lines and line[:1] in (" ", "\t"):
            lines.append("" if line.strip() == "." else line.strip())
        elif lines:
            break
        elif line[:12].lower() == "description:":
            lines.append(line[12:].strip())
    return "\n".join(lines)


def _patch(named: dict[str, str], part: PatchText, subject: Subject, above: int, name: str) -> PatchMail:
    """Make a patch of a file's header and text; `above` is the number of the header's lines."""
    title, _, more = named.get("description", "").partition("\n")
    author = part.author or read_person(clean(named.get("from", named.get("author", ""))))
    log = "\n\n".join(text for text in (more.strip(), part.log) if text)
    return PatchMail(
        number=1,
        total=1,
        message_id=None,
        subject=subject.title or clean(title) or headline(log, [name]),
        author=author or _NOBODY,
        sender=author or _NOBODY,
        date=part.date or read_date(named.get("date", "")),
        log=log,
        notes=part.notes,
        diff=part.diff,
        diff_line=above + part.extent.start + 1,
        trailers=patch_trailers(log),
    )


def _series(path: Path, patches: list[tuple[PatchMail, Subject]]) -> MailSeries:
    """Number the patches: as their subjects do where those count one series, else in order."""
    counts = [(subject.number, subject.total) for _, subject in patches]
    totals = {total for _, total in counts}
    numbers = [number for number, _ in counts if number]
    counted = len(totals) == 1 and None not in totals and len(set(numbers)) == len(patches)
    total = max([len(patches), *(total or 0 for total in totals)]) if counted else len(patches)
    numbered = [
        replace(patch, number=(subject.number or at) if counted else at, total=total)
        for at, (patch, subject) in enumerate(patches, 1)
    ]
    numbered.sort(key=lambda patch: patch.number)
    present = {patch.number for patch in numbered}
    return MailSeries(
        id=None,
        subject=numbered[0].subject if len(numbered) == 1 else f"{path.resolve().name} ({len(numbered)} patches)",
        version=max((subject.version or 1 for _, subject in patches), default=1),
        total=total,
        author=numbered[0].author,
        date=max((patch.date for patch in numbered if patch.date), default=None),
        cover=None,
        patches=tuple(numbered),
        missing=tuple(number for number in range(1, total + 1) if number not in present),
        messages=(),
    )
