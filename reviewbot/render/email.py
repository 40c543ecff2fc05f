# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as an mbox of replies, one for each patch with something to say (RFC 5322, RFC 3834, mboxrd)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from pathlib import Path

import reviewbot
from reviewbot.model.diff import Patch
from reviewbot.model.finding import Finding, Review, SeriesReview
from reviewbot.model.mail import PatchMail, Person
from reviewbot.model.tree import Application
from reviewbot.render.environment import environment, harmless
from reviewbot.render.quote import in_diff, printable, quote
from reviewbot.render.text import applied, failed_hunks, shown, who

FINDINGS_A_PATCH = 5
LINES_A_MAIL = 150
ROLLED_UP = 20
RECIPIENTS = 50

_FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>@\[\]]+@[^\s<>@\[\]]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the replies are from, and when they are written."""

    person: Person
    date: datetime


def _address(person: Person) -> str | None:
    """Return the header form of a person with a usable address, else None (archives hide them)."""
    if not _ADDRESS.fullmatch(person.email) or not person.email.isascii():
        return None
    return formataddr((printable(person.name).replace("\t", " "), person.email))


def _recipients(mail: PatchMail, sender: Sender) -> tuple[list[str], list[str]]:
    """Return To and Cc: the author (or where replies are wanted) and everybody who had the patch, once each."""
    first = mail.reply_to or mail.sender
    seen = {sender.person.email.lower()}
    to: list[str] = []
    cc: list[str] = []
    for group, people in ((to, (first,)), (cc, (mail.author, *mail.recipients))):
        for person in people:
            text = _address(person)
            if text and person.email.lower() not in seen:
                seen.add(person.email.lower())
                group.append(text)
    return to, cc[: RECIPIENTS - len(to)]


def _findings(review: SeriesReview, number: int) -> list[Finding]:
    """Return a patch's findings worth a mail: what people have raised is repeated only with a schedule to add."""
    own = [f for f in review.findings if f.patch == number]
    return [f for f in own if not f.raised_by or shown(f, review).result]


def body(patch: Patch, review: SeriesReview, sender: Sender, templates: Sequence[Path] = ()) -> str:
    """Return the text of the reply to one patch, "" when there is nothing to say.

    At most FINDINGS_A_PATCH findings are told in full, in their order, each only if the mail stays within LINES_A_MAIL
    (the first one in any case); the rest is rolled up.
    """
    findings = _findings(review, patch.number)
    failed = applied(review, patch.number)
    reason = _reason(failed) if failed and failed.status == "conflict" else ""
    if not findings and not reason and not patch.refused:
        return ""

    def text(told: list[Finding]) -> str:
        return _body(patch, review, sender, templates, told, [f for f in findings if f not in told], reason)

    told = findings[:1]
    for finding in findings[1:]:
        if len(told) < FINDINGS_A_PATCH and len(text([*told, finding]).splitlines()) <= LINES_A_MAIL:
            told.append(finding)
    return text(told)


def _body(
    patch: Patch,
    review: SeriesReview,
    sender: Sender,
    templates: Sequence[Path],
    told: list[Finding],
    rest: list[Finding],
    reason: str,
) -> str:
    env = environment(directories=templates)
    comments: dict[tuple[str, int], str] = {}
    elsewhere = []
    for finding in told:
        text = (
            env.get_template("comment.j2")
            .render(
                show=shown(finding, review, 70), finding=finding, raised=[who(r, review) for r in finding.raised_by]
            )
            .strip()
        )
        anchor = (finding.path or "", finding.line or 0)
        if in_diff(patch, anchor):
            comments[anchor] = "\n\n".join(filter(None, (comments.get(anchor), text)))
        else:
            elsewhere.append((finding, text))
    return env.get_template("reply.j2").render(
        patch=patch,
        review=review,
        quoted=quote(patch, comments),
        elsewhere=elsewhere,
        rest=rest[:ROLLED_UP],
        more=max(0, len(rest) - ROLLED_UP),
        reason=reason,
        author=patch.sender,
        sender=sender.person,
    )


def _reason(application: Application) -> str:
    """Return why a patch does not apply, a line a hunk."""
    return harmless("\n".join(filter(None, (application.reason, *failed_hunks(application)))))


def reply(patch: Patch, mail: PatchMail, review: SeriesReview, sender: Sender, text: str) -> EmailMessage:
    """Return the mail that answers one patch with `text`; its Message-ID is a function of what is said to whom."""
    message = EmailMessage(policy=SMTP.clone(utf8=False, max_line_length=998))
    message["From"] = _address(sender.person) or "reviewbot <reviewbot@localhost>"
    to, cc = _recipients(mail, sender)
    message["To"] = ", ".join(to) or "undisclosed-recipients:;"
    if cc:
        message["Cc"] = ", ".join(cc)
    prefix = f"[PATCH{f' v{review.series.mail.version}' if review.series.mail.version > 1 else ''}"
    prefix += f" {patch.number}/{patch.total}]" if patch.total > 1 else "]"
    message["Subject"] = f"Re: {prefix} {printable(patch.subject)}".replace("\t", " ")
    message["Date"] = format_datetime(sender.date)
    key = "\0".join((patch.message_id or "", patch.subject, text))
    message["Message-ID"] = f"<{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}@reviewbot>"
    if patch.message_id:
        message["In-Reply-To"] = f"<{patch.message_id}>"
        chain = dict.fromkeys((*mail.references, patch.message_id))
        message["References"] = " ".join(f"<{one}>" for one in chain)
    message["Auto-Submitted"] = "auto-generated"
    message["Precedence"] = "bulk"
    message["X-Mailer"] = f"reviewbot {reviewbot.__version__}"
    message.set_content(text, charset="utf-8", cte="8bit")
    return message


def mboxrd(message: EmailMessage, date: datetime) -> bytes:
    """Return a message as one entry of an mboxrd file, LF line ends."""
    raw = message.as_bytes(policy=message.policy.clone(linesep="\n"))
    return f"From reviewbot@localhost {date:%a %b %e %H:%M:%S %Y}\n".encode() + _FROM_LINE.sub(rb">\1", raw) + b"\n"


def render_email(review: Review, sender: Sender, templates: Sequence[Path] = ()) -> bytes:
    """Return the mbox of all replies; empty when there is nothing to say."""
    out = []
    for one in review.series:
        mails = {mail.number: mail for mail in one.series.mail.patches}
        for patch in one.series.patches:
            text = body(patch, one, sender, templates)
            if text:
                out.append(mboxrd(reply(patch, mails[patch.number], one, sender, text), sender.date))
    return b"".join(out)
