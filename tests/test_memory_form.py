# SPDX-License-Identifier: GPL-2.0-or-later
"""A review survives being written down, whatever is in it."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.mail.read import read_mail
from reviewbot.model.earlier import Reviewed
from reviewbot.patch.read import read_series
from reviewbot.review.memory.form import StaleFormError, packed, unpacked
from reviewbot.review.memory.identity import digest, identity, links, thread_name
from reviewbot.review.memory.keys import result_key
from reviewbot.review.versions.link import compared
from tests.reviews import FINDING, VIOLATED, many, remark, series_review

ANYTHING = st.text(st.characters(exclude_categories=()), max_size=20)


@given(ANYTHING, ANYTHING, st.binary(max_size=20))
def test_a_review_comes_back_as_it_was(message: str, words: str, diff: bytes) -> None:
    made = series_review(replace(FINDING, message=message), comments=(remark(words),), simulation=(VIOLATED,))
    patches = tuple(replace(one, diff=diff) for one in made.series.patches)
    made = replace(made, series=replace(made.series, patches=patches), notes=(words,))
    assert unpacked(packed(made)) == made


def test_a_comparison_is_left_out_since_it_is_made_anew() -> None:
    made = series_review(*many(2))
    again = compared(made, [Reviewed(made.series, made.findings)])
    assert again.comparison is not None and unpacked(packed(again)) == replace(again, comparison=None)


@pytest.mark.parametrize("name", ["memcg-oom-v1.mbox", "memcg-oom-v2.mbox", "partial.mbox", "conflict.mbox"])
def test_real_series_come_back_as_they_were(name: str, fixtures: Path) -> None:
    for mail in read_mail([str(fixtures / "series" / name)])[0]:
        made = replace(series_review(), series=read_series(mail))
        assert unpacked(packed(made)) == made


@pytest.mark.parametrize(
    "data", [b"", b"x", zlib.compress(b"{}"), zlib.compress(b"[1]"), zlib.compress(b'{"series": 1}')]
)
def test_what_another_program_wrote_is_stale(data: bytes) -> None:
    with pytest.raises(StaleFormError):
        unpacked(data)


def test_a_review_is_known_by_what_it_says_and_not_by_how_long_it_took() -> None:
    made = series_review(simulation=(VIOLATED,))
    slower = series_review(simulation=(replace(VIOLATED, seconds=9.0),))
    assert result_key(made) == result_key(slower) != result_key(series_review())


@given(st.lists(st.binary(max_size=3), max_size=3), st.lists(st.binary(max_size=3), max_size=3))
def test_a_digest_tells_apart_where_a_part_ends(one: list[bytes], other: list[bytes]) -> None:
    assert (digest(*one) == digest(*other)) == (one == other)


def test_versions_share_a_link_by_title_change_id_or_mention() -> None:
    first = series_review().series.mail
    others = {
        "title": replace(first, id="b@x", subject="Ring:  count".replace("  ", " "), version=2),
        "change-id": replace(first, id="b@x", subject="other", change_id="abc"),
        "message": replace(first, id="b@x", subject="other", previous=(first.id or "",)),
    }
    for kind, other in others.items():
        shared = links(replace(first, change_id="abc")) & links(other)
        assert {one for one, _ in shared} == {kind}
    stranger = replace(first, id="b@x", subject="other")
    assert not links(first) & links(stranger) and identity(first) != identity(stranger)


def test_a_version_without_a_message_id_is_known_by_its_content() -> None:
    first = replace(series_review().series.mail, id=None)
    assert identity(first) == identity(replace(first)) != identity(replace(first, total=2))
    assert len(thread_name("x" * 100_000)) < 100
