# SPDX-License-Identifier: GPL-2.0-or-later
"""A finding and a remark that say the same are recognised, and only those."""

from __future__ import annotations

import pytest

from reviewbot.review.people import raised_by
from tests.reviews import AUTHOR, FINDING, remark


@pytest.mark.parametrize(
    ("text", "line", "same"),
    [
        ("We need a wake-up here, else the others sleep on.", 13, True),
        ("Should this not call ring_put() again?", 12, True),
        ("ring_put() must wake those who wait, in the other branch too", 200, True),
        ("Nice cleanup, thanks.", 13, False),
        ("Please wake me up when this is merged.", 200, False),
        ("ring_put() could do with a comment", 200, False),
    ],
)
def test_place_and_what_is_named_decide(text: str, line: int, same: bool) -> None:
    assert raised_by(FINDING, (remark(text, line),), AUTHOR) == (("r@x",) if same else ())


def test_the_authors_own_words_raise_nothing() -> None:
    assert raised_by(FINDING, (remark("no wake here on purpose", author=AUTHOR),), AUTHOR) == ()


def test_a_message_without_id_is_named_by_who_and_when() -> None:
    assert raised_by(FINDING, (remark("wake them", message_id=None),), AUTHOR) == (
        "Rita Reviewer, 2026-03-01T12:00:00+00:00",
    )
