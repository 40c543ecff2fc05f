# SPDX-License-Identifier: GPL-2.0-or-later
"""The bot's rounds: once for cron, or for ever, woken by time or by a webhook."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import requests
from github import GithubException

from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.github.access import PauseError, refused_for_rate
from reviewbot.publish.github.bot import Bot
from reviewbot.publish.github.webhook import Call, Receiver

LOG = logging.getLogger("reviewbot.github")
SWEEP = 600
"""With a webhook every pull request is looked at every so many seconds all the same: deliveries get lost."""
LONGEST_WAIT = 3600


def once(bot: Bot) -> tuple[bool, float]:
    """Do one round; return whether all went well, and for how long GitHub wants a pause (0: for none)."""
    try:
        bot.outlet.flush()
        return bot.sweep() == 0, 0
    except PauseError as error:
        LOG.warning("%s: %s", bot.forge.name, error)
        return False, error.seconds
    except GithubException as error:
        LOG.error("%s: %s %s", bot.forge.name, error.status, " ".join(str(error.data).split())[:300])
        return False, refused_for_rate(error) or 0
    except (requests.RequestException, UnusableInputError) as error:
        LOG.error("%s: %s: %s", bot.forge.name, type(error).__name__, " ".join(str(error).split())[:300])
        return False, 0


def watch(bot: Bot, woken: queue.Queue[Call | None], every: float) -> None:
    """Do rounds until None comes out of `woken`; what a call that comes is about is looked at right away.

    After a round that failed the wait doubles, up to an hour.
    """
    failures = 0
    while True:
        well, pause = once(bot)
        failures = 0 if well else failures + 1
        wait = max(pause, min(LONGEST_WAIT, every * 2 ** min(failures, 10)) if failures else every)
        try:
            call = woken.get(timeout=wait)
        except queue.Empty:
            continue
        if call is None:
            return
        # the round that follows looks at it again
        bot.seen.pop(call.number, None)
        if call.head:
            bot.asked[call.head] = call.run


@contextmanager
def listening(bot: Bot, address: tuple[str, int], secret: bytes, woken: queue.Queue[Call | None]) -> Iterator[Receiver]:
    """Run the webhook's server while the context lasts; what it is told of goes into `woken`."""
    try:
        receiver = Receiver(address, secret, bot.forge.name, bot.outlet.first_time, woken.put)
    except OSError as error:
        raise UnusableInputError(f"cannot listen on {address[0]}:{address[1]}: {error.strerror}") from error
    thread = threading.Thread(target=receiver.serve_forever, name="webhook", daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.shutdown()
        receiver.server_close()
