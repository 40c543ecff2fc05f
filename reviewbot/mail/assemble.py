# SPDX-License-Identifier: GPL-2.0-or-later
"""Making a MailSeries of the mails that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from reviewbot.mail.entry import Entry
from reviewbot.mail.headers import read_person
from reviewbot.mail.message import header, recipients
from reviewbot.mail.patchtext import PatchText, headline, split_patches, whole_patch
from reviewbot.mail.remarks import own_lines, quoted_copies, read_remarks
from reviewbot.mail.subject import Subject, parse_subject
from reviewbot.mail.threads import Group
from reviewbot.mail.trailers import base_commit, change_id, patch_trailers, prerequisites, reply_trailers
from reviewbot.model.mail import MailSeries, Message, PatchMail, Person, Remark, Trailer

MAX_MISSING = 10_000
"""Missing numbers are listed up to this many: a hostile `[PATCH 1/9999]` is one mail."""

Load = Callable[[int], Message]


@dataclass(frozen=True, slots=True)
class _Answers:
    """What the replies to a series bring."""

    remarks: tuple[Remark, ...]
    copies: tuple[tuple[str | None, str], ...]
    trailers: tuple[tuple[str | None, Trailer], ...]
    ids: tuple[str, ...]


def build_series(group: Group, load: Load, previous: tuple[str, ...] = ()) -> MailSeries | None:
    """Make a series of a group; `load` gives the message of an entry's key, `previous` are its older versions' ids.

    Returns None where no mail of the group has a patch.
    """
    cover = load(group.cover.key) if group.cover else None
    patches, texts = _patches(group, load)
    if not patches:
        return None
    answers = _answers(group, load)
    patches = tuple(_with_trailers(patch, cover, answers) for patch in patches)
    first = cover or load(group.first.key)
    subject = group.first.subject
    # the counter and version in a reply's subject are those of the patch that it answers
    stated = () if subject.is_reply else group.members
    total = max(patch.total for patch in patches)
    numbers = {patch.number for patch in patches}
    versions = [one.subject.version for one in stated if one.subject.version is not None]
    everything = ([cover.body] if cover else []) + texts
    return MailSeries(
        id=first.message_id,
        subject=subject.title if cover else patches[0].subject,
        version=max(versions, default=1),
        total=total,
        author=first.author,
        date=first.date,
        cover=cover,
        patches=patches,
        missing=tuple(number for number in range(1, min(total, MAX_MISSING) + 1) if number not in numbers),
        messages=tuple(one.message_id for one in group.members if one.message_id) + answers.ids,
        remarks=answers.remarks,
        other_copies=answers.copies,
        tags=tuple(dict.fromkeys(tag for one in stated for tag in one.subject.tags)),
        change_id=next((found for text in everything if (found := change_id(text))), None),
        base_commit=next((found for text in everything if (found := base_commit(text))), None),
        prerequisites=next((ids for text in everything if (ids := prerequisites(text))), ()),
        previous=previous,
    )


def _patches(group: Group, load: Load) -> tuple[tuple[PatchMail, ...], list[str]]:
    """Read the patches of a group, and the texts of their mails around the diffs."""
    found: list[PatchMail] = []
    texts: list[str] = []
    known = [one.subject.total for one in group.members if one.subject.total and not one.subject.is_reply]
    total = max([*known, len(group.patches)])
    for number, entry in sorted(group.patches.items()):
        message = load(entry.key)
        payload, body = message.payload.split(b"\n"), message.body.split("\n")
        if entry.subject.is_submission:
            whole = whole_patch(payload, body)
            parts = [whole] if whole else []
        else:
            parts = list(split_patches(payload, body, entry.subject.is_reply or entry.parent is not None))
        many, everybody = len(parts) > 1, recipients(message)
        for at, part in enumerate(parts, 1):
            count = (at, len(parts)) if many else (number, total)
            found.append(_patch(part, message, entry.subject, count, everybody))
            body[part.extent.start : part.extent.end] = [""] * (part.extent.end - part.extent.start)
        texts.append("\n".join(body))
    return tuple(found), texts


def _patch(
    part: PatchText, message: Message, subject: Subject, count: tuple[int, int], everybody: tuple[Person, ...]
) -> PatchMail:
    """Make a patch of its text, the mail that carries it, its number and total, and the mail's recipients."""
    own = parse_subject(part.subject).title if part.subject else ""
    reply_to = header(message, "reply-to")
    return PatchMail(
        number=count[0],
        total=count[1],
        message_id=message.message_id,
        subject=own or subject.title or headline(part.log, [file.new for file in part.extent.files]),
        author=part.author or message.author,
        sender=message.author,
        date=part.date or message.date,
        log=part.log,
        notes=part.notes,
        diff=part.diff,
        diff_line=part.extent.start + 1,
        trailers=patch_trailers(part.log),
        damage=message.damage,
        references=message.references,
        recipients=everybody,
        reply_to=read_person(reply_to) if reply_to else None,
    )


def _answers(group: Group, load: Load) -> _Answers:
    """Read the replies of people; those of programs are in the series' messages and say nothing more."""
    remarks: list[Remark] = []
    copies: list[tuple[str | None, str]] = []
    trailers: list[tuple[str | None, Trailer]] = []
    ids = []
    for entry in group.replies:
        if entry.message_id:
            ids.append(entry.message_id)
        if entry.is_bot or entry.is_notice:
            continue
        message = load(entry.key)
        lines = _without_patches(message, entry)
        parent = message.in_reply_to or entry.parent
        remarks += read_remarks(lines, message.author, message.message_id, message.date, parent)
        copies += [(message.message_id, text) for text in quoted_copies(lines)]
        trailers += [(parent, trailer) for trailer in reply_trailers(message, own_lines(lines))]
    return _Answers(tuple(remarks), tuple(copies), tuple(trailers), tuple(ids))


def _without_patches(message: Message, entry: Entry) -> Sequence[str]:
    """Return a reply's lines, those of patches that it carries emptied."""
    lines = message.body.split("\n")
    if entry.carries_patch:
        for part in split_patches(message.payload.split(b"\n"), lines, True):
            lines[part.start : part.extent.end] = [""] * (part.extent.end - part.start)
    return lines


def _with_trailers(patch: PatchMail, cover: Message | None, answers: _Answers) -> PatchMail:
    """Give a patch the trailers of the replies to it and, from replies to the cover, those for the whole series."""
    given = {(one.name.lower(), one.value.lower()) for one in patch.trailers}
    added = []
    for parent, trailer in answers.trailers:
        same = (trailer.name.lower(), trailer.value.lower())
        if (
            same not in given
            and parent is not None
            and parent in (patch.message_id, cover.message_id if cover else None)
        ):
            given.add(same)
            added.append(trailer)
    return replace(patch, trailers=patch.trailers + tuple(added)) if added else patch
