# SPDX-License-Identifier: GPL-2.0-or-later
"""A plain text dump of a thread: mails one after the other with no header fields, or just a diff with a log.

What sets the mails off is what people's mailers wrote into them: `On <date>, <name> wrote:` opens a reply, `From:` a
patch. Damage (stripped white space, lost lines) may keep the hunk counts from ending a diff; then the next of these
marks does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reviewbot.mail.dumplink import Linked, Node, Reply, link, significant_lines
from reviewbot.mail.headers import decode_bytes, read_date, read_person
from reviewbot.mail.patchtext import (
    PatchText,
    headline,
    in_body_fields,
    is_cut,
    is_field,
    is_patch_start,
    split_patches,
)
from reviewbot.mail.quotes import Attribution, attribution, depth
from reviewbot.mail.remarks import quoted_copies, read_remarks
from reviewbot.mail.subject import Subject, parse_subject
from reviewbot.mail.trailers import base_commit, change_id, patch_trailers, prerequisites
from reviewbot.model.mail import MailSeries, Message, PatchMail, Person, Remark

BELOW = 40
"""Lines below a series' last diff in which its base commit may stand."""

_NOBODY = Person("", "")
_NO_SUBJECT = Subject("")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Lines of the dump that one mark opens: `reply` is an attribution, `fields` an in-body header, or neither."""

    start: int
    text: int
    end: int
    reply: Attribution | None
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class Found:
    """A patch: where its chunk begins, what its Subject says if it has one, and the reply that carries it."""

    start: int
    end: int
    patch: PatchText
    subject: Subject
    carrier: int | None


@dataclass(frozen=True, slots=True)
class Run:
    """The patches of one series, and the chunk of its cover text."""

    patches: tuple[Found, ...]
    cover: Chunk | None


def read_dump(data: bytes, origin: str) -> tuple[MailSeries, ...]:
    """Read a dump into its series, each with the remarks and quoted copies that belong to it; () without a patch."""
    payload = data.replace(b"\r\n", b"\n").split(b"\n")
    body = [decode_bytes(line, "") for line in payload]
    runs, replies = _read_chunks(payload, body, _chunks(body))
    if not runs:
        return ()
    nodes = []
    for number, run in enumerate(runs):
        if run.cover:
            nodes.append(Node(number, None, run.cover.start, tuple(body[run.cover.start : run.cover.end])))
        nodes += [Node(number, p.carrier, p.start, tuple(body[p.start : p.end])) for p in run.patches]
    links = link(nodes, replies)
    posted = [significant_lines([x for p in run.patches for x in body[p.start : p.end]]) for run in runs]
    copies = [_copies(posted, one) for one in links.replies]
    out = []
    for number, run in enumerate(runs):
        said = [one for one in links.replies if one.series == number]
        remarks = tuple(r for one in said for r in read_remarks(one.reply.lines, one.author, None, one.date))
        own = [told for node, told in zip(nodes, links.nodes, strict=True) if node.series == number]
        date = next((when for _, when in own if when), None)
        writer = next((who for who, _ in own if who), None)
        other = tuple((None, text) for found in copies for owner, text in found if owner == number)
        out.append(_series(run, body, origin, (writer, date), remarks, other))
    return tuple(out)


def is_dump(data: bytes) -> bool:
    """Tell whether a text that begins as a mail goes on as a dump: with another mail's header, or an attribution."""
    chunks = _chunks([decode_bytes(line, "") for line in data.replace(b"\r\n", b"\n").split(b"\n")])
    opened = [chunk for chunk in chunks if chunk.fields]
    return len(opened) > 2 or (len(opened) > 1 and any(chunk.reply for chunk in chunks))


def _chunks(body: Sequence[str]) -> tuple[Chunk, ...]:
    """Split a dump at its marks; what stands above the first is a chunk too."""
    marks: list[tuple[int, int, Attribution | None, dict[str, str]]] = [(0, 0, None, {})]
    at = 0
    while at < len(body):
        found = None if depth(body[at]) else attribution(body, at, len(body))
        if found and any(depth(line) for line in body[found.end : found.end + 6]):
            start, text, _, fields = marks[-1]
            if fields and not any(line.strip() for line in body[text:at]):
                # a mail that opens with From: and goes on with an attribution is one reply
                marks[-1] = (start, found.end, found, fields)
            else:
                marks.append((at, found.end, found, {}))
            at = found.end
        elif is_patch_start(body[at]) or is_field(body[at]):
            fields, text = in_body_fields(body, at, len(body))
            if "from" in fields or is_patch_start(body[at]):
                marks.append((at, text, None, fields))
            at = max(text, at + 1)
        else:
            at += 1
    ends = [mark[0] for mark in marks[1:]] + [len(body)]
    return tuple(Chunk(mark[0], mark[1], end, mark[2], mark[3]) for mark, end in zip(marks, ends, strict=True))


def _read_chunks(
    payload: Sequence[bytes], body: Sequence[str], chunks: Sequence[Chunk]
) -> tuple[list[Run], list[Reply]]:
    """Find the patches and replies of the chunks; patches with no reply between them make a series."""
    runs: list[Run] = []
    replies: list[Reply] = []
    open_run: list[Found] = []
    cover: Chunk | None = None
    carrier: int | None = None
    for chunk in chunks:
        answers = chunk.reply is not None
        texts = split_patches(payload[chunk.start : chunk.end], body[chunk.start : chunk.end], answers)
        quotes = any(depth(line) for line in body[chunk.text : chunk.end])
        if answers or (quotes and not texts):
            if open_run:
                runs.append(Run(tuple(open_run), cover))
            open_run, cover, carrier = [], None, len(replies)
            replies.append(_reply(body, chunk, texts))
        elif not texts and not open_run and carrier is None and any(x.strip() for x in body[chunk.text : chunk.end]):
            cover = chunk
        for patch in texts:
            subject = parse_subject(patch.subject) if patch.subject else _NO_SUBJECT
            if open_run and _begins_series(open_run[-1].subject, subject):
                runs.append(Run(tuple(open_run), cover))
                open_run, cover = [], None
            start = chunk.start + patch.start
            open_run.append(Found(start, chunk.start + patch.extent.end, patch, subject, carrier))
    if open_run:
        runs.append(Run(tuple(open_run), cover))
    return runs, replies


def _begins_series(last: Subject, this: Subject) -> bool:
    """Tell by the counters whether a patch belongs to another series than the one before it."""
    if this.number is None or last.number is None:
        return False
    return this.number <= last.number or this.total != last.total or this.version != last.version


def _reply(body: Sequence[str], chunk: Chunk, patches: Sequence[PatchText]) -> Reply:
    """Make a reply of a chunk, the lines of patches in it blanked."""
    lines = list(body[chunk.text : chunk.end])
    shift = chunk.text - chunk.start
    for patch in patches:
        for at in range(max(0, patch.start - shift), patch.extent.end - shift):
            lines[at] = ""
    while lines and (not lines[-1].strip() or is_cut(lines[-1])):
        lines.pop()
    author = read_person(chunk.fields["from"]) if "from" in chunk.fields else None
    return Reply(chunk.start, tuple(lines), chunk.reply, author, read_date(chunk.fields.get("date", "")))


def _copies(posted: Sequence[set[str]], linked: Linked) -> list[tuple[int, str]]:
    """Return the diffs that a reply quotes, each with the series (of those `posted`) of which it quotes most."""
    found = []
    for text in quoted_copies(linked.reply.lines):
        lines = significant_lines(text.split("\n"))
        shared = [len(lines & theirs) for theirs in posted]
        best = max(range(len(posted)), key=shared.__getitem__)
        if shared[best]:
            found.append((best, text))
    return found


def _series(
    run: Run,
    body: Sequence[str],
    origin: str,
    told: tuple[Person | None, datetime | None],
    remarks: tuple[Remark, ...],
    copies: tuple[tuple[str | None, str], ...],
) -> MailSeries:
    """Make a series of a run; `told` is what attributions say of its writer and date."""
    counted = all(found.subject.number is not None for found in run.patches)
    total = max([len(run.patches)] + [found.subject.total or 0 for found in run.patches])
    patches = tuple(
        _patch(found, found.subject.number if counted and found.subject.number else at, total, told)
        for at, found in enumerate(run.patches, 1)
    )
    cover = _cover(run.cover, body, origin, told, patches[0].author) if run.cover else None
    text = (cover.body if cover else "") + "\n".join(f"{p.log}\n{p.notes}" for p in patches)
    text += "\n" + "\n".join(body[run.patches[-1].end : run.patches[-1].end + BELOW])
    subject = parse_subject(cover.subject) if cover and cover.subject else run.patches[0].subject
    numbers = {patch.number for patch in patches}
    return MailSeries(
        id=None,
        subject=(cover and parse_subject(cover.subject).title) or patches[0].subject,
        version=subject.version or 1,
        total=total,
        author=(cover.author if cover and cover.author.name else patches[0].author),
        date=told[1] or patches[0].date,
        cover=cover,
        patches=patches,
        missing=tuple(number for number in range(1, min(total, 10_000) + 1) if number not in numbers),
        messages=(),
        remarks=remarks,
        other_copies=copies,
        tags=subject.tags,
        change_id=change_id(text),
        base_commit=base_commit(text),
        prerequisites=prerequisites(text),
    )


def _patch(found: Found, number: int, total: int, told: tuple[Person | None, datetime | None]) -> PatchMail:
    patch = found.patch
    author = patch.author or told[0] or _NOBODY
    return PatchMail(
        number=number,
        total=total,
        message_id=None,
        subject=found.subject.title or headline(patch.log, [file.new for file in patch.extent.files]),
        author=author,
        sender=told[0] or author,
        date=patch.date or told[1],
        log=patch.log,
        notes=patch.notes,
        diff=patch.diff,
        diff_line=found.end - (patch.extent.end - patch.extent.start) + 1,
        trailers=patch_trailers(patch.log),
    )


def _cover(
    chunk: Chunk, body: Sequence[str], origin: str, told: tuple[Person | None, datetime | None], author: Person
) -> Message:
    """Make a message of the text that stands above a series' first patch."""
    lines = list(body[chunk.text : chunk.end])
    while lines and (not lines[-1].strip() or is_cut(lines[-1])):
        lines.pop()
    text = "\n".join(lines) + "\n"
    who = read_person(chunk.fields["from"]) if "from" in chunk.fields else told[0] or author
    when = read_date(chunk.fields.get("date", "")) or told[1]
    return Message(None, chunk.fields.get("subject", ""), who, when, None, (), text, text.encode(), origin)
