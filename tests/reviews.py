# SPDX-License-Identifier: GPL-2.0-or-later
"""Small hand-made reviews for the tests of what is said: one patch, one file, one finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from reviewbot.model.diff import DiffLine, FileDiff, HumanComment, Hunk, Patch, Series
from reviewbot.model.finding import Evidence, Finding, Review, ScheduleStep, SeriesReview, SimulationResult
from reviewbot.model.mail import MailSeries, PatchMail, Person
from reviewbot.model.tree import Application, Base

AUTHOR = Person("Ada Author", "ada@example.org")
REVIEWER = Person("Rita Reviewer", "rita@example.org")
DATE = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
PATH = "mm/ring.c"

LINES = (
    DiffLine(" ", "static void ring_put(struct ring *r)", 10, 10),
    DiffLine(" ", "{", 11, 11),
    DiffLine("-", "\tr->used++;", 12, None),
    DiffLine("+", "\tr->used += 1;", None, 12),
    DiffLine("+", "\tr->full = 0;", None, 13),
    DiffLine(" ", "}", 13, 14),
)
FILE = FileDiff(PATH, PATH, "modify", (Hunk(10, 4, 10, 5, "", LINES),), 2, 1)

FINDING = Finding(
    rule="wait-without-wake",
    severity="error",
    confidence="proved",
    patch=1,
    path=PATH,
    line=13,
    end_line=13,
    function="ring_put",
    message="ring_put() clears full, and nothing wakes those who sleep on ring_waitq.",
    evidence=(Evidence(PATH, 40, "ring_wait() sleeps here"),),
    fingerprint="0123456789abcdef",
    snippet="\tr->full = 0;",
)

SCHEDULE = (
    ScheduleStep("writer", "ring_wait", PATH, 40, "goes to sleep on ring_waitq", "schedule();"),
    ScheduleStep("reader", "ring_put", PATH, 13, "writes 0", "r->full = 0;", added=True),
)
VIOLATED = SimulationResult(
    "ring", "no-lost-wakeup", "violated", "holds", True, 12, 20, 0.1, "complete", (), SCHEDULE, patch=1
)


def patch(number: int = 1, total: int = 1) -> Patch:
    """Return a patch that changes FILE."""
    return Patch(
        number, total, f"p{number}@example.org", "ring: count", AUTHOR, AUTHOR, DATE, "Count.\n", "", (), (FILE,), b""
    )


def mail_of(one: Patch) -> PatchMail:
    """Return the mail that a patch came in."""
    return PatchMail(
        one.number,
        one.total,
        one.message_id,
        one.subject,
        one.author,
        one.sender,
        one.date,
        one.log,
        "",
        b"",
        1,
        references=("cover@example.org",),
        recipients=(REVIEWER, AUTHOR),
    )


def series_review(
    *findings: Finding,
    simulation: tuple[SimulationResult, ...] = (),
    comments: tuple[HumanComment, ...] = (),
    application: Application | None = None,
) -> SeriesReview:
    """Return a review of a series of one patch."""
    one = patch()
    mails = (mail_of(one),)
    mail = MailSeries("p1@example.org", one.subject, 1, 1, AUTHOR, DATE, None, mails, (), (one.message_id or "",))
    return SeriesReview(
        Series(mail, (one,), comments),
        Base("pinned", "linux", "ab" * 20, ("HEAD was asked for",)),
        (application or Application(1, "clean", "cd" * 20),),
        findings,
        simulation,
    )


def review(*findings: Finding, **parts: object) -> Review:
    """Return a run with that one review."""
    return Review((series_review(*findings, **parts),), ())  # type: ignore[arg-type]


def many(count: int) -> tuple[Finding, ...]:
    """Return that many different findings."""
    return tuple(replace(FINDING, fingerprint=f"{n:016x}", message=f"Finding number {n}.") for n in range(count))


def remark(text: str, line: int | None = 13, author: Person = REVIEWER, message_id: str | None = "r@x") -> HumanComment:
    """Return a remark on the patch."""
    return HumanComment(message_id, author, DATE, 1, PATH if line else None, line, "new" if line else None, "", text)
