# SPDX-License-Identifier: GPL-2.0-or-later
"""Reviews as letters: each mail that is to be sent, whom it answers, and the facts that policy asks for."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formataddr

from reviewbot.mail.headers import read_person
from reviewbot.mail.message import header, recipients
from reviewbot.mail.subject import parse_subject
from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import Message, Person
from reviewbot.publish.mail.commands import HELP
from reviewbot.publish.outbox import Letter, letter_key
from reviewbot.publish.policy import Decision, Facts
from reviewbot.render.email import Sender, Target, answers, write
from reviewbot.render.quote import printable

LIST_FIELDS = ("list-id", "list-post", "x-mailing-list")

MAILER = "reviewbot "
"""How X-Mailer begins in every mail of the bot."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail that is not addressed yet: the message-id that it answers, what it is about, and the findings it tells."""

    answers: str
    about: str
    message: EmailMessage
    findings: tuple[tuple[str, str], ...] = ()


def drafts(review: SeriesReview, sender: Sender) -> tuple[tuple[Draft, ...], tuple[str, ...]]:
    """Return the mails that a review comes to, and why templates declined others.

    What came without a message-id cannot be answered.
    """
    found, declined = [], []
    for one in answers(review, sender):
        about = "the cover" if one.patch is None else f"patch {one.patch}"
        if one.message is None:
            declined.append(f"{about}: {one.declined}")
        elif one.answers is not None:
            told = tuple((finding.rule, finding.fingerprint) for finding in one.findings)
            found.append(Draft(one.answers, about, one.message, told))
    return tuple(found), tuple(declined)


def facts(message: Message, **known: object) -> Facts:
    """Return what a mail that is to be answered says of itself, with what else is `known` (fields of Facts).

    List servers put `Precedence: bulk` on everybody's mail, and their own fields; without those it is mass mail.
    """
    reply_to = header(message, "reply-to")
    precedence = header(message, "precedence").strip().lower()
    return Facts(
        author=message.author,
        others=recipients(message),
        reply_to=read_person(reply_to) if reply_to else None,
        automatic=message.is_bot,
        bulk=precedence in ("bulk", "junk", "list") and not any(header(message, name) for name in LIST_FIELDS),
        own_mail=is_own(message),
        **known,  # type: ignore[arg-type]
    )


def is_own(message: Message) -> bool:
    """Tell whether a mail is the bot's, whatever address it had when it was written."""
    return header(message, "x-mailer").startswith(MAILER)


def address(draft: Draft, decision: Decision, channel: str, turn: int) -> Letter:
    """Address a draft as policy decided.

    The key tells to whom, about what and for which time (`turn`, raised by the command `again`) something is said, and
    not in which words, so that a review that is made again after a crash is never sent a second time.
    """
    message = draft.message
    for name, people in (("To", decision.to), ("Cc", decision.cc)):
        if people and name in message:
            message.replace_header(name, ", ".join(map(_written, people)))
        elif people:
            message[name] = ", ".join(map(_written, people))
        else:
            del message[name]
    target = decision.to[0].email.lower()
    key = letter_key(channel, target, draft.answers, draft.about, str(turn))
    payload = message.as_bytes(policy=message.policy.clone(linesep="\n"))
    return Letter(key, channel, target, str(message["Subject"]), payload)


def _written(person: Person) -> str:
    return formataddr((printable(person.name).replace("\t", " "), person.email))


def help_draft(message: Message, sender: Sender) -> Draft:
    """Return the answer to a mail that asks for help; the mail has a message-id."""
    target = Target(message.message_id, parse_subject(message.subject).title, message.references, message.author, ())
    return Draft(message.message_id or "", "help", write(target, sender, HELP))
