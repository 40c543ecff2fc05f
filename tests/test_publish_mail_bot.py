# SPDX-License-Identifier: GPL-2.0-or-later
"""The mail bot's rounds: what is answered, held, put off, given up, and never said twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reviewbot.model.finding import SeriesReview
from reviewbot.model.mail import MailSeries
from reviewbot.publish.mail.settings import Incoming, Outgoing
from reviewbot.publish.mail.spool import Spool
from reviewbot.publish.policy import Rule
from tests.dovecotkit import dovecot
from tests.mailbotkit import LIST, POLICY, TO_LIST, Home, Sink, finds_something, with_headers
from tests.mailkit import REVIEWER, fast_import, mail, patch

COVER = with_headers(mail("[PATCH 0/2] all", "Why.\n", "c@x.org"), *TO_LIST)
ONE = with_headers(patch("[PATCH 1/2] one", "1@x.org", "c@x.org"), *TO_LIST)
TWO = with_headers(patch("[PATCH 2/2] two", "2@x.org", "c@x.org"), *TO_LIST)
LONE = with_headers(patch("[PATCH] lone", "l@x.org"), *TO_LIST, f"Cc: {REVIEWER}")
ANSWERS = ["Re: [PATCH 0/2] all", "Re: [PATCH 1/2] one", "Re: [PATCH 2/2] two"]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    with Sink() as sink:
        yield Home(tmp_path, sink)


def test_a_series_is_answered_once(home: Home) -> None:
    home.deliver(COVER, ONE, TWO)
    home.round()
    home.round()
    assert sorted(home.sink.subjects) == ANSWERS
    assert home.sink.messages[1]["References"] == "<c@x.org> <1@x.org>"


def test_everybody_who_had_the_patch_gets_the_answer(home: Home) -> None:
    home.deliver(LONE)
    home.round()
    assert home.sink.mails[0][0] == ["ada@example.org", "list@example.org", "rob@example.org"]


def test_a_dry_run_sends_nothing_and_writes_what_it_would(home: Home) -> None:
    home.deliver(LONE)
    home.round(send=False)
    (file,) = (home.place / "dry").iterdir()
    assert b"Subject: Re: [PATCH] lone" in file.read_bytes()
    assert home.sink.mails == [] and home.pending() == ()


def test_an_incomplete_series_is_answered_after_a_quiet_time_and_its_late_patch_alone(home: Home) -> None:
    home.deliver(COVER, ONE)
    home.round()
    assert home.sink.mails == []
    home.later(minutes=31)
    home.round()
    home.deliver(TWO)
    home.later(minutes=1)
    home.round()
    assert sorted(home.sink.subjects) == ANSWERS


def test_the_same_mail_from_two_sources_is_answered_once(home: Home) -> None:
    fast_import(home.place / "archive" / "git" / "0.git", [("m", LONE)])
    both = (
        Incoming("list", "maildir", home.place / "list"),
        Incoming("a", "archive", home.place / "archive", backlog_days=9999),
    )
    home.incoming = both  # fmt: skip
    home.deliver(LONE, LONE)
    home.round()
    assert len(home.sink.mails) == 1


def test_what_is_held_leaves_when_a_person_approves(home: Home) -> None:
    home.policy = replace(POLICY, moderate=True)
    home.deliver(LONE)
    home.round()
    assert [(row.state, row.reason) for row in home.pending()] == [("held", "moderation comes first")]
    assert (home.sink.mails, home.told) == ([], [])
    home.approve()
    home.round()
    home.round()
    assert [one.findings for one in home.told] == [(("odd-line", "l@x.org-None"),)]
    assert home.sink.subjects == ["Re: [PATCH] lone"] and home.pending() == ()


def test_people_go_first(home: Home) -> None:
    home.policy = replace(POLICY, embargo_hours=2)
    home.deliver(LONE)
    home.round()
    home.later(hours=1, minutes=59)
    home.round()
    assert home.sink.mails == []
    home.later(minutes=2)
    home.round()
    assert len(home.sink.mails) == 1


def test_a_cap_holds_what_is_too_much(home: Home) -> None:
    home.policy = replace(POLICY, limits=replace(POLICY.limits, author=2))
    home.deliver(COVER, ONE, TWO)
    home.round()
    assert len(home.sink.mails) == 2
    assert [row.reason for row in home.pending()] == ["2 mails to the author in 24 hours"]


@pytest.mark.parametrize(
    "lines",
    [("Auto-Submitted: auto-generated",), ("Precedence: bulk",), ("X-Mailer: reviewbot 0.1",), ("Sender: a",)],
)
def test_programs_and_mass_mail_are_not_answered(home: Home, lines: tuple[str, ...]) -> None:
    home.deliver(with_headers(LONE, *lines), with_headers(patch("[PATCH] ok", "ok@x.org"), *TO_LIST, "List-Id: x"))
    home.round()
    assert ("Re: [PATCH] lone" in home.sink.subjects) == (lines == ("Sender: a",))
    assert "Re: [PATCH] ok" in home.sink.subjects


def test_lists_that_are_not_allowed_are_not_even_reviewed(home: Home) -> None:
    home.policy = replace(POLICY, lists={"other@example.org": Rule()})
    reviewed: list[MailSeries] = []

    def review(one: MailSeries, base: str | None) -> SeriesReview:
        reviewed.append(one)
        return finds_something(one, base)

    home.review = review
    home.deliver(LONE)
    home.round()
    assert reviewed == [] and home.sink.mails == [] and LIST not in home.policy.lists


def test_a_refusal_for_now_is_tried_again_later(home: Home) -> None:
    home.sink.fault = "451"
    home.deliver(LONE)
    home.round()
    home.sink.fault = ""
    home.now = max(home.now, home.pending()[0].changed)
    home.round()
    assert home.sink.mails == []
    home.later(minutes=2)
    home.round()
    home.later(hours=5)
    home.round()
    assert len(home.sink.mails) == 1 and home.pending() == ()


@pytest.mark.parametrize(("fault", "arrived"), [("drop", 1), ("lose", 0)])
def test_what_is_in_doubt_is_never_sent_again_by_itself(home: Home, fault: str, arrived: int) -> None:
    home.sink.fault = fault
    home.deliver(LONE)
    home.round()
    home.sink.fault = ""
    for _ in range(3):
        home.later(hours=5)
        home.round()
    assert len(home.sink.mails) == arrived
    assert [row.state for row in home.pending()] == ["in-doubt"]


def test_what_is_in_doubt_is_settled_when_it_comes_back_by_the_list(home: Home) -> None:
    home.sink.fault = "drop"
    home.deliver(LONE)
    home.round()
    home.deliver(home.sink.mails[0][1])
    home.round()
    assert home.pending() == () and len(home.sink.mails) == 1


def test_a_version_that_a_newer_one_replaces_is_not_answered(home: Home) -> None:
    home.deliver(LONE, with_headers(patch("[PATCH v2] lone", "l2@x.org"), *TO_LIST))
    home.round()
    assert home.sink.subjects == ["Re: [PATCH v2] lone"]
    home.deliver(with_headers(patch("[PATCH v3] lone", "l3@x.org"), *TO_LIST))
    home.round()
    assert home.sink.subjects[1:] == ["Re: [PATCH v3] lone"]


def test_what_is_in_doubt_is_settled_when_an_imap_folder_has_it(home: Home) -> None:
    with dovecot() as server:
        home.incoming = (*home.config().email.incoming, Incoming("folder", "imap", account=server.account()))  # type: ignore[union-attr]
        home.sink.fault = "drop"
        home.deliver(LONE)
        home.round()
        # it came long ago by the folder's time, so that the bot passes it over as a mail
        with server.client() as client:
            client.append("INBOX", home.sink.mails[0][1], msg_time=home.now - timedelta(days=9))
        home.round()
    assert home.pending() == () and len(home.sink.mails) == 1


def test_an_outgoing_maildir_gets_each_answer_once(home: Home) -> None:
    home.outgoing = Outgoing("maildir", home.place / "out")
    home.deliver(COVER, ONE, TWO)
    home.round()
    home.round()
    assert len(list((home.place / "out" / "new").iterdir())) == 3 and home.sink.mails == []


def breaks_on(word: str, tried: list[str]) -> object:
    """A reviewer that a series breaks."""

    def review(one: MailSeries, base: str | None) -> SeriesReview:
        if word in one.subject:
            tried.append(one.subject)
            raise ValueError("cannot digest this")
        return finds_something(one, base)

    return review


def test_a_poison_series_is_parked_after_three_tries_and_the_others_are_answered(home: Home) -> None:
    tried: list[str] = []
    home.review = breaks_on("poison", tried)  # type: ignore[assignment]
    home.deliver(with_headers(patch("[PATCH] poison", "p@x.org"), *TO_LIST), LONE)
    for _ in range(6):
        home.round()
        home.later(hours=1)
    with home.store() as store:
        (parked,) = Spool(store).mails("parked")
        assert Spool(store).unpark(parked.key)
    assert (len(tried), parked.reason) == (3, "ValueError: cannot digest this")
    assert home.sink.subjects == ["Re: [PATCH] lone"]
    home.review = finds_something
    home.round()
    assert home.sink.subjects[1:] == ["Re: [PATCH] poison"]


def test_bytes_that_are_no_mail_stop_nobody(home: Home) -> None:
    attached = b"Content-Type: multipart/mixed; boundary=x\nSubject: [PATCH 1/9999] x\n\n--x\n"
    home.deliver(
        attached, b"\0\xff" * 50, b"", b"Subject: x\n\n", LONE, with_headers(b"\n\n", "From: \xe9", "Subject: [PATCH")
    )
    home.round()
    assert home.sink.subjects == ["Re: [PATCH] lone"]


def test_a_source_that_is_lost_is_tried_later_and_the_others_are_read(home: Home) -> None:
    home.incoming = (Incoming("gone", "maildir", home.place / "gone"), Incoming("list", "maildir", home.place / "list"))
    home.deliver(LONE)
    with home.store() as store:
        bot = home.bot(store)
        assert bot.round(home.now - home.now) is False
        for part in ("new", "cur"):
            (home.place / "gone" / part).mkdir(parents=True)
        assert bot.round(home.now - home.now) is False
        home.later(minutes=2)
        assert bot.round(home.now - home.now) is True
    assert home.sink.subjects == ["Re: [PATCH] lone"]
