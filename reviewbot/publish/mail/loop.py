# SPDX-License-Identifier: GPL-2.0-or-later
"""Rounds without end: waiting between them (with IDLE where a server has it), a clean stop on SIGTERM."""

from __future__ import annotations

import logging
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from reviewbot.publish.mail.bot import Bot
from reviewbot.publish.mail.imap import Imap
from reviewbot.publish.mail.incoming import Source, SourceLostError
from reviewbot.review.memory.store import StoreError

FIRST_IDLE, IDLE = 1.0, 60.0
"""Seconds of one IDLE. What a server says in one breath with its consent is read from the socket with that, and comes
to light when the IDLE ends: so the first is short, as a mail may have come since the round, and none is long. (Servers
may log out whoever idles for 30 minutes, RFC 2177.)"""

log = logging.getLogger("reviewbot.bot")


class Alarm:
    """Wakes whoever waits: a socket that a signal makes readable."""

    def __init__(self) -> None:
        self._ring, self.bell = socket.socketpair()

    def ring(self) -> None:
        """Wake the one who waits, now or when he next waits."""
        self._ring.send(b"!")


@contextmanager
def stopped_by_signals(bot: Bot, alarm: Alarm) -> Iterator[None]:
    """Let SIGTERM and SIGINT stop a bot at the end of what it is doing."""

    def stop(number: int, _: FrameType | None) -> None:
        log.info("%s: stopping", signal.Signals(number).name)
        bot.stopping = True
        alarm.ring()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def wait(sources: Sequence[Source], seconds: float, alarm: Alarm) -> None:
    """Wait until a server tells of new mail, a signal comes, or the time is over."""
    end = time.monotonic() + seconds
    span = FIRST_IDLE
    try:
        while (left := end - time.monotonic()) > 0:
            if _idle(sources, min(span, left), alarm):
                return
            span = IDLE
    except SourceLostError as error:
        log.info("%s", error)  # the next round says what is to be done about it


def _idle(sources: Sequence[Source], seconds: float, alarm: Alarm) -> bool:
    """Let the servers that can tell of new mail, for a time; return True when one did, or a signal came."""
    watched: dict[socket.socket, Imap] = {}
    ended = [False]
    try:
        for source in sources:
            if isinstance(source, Imap) and (told := source.idle()) is not None:
                watched[told] = source
        ready = select.select([alarm.bell, *watched], [], [], seconds)[0]
    finally:
        ended += [one.stop_idle() for one in watched.values()]
    return alarm.bell in ready or any(ended)


def run(bot: Bot, round_: Callable[[], bool], poll: float) -> None:
    """Do rounds until a signal stops the bot. A store that cannot be used is waited for."""
    alarm = Alarm()
    with stopped_by_signals(bot, alarm):
        log.info("reading %s", ", ".join(source.name for source in bot.sources))
        while not bot.stopping:
            try:
                round_()
            except StoreError as error:
                log.error("%s", error)
            except Exception:  # whatever it is: the mails that come later are still to be answered
                log.exception("a round ended in an error")
            if not bot.stopping:
                wait(bot.sources, bot.due(poll), alarm)
    log.info("stopped")
