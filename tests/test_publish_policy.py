# SPDX-License-Identifier: GPL-2.0-or-later
"""Who gets what: a named case for each side of each guard of the policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model.mail import Person
from reviewbot.publish.policy import (
    RECIPIENTS,
    Decision,
    Facts,
    Limits,
    Mode,
    Policy,
    Rule,
    Sent,
    decide,
    without_shadowed,
)
from tests.reviews import FINDING, series_review

BOT = Person("reviewbot", "bot@example.org")
ADA = Person("Ada", "ada@example.org")
ROB = Person("Rob", "rob@example.org")
LIST = Person("", "list@example.org")
OTHER_LIST = Person("", "other@example.org")
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)

POLICY = Policy(lists={LIST.email: Rule(), OTHER_LIST.email: Rule()}, moderate=False)
FACTS = Facts(own=BOT, author=ADA, others=(LIST, ROB), posted=NOW - timedelta(hours=1), now=NOW)


def policy(**parts: object) -> Policy:
    return replace(POLICY, **parts)  # type: ignore[arg-type]


def facts(**parts: object) -> Facts:
    return replace(FACTS, **parts)  # type: ignore[arg-type]


def lists(**rule: object) -> dict[str, Rule]:
    """Rules of both lists, the second as told."""
    return {LIST.email: Rule(), OTHER_LIST.email: Rule(**rule)}  # type: ignore[arg-type]


def author(**rule: object) -> dict[str, Rule]:
    return {ADA.email: Rule(**rule)}  # type: ignore[arg-type]


BOTH = (LIST, OTHER_LIST, ROB)
SMALL = Limits(author=2, listed=3, day=4)

TABLE = {
    "a mail to an allowed list is answered": (POLICY, FACTS, "send"),
    "a list in capitals is the same list": (POLICY, facts(others=(Person("", "LIST@Example.org"),)), "send"),
    "a mail to no allowed list is not": (POLICY, facts(others=(ROB,)), "drop"),
    "an empty configuration answers nobody": (Policy(), FACTS, "drop"),
    "the default holds for approval": (Policy(lists=POLICY.lists), FACTS, "hold"),
    "a moderated list holds": (policy(lists=lists(moderate=True)), facts(others=BOTH), "hold"),
    "a moderated list holds only its own mails": (policy(lists=lists(moderate=True)), FACTS, "send"),
    "a moderated author is held": (policy(authors=author(moderate=True)), FACTS, "hold"),
    "a muted policy answers nobody": (policy(mode="mute"), FACTS, "drop"),
    "a muted list wins over a public one": (policy(lists=lists(mode="mute")), facts(others=BOTH), "drop"),
    "a muted list mutes only its own mails": (policy(lists=lists(mode="mute")), FACTS, "send"),
    "a muted author gets nothing": (policy(authors=author(mode="mute")), FACTS, "drop"),
    "another author does": (policy(authors=author(mode="mute")), facts(author=ROB, others=(LIST,)), "send"),
    "mute wins over private": (policy(mode="private", authors=author(mode="mute")), FACTS, "drop"),
    "private still sends": (policy(mode="private"), FACTS, "send"),
    "a muted Reply-To counts as the author": (
        policy(authors=author(mode="mute")),
        facts(author=ROB, reply_to=ADA),
        "drop",
    ),
    "people go first": (policy(embargo_hours=2), FACTS, "wait"),
    "the embargo ends to the minute": (policy(embargo_hours=1), FACTS, "send"),
    "the longest embargo counts": (policy(embargo_hours=1, lists=lists(embargo_hours=3)), facts(others=BOTH), "wait"),
    "an author's embargo counts": (policy(authors=author(embargo_hours=3)), FACTS, "wait"),
    "who asked need not wait": (policy(embargo_hours=2), facts(asked=True), "send"),
    "who asked is moderated all the same": (policy(moderate=True), facts(asked=True), "hold"),
    "who opted out gets nothing": (POLICY, facts(opted_out=frozenset({ADA.email})), "drop"),
    "opting out knows no capitals": (
        POLICY,
        facts(author=Person("", "ADA@example.org"), opted_out={ADA.email}),
        "drop",
    ),
    "somebody else's opting out changes nothing": (POLICY, facts(opted_out=frozenset({"x@example.org"})), "send"),
    "a Reply-To that opted out gets nothing": (POLICY, facts(reply_to=ROB, opted_out=frozenset({ROB.email})), "drop"),
    "a stopped series gets nothing": (POLICY, facts(stopped=True), "drop"),
    "a stopped series gets nothing when asked": (POLICY, facts(stopped=True, asked=True), "drop"),
    "a program is not answered": (POLICY, facts(automatic=True), "drop"),
    "bulk mail is not answered": (POLICY, facts(bulk=True), "drop"),
    "own mail is not answered": (POLICY, facts(own_mail=True), "drop"),
    "own mail is known by its sender": (POLICY, facts(author=Person("x", "Bot@example.org")), "drop"),
    "the last mail under the author's cap is sent": (policy(limits=SMALL), facts(sent=Sent(author=1)), "send"),
    "the author's cap holds": (policy(limits=SMALL), facts(sent=Sent(author=2)), "hold"),
    "the last mail under a list's cap is sent": (policy(limits=SMALL), facts(sent=Sent(lists={LIST.email: 2})), "send"),
    "a list's cap holds": (policy(limits=SMALL), facts(sent=Sent(lists={LIST.email: 3})), "hold"),
    "another list's cap does not": (policy(limits=SMALL), facts(sent=Sent(lists={OTHER_LIST.email: 3})), "send"),
    "the last mail under the day's cap is sent": (policy(limits=SMALL), facts(sent=Sent(day=3)), "send"),
    "the day's cap holds": (policy(limits=SMALL), facts(sent=Sent(day=4)), "hold"),
    "an author whom nobody may write to": (policy(never=frozenset({ADA.email})), FACTS, "drop"),
    "an author without an address": (POLICY, facts(author=Person("Ada", "")), "drop"),
}


@pytest.mark.parametrize(("rules", "known", "action"), TABLE.values(), ids=TABLE.keys())
def test_who_gets_what(rules: Policy, known: Facts, action: str) -> None:
    assert decide(rules, known).action == action


def addresses(decision: Decision) -> tuple[list[str], list[str]]:
    return [p.email for p in decision.to], [p.email for p in decision.cc]


ONLY_ADA, THE_LIST, EVERYBODY = [ADA.email], [LIST.email], [LIST.email, ROB.email]
PRIVATE_LIST = policy(lists=lists(mode="private"))

SENT_TO = {
    "the author, and in Cc who had it": (POLICY, FACTS, ONLY_ADA, EVERYBODY),
    "where answers are wanted, the author in Cc": (
        POLICY,
        facts(reply_to=ROB, others=(LIST,)),
        ["rob@example.org"],
        ["ada@example.org", "list@example.org"],
    ),
    "a Reply-To without an address is none": (
        POLICY,
        facts(reply_to=Person("x", ""), others=(LIST,)),
        ONLY_ADA,
        THE_LIST,
    ),
    "the author alone in private": (policy(mode="private"), FACTS, ONLY_ADA, []),
    "the author alone where one list is private": (PRIVATE_LIST, facts(others=BOTH), ONLY_ADA, []),
    "everybody where the private list had no copy": (PRIVATE_LIST, FACTS, ONLY_ADA, EVERYBODY),
    "the lists alone": (policy(cc="lists"), FACTS, ONLY_ADA, THE_LIST),
    "no Cc at all": (policy(cc="none"), FACTS, ONLY_ADA, []),
    "never the bot": (POLICY, facts(others=(LIST, Person("", "BOT@example.org"))), ONLY_ADA, THE_LIST),
    "nobody twice": (POLICY, facts(others=(LIST, ADA, LIST, Person("", "List@example.org"))), ONLY_ADA, THE_LIST),
    "not who opted out": (POLICY, facts(opted_out=frozenset({ROB.email})), ONLY_ADA, THE_LIST),
    "not whom nobody may write to": (policy(never=frozenset({ROB.email})), FACTS, ONLY_ADA, THE_LIST),
}


@pytest.mark.parametrize(("rules", "known", "to", "cc"), SENT_TO.values(), ids=SENT_TO.keys())
def test_whom_it_is_sent_to(rules: Policy, known: Facts, to: list[str], cc: list[str]) -> None:
    assert addresses(decide(rules, known)) == (to, cc)


@pytest.mark.parametrize(("people", "sent"), [(RECIPIENTS - 2, RECIPIENTS), (RECIPIENTS + 30, RECIPIENTS)])
def test_recipients_are_capped(people: int, sent: int) -> None:
    others = (LIST, *(Person("", f"p{n}@example.org") for n in range(people)))
    decision = decide(POLICY, facts(others=others))
    assert len(decision.to) + len(decision.cc) == sent


def test_waiting_says_until_when() -> None:
    assert decide(policy(embargo_hours=2), FACTS).until == FACTS.posted + timedelta(hours=2)


def test_findings_of_shadowed_rules_are_not_posted() -> None:
    review = series_review(FINDING, replace(FINDING, rule="use-after-free", fingerprint="x"))
    assert [f.rule for f in without_shadowed(review, frozenset({FINDING.rule})).findings] == ["use-after-free"]
    assert without_shadowed(review, frozenset()) == review


MODE = st.sampled_from(["public", "private", "mute"])


@given(MODE, MODE, MODE, st.lists(st.sampled_from([LIST, OTHER_LIST, ROB, ADA, BOT]), max_size=6))
def test_the_strictest_rule_wins_and_nobody_gets_it_who_must_not(
    whole: Mode, second: Mode, own: Mode, others: list[Person]
) -> None:
    rules = policy(mode=whole, lists=lists(mode=second), authors=author(mode=own))
    decision = decide(rules, facts(others=tuple(others)))
    modes = {whole, own, *([second] if OTHER_LIST in others else [])}
    everybody = [*decision.to, *decision.cc]
    assert (decision.action == "drop") == ("mute" in modes or not {LIST, OTHER_LIST} & set(others))
    assert BOT not in everybody and len(set(everybody)) == len(everybody)
    assert "private" not in modes or decision.cc == ()
