# SPDX-License-Identifier: GPL-2.0-or-later
"""Who gets what: one pure function over the configuration and the facts of one mail that is to be answered.

The default answers nobody: only a list that `[policy.lists]` names is answered, and only once a person has approved.
Of several rules that apply (the whole policy's, each list's, the author's) the strictest wins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import Person
from reviewbot.review.memory.standing import Threshold

Mode = Literal["public", "private", "mute"]
Cc = Literal["all", "lists", "none"]
Action = Literal["send", "hold", "wait", "drop"]
MODES: tuple[Mode, ...] = ("public", "private", "mute")
"""From the mildest to the strictest: everybody who had the patch, only its author, nobody."""
CC: tuple[Cc, ...] = ("all", "lists", "none")

RECIPIENTS = 50
"""The most addresses that one mail goes to (syzbot's figure)."""

_USABLE = re.compile(r"[!#-'*+\-/-9=?A-Z^-~]{1,64}(?:\.[!#-'*+\-/-9=?A-Z^-~]{1,64})*@[A-Za-z0-9.-]{1,253}")
"""An address that needs no quotes (RFC 5322, 3.2.3, dot-atoms): archives hide others, and no list has any."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for one list or one author."""

    mode: Mode = "public"
    moderate: bool = False
    embargo_hours: float = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """Mails in 24 hours: to one author, to one list, altogether."""

    author: int = 20
    listed: int = 50
    day: int = 100


@dataclass(frozen=True, slots=True)
class Policy:
    """The table `[policy]`. Keys of `lists` (those that may be answered), `authors` and `never` are in lower case.

    `cc` says who besides the author gets a public answer: everybody who had the patch, the lists alone, or nobody.
    `never` are addresses that are written to under no circumstances. `shadow` says which rules are not posted (yet).
    """

    mode: Mode = "public"
    lists: Mapping[str, Rule] = field(default_factory=dict)
    authors: Mapping[str, Rule] = field(default_factory=dict)
    moderate: bool = True
    embargo_hours: float = 0
    limits: Limits = field(default_factory=Limits)
    cc: Cc = "all"
    never: frozenset[str] = frozenset()
    shadow: Threshold = field(default_factory=Threshold)


@dataclass(frozen=True, slots=True)
class Sent:
    """How many mails left, or wait for approval, within the last 24 hours."""

    author: int = 0
    lists: Mapping[str, int] = field(default_factory=dict)
    day: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a mail that is to be answered.

    `author` is who wrote it, `reply_to` where answers are wanted, `others` everybody in To and Cc. `automatic`: a
    program wrote it; `bulk`: mass mail that no list server marked; `own_mail`: the bot's. `opted_out` are the
    addresses, in lower case, that want no mails; `stopped`: the series was stopped by a command; `asked`: a command
    asked for this answer, so that people have had their time.
    """

    own: Person
    author: Person
    others: tuple[Person, ...]
    posted: datetime
    now: datetime
    reply_to: Person | None = None
    automatic: bool = False
    bulk: bool = False
    own_mail: bool = False
    opted_out: Set[str] = frozenset()
    stopped: bool = False
    asked: bool = False
    sent: Sent = field(default_factory=Sent)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an answer, and why.

    `send` it, `hold` it for a person's approval, `wait` until `until`, or `drop` it. `to` and `cc` are set for the
    first two alone.
    """

    action: Action
    reason: str
    to: tuple[Person, ...] = ()
    cc: tuple[Person, ...] = ()
    until: datetime | None = None


def decide(policy: Policy, facts: Facts) -> Decision:
    """Decide what becomes of the answer to one mail."""
    refusal = _refused(facts) or _muted(policy, facts)
    if refusal:
        return Decision("drop", refusal)
    rules = _rules(policy, facts)
    until = facts.posted + timedelta(hours=max(rule.embargo_hours for rule in rules))
    if facts.now < until and not facts.asked:
        return Decision("wait", "people go first", until=until)
    to, cc = recipients(policy, facts)
    if not to:
        return Decision("drop", "nobody is left to write to")
    full = _full(policy, facts)
    if full:
        return Decision("hold", full, to, cc)
    if any(rule.moderate for rule in rules):
        return Decision("hold", "moderation comes first", to, cc)
    return Decision("send", "allowed", to, cc)


def _refused(facts: Facts) -> str:
    """Say why a mail gets no answer whatever the policy is, "" where nothing speaks against one."""
    if facts.own_mail or _same(facts.author, facts.own):
        return "it is the bot's own mail"
    if facts.automatic:
        return "a program wrote it"
    if facts.bulk:
        return "it is bulk mail"
    if facts.stopped:
        return "the series was stopped by a reply"
    if facts.opted_out & {facts.author.email.lower(), _target(facts).email.lower()}:
        return "the author wants no mails"
    return ""


def _muted(policy: Policy, facts: Facts) -> str:
    """Say which rule mutes the answer, "" where none does."""
    lists = lists_of(policy, facts.others)
    if not lists:
        return "no list that may be answered had it"
    if _strictest(rule.mode for rule in _rules(policy, facts)) == "mute":
        return "muted by policy"
    return ""


def _rules(policy: Policy, facts: Facts) -> list[Rule]:
    """Return every rule that applies: the whole policy's, those of the lists, those of the author."""
    whole = Rule(policy.mode, policy.moderate, policy.embargo_hours)
    people = {facts.author.email.lower(), _target(facts).email.lower()}
    authors = [policy.authors[one] for one in sorted(people) if one in policy.authors]
    return [whole, *(policy.lists[one] for one in lists_of(policy, facts.others)), *authors]


def _strictest(modes: Iterable[Mode]) -> Mode:
    return max(modes, key=MODES.index)


def lists_of(policy: Policy, others: Iterable[Person]) -> tuple[str, ...]:
    """Return the known lists among the recipients of a mail, in lower case, each once, in order."""
    return tuple(dict.fromkeys(p.email.lower() for p in others if p.email.lower() in policy.lists))


def recipients(policy: Policy, facts: Facts) -> tuple[tuple[Person, ...], tuple[Person, ...]]:
    """Return To and Cc of an answer: each usable address once, never the bot's own, RECIPIENTS at the most.

    To is where the author wants answers, Cc who had the mail too, as far as the policy goes.
    """
    barred = {facts.own.email.lower(), "", *policy.never, *(one.lower() for one in facts.opted_out)}
    target = _target(facts)
    to = (target,) if target.email.lower() not in barred and _USABLE.fullmatch(target.email) else ()
    barred.add(target.email.lower())
    cc: list[Person] = []
    for person in _others(policy, facts):
        if person.email.lower() not in barred and _USABLE.fullmatch(person.email):
            barred.add(person.email.lower())
            cc.append(person)
    return to, tuple(cc[: RECIPIENTS - len(to)])


def _others(policy: Policy, facts: Facts) -> tuple[Person, ...]:
    """Return who may be in Cc, before own, repeated and barred addresses are taken out."""
    if _strictest(rule.mode for rule in _rules(policy, facts)) != "public" or policy.cc == "none":
        return ()
    if policy.cc == "lists":
        return tuple(one for one in facts.others if one.email.lower() in policy.lists)
    return (facts.author, *facts.others)


def _full(policy: Policy, facts: Facts) -> str:
    """Say which cap is reached, "" where none is."""
    limits, sent = policy.limits, facts.sent
    if sent.day >= limits.day:
        return f"{sent.day} mails in 24 hours"
    if sent.author >= limits.author:
        return f"{sent.author} mails to the author in 24 hours"
    for name in lists_of(policy, facts.others):
        if sent.lists.get(name, 0) >= limits.listed:
            return f"{sent.lists[name]} mails to {name} in 24 hours"
    return ""


def _target(facts: Facts) -> Person:
    """Return where the author wants answers."""
    wanted = facts.reply_to
    return wanted if wanted is not None and "@" in wanted.email else facts.author


def _same(one: Person, other: Person) -> bool:
    return one.email.lower() == other.email.lower()


def without_shadowed(review: SeriesReview, shadowed: Set[str]) -> SeriesReview:
    """Return a review without the findings of rules that run but are not posted (yet)."""
    return replace(review, findings=tuple(one for one in review.findings if one.rule not in shadowed))
