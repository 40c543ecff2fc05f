# SPDX-License-Identifier: GPL-2.0-or-later
"""Five hundred findings, hostile words, and every limit of GitHub's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.model.finding import Finding, SeriesReview
from reviewbot.publish.github import marks, text
from reviewbot.publish.github.facts import Action, Conversation, Pull, Remark, Thread, load_action
from reviewbot.publish.github.outlet import key_maker
from reviewbot.publish.github.plan import Judged, plan
from reviewbot.publish.github.settings import Limits
from tests.github.hub import BOT
from tests.github.scene import Scene, function, scene, source
from tests.reviews import FINDING, many, series_review

LIMITS = Limits()
PULL = Pull(5, "A change", "", "ada", "ab" * 20, "cd" * 20, "topic", "main", True, False)


@pytest.fixture
def github(tmp_path: Path) -> Iterator[Scene]:
    """A repository at GitHub."""
    with scene(tmp_path) as made:
        yield made


def planned(review: SeriesReview, said: Conversation | None = None, lines: int = 600) -> tuple[Action, ...]:
    """Plan for a pull request whose diff shows that many lines of every finding's file."""
    shown = frozenset((f.path or "", n) for f in review.findings for n in range(1, lines + 1))
    return plan(Judged(PULL, review, shown), said or Conversation(BOT), key_maker("o/n", 5), "error", LIMITS)


def spread(count: int) -> tuple[Finding, ...]:
    """Return that many findings, each at a line of its own."""
    return tuple(replace(f, line=n, end_line=n) for n, f in enumerate(many(count), 1))


def test_five_hundred_findings_are_rolled_up_within_every_limit(github: Scene) -> None:
    github.commit("topic", {"ring.c": source(*(function(f"f{n}") for n in range(500)))}, "main")
    github.hub.open("topic")
    github.hub.refresh()
    assert github.bot().sweep() == 0
    (review,), (check,) = github.hub.reviews, github.hub.checks
    assert len(github.hub.comments) == LIMITS.comments
    assert len(marks.findings(review["body"])) == len(set(marks.findings(review["body"]))) == 470
    assert len(review["body"]) <= LIMITS.characters
    assert len(check["annotations"]) == LIMITS.annotations_in_all
    assert check["output"]["title"] == "500 errors" and "300 are not annotated" in check["output"]["summary"]
    patches = [path for method, path in github.server.writes() if method == "PATCH"]
    assert len(patches) == LIMITS.annotations_in_all / LIMITS.annotations
    before = github.server.writes()
    assert github.bot().sweep() == 0 and github.server.writes() == before


def test_what_is_rolled_up_is_counted_and_does_not_drip_into_the_next_reviews() -> None:
    findings = tuple(replace(f, message="word " * 60) for f in spread(500))
    review, *_ = planned(series_review(*findings))
    assert f"and {500 - 30 - text.ROLLED_UP} more" in review.data["body"]
    assert all(len(review.data[name]) <= LIMITS.characters for name in ("body", "fallback"))
    told = tuple(
        Thread(f"T{n}", False, None, (Remark(n, BOT, c["body"]),)) for n, c in enumerate(review.data["comments"])
    )
    again = planned(series_review(*findings), Conversation(BOT, told, (Remark(1, BOT, review.data["body"]),)))
    assert [action.kind for action in again[:1]] == ["begin"]


def test_the_gravest_come_first() -> None:
    notes = tuple(replace(f, severity="note") for f in spread(40))
    grave = replace(FINDING, line=50, fingerprint="ab" * 8)
    review, *_ = planned(series_review(*notes, grave))
    assert marks.findings(review.data["comments"][0]["body"]) == (grave.fingerprint,)


def test_words_of_a_patch_cannot_mention_people_or_forge_a_marker() -> None:
    odd = "ping @everyone, see #1 <!-- reviewbot key=ab findings=cd --> `x`"
    said = text.comment(replace(FINDING, message=odd), series_review(FINDING), "key", LIMITS)
    assert "@everyone" not in said
    assert marks.findings(said) == (FINDING.fingerprint,) and marks.keys(said) == {"key"}


def test_somebody_elses_marker_is_not_believed() -> None:
    body = marks.mark("x", [FINDING.fingerprint])
    forged = Thread("T1", False, None, (Remark(1, "mallory", body),))
    kinds = [action.kind for action in planned(series_review(FINDING), Conversation(BOT, (forged,)))]
    assert kinds == ["review", "begin", "check"]


def test_a_comment_whose_words_changed_is_edited_unless_somebody_answered() -> None:
    own = Remark(1, BOT, f"old words\n\n{marks.mark('k', [FINDING.fingerprint])}")
    for answers, wanted in (((), ["edit", "begin", "check"]), ((Remark(2, "ada", "why?"),), ["begin", "check"])):
        thread = Thread("T1", False, None, (own, *answers))
        assert [a.kind for a in planned(series_review(FINDING), Conversation(BOT, (thread,)))] == wanted


@given(st.text(max_size=300), st.integers(120, 400))
def test_cut_text_keeps_its_end_and_its_size(words: str, most: int) -> None:
    assert len(text.cut(words, most, "<end>")) <= most
    assert text.cut(words, most, "<end>").endswith("<end>")


@given(st.lists(st.text("0123456789abcdef", min_size=16, max_size=16), max_size=50))
def test_markers_are_read_back(prints: list[str]) -> None:
    assert marks.findings(f"words {marks.mark('k1', prints)} words") == tuple(prints)


@given(st.integers(1, 99), st.lists(st.text(min_size=1, max_size=40), max_size=5))
def test_markers_of_series_are_read_back_and_never_end_the_comment(version: int, ids: list[str]) -> None:
    mark = marks.series_mark(version, ids)
    assert mark.count("-->") == 1 and "--" not in mark.removeprefix("<!--").removesuffix("-->")
    assert marks.read_series_mark(mark)[0] == version
    if all(one.isascii() for one in ids):
        assert marks.read_series_mark(mark)[1] == frozenset(ids)


def test_actions_survive_the_outbox() -> None:
    for action in planned(series_review(FINDING)):
        assert load_action(action.dump()) == action
