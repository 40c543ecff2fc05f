# SPDX-License-Identifier: GPL-2.0-or-later
"""What the commands share at the program's end: formats, progress, exit status."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import SEVERITIES, Review
from reviewbot.model.mail import Person

FORMATS = ("text", "email", "markdown", "html", "json", "sarif", "junit", "github")
FAIL_ON = (*SEVERITIES, "never")


def now() -> datetime:
    """Return the time to date things with; SOURCE_DATE_EPOCH fixes it, for reproducible output."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(fixed) if fixed.isdigit() else time.time(), UTC)


def identity() -> Person:
    """Return who git says is at work, as git send-email would take it."""
    values = []
    for key in ("user.name", "user.email"):
        done = subprocess.run(["git", "config", "--get", key], capture_output=True, text=True, check=False)
        values.append(done.stdout.strip())
    return Person(values[0] or "reviewbot", values[1] or "reviewbot@localhost")


def render(
    review: Review, form: str, colour: bool, width: int, templates: Sequence[Path] = (), full: bool = False
) -> bytes:
    """Return a review in one of FORMATS.

    `templates` are directories of a user's own; what is wrong in them comes out as UnusableInputError. `full` shows all
    of a range-diff.
    """
    from jinja2 import TemplateError

    try:
        return _rendered(review, form, colour, width, templates, full)
    except TemplateError as error:
        place = f"{getattr(error, 'filename', None) or 'a template'}, line {getattr(error, 'lineno', '?')}: "
        raise UnusableInputError(f"{place if hasattr(error, 'lineno') else 'a template: '}{error}") from error


def _rendered(review: Review, form: str, colour: bool, width: int, templates: Sequence[Path], full: bool) -> bytes:
    if form == "json":
        from reviewbot.render.report import render_json

        return render_json(review).encode()
    if form == "email":
        return _mails(review, templates)
    if form == "text":
        from reviewbot.render.text import render_text

        return render_text(review, colour, width, templates, full).encode("utf-8", "replace")
    from reviewbot.render import github, junit, pages, sarif

    renderers: dict[str, Callable[[Review], str]] = {
        "markdown": lambda one: pages.render_markdown(one, templates, full),
        "html": lambda one: pages.render_html(one, templates, full),
        "sarif": sarif.render_sarif,
        "junit": junit.render_junit,
        "github": github.render_github,
    }
    return renderers[form](review).encode("utf-8", "replace")


def _mails(review: Review, templates: Sequence[Path]) -> bytes:
    """Return the mbox of replies, and say on standard error which ones a template declined."""
    from reviewbot.render.email import Sender, answers, current, mboxrd

    sender = Sender(identity(), now())
    found = [one for series in current(review) for one in answers(series, sender, templates)]
    for one in found:
        if one.declined:
            what = f"patch {one.patch}" if one.patch is not None else "the cover"
            click.echo(f"no mail on {what}, by a template's wish: {one.declined}", err=True)
    return b"".join(mboxrd(one.message, sender.date) for one in found if one.message is not None)


def emit(data: bytes, output: str | None) -> None:
    """Write to a file, or to standard output when there is none."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        raise UnusableInputError(f"cannot write {output}: {error.strerror}") from error


def coloured(output: str | None) -> bool:
    """Tell whether text may be coloured: on a terminal, unless NO_COLOR is set (no-color.org)."""
    return output is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")


@contextmanager
def progress(wanted: bool) -> Iterator[Callable[[str], None]]:
    """Give a function that shows progress on standard error: a spinner on a terminal, else a line each if `wanted`."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield (lambda text: click.echo(text, err=True)) if wanted else (lambda _: None)
        return
    with console.status("starting") as spinner:
        yield lambda text: spinner.update(escape(text))


def status(review: Review, fail_on: str) -> int:
    """Return 1 when a finding is at or above the level `fail_on`, else 0."""
    if fail_on == "never":
        return 0
    least = SEVERITIES.index(fail_on)
    return int(any(SEVERITIES.index(f.severity) >= least for one in review.series for f in one.findings))
