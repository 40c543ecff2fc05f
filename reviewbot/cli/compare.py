# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot compare`: two versions of a series."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from reviewbot.cli.output import FAIL_ON, coloured, emit, progress, render, status

FORMATS = ("text", "json", "markdown", "html", "email")


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--tree", metavar="PATH|NAME", help="Git repository of the series, or a name from reviewbot.toml.")
@click.option("--base", metavar="REV", help="Revision of the tree to apply both to (default: found, else HEAD).")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write there instead of standard output.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="warning",
    show_default=True,
    help="Exit with 1 when NEW has findings from here.",
)
@click.option(
    "--rules", "rule_directories", multiple=True, metavar="DIR", help="Rules of your own, besides the bundled."
)
@click.option("--no-simulate", is_flag=True, help="Do not run the patched code in the simulator.")
@click.option("--verbose", "-v", is_flag=True, help="Show progress even when standard error is no terminal.")
def command(
    old: str,
    new: str,
    tree: str | None,
    base: str | None,
    form: str,
    output: str | None,
    fail_on: str,
    rule_directories: tuple[str, ...],
    no_simulate: bool,
    verbose: bool,
) -> int:
    """Compare two versions of a series: OLD with NEW, each a SOURCE as for `reviewbot review`.

    Shown are the range-diff, what became of each finding (fixed, still there, moved, back again) and of each remark
    that people made on OLD (changed here, answered in the thread, named in the changelog, silent), the tags that a
    patch kept although its code changed, and the review of NEW. A source with several series stands for the one with
    most patches.

    \b
    Examples:
      reviewbot compare v1.mbox v2.mbox
      reviewbot compare v1.mbox v2.mbox --tree ~/linux --base v6.1 --format json
      reviewbot compare thread.mbox - < v2.mbox

    Exit status: 0 nothing at or above --fail-on in NEW, 1 findings, 2 unusable input.
    """
    if base is not None and tree is None:
        raise click.UsageError("--base needs --tree: a revision of which repository?")
    if old == new == "-":
        raise click.UsageError("OLD and NEW cannot both be standard input")
    from reviewbot.cache import user_cache
    from reviewbot.checks.load import load_rules
    from reviewbot.resources import bundled
    from reviewbot.review.pipeline import Judges, compare_sources
    from reviewbot.simulate.scenario import load_scenarios
    from reviewbot.tree.pins import FILE_NAME, find_tree

    rules = load_rules(bundled("rules"), *(Path(one) for one in rule_directories))
    scenarios = () if no_simulate else load_scenarios(bundled("fixtures") / "scenarios")
    opened = find_tree(tree, Path(FILE_NAME)) if tree is not None else None
    with progress(verbose) as tell:
        review = compare_sources(
            old, new, opened, base, Judges(rules, scenarios, cache=user_cache()), sys.stdin.buffer, tell
        )
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    emit(render(review, form, coloured(output), width, full=True), output)
    return status(review, fail_on)
