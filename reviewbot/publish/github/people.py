# SPDX-License-Identifier: GPL-2.0-or-later
"""What people said in a pull request, as remarks on its series, and which findings they raised. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from reviewbot.model.diff import HumanComment, Patch, Series
from reviewbot.model.finding import Finding, SeriesReview
from reviewbot.model.mail import Person
from reviewbot.patch.follow import brought_by, taken_by
from reviewbot.publish.github.commands import command
from reviewbot.publish.github.facts import Conversation, Pull, Remark, Thread, same_login
from reviewbot.publish.github.plan import is_news
from reviewbot.review.people import names, raised_by


def spoken(said: Conversation, talk: Iterable[Remark], pull: Pull, author: Person) -> tuple[HumanComment, ...]:
    """Return what people said in reviews, threads and the conversation (`talk`), in this order.

    Lines are those of the files at the head ("new") or the base ("old"); `patch` is None. Commands are left out, what
    programs say, and what answers the bot: that is no news to it. `author` is whom the pull request's author counts
    as: the series' own.
    """
    found = []
    for thread in said.threads:
        if thread.comments and not same_login(thread.comments[0].author, said.login):
            found += [(one, thread) for one in thread.comments]
    alone: list[tuple[Remark, Thread | None]] = [(one, None) for one in (*said.reviews, *talk)]
    return tuple(
        _comment(one, thread, author if same_login(one.author, pull.author) else Person(one.author, ""))
        for one, thread in (*found, *alone)
        if one.person and one.body.strip() and not same_login(one.author, said.login) and command(one.body) is None
    )


def _comment(remark: Remark, thread: Thread | None, author: Person) -> HumanComment:
    return HumanComment(
        message_id=remark.url or str(remark.id),
        author=author,
        date=remark.at,
        patch=None,
        path=thread.path if thread else None,
        line=thread.line if thread else None,
        side=thread.side if thread else None,
        quoted="",
        text=remark.body,
    )


def _anchored(comment: HumanComment, patches: tuple[Patch, ...]) -> HumanComment:
    if comment.path is None:
        return comment
    place = taken_by if comment.side == "old" else brought_by
    patch, path, line = place(patches, comment.path, comment.line)
    return replace(comment, patch=patch, path=path, line=line)


def with_comments(series: Series, comments: Iterable[HumanComment]) -> Series:
    """Return a series with what people said of it, each remark on the patch that brought (or took) its line."""
    return replace(series, comments=tuple(_anchored(one, series.patches) for one in comments))


def with_raised(at_head: SeriesReview, comments: Iterable[HumanComment]) -> SeriesReview:
    """Return a review whose findings, at the head, name who raised them; `comments` are those of `spoken`.

    A remark at no file is about the whole pull request: it is taken for one at the findings of the functions that it
    names, and elsewhere has to name what a finding names, and its kind.
    """
    author = at_head.series.mail.author
    said = tuple(comments)
    findings = []
    for finding in at_head.findings:
        here = (_about(one, finding) for one in said)
        found = (*finding.raised_by, *raised_by(finding, tuple(here), author))
        findings.append(replace(finding, raised_by=tuple(dict.fromkeys(found))))
    return replace(at_head, findings=tuple(findings))


def _about(comment: HumanComment, finding: Finding) -> HumanComment:
    """Return a comment at the head as one on the finding's own patch."""
    if comment.path is not None:
        return replace(comment, patch=finding.patch)
    line = finding.line if finding.function in names(comment.text) else None
    return replace(comment, patch=finding.patch, path=finding.path, line=line)


def told_findings(at_head: SeriesReview) -> SeriesReview:
    """Return a review with the findings alone that the bot tells: not those that people raised already."""
    return replace(at_head, findings=tuple(f for f in at_head.findings if is_news(f, at_head)))
