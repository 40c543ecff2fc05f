# SPDX-License-Identifier: GPL-2.0-or-later
"""When a series is ready: the clock is passed in, nothing is slept for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reviewbot.mail.entry import make_entry
from reviewbot.mail.message import parse_message
from reviewbot.publish.mail.waiting import Candidate, Patience, candidates
from tests.mailkit import REVIEWER, mail, patch

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PATIENCE = Patience(settle=timedelta(minutes=1), quiet=timedelta(minutes=30))
COVER = mail("[PATCH 0/2] all", "Why.\n", "c@x.org")
ONE = patch("[PATCH 1/2] one", "1@x.org", "c@x.org")
TWO = patch("[PATCH 2/2] two", "2@x.org", "c@x.org")
LONE = patch("[PATCH] lone", "l@x.org")
REPLY = mail("Re: [PATCH 1/2] one", "Hm.\n", "r@x.org", "1@x.org", REVIEWER)


def came(*mails: bytes, done: frozenset[int] = frozenset()) -> tuple[Candidate, ...]:
    """The series that wait when the mails have come, one a minute."""
    entries = [make_entry(key, parse_message(raw, str(key)), "test") for key, raw in enumerate(mails)]
    arrived = {key: START + timedelta(minutes=key) for key in range(len(mails))}
    return candidates(entries, arrived, frozenset(arrived) - done, PATIENCE)[0]


WAITS = {
    "a lone patch settles": ((LONE,), True, 1),
    "a complete series settles after its newest mail": ((COVER, ONE, TWO), True, 3),
    "the order does not matter": ((TWO, ONE, COVER), True, 3),
    "a series without its cover waits for it": ((ONE, TWO), False, 31),
    "a series that lacks a patch waits": ((COVER, ONE), False, 31),
    "each mail begins the wait anew": ((COVER, TWO), False, 31),
    "a reply does not": ((COVER, ONE, REPLY), False, 31),
    "patches without threads need no cover": ((patch("[PATCH 1/2] a", "a@x"), patch("[PATCH 2/2] b", "b@x")), True, 2),
}


@pytest.mark.parametrize(("mails", "complete", "minutes"), WAITS.values(), ids=WAITS.keys())
def test_a_series_is_waited_for(mails: tuple[bytes, ...], complete: bool, minutes: int) -> None:
    (candidate,) = came(*mails)
    assert (candidate.complete, candidate.ready) == (complete, START + timedelta(minutes=minutes))
    assert candidate.posted == START


def test_a_cover_alone_is_no_series() -> None:
    assert came(COVER) == ()


def test_what_is_answered_does_not_wait() -> None:
    assert came(COVER, ONE, TWO, done=frozenset({0, 1, 2})) == ()


def test_a_late_patch_waits_alone() -> None:
    (candidate,) = came(COVER, ONE, TWO, done=frozenset({0, 1}))
    assert candidate.pending == (2,)


def test_series_wait_by_themselves() -> None:
    assert [one.pending for one in came(COVER, LONE, ONE, TWO)] == [(0, 2, 3), (1,)]
