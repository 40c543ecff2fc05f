# SPDX-License-Identifier: GPL-2.0-or-later
"""Putting a mail bot together from its configuration, a store and a reviewer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.config import Config
from reviewbot.publish.mail.answering import Answerer, Reviewer
from reviewbot.publish.mail.authentic import Dns, lookup
from reviewbot.publish.mail.bot import Bot
from reviewbot.publish.mail.desk import Desk
from reviewbot.publish.mail.incoming import Archive, Maildir, Source
from reviewbot.publish.mail.orders import FalsePositive, Orders
from reviewbot.publish.mail.outgoing import Folder, Shelf, Smtp, Way, seen_in
from reviewbot.publish.mail.said import Said, Sayings
from reviewbot.publish.mail.settings import EmailBot, Incoming, Outgoing
from reviewbot.publish.mail.spool import Spool
from reviewbot.publish.mail.waiting import Patience
from reviewbot.publish.outbox import Letter, Outbox
from reviewbot.review.memory.store import Store

CHANNEL = "email"
DRY = "email-dry-run"


def utc_now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def no_step(_: str) -> None:
    """Go on."""


@dataclass(frozen=True, slots=True)
class Minds:
    """What the bot asks about a series and remembers: the reviewer, shadowed rules, what was said, what was false."""

    review: Reviewer
    shadowed: Callable[[], frozenset[str]]
    told: Callable[[Said], None]
    false_positive: FalsePositive


@dataclass(frozen=True, slots=True)
class World:
    """What a test may turn: the clock, the DNS, and who is told of each step before it is taken."""

    clock: Callable[[], datetime] = utc_now
    dns: Dns = lookup
    step: Callable[[str], None] = no_step


def usable(config: Config, send: bool) -> EmailBot:
    """Return the bot's settings.

    Raises UnusableInputError where the configuration has no mail bot, or `send` is asked for and there is no way out or
    no list that may be answered.
    """
    settings = config.email
    if settings is None:
        raise UnusableInputError(f"{config.file}: there is no [bot.email]")
    if send and not config.policy.lists:
        raise UnusableInputError(f"{config.file}: policy.lists is empty: no list may be answered, so nothing is sent")
    if send and settings.outgoing is None:
        raise UnusableInputError(f"{config.file}: bot.email.outgoing is missing: how is a mail sent?")
    return settings


def make_bot(config: Config, store: Store, minds: Minds, send: bool, world: World | None = None) -> Bot:
    """Make the bot of a configuration that is `usable`. Without `send` mails become files in a directory."""
    world = world or World()
    settings = usable(config, send)
    spool = Spool(store)
    sources = [source(one, world.clock) for one in settings.incoming]
    if send and settings.outgoing is not None:
        came_back = seen_in(lambda name: spool.has(name) or any(one.look(name) for one in sources))
        way = _stepping(_way_out(settings.outgoing, settings, came_back), world.step)
    else:
        way = _shelf(settings.dry_run)
    sayings = Sayings(store, way.channel)
    answerer = Answerer(
        spool=spool,
        sayings=sayings,
        outbox=Outbox(store),
        way=way,
        policy=config.policy,
        own=settings.address,
        review=minds.review,
        shadowed=minds.shadowed,
        told=minds.told,
        clock=world.clock,
        step=world.step,
    )
    patience = Patience(timedelta(seconds=settings.settle), timedelta(seconds=settings.quiet))
    orders = Orders(spool, sayings, settings.authority, minds.false_positive, world.dns)
    return Bot(spool, Desk(spool, patience), sources, orders, answerer)


def source(incoming: Incoming, clock: Callable[[], datetime]) -> Source:
    """Return the source that a table describes; imapclient is imported only where one needs it."""
    backlog = timedelta(days=incoming.backlog_days)
    if incoming.kind == "imap" and incoming.account is not None:
        from reviewbot.publish.mail.imap import Imap

        return Imap(incoming.name, incoming.account, incoming.folder, backlog, clock)
    place = incoming.path or Path()
    if incoming.kind == "archive":
        return Archive(incoming.name, place, backlog, clock)
    return Maildir(incoming.name, place)


def _way_out(out: Outgoing, settings: EmailBot, came_back: Callable[[Letter], str | None]) -> Way:
    """Return the way out that is configured; `came_back` looks for what is in doubt there."""
    if out.kind == "smtp" and out.account is not None:
        return Way(CHANNEL, Smtp(out.account, settings.address.email).send, came_back)
    folder = Folder(out.path or Path(), came_back)
    return Way(CHANNEL, folder.send, folder.look)


def _shelf(path: Path) -> Way:
    shelf = Shelf(path)
    return Way(DRY, shelf.send, shelf.look, sends=False)


def _stepping(way: Way, step: Callable[[str], None]) -> Way:
    """Tell of the steps before and after sending."""

    def send(letter: Letter) -> str:
        step("send")
        reference = way.send(letter)
        step("sent")
        return reference

    return Way(way.channel, send, way.look, way.sends)
