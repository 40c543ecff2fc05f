# SPDX-License-Identifier: GPL-2.0-or-later
"""From a series that is ready to mails in the outbox: policy, review, policy for each mail, outbox."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries, Message, Person
from reviewbot.publish.mail.letters import Draft, address, drafts, facts, help_draft
from reviewbot.publish.mail.outgoing import Way, letter_id
from reviewbot.publish.mail.said import Said, Sayings
from reviewbot.publish.mail.spool import Spool
from reviewbot.publish.outbox import Outbox
from reviewbot.publish.policy import Decision, Facts, Policy, decide, lists_of, without_shadowed
from reviewbot.render.email import Sender

Reviewer = Callable[[MailSeries, str | None], SeriesReview]
"""Reviews a series, on a base that was asked for."""

log = logging.getLogger("reviewbot.bot")


@dataclass(frozen=True, slots=True)
class Task:
    """A series to answer: `messages` are its mails by their ids, `open` those ids that are not answered yet."""

    mail: MailSeries
    messages: dict[str, Message]
    open: frozenset[str]
    posted: datetime
    turn: int
    base: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a task: `done`, or try again at `until` (None: when it suits), and why."""

    done: bool
    reason: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answerer:
    """What answering needs. `step` is told the name of each step before it is taken."""

    spool: Spool
    sayings: Sayings
    outbox: Outbox
    way: Way
    policy: Policy
    own: Person
    review: Reviewer
    shadowed: Callable[[], frozenset[str]]
    told: Callable[[Said], None]
    clock: Callable[[], datetime]
    step: Callable[[str], None]

    def answer(self, task: Task) -> Result:
        """Review a series and post what there is to say, each mail as policy allows."""
        head = task.messages[min(task.open)] if task.mail.id not in task.messages else task.messages[task.mail.id]
        early = self._decide(head, task.posted, task.turn, frozenset(task.mail.messages))
        if early.action in ("drop", "wait"):
            return Result(early.action == "drop", early.reason, early.until)
        self.step("review")
        review = without_shadowed(self.review(task.mail, task.base), self.shadowed())
        found, declined = drafts(review, Sender(self.own, self.clock(), commands=True))
        for reason in declined:
            log.info("series %r: a template declined %s", task.mail.subject, reason)
        outcomes = [self._post(one, task) for one in found if one.answers in task.open]
        return Result(True, ", ".join(outcomes) or "nothing to say")

    def help(self, message: Message, now: datetime) -> str:
        """Answer a mail that asks for help, to its writer alone; return what came of it."""
        draft = help_draft(message, Sender(self.own, self.clock(), commands=True))
        decision = self._decide(message, now, 1, frozenset(), replace(self.policy, mode="private"))
        return self._deliver(draft, decision, message, "", 0) if decision.to else decision.reason

    def _decide(
        self,
        message: Message,
        posted: datetime,
        turn: int,
        ids: frozenset[str],
        policy: Policy | None = None,
    ) -> Decision:
        return decide(policy or self.policy, self._facts(message, posted, turn, ids))

    def _facts(self, message: Message, posted: datetime, turn: int, ids: frozenset[str]) -> Facts:
        now = self.clock()
        return facts(
            message,
            own=self.own,
            posted=posted,
            now=now,
            opted_out=self.spool.muted("address"),
            stopped=bool(self.spool.muted("message") & ids),
            asked=turn > 0,
            sent=self.sayings.sent(message.author.email.lower(), now),
        )

    def _post(self, draft: Draft, task: Task) -> str:
        message = task.messages[draft.answers]
        decision = self._decide(message, task.posted, task.turn, frozenset(task.mail.messages))
        if not decision.to:
            log.info("%s of %r: dropped, %s", draft.about, task.mail.subject, decision.reason)
            return "dropped"
        return self._deliver(draft, decision, message, task.mail.id or draft.answers, task.turn)

    def _deliver(self, draft: Draft, decision: Decision, message: Message, series: str, turn: int) -> str:
        """Put a mail through the outbox; return what came of it."""
        letter = address(draft, decision, self.way.channel, turn)
        name = letter_id(letter)
        if self.sayings.repeats(name, letter.key):
            log.info("<%s>: dropped, the same was said before", name)
            return "dropped"
        lists = lists_of(self.policy, decision.cc)
        author = message.author.email.lower()
        said = Said(letter.key, name, draft.answers, series, author, lists, draft.findings)
        self.step("note")
        self.sayings.note(said, self.clock())
        self.step("post")
        hold = decision.reason if decision.action == "hold" and self.way.sends else None
        outcome = self.outbox.post(letter, self.way.send, look=self.way.look, hold=hold)
        self.step("conclude")
        self.conclude(letter.key, outcome)
        shown = outcome if self.way.sends else f"dry run, {outcome}"
        log.info("<%s> to %s about %s: %s (%s)", name, letter.recipient, draft.about, shown, decision.reason)
        return outcome

    def conclude(self, letter: str, outcome: str) -> None:
        """Note what became of a letter, by its key, and what it said once it has left."""
        said = self.sayings.letter(letter)
        if said is not None and outcome in ("sent", "already-sent") and self.way.sends:
            self.told(said)
        self.sayings.conclude(letter, outcome)
