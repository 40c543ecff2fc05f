# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mails make a series. Each test's docstring draws its thread."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from reviewbot.mail.subject import parse_subject
from reviewbot.model.mail import MailSeries
from tests.mailkit import mail, patch, patch_body, read, read_all


def shape(series: tuple[MailSeries, ...]) -> list[tuple[int, int, list[int], tuple[int, ...]]]:
    """Return version, total, numbers and missing numbers of each series."""
    return [(one.version, one.total, [p.number for p in one.patches], one.missing) for one in series]


def test_a_cover_and_its_patches_are_one_series(tmp_path: Path) -> None:
    """c [PATCH net v2 0/2] └ 1 [PATCH net v2 1/2] └ 2 [PATCH net v2 2/2]"""
    (series,) = read(
        tmp_path,
        mail("[PATCH net v2 0/2] pool: repair", "Why.\n\nbase-commit: " + "a" * 40 + "\n", "c@x"),
        patch("[PATCH net v2 1/2] pool: one", "1@x", "c@x"),
        patch("[PATCH net v2 2/2] pool: two", "2@x", "c@x"),
    )
    assert shape((series,)) == [(2, 2, [1, 2], ())]
    assert (series.id, series.subject, series.tags, series.base_commit) == ("c@x", "pool: repair", ("net",), "a" * 40)
    assert [p.subject for p in series.patches] == ["pool: one", "pool: two"]
    assert series.messages == ("c@x", "1@x", "2@x")


def test_numbers_that_no_mail_brought_are_missing(tmp_path: Path) -> None:
    """2 [PATCH 2/4], 4 [PATCH 4/4]"""
    series = read(tmp_path, patch("[PATCH 2/4] two", "2@x"), patch("[PATCH 4/4] four", "4@x", "2@x"))
    assert shape(series) == [(1, 4, [2, 4], (1, 3))]


def test_a_series_sent_in_reply_to_another_is_its_own(tmp_path: Path) -> None:
    """a [PATCH 1/2] ├ b [PATCH 2/2] └ c [PATCH v2 1/2] └ d [PATCH v2 2/2]"""
    series = read(
        tmp_path,
        patch("[PATCH 1/2] one", "a@x"),
        patch("[PATCH 2/2] two", "b@x", "a@x"),
        patch("[PATCH v2 1/2] one", "c@x", "a@x"),
        patch("[PATCH v2 2/2] two", "d@x", "c@x"),
    )
    assert shape(series) == [(1, 2, [1, 2], ()), (2, 2, [1, 2], ())]
    assert series[1].previous == ("a@x",)


def test_a_reroll_of_one_patch_is_a_part_of_the_next_version(tmp_path: Path) -> None:
    """a [PATCH 1/2] ├ b [PATCH 2/2]; later, alone: c [PATCH v2 2/2]"""
    series = read(
        tmp_path,
        patch("[PATCH 1/2] one", "a@x"),
        patch("[PATCH 2/2] two", "b@x", "a@x"),
        patch("[PATCH v2 2/2] two", "c@x"),
    )
    assert shape(series) == [(1, 2, [1, 2], ()), (2, 2, [2], (1,))]
    assert series[1].previous == ("a@x",)


def test_cover_and_patches_may_disagree_on_the_version(tmp_path: Path) -> None:
    """c [PATCH v3 0/2] ├ 1 [PATCH 1/2] └ 2 [PATCH 2/2]"""
    series = read(
        tmp_path,
        mail("[PATCH v3 0/2] all", "Why.\n", "c@x"),
        patch("[PATCH 1/2] one", "1@x", "c@x"),
        patch("[PATCH 2/2] two", "2@x", "c@x"),
    )
    assert shape(series) == [(3, 2, [1, 2], ())]


def test_a_cover_that_counts_nothing_takes_the_patches_that_answer_it(tmp_path: Path) -> None:
    """c [PATCHSET] ├ 1 [PATCH 1/2] └ 2 [PATCH 2/2]"""
    (series,) = read(
        tmp_path,
        mail("[PATCHSET] all", "Why.\n", "c@x"),
        patch("[PATCH 1/2] one", "1@x", "c@x"),
        patch("[PATCH 2/2] two", "2@x", "c@x"),
    )
    assert (series.id, len(series.patches)) == ("c@x", 2)


def test_a_number_above_the_total_joins_the_series_that_it_answers(tmp_path: Path) -> None:
    """1 [PATCH 1/2] ├ 2 [PATCH 2/2] └ 3 [PATCH 3/2]"""
    series = read(
        tmp_path,
        patch("[PATCH 1/2] one", "1@x"),
        patch("[PATCH 2/2] two", "2@x", "1@x"),
        patch("[PATCH 3/2] three", "3@x", "1@x"),
    )
    assert shape(series) == [(1, 3, [1, 2, 3], ())]


def test_mails_without_ids_in_one_file_are_one_series(tmp_path: Path) -> None:
    """What `git format-patch --stdout` writes: no ids, no references."""
    series = read(tmp_path, *[patch(f"[PATCH {n}/3] number {n}") for n in (1, 2, 3)])
    assert shape(series) == [(1, 3, [1, 2, 3], ())]
    assert (series[0].id, series[0].messages) == (None, ())


def test_the_same_mail_delivered_twice_counts_once(tmp_path: Path) -> None:
    """1 [PATCH] and 1 [PATCH] again with a footer; 1 with another text"""
    one, other = patch("[PATCH] one", "1@x"), patch("[PATCH] one", "1@x", new="three")
    series, skipped = read_all(tmp_path, one, one, other)
    assert shape(series) == [(1, 1, [1], ())]
    assert [(s.message_id, s.reason.partition(": ")[2][:30]) for s in skipped] == [
        ("1@x", "delivered twice"),
        ("1@x", "has the message-id of another "),
    ]


def test_an_unquoted_diff_in_a_reply_is_a_series_of_its_own(tmp_path: Path) -> None:
    """1 [PATCH 1/2] ├ 2 [PATCH 2/2] └ r Re: [PATCH 1/2] with a diff └ s Re: about that diff"""
    answer = "> text\n\nHow about this?\n\n-- >8 --\nSubject: [PATCH] better\n\n" + patch_body("Do it better.")
    series = read(
        tmp_path,
        patch("[PATCH 1/2] one", "1@x"),
        patch("[PATCH 2/2] two", "2@x", "1@x"),
        mail("Re: [PATCH 1/2] one", answer, "r@x", "1@x", "Rob <rob@example.org>"),
        mail("Re: [PATCH 1/2] one", "> Do it better.\nYes, better.\n", "s@x", "r@x"),
    )
    assert shape(series) == [(1, 2, [1, 2], ()), (1, 1, [1], ())]
    assert (series[1].subject, series[1].patches[0].log.split("\n")[0]) == ("better", "Do it better.")
    assert [r.text for r in series[0].remarks] == ["How about this?"]
    assert [r.text for r in series[1].remarks] == ["Yes, better."]


def test_long_series_and_long_chains_of_replies_cost_no_more_than_their_length(tmp_path: Path) -> None:
    """1 [PATCH 1/3000] … 3000 and a chain of 3000 replies that answer each other and nothing else"""
    mails = [patch(f"[PATCH {n}/3000] number {n}", f"{n}@x", f"{n - 1}@x") for n in range(1, 3001)]
    mails += [mail("Re: else", "Yes.\n", f"r{n}@x", f"r{n - 1}@x") for n in range(3000)]
    start = time.process_time()
    series = read(tmp_path, *mails)
    assert [(len(one.patches), one.missing) for one in series] == [(3000, ())]
    assert time.process_time() - start < 30


def test_a_quoted_diff_is_never_a_patch(tmp_path: Path) -> None:
    """1 [PATCH] └ r Re: [PATCH] that quotes all of it"""
    body = patch_body()
    quoted = "".join(f"> {line}\n" for line in body.split("\n")) + "Nice.\n"
    series = read(tmp_path, patch("[PATCH] one", "1@x"), mail("Re: [PATCH] one", quoted, "r@x", "1@x"))
    assert len(series) == 1
    assert "+two" in series[0].other_copies[0][1].split("\n")


def test_versions_are_linked_by_title_change_id_and_links_in_the_cover(tmp_path: Path) -> None:
    """Four versions: 2 has 1's title, 3 links to 2 under another title, 4 has 3's change-id under yet another."""
    link = "Changes:\n- Link to v2: https://lore.kernel.org/r/2@x\n\nchange-id: 20200303-pool-123\n"
    series = read(
        tmp_path,
        patch("[PATCH] pool: one", "1@x"),
        patch("[PATCH v2] pool: One.", "2@x"),
        patch("[PATCH v3] reservoir: one", "3@x", notes=link),
        patch("[PATCH v4] lake: one", "4@x", notes="change-id: 20200303-pool-123\n"),
    )
    assert [one.previous for one in series] == [(), ("1@x",), ("1@x", "2@x"), ("1@x", "2@x", "3@x")]


def test_a_retitled_version_follows_the_senders_last_on_the_same_files(tmp_path: Path) -> None:
    """1 [PATCH] on pool.c, 2 [PATCH] on lake.c, 3 [PATCH v2] on pool.c under another title"""
    series = read(
        tmp_path,
        patch("[PATCH] pool: count", "1@x"),
        patch("[PATCH] lake: dig", "2@x", name="mm/lake.c"),
        patch("[PATCH v2] waiters are counted", "3@x"),
    )
    assert [one.previous for one in series] == [(), (), ("1@x",)]


def test_what_follows_an_rfc_is_its_next_version(tmp_path: Path) -> None:
    """1 [RFC PATCH], 2 [PATCH] with nearly its title, 3 [PATCH] on the same file about something else"""
    series = read(
        tmp_path,
        patch("[RFC PATCH] count waiters of the pool", "1@x"),
        patch("[PATCH] mm: count waiters of the pool", "2@x"),
        patch("[PATCH] spell words right", "3@x"),
    )
    assert [one.previous for one in series] == [(), ("1@x",), ()]


def test_a_cover_without_patches_is_named(tmp_path: Path) -> None:
    _, skipped = read_all(tmp_path, mail("[PATCH 0/3] all", "Why.\n", "c@x"), patch("[PATCH] other", "1@x"))
    assert [s.message_id for s in skipped] == ["c@x"]


@pytest.mark.parametrize(
    ("subject", "version", "number", "total", "tags"),
    [
        ("[PATCH] x", None, None, None, ()),
        ("[RFC PATCH net-next v3 02/11] x", 3, 2, 11, ("RFC", "net-next")),
        ("[-next v2 3/4] x", 2, 3, 4, ("-next",)),
        ("[PATHC v2] x", 2, None, None, ()),
        ("[PATCH v2.1 1/2] x", 2, 1, 2, ()),
        ("[PATCH v5.10-v5.15] x", None, None, None, ("v5.10-v5.15",)),
        ("[PATCHv2 1/2] x", 2, 1, 2, ()),
        ("[PATCH -v2] x", 2, None, None, ()),
        ("[PATCH V2] x", 2, None, None, ()),
        ("[PATCH AUTOSEL 5.4 244/350] x", None, 244, 350, ("AUTOSEL", "5.4")),
        ("[PATCH 5/3] x", None, 5, 3, ()),
        ("[PATCH 0 of 2] x", None, 0, 2, ()),
        ("[PATCH 3/n] x", None, 3, None, ()),
        ("[PATCH 1/3][V2] x", 2, 1, 3, ()),
        ("[PATCH/RFC 1/2] x", None, 1, 2, ("RFC",)),
        ("[list] [[PATCH v2] 1/2] x", 2, 1, 2, ("list",)),
    ],
)
def test_subjects_are_read_as_people_write_them(
    subject: str, version: int | None, number: int | None, total: int | None, tags: tuple[str, ...]
) -> None:
    found = parse_subject(subject)
    assert (found.version, found.number, found.total, found.tags, found.title) == (version, number, total, tags, "x")
    assert found.is_submission
    assert not parse_subject("Re: " + subject).is_submission


@pytest.mark.parametrize("subject", ["Re: x", "RE[2]: x", "AW: Re: x", "答复: x", "[list] Re: x", "回复：x"])
def test_reply_marks_of_many_mailers_are_known(subject: str) -> None:
    found = parse_subject(subject)
    assert (found.is_reply, found.title) == (True, "x")
