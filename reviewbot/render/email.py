# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as an mbox of replies: a patch with something to say has one, the whole has one (RFC 5322, 3834, mboxrd)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from functools import partial
from pathlib import Path

import reviewbot
from reviewbot.mail.headers import read_person
from reviewbot.mail.message import header, recipients
from reviewbot.model.diff import Patch
from reviewbot.model.finding import Finding, Review, SeriesReview
from reviewbot.model.mail import Message, PatchMail, Person
from reviewbot.render.quote import printable
from reviewbot.render.reply import Declined, Voice, cover_text, patch_text, told_findings

RECIPIENTS = 50

_FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>@\[\]]+@[^\s<>@\[\]]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the replies are from, and when they are written; `commands`: it is a bot that obeys answers to them."""

    person: Person
    date: datetime
    commands: bool = False


def _address(person: Person) -> str | None:
    """Return the header form of a person with a usable address, else None (archives hide them)."""
    if not _ADDRESS.fullmatch(person.email) or not person.email.isascii():
        return None
    return formataddr((printable(person.name).replace("\t", " "), person.email))


def _recipients(target: Target, sender: Sender) -> tuple[list[str], list[str]]:
    """Return To and Cc: the author (or where replies are wanted) and everybody who had the patch, once each."""
    seen = {sender.person.email.lower()}
    to: list[str] = []
    cc: list[str] = []
    for group, people in ((to, (target.to,)), (cc, target.others)):
        for person in people:
            text = _address(person)
            if text and person.email.lower() not in seen:
                seen.add(person.email.lower())
                group.append(text)
    return to, cc[: RECIPIENTS - len(to)]


def body(patch: Patch, review: SeriesReview, sender: Sender, templates: Sequence[Path] = ()) -> str:
    """Return the text of the reply to one patch, "" when there is nothing to say; raises Declined (see `reply`)."""
    return patch_text(patch, review, Voice(sender.person, templates, sender.commands))


@dataclass(frozen=True, slots=True)
class Target:
    """The mail that a reply answers: its id, the subject without `Re:`, and whom it is from and to."""

    message_id: str | None
    subject: str
    references: tuple[str, ...]
    to: Person
    others: tuple[Person, ...]


def _target(patch: Patch, mail: PatchMail, review: SeriesReview) -> Target:
    tag = _tag(review, patch.number, patch.total)
    people = (mail.author, *mail.recipients)
    return Target(patch.message_id, f"{tag} {patch.subject}", mail.references, mail.reply_to or mail.sender, people)


def _cover_target(cover: Message, review: SeriesReview) -> Target:
    mail = review.series.mail
    wanted = header(cover, "reply-to")
    subject = f"{_tag(review, 0, mail.total)} {mail.subject}"
    to = read_person(wanted) if wanted else cover.author
    return Target(cover.message_id, subject, cover.references, to, (cover.author, *recipients(cover)))


def _tag(review: SeriesReview, number: int, total: int) -> str:
    version = review.series.mail.version
    count = f" {number}/{total}" if total > 1 or number == 0 else ""
    return f"[PATCH{f' v{version}' if version > 1 else ''}{count}]"


def reply(patch: Patch, mail: PatchMail, review: SeriesReview, sender: Sender, text: str) -> EmailMessage:
    """Return the mail that answers one patch with `text`; its Message-ID is a function of what is said to whom."""
    return write(_target(patch, mail, review), sender, text)


def write(target: Target, sender: Sender, text: str) -> EmailMessage:
    """Return the mail that answers `target` with `text`; its Message-ID is a function of what is said to whom."""
    message = EmailMessage(policy=SMTP.clone(utf8=False, max_line_length=998))
    message["From"] = _address(sender.person) or "reviewbot <reviewbot@localhost>"
    to, cc = _recipients(target, sender)
    message["To"] = ", ".join(to) or "undisclosed-recipients:;"
    if cc:
        message["Cc"] = ", ".join(cc)
    message["Subject"] = f"Re: {printable(target.subject)}".replace("\t", " ")
    message["Date"] = format_datetime(sender.date)
    key = "\0".join((target.message_id or "", target.subject, text))
    message["Message-ID"] = f"<{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}@reviewbot>"
    if target.message_id:
        message["In-Reply-To"] = f"<{target.message_id}>"
        chain = dict.fromkeys((*target.references, target.message_id))
        message["References"] = " ".join(f"<{one}>" for one in chain)
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "bulk"
    message["X-Mailer"] = f"reviewbot {reviewbot.__version__}"
    message.set_content(text, charset="utf-8", cte="8bit")
    return message


@dataclass(frozen=True, slots=True)
class Answer:
    """A mail of the review, or why a template declined it (`message` is None then).

    `patch` is the number of the patch that it is about, None for the cover; `answers` the id of the mail that it
    answers; `findings` are those that it tells.
    """

    patch: int | None
    answers: str | None
    message: EmailMessage | None
    findings: tuple[Finding, ...] = ()
    declined: str = ""


def answers(review: SeriesReview, sender: Sender, templates: Sequence[Path] = ()) -> tuple[Answer, ...]:
    """Return the mails that a review comes to: the cover's first, then those of the patches in order; () if clean."""
    voice = Voice(sender.person, templates, sender.commands)
    found = []
    mail = review.series.mail
    if mail.cover is not None:
        target = _cover_target(mail.cover, review)
        found.append(_answer(None, target, sender, (), partial(cover_text, review, voice)))
    mails = {one.number: one for one in mail.patches}
    for patch in review.series.patches:
        target = _target(patch, mails[patch.number], review)
        told = tuple(told_findings(review, patch.number))
        found.append(_answer(patch.number, target, sender, told, partial(patch_text, patch, review, voice)))
    return tuple(one for one in found if one is not None)


def _answer(
    number: int | None, target: Target, sender: Sender, told: tuple[Finding, ...], text: Callable[[], str]
) -> Answer | None:
    try:
        said = text()
    except Declined as reason:
        return Answer(number, target.message_id, None, declined=str(reason))
    return Answer(number, target.message_id, write(target, sender, said), told) if said else None


def mboxrd(message: EmailMessage, date: datetime) -> bytes:
    """Return a message as one entry of an mboxrd file, LF line ends."""
    raw = message.as_bytes(policy=message.policy.clone(linesep="\n"))
    return f"From reviewbot@localhost {date:%a %b %e %H:%M:%S %Y}\n".encode() + _FROM_LINE.sub(rb">\1", raw) + b"\n"


def current(review: Review) -> tuple[SeriesReview, ...]:
    """Return the reviews of a run without those of versions that another one in it replaces: no mail goes to these."""
    replaced = {one.comparison.old.mail.id for one in review.series if one.comparison is not None}
    return tuple(one for one in review.series if one.series.mail.id is None or one.series.mail.id not in replaced)


def render_email(review: Review, sender: Sender, templates: Sequence[Path] = ()) -> bytes:
    """Return the mbox of all replies; empty when there is nothing to say. What a template declines is left out."""
    found = [one.message for series in current(review) for one in answers(series, sender, templates)]
    return b"".join(mboxrd(message, sender.date) for message in found if message is not None)
