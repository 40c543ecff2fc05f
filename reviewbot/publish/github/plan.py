# SPDX-License-Identifier: GPL-2.0-or-later
"""What is to be done about a reviewed pull request. Pure: everything that is said at GitHub is planned here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reviewbot.model.diff import FileDiff
from reviewbot.model.finding import SEVERITIES, Finding, SeriesReview
from reviewbot.publish.github import marks, text
from reviewbot.publish.github.facts import Action, Conversation, Json, Kind, Pull, Thread, own_threads, same_login
from reviewbot.publish.github.settings import Limits
from reviewbot.render.pages import escaped
from reviewbot.render.text import shown

NAME = "reviewbot"
"""The name of the check run, and the context of the commit status."""

KeyOf = Callable[..., str]
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Judged:
    """A pull request with its review, where `review` has its findings at the head (see `at_end`).

    `lines` are the lines of the files at the head that the pull request's diff shows; `run` names what asked for the
    review: a comment's id, a webhook's delivery, "0" where it was the push. `names` gives the fingerprint of a finding
    for those that it had in earlier versions, where it has another one now.
    """

    pull: Pull
    review: SeriesReview
    lines: frozenset[Place]
    run: str = "0"
    names: Mapping[str, str] = field(default_factory=dict)

    def now(self, fingerprint: str) -> str:
        """Return the fingerprint that a finding has now, by one that it has or had."""
        return self.names.get(fingerprint, fingerprint)


def shown_lines(files: Iterable[FileDiff]) -> frozenset[Place]:
    """Return the lines (path, number in the new file) of a diff at which GitHub takes comments on the right side."""
    return frozenset(
        (file.path, line.new)
        for file in files
        for hunk in file.hunks
        for line in hunk.lines
        if line.new is not None and line.mark != "-"
    )


def check_key(key_of: KeyOf, pull: Pull, run: str) -> str:
    """Return the key of the check of one review: once that is posted, the review is."""
    return key_of("check", pull.head, run)


def plan(judged: Judged, said: Conversation, key_of: KeyOf, fail_on: str, limits: Limits) -> tuple[Action, ...]:
    """Return what to do, in its order: the review, the threads, the check, which is always the last.

    `key_of(kind, *what)` makes the key of an action. Nothing is said that an earlier review or thread says.
    """
    findings = sorted(judged.review.findings, key=lambda f: -SEVERITIES.index(f.severity))
    return (
        *_review(judged, findings, said, key_of, limits),
        *_threads(judged, findings, said, key_of, limits),
        *_check(judged, findings, key_of, fail_on, limits),
    )


def is_news(finding: Finding, review: SeriesReview) -> bool:
    """Tell whether the bot has something to say of a finding: nobody raised it, or a schedule shows it."""
    return not finding.raised_by or shown(finding, review).result is not None


def _review(
    judged: Judged, findings: Sequence[Finding], said: Conversation, key_of: KeyOf, limits: Limits
) -> list[Action]:
    """Return the review that tells what is new, nothing where nothing is."""
    told = {judged.now(one) for one, _ in own_threads(said)}
    told |= {judged.now(one) for review in said.own_reviews for one in marks.findings(review.body)}
    new = [f for f in findings if f.fingerprint not in told and is_news(f, judged.review)]
    if not new:
        return []
    raised = [f for f in findings if f.fingerprint not in told and f not in new]
    key = key_of("review", judged.pull.head, judged.run)
    lined = [f for f in new if f.path and f.line and (f.path, f.line) in judged.lines][: limits.comments]
    rest = [f for f in new if f not in lined]
    comments: list[Json] = [
        {
            "path": finding.path,
            "line": finding.line,
            "side": "RIGHT",
            "body": text.comment(finding, judged.review, key, limits),
        }
        for finding in lined
    ]
    data = {
        "commit": judged.pull.head,
        "body": text.body(judged.review, (len(lined), rest, raised), key, judged.pull.head, limits),
        # where GitHub takes none of the lines after all, everything is told here
        "fallback": text.body(judged.review, (0, new, raised), key, judged.pull.head, limits),
        "comments": comments,
    }
    return [Action("review", judged.pull.number, key, data)]


def _answered(thread: Thread, login: str) -> bool:
    return any(not same_login(one.author, login) for one in thread.comments)


def _threads(
    judged: Judged, findings: Sequence[Finding], said: Conversation, key_of: KeyOf, limits: Limits
) -> list[Action]:
    """Return what becomes of the bot's threads: nothing is ever deleted, and what people resolved stays resolved."""
    present = {f.fingerprint: f for f in findings}
    head, run = judged.pull.head, judged.run
    actions = []

    def act(kind: Kind, thread: Thread, **data: object) -> None:
        key = key_of(kind, thread.id, head, run)
        body = {"body": f"{data.pop('text')}\n\n{marks.mark(key)}"} if "text" in data else {}
        actions.append(Action(kind, judged.pull.number, key, {"thread": thread.id, **data, **body}))

    for fingerprint, thread in own_threads(said):
        finding = present.get(judged.now(fingerprint))
        answered = _answered(thread, said.login)
        if finding is None:
            if not thread.resolved:
                if answered:
                    act("reply", thread, comment=thread.comments[0].id, text=f"Not found any more as of {head[:12]}.")
                act("resolve", thread)
        elif thread.resolved and same_login(thread.resolved_by, said.login):
            act("unresolve", thread)
        elif not thread.resolved and not answered:
            # the words may have changed with the code; the key in the marker stays that of the review
            key = next(iter(marks.keys(thread.comments[0].body)), "")
            fresh = text.comment(finding, judged.review, key, limits)
            if fresh.split() != thread.comments[0].body.split():
                action = key_of("edit", thread.id, head, run)
                data = {"thread": thread.id, "comment": thread.comments[0].id, "body": fresh}
                actions.append(Action("edit", judged.pull.number, action, data))
    return actions


def conclusion(findings: Sequence[Finding], fail_on: str, whole: bool = True) -> str:
    """Return what a check comes to: `failure` from the severity `fail_on` on, `neutral` with lighter findings.

    Where not everything could be read (`whole`) nothing is a success.
    """
    if not findings:
        return "success" if whole else "neutral"
    if fail_on == "never":
        return "neutral"
    least = SEVERITIES.index(fail_on)
    return "failure" if any(SEVERITIES.index(f.severity) >= least for f in findings) else "neutral"


def _check(judged: Judged, findings: Sequence[Finding], key_of: KeyOf, fail_on: str, limits: Limits) -> list[Action]:
    """Return what makes the check run, whose annotations are the gravest findings that have a place."""
    placed = [f for f in findings if f.path]
    annotated = [text.annotation(f, limits) for f in placed[: limits.annotations_in_all]]
    whole = not text.failures(judged.review)
    ordered = [*placed, *(f for f in findings if not f.path)]
    data: Json = {
        "conclusion": conclusion(findings, fail_on, whole),
        "title": text.counts(findings) + ("" if whole else "; not everything was read"),
        "summary": text.summary(judged.review, ordered, len(annotated), limits),
    }
    return _run(judged.pull, judged.run, data, annotated, key_of, limits.annotations)


def _run(pull: Pull, run: str, data: Json, annotations: Sequence[Json], key_of: KeyOf, size: int) -> list[Action]:
    """Return the requests that make a check run: it begins, is annotated, and is completed last of all.

    GitHub appends the annotations of each request to those that are there; `before` says how many those must be.
    """
    name = key_of("begin", pull.head, run)
    data = {"commit": pull.head, "check": name, **data}
    batches = [annotations[at : at + size] for at in range(0, len(annotations), size)] or [[]]
    actions = [Action("begin", pull.number, name, data)]
    for number, batch in enumerate(batches[:-1]):
        key = key_of("annotate", pull.head, run, str(number))
        actions.append(Action("annotate", pull.number, key, {**data, "before": number * size, "annotations": batch}))
    last = {**data, "before": (len(batches) - 1) * size, "annotations": batches[-1]}
    return [*actions, Action("check", pull.number, check_key(key_of, pull, run), last)]


def unusable(pull: Pull, run: str, reason: str, key_of: KeyOf) -> tuple[Action, ...]:
    """Return what to do about a pull request that cannot be reviewed: a neutral check that says why."""
    data: Json = {"conclusion": "neutral", "title": "not reviewed", "summary": escaped(reason)}
    return tuple(_run(pull, run, data, [], key_of, 1))
