# SPDX-License-Identifier: GPL-2.0-or-later
"""The same memory on SQLite and on a real PostgreSQL: outbox, reviews, ledger, several programs at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql as dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from reviewbot.model.diff import HumanComment
from reviewbot.model.finding import SeriesReview
from reviewbot.publish.mail.spool import Spool
from reviewbot.publish.outbox import Outbox
from reviewbot.review.memory import schema
from reviewbot.review.memory.history import list_series, show_series
from reviewbot.review.memory.ledger import answered, override, posted, postings, shadowed
from reviewbot.review.memory.reviews import earlier, recall, remember
from reviewbot.review.memory.store import Store, open_store
from tests.mailbotkit import Sink
from tests.memorykit import columns
from tests.outboxkit import letter, outcome, post, run, start, taken
from tests.reviews import FINDING, many, remark, series_review


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """An empty memory."""
    with open_store(url) as one:
        yield one


def later(review: SeriesReview, version: int) -> SeriesReview:
    """Return a review as that of a later version of its series."""
    mail = replace(review.series.mail, id=f"v{version}@example.org", version=version)
    return replace(review, series=replace(review.series, mail=mail))


def counted(store: Store) -> dict[str, int]:
    """Return how many rows each table has."""
    with store.reading() as connection:
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in schema.metadata.tables
        }


def test_what_no_database_takes_in_a_text_is_replaced_in_tables_and_kept_in_the_review(store: Store) -> None:
    odd: HumanComment = remark("nul \0, a byte of no charset \udcff")
    review = series_review(replace(FINDING, message="\0\udcff", line=10**30), comments=(odd,))
    remember(store, review, "key")
    assert recall(store, "key") == review
    shown = show_series(store, "p1@example.org").versions[0]
    assert shown.findings[0].line == 2**31 - 1
    assert shown.findings[0].message == "\ufffd?" and shown.remarks[0].text == "nul \ufffd, a byte of no charset ?"


def test_the_same_review_twice_changes_nothing(store: Store) -> None:
    remember(store, series_review(*many(3)))
    before = counted(store)
    remember(store, series_review(*many(3)))
    assert counted(store) == before and before["findings"] == 3


def test_a_later_version_is_told_of_the_earlier_ones_oldest_first(store: Store) -> None:
    first = series_review(*many(2))
    for version in (3, 2):
        remember(store, later(first, version))
    remember(store, first)
    told = earlier(store, later(first, 4).series.mail)
    assert [one.series.mail.version for one in told] == [1, 2, 3]
    assert told[0].series == first.series and told[0].findings == first.findings
    assert earlier(store, first.series.mail) == ()
    assert list_series(store)[0].versions == (1, 2, 3)


def test_answers_are_kept_per_rule_until_a_person_decides(store: Store) -> None:
    review = series_review(*many(5))
    remember(store, review)
    for finding in review.findings:
        posted(store, finding, "p1@example.org", "mail <x@y>")
        posted(store, finding, "p1@example.org", "mail <x@y>")
        assert answered(store, finding.fingerprint, "p1@example.org", "false-positive")
    assert len(postings(store, "p1@example.org")) == 5
    assert not answered(store, "never posted", "p1@example.org", "fixed")
    assert shadowed(store) == {FINDING.rule}
    override(store, FINDING.rule, "off")
    assert shadowed(store) == frozenset()
    override(store, FINDING.rule, None)
    assert shadowed(store) == {FINDING.rule}


@pytest.mark.parametrize("bot", [True, False], ids=["a mail bot ran", "none ran"])
def test_a_memory_of_version_2_becomes_as_a_new_one(url: str, bot: bool) -> None:
    with open_store(url) as store:
        new = columns(url)
        with store.writing() as connection:
            connection.execute(text("ALTER TABLE bot_mails DROP COLUMN attached"))
            for name in () if bot else [name for name in new if name.startswith("bot_")]:
                connection.execute(text(f"DROP TABLE {name}"))
            connection.execute(text("UPDATE meta SET value = '2' WHERE name = 'version'"))
            if bot:
                values = "1, 'abc', 'list', '2026-01-02T03:04:05.000006+00:00', 'new', '', 0, 0"
                row = "key, identity, source, arrived, state, reason, tries, turn"
                connection.execute(text(f"INSERT INTO bot_mails ({row}) VALUES ({values})"))
    with open_store(url) as store:
        assert columns(url) == new
        kept = [(mail.source, mail.state, mail.attached) for mail in Spool(store).chosen([1])]
        assert kept == ([("list", "new", 0)] if bot else [])


def test_bots_at_once_deliver_once_and_one_that_dies_leaves_a_doubt(url: str, store: Store) -> None:
    words = tuple(f"letter {number}" for number in range(8))
    with Sink() as sink:
        bots = [start(post, url, sink.port, None, None, words) for _ in range(2)]
        for bot in bots:
            bot.join(60)
        assert sorted(taken(sink)) == sorted(letter(one).key for one in words)
        # at some of these steps the reservation is committed and the confirmation is not
        codes = {run(post, url, sink.port, last, None, (f"doubt {last}",)) for last in range(4, 14)}
        assert -9 in codes
    shown = Outbox(store).pending()
    assert {row.state for row in shown} <= {"reserved"} and shown
    assert outcome(run(post, url, 1, None, None, (shown[0].subject,))) == "in-doubt"


def test_every_table_can_be_made_on_postgresql() -> None:
    made = [str(CreateTable(table).compile(dialect=dialect.dialect())) for table in schema.metadata.sorted_tables]
    made += [
        str(CreateIndex(index).compile(dialect=dialect.dialect()))
        for table in schema.metadata.sorted_tables
        for index in table.indexes
    ]
    assert any("BYTEA" in one for one in made) and len(made) > len(schema.metadata.tables)
