# SPDX-License-Identifier: GPL-2.0-or-later
"""Every line of a series that a reply can quote, in order: commit messages, diff headers, hunk lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewbot.model.diff import DiffLine, FileDiff, Patch
from reviewbot.model.mail import MailSeries
from reviewbot.patch.quote import squeeze


@dataclass(frozen=True, slots=True)
class Place:
    """A quotable line: its text without white space, the patch (None: the cover), and where in it.

    A line of a diff has a path; one of a hunk has `line` too. `quoted` is how it is shown.
    """

    key: str
    patch: int | None
    message_id: str | None
    path: str | None
    line: DiffLine | None
    quoted: str


@dataclass(frozen=True, slots=True)
class Places:
    """All places in order, those without text left out, and where each key occurs."""

    all: tuple[Place, ...]
    by_key: dict[str, tuple[int, ...]]


def _diff_places(patch: Patch, file: FileDiff) -> Iterator[Place]:
    here = (patch.number, patch.message_id, file.path)
    old, new = file.old_path or "/dev/null", file.new_path or "/dev/null"
    for text in (f"diff --git a/{old} b/{new}", f"--- a/{old}", f"+++ b/{new}"):
        yield Place(squeeze(text), *here, None, text)
    for hunk in file.hunks:
        text = f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@ {hunk.section}"
        yield Place(squeeze(text), *here, None, text)
        for line in hunk.lines:
            mark = "" if line.mark == " " else line.mark
            if squeeze(line.text):
                yield Place(mark + squeeze(line.text), *here, line, line.mark + line.text)


def _all(mail: MailSeries, patches: Sequence[Patch]) -> Iterator[Place]:
    cover = mail.cover
    if cover is not None:
        for text in (cover.subject, *cover.body.split("\n")):
            if key := squeeze(text):
                yield Place(key, None, cover.message_id, None, None, text)
    for patch in patches:
        for text in (patch.subject, *patch.log.split("\n"), *patch.notes.split("\n")):
            if key := squeeze(text):
                yield Place(key, patch.number, patch.message_id, None, None, text)
        for file in patch.files:
            yield from _diff_places(patch, file)


def list_places(mail: MailSeries, patches: Sequence[Patch]) -> Places:
    """Every quotable line of the cover and the patches of a series."""
    places = tuple(_all(mail, patches))
    by_key: dict[str, list[int]] = defaultdict(list)
    for number, place in enumerate(places):
        by_key[place.key].append(number)
    return Places(places, {key: tuple(numbers) for key, numbers in by_key.items()})
