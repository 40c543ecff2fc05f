# SPDX-License-Identifier: GPL-2.0-or-later
"""What became of findings, remarks and tags of an earlier version."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewbot.model.comparison import Comparison
from reviewbot.model.diff import DiffLine, FileDiff, Hunk, Patch, Series
from reviewbot.model.earlier import Reviewed
from reviewbot.model.finding import Finding
from reviewbot.model.mail import Remark, Trailer
from reviewbot.review.versions.compare import compare
from reviewbot.review.versions.link import compared
from tests.reviews import AUTHOR, FINDING, PATH, REVIEWER, remark, series_review

TAG = Trailer("Reviewed-by", "Rita Reviewer <rita@example.org>")


def code(*lines: str, first: int = 10, path: str = PATH) -> FileDiff:
    """A diff that adds these lines, between two of context."""
    body = [DiffLine(" ", "void f(void)", first, first), DiffLine(" ", "{", first + 1, first + 1)]
    body += [DiffLine("+", text, None, first + 2 + at) for at, text in enumerate(lines)]
    body += [DiffLine(" ", "}", first + 2, first + 2 + len(lines))]
    hunk = Hunk(first, 3, first, 3 + len(lines), "", tuple(body))
    return FileDiff(path, path, "modify", (hunk,), len(lines), 0)


def patch(*files: FileDiff, number: int = 1, notes: str = "", subject: str = "ring: count", tag: bool = False) -> Patch:
    trailers = (TAG,) if tag else ()
    return Patch(number, 1, f"p{number}@x", subject, AUTHOR, AUTHOR, None, "Count.\n", notes, trailers, files, b"")


def series(*patches: Patch, version: int = 1, missing: tuple[int, ...] = ()) -> Series:
    mail = replace(series_review().series.mail, version=version, missing=missing, id=f"v{version}@x")
    return Series(mail, patches)


def finding(rule: str = "wait-without-wake", print_: str = "a" * 16, **other: object) -> Finding:
    return replace(FINDING, rule=rule, fingerprint=print_, **other)  # type: ignore[arg-type]


def states(earlier: list[list[Finding]], findings: list[Finding], new: Series | None = None) -> list[str]:
    past = [Reviewed(series(patch(code("a();")), version=at), tuple(one)) for at, one in enumerate(earlier, 1)]
    new = new or series(patch(code("a();")), version=len(earlier) + 1)
    return [one.state for one in compare(past, new, findings).findings]


LOCK = finding("double-lock", "b" * 16, snippet="\tspin_lock(&r->lock);", message="r->lock is held already.")
WAKE = finding()
ELSEWHERE = replace(WAKE, fingerprint="d" * 16, path="mm/pool.c", function="pool_put")


@pytest.mark.parametrize(
    ("earlier", "now", "expected"),
    [
        ([[]], [WAKE], ["new"]),
        ([[WAKE]], [], ["fixed"]),
        ([[WAKE]], [WAKE], ["persisting"]),
        ([[WAKE]], [replace(WAKE, line=40)], ["persisting"]),
        ([[WAKE]], [replace(WAKE, fingerprint="e" * 16, snippet="\tr->full  =  0;")], ["persisting"]),
        ([[WAKE]], [ELSEWHERE], ["moved"]),
        ([[WAKE, LOCK]], [WAKE], ["persisting", "fixed"]),
        ([[WAKE]], [LOCK], ["new", "fixed"]),
        ([[WAKE], []], [WAKE], ["regression"]),
        ([[WAKE], [WAKE]], [WAKE], ["persisting"]),
        ([[WAKE], [LOCK], []], [LOCK, WAKE], ["regression", "regression"]),
    ],
)
def test_a_finding_is_followed_through_the_versions(
    earlier: list[list[Finding]], now: list[Finding], expected: list[str]
) -> None:
    assert states(earlier, now) == expected


def test_a_defect_that_takes_the_place_of_another_is_new() -> None:
    other = replace(WAKE, fingerprint="f" * 16, snippet="\tq->busy--;", message="ring_put() counts busy down.")
    assert states([[WAKE]], [other]) == ["new", "fixed"]


def test_what_stood_in_a_missing_patch_is_not_called_fixed() -> None:
    late = replace(WAKE, patch=2)
    new = series(patch(code("a();")), version=2, missing=(2,))
    assert states([[late]], [], new) == ["unseen"]


def test_fixed_findings_count_for_nothing_in_the_review() -> None:
    old = Reviewed(series(patch(code("a();"))), (WAKE, LOCK))
    told = compared(series_review(WAKE), (old,))
    assert [(one.rule, one.status) for one in told.findings] == [("wait-without-wake", "persisting")]
    assert told.comparison is not None
    assert [(one.rule, one.status) for one in told.comparison.fixed] == [("double-lock", "fixed")]


def test_a_review_without_earlier_versions_stays_as_it_is() -> None:
    review = series_review(WAKE)
    assert compared(review, ()) is review


OLD = [f"step({number});" for number in range(20)]


def remarked(text: str, new: Patch, answer: str = "", line: int = 14) -> Comparison:
    """Compare a version with a remark on its 14th line (the author's `answer` below it) with another."""
    old = series(patch(code(*OLD)))
    comments = [remark(text, line)]
    mails = [Remark("r@x", REVIEWER, None, (), (), text, "p1@x")]
    if answer:
        comments.append(remark(answer, line, AUTHOR, "s@x"))
        mails.append(Remark("s@x", AUTHOR, None, (), (), answer, "r@x"))
    old = Series(replace(old.mail, remarks=tuple(mails)), old.patches, tuple(comments))
    return compare([Reviewed(old, ())], series(new, version=2), ())


CHANGED = [*OLD[:3], "other(3);", *OLD[4:]]
FAR = [*OLD[:18], "put_ring(18);", *OLD[19:]]


@pytest.mark.parametrize(
    ("text", "new", "answer", "state"),
    [
        ("This should take the lock first.", patch(code(*CHANGED)), "", "changed-here"),
        ("Should put_ring() not be called at the end?", patch(code(*FAR)), "", "changed-here"),
        ("This should take the lock first.", patch(code(*FAR)), "", "silent"),
        ("This should take the lock first.", patch(code(*OLD)), "No, it is held here.", "answered-in-thread"),
        ("Why do you not take ring_lock?", patch(code(*OLD), notes="v2: why not ring_lock"), "", "named-in-changelog"),
        ("Why is this not done first?", patch(code(*OLD), notes="v2: as Rita asked"), "", "named-in-changelog"),
        ("Why is this not done first?", patch(code(*OLD), notes="v2: rebased"), "", "silent"),
    ],
)  # fmt: skip
def test_a_remark_is_followed(text: str, new: Patch, answer: str, state: str) -> None:
    (change,) = remarked(text, new, answer).remarks
    assert (change.state, change.asks) == (state, True)


def test_praise_is_not_answered_by_an_entry_that_thanks_its_writer() -> None:
    (change,) = remarked("I like where this goes.", patch(code(*OLD), notes="v2: locks (Rita)"), "").remarks
    assert (change.state, change.asks) == ("silent", False)


def test_a_changed_remark_comes_with_the_hunk_of_the_new_version() -> None:
    (change,) = remarked("This should take the lock first.", patch(code(*CHANGED))).remarks
    (hunk,) = change.hunks
    assert (hunk.patch, hunk.path, hunk.line, hunk.end_line) == (1, PATH, 15, 15)
    assert "+other(3);" in hunk.text


def test_a_remark_on_a_patch_that_was_written_anew_is_followed_by_its_title() -> None:
    fresh = [f"quite(another, {number});" for number in range(30)]
    comparison = remarked("This should take the lock first.", patch(code(*fresh)))
    assert {one.mark for one in comparison.pairs} == {"<", ">"}
    assert comparison.remarks[0].state == "changed-here"


@pytest.mark.parametrize(
    ("lines", "pointed_out"),
    [
        (["\ta = b;  /* as said */", "\tprintk(\"x // y\");"], False),
        (["\ta  =  b;", "\t/* why", "\t * so */", "\tprintk( \"x // y\" );"], False),
        (["\ta = c;", "\tprintk(\"x // y\");"], True),
        (["\ta = b;", "\tprintk(\"x // z\");"], True),
        (["\ta = b;"], True),
    ],
)  # fmt: skip
def test_a_tag_on_other_code_is_pointed_out(lines: list[str], pointed_out: bool) -> None:
    old = series(patch(code("\ta = b;", '\tprintk("x // y");'), tag=True))
    new = series(patch(code(*lines), tag=True), version=2)
    carried = compare([Reviewed(old, ())], new, ()).carried
    assert [(one.new, one.trailer, one.path) for one in carried] == ([(1, TAG, PATH)] if pointed_out else [])


def test_a_tag_that_is_given_anew_is_not_carried() -> None:
    given = replace(TAG, source="reply")
    old = series(replace(patch(code("a();")), trailers=(TAG,)))
    new = series(replace(patch(code("b();")), trailers=(given,)), version=2)
    assert compare([Reviewed(old, ())], new, ()).carried == ()


def test_the_authors_own_remarks_are_not_listed() -> None:
    assert len(remarked("Why is this so?", patch(code(*OLD)), "It must be.").remarks) == 1
