# SPDX-License-Identifier: GPL-2.0-or-later
"""A mail bot in a directory of its own: a list in a maildir, a real SMTP server to send to, a clock to turn."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from reviewbot.model.finding import Finding, SeriesReview
from reviewbot.model.mail import MailSeries, Person
from reviewbot.model.tree import Application, Base
from reviewbot.patch.read import read_series
from reviewbot.publish.config import Config
from reviewbot.publish.mail.bot import Bot
from reviewbot.publish.mail.making import Minds, World, make_bot, no_step
from reviewbot.publish.mail.said import Said
from reviewbot.publish.mail.settings import Account, Authority, EmailBot, Incoming, Outgoing
from reviewbot.publish.outbox import Outbox, OutboxRow
from reviewbot.publish.policy import Policy, Rule
from reviewbot.review.memory.store import Store, open_store
from tests.netkit import free_port

LIST = "list@example.org"
OWN = Person("Review Bot", "bot@example.org")
TO_LIST = (f"To: {LIST}",)
KEEP = timedelta(days=30)
POLICY = Policy(lists={LIST: Rule()}, moderate=False)


class Sink:
    """A real SMTP server on loopback that keeps what is delivered; `fault` makes it misbehave.

    "451": refuses for now after DATA; "rcpt": refuses a recipient whose name has "nobody"; "drop": delivers and drops
    the connection without an answer; "lose": drops it and delivers nothing; "early": drops it at RCPT; "7bit": has no
    8BITMIME.
    """

    def __init__(self, certificate: Path | None = None, security: str = "none") -> None:
        """Serve in the open, by TLS from the beginning ("tls") or after STARTTLS ("starttls"), with `bot`/`secret`."""
        self.mails: list[tuple[list[str], bytes]] = []
        self.fault = ""
        self.encrypted: list[bool] = []
        self.port = free_port()
        settings: dict[str, Any] = {}
        if certificate is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate, certificate.with_name("key.pem"))
            settings = {"ssl_context": context} if security == "tls" else {"tls_context": context}
            # aiosmtpd warns of passwords in the open where TLS began before it could see
            settings |= {"authenticator": _knows_bot, "auth_required": True, "auth_require_tls": security != "tls"}
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **settings)

    def __enter__(self) -> Sink:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def greeted(self) -> None:
        """Hear of a connection that begins."""

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, name: str, said: list[str]
    ) -> list[str]:
        session.host_name = name
        self.greeted()
        return [one for one in said if self.fault != "7bit" or "8BITMIME" not in one]

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.fault == "rcpt" and "nobody" in address:
            return "550 no such user"
        if self.fault == "early":
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.fault == "451":
            return "451 try again later"
        if self.fault != "lose":
            assert isinstance(envelope.content, bytes)
            self.mails.append((envelope.rcpt_tos, envelope.content))
            self.encrypted.append(session.ssl is not None or "ssl" in str(type(server.transport)).lower())
        if self.fault in ("drop", "lose"):
            server.transport.abort()
        return "250 queued"

    @property
    def subjects(self) -> list[str]:
        """The subjects of what was delivered."""
        return [str(one["Subject"]) for one in self.messages]

    @property
    def messages(self) -> list[EmailMessage]:
        """What was delivered, read by the standard library."""
        return [message_from_bytes(raw, policy=policy.default) for _, raw in self.mails]  # type: ignore[misc]

    def account(self, security: str = "none", cafile: Path | None = None, password: Path | None = None) -> Account:
        """How the bot gets at the server."""
        user = "bot" if password is not None else None
        return Account("127.0.0.1", self.port, security, user, password, None, cafile, 10)  # type: ignore[arg-type]


def _knows_bot(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (b"bot", b"secret")
    return AuthResult(success=known, handled=False)


def finds_something(mail: MailSeries, base: str | None) -> SeriesReview:
    """Review a series with one finding on the first added line of each patch."""
    series = read_series(mail)
    findings = []
    for patch in series.patches:
        file = patch.files[0]
        line = next(line for hunk in file.hunks for line in hunk.lines if line.mark == "+")
        told = f"Is this right{' on ' + base if base else ''}?"
        mark = f"{patch.message_id}-{base}"
        findings.append(
            Finding("odd-line", "warning", "high", patch.number, file.path, line.new, line.new, None, told, (), mark)
        )
    applied = tuple(Application(patch.number, "reconstructed") for patch in series.patches)
    return SeriesReview(series, Base("reconstructed", None, None), applied, tuple(findings), ())


@dataclass
class Home:
    """The directory of a bot, with what it is made of."""

    place: Path
    sink: Sink
    policy: Policy = POLICY
    authority: Authority = field(default_factory=Authority)
    review: Callable[[MailSeries, str | None], SeriesReview] = finds_something
    step: Callable[[str], None] = no_step
    dns: Any = None
    incoming: tuple[Incoming, ...] = ()
    outgoing: Outgoing | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    false: list[tuple[str, str]] = field(default_factory=list)
    told: list[Said] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        for part in ("new", "cur", "tmp"):
            (self.place / "list" / part).mkdir(parents=True, exist_ok=True)

    def deliver(self, *mails: bytes) -> None:
        """Let mails come to the list."""
        for one in mails:
            number = len(list((self.place / "list" / "new").iterdir()))
            (self.place / "list" / "new" / f"{number:06}.list").write_bytes(one)

    def config(self) -> Config:
        """The configuration, as a file would give it."""
        email = EmailBot(
            address=OWN,
            incoming=self.incoming or (Incoming("list", "maildir", self.place / "list"),),
            outgoing=self.outgoing or Outgoing("smtp", account=self.sink.account()),
            authority=self.authority,
            dry_run=self.place / "dry",
            settle=0,
        )
        return Config(self.place / "reviewbot.toml", policy=self.policy, email=email)

    def store(self) -> Store:
        """The store, opened."""
        return open_store(self.url or f"sqlite:///{self.place / 'memory.sqlite'}")

    def bot(self, store: Store, send: bool = True) -> Bot:
        """A bot, as after a restart."""
        minds = Minds(self.review, frozenset, self.told.append, lambda mark, series: self.false.append((mark, series)))
        world = World(lambda: self.now, step=self.step, **({"dns": self.dns} if self.dns else {}))
        return make_bot(self.config(), store, minds, send, world)

    def round(self, send: bool = True) -> None:
        """Start a bot, do a round, stop it."""
        with self.store() as store:
            bot = self.bot(store, send)
            bot.round(KEEP)
            for one in bot.sources:
                one.close()

    def later(self, **parts: float) -> None:
        """Turn the clock on."""
        self.now += timedelta(**parts)

    def pending(self) -> tuple[OutboxRow, ...]:
        """What the outbox still has."""
        with self.store() as store:
            return Outbox(store).pending()

    def approve(self) -> None:
        """Approve everything that is held."""
        with self.store() as store:
            for row in Outbox(store).pending():
                Outbox(store).approve(row.key)


def with_headers(raw: bytes, *lines: str) -> bytes:
    """Return a mail with more header fields."""
    return "".join(f"{line}\n" for line in lines).encode() + raw
