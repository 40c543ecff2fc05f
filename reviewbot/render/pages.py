# SPDX-License-Identifier: GPL-2.0-or-later
"""A review as Markdown and as one HTML page that needs nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reviewbot.model.finding import Review
from reviewbot.render.environment import environment, harmless
from reviewbot.render.text import applied, failed_hunks, origin, shown, verdicts, who
from reviewbot.render.versions import words

FENCE = "```"


def fenced(text: str) -> str:
    """Return text as a fenced block whose fence is longer than any run of backticks in it."""
    fence = FENCE
    while fence in text:
        fence += "`"
    return f"{fence}\n{text}\n{fence}"


def escaped(text: object) -> str:
    """Return text with what Markdown would read as markup, a mention or a reference made harmless."""
    out = harmless(text)
    for mark in "\\`*_[]<>#|":
        out = out.replace(mark, "\\" + mark)
    return out.replace("@", "@\u200b")


def _render(template: str, review: Review, templates: Sequence[Path], full: bool) -> str:
    env = environment(directories=templates)
    env.filters.update(fenced=fenced, escaped=escaped)
    return env.get_template(template).render(
        review=review,
        shown=lambda finding, one: shown(finding, one, 96),
        applied=applied,
        origin=origin,
        who=who,
        failed_hunks=failed_hunks,
        verdicts=verdicts,
        **words(full),
    )


def render_markdown(review: Review, templates: Sequence[Path] = (), full: bool = False) -> str:
    """Return the review as Markdown (CommonMark with GitHub's tables)."""
    return _render("report.md.j2", review, templates, full)


def render_html(review: Review, templates: Sequence[Path] = (), full: bool = False) -> str:
    """Return the review as a page; everything from the mail is escaped, nothing is loaded from anywhere."""
    return _render("report.html", review, templates, full)
