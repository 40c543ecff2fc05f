# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job on the commits of a branch, and where its findings are at the branch's end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reviewbot.model.diff import Series
from reviewbot.model.finding import Evidence, Finding, Review, SeriesReview
from reviewbot.patch.follow import follow
from reviewbot.review.pipeline import Judge, Judges, Progress, judge, review_series, silent
from reviewbot.tree.commits import Branch, as_committed, read_branch
from reviewbot.tree.repository import Tree
from reviewbot.tree.scratch import scratch_directory


def unchanged(series: Series) -> Series:
    """Return a series as it is."""
    return series


def review_branch(
    tree: Tree,
    base: str,
    head: str,
    judges: Judges,
    progress: Progress = silent,
    identity: str | None = None,
    name: str = "",
    known: Callable[[Series], Series] = unchanged,
    by: Judge = judge,
) -> tuple[Branch, SeriesReview]:
    """Review the commits of `base..head`; see `read_branch` for what goes in and which errors come out.
    `known` adds to the series what its commits do not say (remarks, a version); `by` judges it.

    A linear branch is judged as it was committed. One with merges is applied again to where it started, a commit at a
    time: only so what the merges brought is not charged to the commits after them.
    """
    with scratch_directory() as scratch:
        progress("reading commits")
        branch = read_branch(tree, base, head, scratch, identity, name)
        branch = replace(branch, series=known(branch.series))
        if branch.linear:
            review = by(branch.series, as_committed(tree, branch), judges, progress)
        else:
            review = review_series(branch.series, tree, branch.base, judges, progress, by)
    if branch.merges:
        which = ", ".join(commit[:12] for commit in branch.merges)
        review = replace(review, notes=(*review.notes, f"merges are not reviewed: {which}"))
    return branch, review


def _at_end(finding: Finding, review: SeriesReview) -> Finding:
    if finding.patch is None or finding.path is None:
        return finding
    later = [patch for patch in review.series.patches if patch.number > finding.patch]
    path, line = follow(later, finding.path, finding.line)
    end = follow(later, finding.path, finding.end_line)[1] if line is not None else None

    def moved(one: Evidence) -> Evidence:
        where, number = follow(later, one.path, one.line)
        return replace(one, path=where, line=number) if where is not None and number is not None else one

    return replace(finding, path=path, line=line, end_line=end, evidence=tuple(map(moved, finding.evidence)))


def at_end(review: Review) -> Review:
    """Return a review with the findings where the last patch leaves them: what a check-out of the branch shows.

    A finding whose line a later patch takes away has no line any more; one whose file goes has no path. What is fixed
    there, by this version or by a later patch, is left out. Evidence moves along, as far as its lines are still there;
    schedules stay as they were.
    """
    series = []
    for one in review.series:
        there = [f for f in one.findings if f.status != "fixed" and f.put_right_by is None]
        series.append(replace(one, findings=tuple(_at_end(finding, one) for finding in there)))
    return replace(review, series=tuple(series))
