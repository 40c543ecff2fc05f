# SPDX-License-Identifier: GPL-2.0-or-later
"""What `reviewbot.toml` says in `[bot.email]`. docs/bots.md shows the whole of it."""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from reviewbot.mail.headers import read_person
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import Person
from reviewbot.publish.tables import Table

Security = Literal["tls", "starttls", "none"]
SECURITY = ("tls", "starttls", "none")
_PORTS = {"imap": {"tls": 993, "starttls": 143, "none": 143}, "smtp": {"tls": 465, "starttls": 587, "none": 25}}
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Account:
    """A mail server and who logs in; no `user`: nobody does.

    `cafile` holds the certificate authorities to trust, None: the system's. The password is in the file
    `password_file` or in the environment variable `password_env`, never in the table.
    """

    host: str
    port: int
    security: Security
    user: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    cafile: Path | None = None
    timeout: float = 60

    def trust(self) -> ssl.SSLContext:
        """Return what verifies the server's certificate; UnusableInputError where the authorities cannot be read."""
        try:
            return ssl.create_default_context(cafile=str(self.cafile) if self.cafile is not None else None)
        except OSError as error:
            raise UnusableInputError(f"{self.cafile}: {error.strerror or error}") from error

    def password(self) -> str:
        """Return the password; UnusableInputError where it cannot be read."""
        if self.password_file is not None:
            try:
                return self.password_file.read_text("utf-8").strip()
            except OSError as error:
                raise UnusableInputError(f"{self.password_file}: {error.strerror}") from error
        value = os.environ.get(self.password_env or "", "")
        if not value:
            raise UnusableInputError(f"the variable {self.password_env} that holds a password is not set")
        return value


@dataclass(frozen=True, slots=True)
class Incoming:
    """Where mails come from: a maildir or a public-inbox archive at `path`, or the `folder` of an IMAP account.

    At the first start an archive or a folder is read from `backlog_days` ago.
    """

    name: str
    kind: Literal["maildir", "archive", "imap"]
    path: Path | None = None
    account: Account | None = None
    folder: str = "INBOX"
    backlog_days: float = 7


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Where answers go: by SMTP through an account, or into a maildir."""

    kind: Literal["smtp", "maildir"]
    path: Path | None = None
    account: Account | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """Whose word counts in commands, and what proves that a mail is theirs.

    `dkim`: a valid signature of the sender's domain. `authserv_id`: the Authentication-Results field of that server.
    With neither no command is obeyed. `maintainers` may command any series, others their own.
    """

    dkim: bool = False
    authserv_id: str | None = None
    maintainers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EmailBot:
    """The table `[bot.email]`. Times are in seconds; `dry_run` is the directory for what would be sent."""

    address: Person
    incoming: tuple[Incoming, ...]
    outgoing: Outgoing | None
    authority: Authority
    dry_run: Path
    tree: str | None = None
    base: str | None = None
    rules: tuple[Path, ...] = ()
    simulate: bool = True
    quiet: float = 1800
    settle: float = 60
    poll: float = 60
    keep_days: float = 30


def read_email(table: Table) -> EmailBot:
    """Read the table `[bot.email]`; UnusableInputError names the key that is wrong."""
    address = read_person(table.needed("address"))
    if "@" not in address.email:
        raise table.fail("address", f"is no mail address: {address.email or address.name!r}")
    outgoing = _outgoing(table.table("outgoing")) if "outgoing" in table else None
    found = EmailBot(
        address=address,
        incoming=tuple(_incoming(name, one) for name, one in table.tables("incoming").items()),
        outgoing=outgoing,
        authority=_authority(table.table("authority")),
        dry_run=table.path("dry_run") or table.file.parent / "reviewbot-dry-run",
        tree=table.text("tree"),
        base=table.text("base"),
        rules=tuple(table.file.parent / Path(one).expanduser() for one in table.words("rules")),
        simulate=table.flag("simulate", True),
        quiet=60 * table.number("quiet_minutes", 30),
        settle=60 * table.number("settle_minutes", 1),
        poll=table.number("poll_seconds", 60, least=0.05, most=86400),
        keep_days=table.number("keep_days", 30, least=1),
    )
    table.table("outgoing")
    table.finish()
    if not found.incoming:
        raise table.fail("incoming", "is missing: where do mails come from?")
    if found.base is not None and found.tree is None:
        raise table.fail("base", "needs a tree")
    return found


def _authority(table: Table) -> Authority:
    found = Authority(
        dkim=table.flag("dkim", False),
        authserv_id=table.text("authserv_id"),
        maintainers=frozenset(read_person(one).email.lower() for one in table.words("maintainers")),
    )
    table.finish()
    return found


def _incoming(name: str, table: Table) -> Incoming:
    kind = table.choice("kind", ("maildir", "archive", "imap"), "")
    found = Incoming(
        name=name,
        kind=cast(Literal["maildir", "archive", "imap"], kind),
        path=_place(table) if kind != "imap" else None,
        account=_account(table, _PORTS["imap"]) if kind == "imap" else None,
        folder=(table.text("folder") or "INBOX") if kind == "imap" else "INBOX",
        backlog_days=table.number("backlog_days", 7) if kind != "maildir" else 7,
    )
    table.finish()
    return found


def _outgoing(table: Table) -> Outgoing:
    kind = table.choice("kind", ("smtp", "maildir"), "")
    if kind == "smtp":
        found = Outgoing("smtp", account=_account(table, _PORTS["smtp"]))
    else:
        found = Outgoing("maildir", path=_place(table))
    table.finish()
    return found


def _place(table: Table) -> Path:
    found = table.path("path")
    if found is None:
        raise table.fail("path", "is missing")
    return found


def _account(table: Table, ports: dict[str, int]) -> Account:
    security = cast(Security, table.choice("security", SECURITY, "tls"))
    found = Account(
        host=table.needed("host"),
        port=table.integer("port", ports[security], 1, 65535),
        security=security,
        user=table.text("user"),
        password_file=table.path("password_file"),
        password_env=table.text("password_env"),
        cafile=table.path("cafile"),
        timeout=table.number("timeout_seconds", 60, least=0.1, most=3600),
    )
    if found.user is not None and found.password_file is None and found.password_env is None:
        raise table.fail("user", "needs a password_file or password_env")
    if found.user is not None and security == "none" and found.host not in _LOOPBACK:
        raise table.fail("security", "is none: a password would be sent in the open")
    return found
