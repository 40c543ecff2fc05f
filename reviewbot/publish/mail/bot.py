# SPDX-License-Identifier: GPL-2.0-or-later
"""One round of the mail bot: take mails in, see what each is, answer the series that are ready, settle the outbox.

Whatever happens between two lines of this file, the next round goes on from what the store says: a mail is taken in
with the position after it, a try is counted before it is made, and every mail leaves through the outbox.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewbot.mail.message import BrokenMailError
from reviewbot.mail.threads import Group
from reviewbot.model.mail import Message
from reviewbot.publish.mail.answering import Answerer, Task
from reviewbot.publish.mail.commands import read_command
from reviewbot.publish.mail.desk import Desk
from reviewbot.publish.mail.incoming import Source, SourceLostError
from reviewbot.publish.mail.letters import is_own
from reviewbot.publish.mail.orders import Orders
from reviewbot.publish.mail.spool import Mail, Spool
from reviewbot.publish.mail.waiting import Candidate
from reviewbot.publish.outbox import Outbox, OutboxRow

TRIES = 3
"""A mail or series that ended in an error, or ended the program, this often is given up."""

RETRY, LONGEST = timedelta(minutes=1), timedelta(hours=4)
"""The first and the longest pause before a mail is tried or sent again."""

RECONNECT, UNREACHABLE = timedelta(seconds=2), timedelta(minutes=15)
"""The first and the longest pause before a source that was lost is read again."""

SENDINGS = 30
"""How often a mail that is refused is sent again, with longer and longer pauses: some four days."""

log = logging.getLogger("reviewbot.bot")


def pause(failures: int, first: timedelta = RETRY, longest: timedelta = LONGEST) -> timedelta:
    """Return how long to wait after some failures in a row: `first`, doubled each time up to `longest`."""
    return min(first * (1 << min(failures, 20)), longest)


@dataclass(slots=True)
class _Trouble:
    """A source that cannot be read: how often in a row, and when it is tried again."""

    failures: int
    again: datetime


class Bot:
    """The mail bot's work. `clock` and `step` are passed in: tests turn the one and stop at the other."""

    def __init__(self, spool: Spool, desk: Desk, sources: Sequence[Source], orders: Orders, answerer: Answerer) -> None:
        """Take the parts; `answerer` brings the clock and the outbox."""
        self.sources = tuple(sources)
        self._spool = spool
        self._desk = desk
        self._orders = orders
        self._answerer = answerer
        self._outbox: Outbox = answerer.outbox
        self._clock: Callable[[], datetime] = answerer.clock
        self._step: Callable[[str], None] = answerer.step
        self._trouble: dict[str, _Trouble] = {}
        self._due_at: list[datetime] = []
        self.stopping = False

    def due(self, most: float) -> float:
        """Return in how many seconds there is something to do that no new mail tells of, `most` at the most."""
        now = self._clock()
        times = [*self._due_at, *(one.again for one in self._trouble.values())]
        return min([most, *(max(0.0, (time - now).total_seconds()) for time in times)])

    def round(self, keep: timedelta) -> bool:
        """Do one round; False where a source could not be read. Mails older than `keep` that wait for nothing go."""
        read = [self._take_in(source) for source in self.sources if not self.stopping]
        self._see_all()
        self._answer_all()
        self._settle_outbox()
        self._spool.forget(self._clock() - keep)
        return all(read)

    def _take_in(self, source: Source) -> bool:
        """Take in what came to a source; False where it could not be read (now, or not long ago)."""
        trouble = self._trouble.get(source.name)
        if trouble is not None and self._clock() < trouble.again:
            return False
        count = 0
        try:
            known = self._spool.seen(source.name)
            for arrival in source.fetch(self._spool.position(source.name), known.__contains__):
                self._step("take in")
                count += self._spool.take_in(source.name, arrival, self._clock())
                if self.stopping:
                    break
        except SourceLostError as error:
            failures = trouble.failures + 1 if trouble is not None else 1
            again = self._clock() + pause(failures - 1, RECONNECT, UNREACHABLE)
            self._trouble[source.name] = _Trouble(failures, again)
            log.warning("%s: cannot be read, tried again after %s: %s", source.name, f"{again:%H:%M:%S}", error)
            return False
        finally:
            if count:
                log.info("%s: %d new mails", source.name, count)
        if self._trouble.pop(source.name, None) is not None:
            log.info("%s: can be read again", source.name)
        return True

    def _see_all(self) -> None:
        """Find out what each new mail is."""
        now = self._clock()
        for mail in self._spool.mails("new"):
            if self.stopping:
                return
            if mail.not_before is None or mail.not_before <= now:
                self._try((mail,), f"mail {mail.key}", lambda mail=mail: self._see(mail))  # type: ignore[misc]

    def _try(self, mails: Sequence[Mail], name: str, work: Callable[[], None]) -> None:
        """Work on mails; whatever ends in an error is tried TRIES times at the most, and then parked."""
        keys = [mail.key for mail in mails]
        tries = max(mail.tries for mail in mails)
        if tries >= TRIES:
            reason = next((mail.reason for mail in mails if mail.reason), "it ended the program each time")
            self._spool.park(keys, reason)
            log.error("%s: parked after %d tries: %s", name, tries, reason)
            return
        self._step("begin")
        self._spool.begin(keys)
        try:
            work()
        except ConnectionError as error:
            self._spool.postpone(keys, self._clock() + RETRY, str(error))
            log.warning("%s: put off: %s", name, error)
        except Exception as error:  # a mail can be anything, and one that breaks a rule must not stop the others
            reason = f"{type(error).__name__}: {error}"
            self._spool.postpone(keys, self._clock() + pause(tries), reason, counts=True)
            log.exception("%s: try %d of %d ended in an error", name, tries + 1, TRIES)

    def _see(self, mail: Mail) -> None:
        """Find out what one mail is: somebody's patch, a command, something to read along, or nothing."""
        self._step("see")
        try:
            message, entry = self._desk.message(mail.key), self._desk.entry(mail)
        except BrokenMailError as error:
            self._spool.settle([mail.key], "unread", str(error))
            return
        if is_own(message):
            self._spool.settle([mail.key], "kept", "the bot's own mail")
        elif entry.is_patch or entry.is_cover:
            self._desk.alone(entry)
            self._spool.settle([mail.key], "waiting")
        else:
            # what is attached may be an old mail, or say anything about its sender
            done = "" if message.is_bot or mail.attached else self._command(mail, message)
            self._step("settle command")
            self._spool.settle([mail.key], "kept", done)

    def _command(self, mail: Mail, message: Message) -> str:
        """Do what a reply commands; return what was done, "" where it commands nothing."""
        command = read_command(message.body) if message.references and message.message_id else None
        if command is None:
            return ""
        _, groups = self._desk.series()
        self._step("obey")
        done = self._orders.obey(command, (message, self._spool.data(mail.key)), groups, self._clock())
        if done == "help":
            done = f"help: {self._answerer.help(message, self._clock())}"
        log.info("%s from %s: %s", command.action, message.author.email, done)
        return done

    def _answer_all(self) -> None:
        """Answer each series that is ready."""
        waiting, groups = self._desk.series()
        now = self._clock()
        self._due_at = []
        for candidate in waiting:
            if self.stopping:
                return
            mails = self._spool.chosen(candidate.pending)
            ready = max([candidate.ready, *(one.not_before for one in mails if one.not_before is not None)])
            if ready > now:
                self._due_at.append(ready)
            else:
                name = f"series {candidate.group.first.subject.title!r}"
                self._try(mails, name, lambda c=candidate, m=mails: self._answer(c, m, groups))  # type: ignore[misc]

    def _answer(self, candidate: Candidate, mails: Sequence[Mail], groups: Sequence[Group]) -> None:
        keys = [mail.key for mail in mails]
        turn = max(mail.turn for mail in mails)
        series, replaced = self._desk.build(candidate.group, groups)
        if replaced and not turn:
            self._spool.settle(keys, "done", "a newer version is here")
            return
        if series is None or any(entry.message_id is None for entry in candidate.group.members):
            self._spool.settle(keys, "done", "it cannot be answered: a mail has no message-id, or no patch")
            return
        messages = {entry.message_id or "": self._desk.message(entry.key) for entry in candidate.group.members}
        pending = frozenset(e.message_id or "" for e in candidate.group.members if e.key in keys)
        base = next((mail.base for mail in mails if mail.base), None)
        result = self._answerer.answer(Task(series, messages, pending, candidate.posted, turn, base))
        log.info("series %r: %s", series.subject, result.reason)
        self._step("settle series")
        if result.done:
            self._spool.settle(keys, "done", result.reason)
        else:
            self._spool.postpone(keys, result.until or self._clock() + RETRY, result.reason)

    def _settle_outbox(self) -> None:
        """Send what a person approved and what failed, and look for what is in doubt."""
        way = self._answerer.way
        for row in self._outbox.pending():
            if self.stopping:
                return
            if row.channel != way.channel or not self._due(row):
                continue
            self._step("resume")
            outcome = self._outbox.post(self._outbox.letter(row.key), way.send, look=way.look)
            self._answerer.conclude(row.key, outcome)
            if (outcome, row.state) != ("in-doubt", "in-doubt"):
                log.info("letter %s to %s: %s, was %s", row.key[:12], row.recipient, outcome, row.state)

    def _due(self, row: OutboxRow) -> bool:
        """Tell whether it is time to go on with a letter."""
        if row.state == "held":
            return False
        if row.state != "failed":
            return True
        return row.tries < SENDINGS and self._clock() >= row.changed + pause(row.tries - 1)
