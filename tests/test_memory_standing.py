# SPDX-License-Identifier: GPL-2.0-or-later
"""When a rule is posted and when it only shadows, by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model.earlier import Reviewed
from reviewbot.model.errors import UnusableInputError
from reviewbot.publish.config import load_config, shadow_setting
from reviewbot.review.memory.ledger import SILENT_AFTER, answered, posted, standings
from reviewbot.review.memory.reviews import remember
from reviewbot.review.memory.standing import Counts, Override, Threshold, stand
from reviewbot.review.memory.store import Store, open_store
from reviewbot.review.versions.link import compared
from tests.reviews import many, series_review

CASES: dict[str, tuple[Counts, Override | None, Threshold | None, bool]] = {
    "a rule without answers is posted": (Counts(waiting=50), None, None, False),
    "silence says nothing": (Counts(silent=50), None, None, False),
    "four answers, all wrong, are too few": (Counts(false_positive=4), None, None, False),
    "five answers, all wrong": (Counts(false_positive=5), None, None, True),
    "three of five right are too few": (Counts(fixed=3, false_positive=2), None, None, True),
    "four of five right are enough": (Counts(fixed=4, false_positive=1), None, None, False),
    "seven of ten right are just enough": (Counts(fixed=7, false_positive=3), None, None, False),
    "silence does not save a wrong rule": (Counts(fixed=1, false_positive=4, silent=99), None, None, True),
    "a person posts a wrong rule": (Counts(false_positive=99), "off", None, False),
    "a person silences a right rule": (Counts(fixed=99), "on", None, True),
    "a person silences a rule nobody saw": (Counts(), "on", None, True),
    "a stricter threshold": (Counts(fixed=9, false_positive=1), None, Threshold(5, 0.95), True),
    "a threshold of one answer": (Counts(false_positive=1), None, Threshold(1, 0.5), True),
}


@pytest.mark.parametrize("name", CASES)
def test_standing(name: str) -> None:
    counts, override, threshold, shadowed = CASES[name]
    assert stand("rule", counts, override, threshold).shadowed is shadowed


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_a_fix_never_makes_a_rule_shadow_that_is_posted(fixed: int, wrong: int, more: int) -> None:
    before = stand("rule", Counts(fixed=fixed + 5, false_positive=wrong))
    after = stand("rule", Counts(fixed=fixed + 5 + more, false_positive=wrong))
    assert before.shadowed or not after.shadowed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty memory."""
    with open_store(f"sqlite:///{tmp_path / 'm.sqlite'}") as one:
        yield one


def counts(store: Store, now: datetime | None = None) -> Counts:
    """Return the counts of the one rule."""
    (one,) = standings(store, now=now)
    return one.counts


def test_a_new_version_answers_what_was_posted_about_the_old_one(store: Store) -> None:
    old = series_review(*many(3))
    remember(store, old)
    for finding in old.findings[:2]:
        posted(store, finding, "p1@example.org", "mail <x@y>")
    mail = replace(old.series.mail, id="v2@example.org", version=2)
    new = replace(old, series=replace(old.series, mail=mail), findings=many(1))
    remember(store, compared(new, [Reviewed(old.series, old.findings)]))
    # the first persists, the second is fixed, the third is fixed too but nobody was told of it
    assert counts(store) == Counts(fixed=1, silent=1)
    assert answered(store, many(1)[0].fingerprint, "v2@example.org", "false-positive")
    assert counts(store) == Counts(fixed=1, false_positive=1)


def test_a_fix_is_known_though_the_statement_was_reworded_before(store: Store) -> None:
    first = series_review(*many(1))
    posted(store, first.findings[0], "p1@example.org", "here")
    remember(store, first)
    reworded = (replace(first.findings[0], fingerprint="another", snippet="\tr->full = false;"),)
    history = [Reviewed(first.series, first.findings)]
    for version, findings in ((2, reworded), (3, ())):
        mail = replace(first.series.mail, id=f"v{version}@example.org", version=version)
        review = replace(first, series=replace(first.series, mail=mail), findings=findings)
        remember(store, compared(review, history))
        assert counts(store) == (Counts(silent=1) if version == 2 else Counts(fixed=1))
        history.append(Reviewed(review.series, review.findings))


def test_what_an_author_says_outweighs_what_the_next_version_does(store: Store) -> None:
    (finding,) = many(1)
    posted(store, finding, "t", "here")
    for answer in ("silence", "false-positive", "fixed", "silence"):
        answered(store, finding.fingerprint, "t", answer)  # type: ignore[arg-type]
    assert counts(store) == Counts(false_positive=1)


def test_a_finding_posted_about_two_versions_counts_once(store: Store) -> None:
    old = series_review(*many(1))
    mail = replace(old.series.mail, id="v2@example.org", version=2)
    for one in (old, replace(old, series=replace(old.series, mail=mail))):
        remember(store, one)
        posted(store, old.findings[0], one.series.mail.id or "", "here")
    assert counts(store) == Counts(waiting=1)


def test_after_a_month_no_answer_is_silence(store: Store) -> None:
    posted(store, many(1)[0], "t", "here")
    assert counts(store) == Counts(waiting=1)
    assert counts(store, datetime.now(UTC) + SILENT_AFTER + timedelta(days=1)) == Counts(silent=1)


def test_the_policy_sets_the_threshold(tmp_path: Path) -> None:
    file = tmp_path / "reviewbot.toml"
    assert shadow_setting(file) == Threshold(5, 0.7)
    file.write_text("[policy]\nshadow_answered = 10\nshadow_right = 0.9\n")
    assert load_config(file).policy.shadow == Threshold(10, 0.9)
    file.write_text("[policy]\nshadow_right = 90\n")
    with pytest.raises(UnusableInputError, match=r"policy\.shadow_right"):
        shadow_setting(file)
