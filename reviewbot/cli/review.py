# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot review`: the main job."""

from __future__ import annotations

import shutil
import sys
from functools import partial
from pathlib import Path

import click

from reviewbot.cli.memory import MEMORY, remembering
from reviewbot.cli.output import FAIL_ON, FORMATS, coloured, emit, progress, render, status


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--tree", metavar="PATH|NAME", help="Git repository of the series, or a name from reviewbot.toml.")
@click.option("--base", metavar="REV", help="Revision of the tree to apply to (default: found, else HEAD).")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write there instead of standard output.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="warning", show_default=True, help="Exit with 1 from here."
)
@click.option(
    "--rules", "rule_directories", multiple=True, metavar="DIR", help="Rules of your own, besides the bundled."
)
@click.option(
    "--templates",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Templates of your own, before the bundled.",
)
@click.option("--no-simulate", is_flag=True, help="Do not run the patched code in the simulator.")
@click.option(
    "--external", is_flag=True, help="Ask checkpatch, Coccinelle, sparse, a W=1 build and codespell too, if installed."
)
@MEMORY
@click.option("--verbose", "-v", is_flag=True, help="Show progress even when standard error is no terminal.")
def command(
    sources: tuple[str, ...],
    tree: str | None,
    base: str | None,
    form: str,
    output: str | None,
    fail_on: str,
    rule_directories: tuple[str, ...],
    templates: tuple[Path, ...],
    no_simulate: bool,
    external: bool,
    memory: str | None,
    verbose: bool,
) -> int:
    """Review the patch series in SOURCE...

    A SOURCE is an mbox (plain or .gz), a maildir, a .eml, .patch or .diff file, a text dump of a thread, or "-" for
    standard input. Without --tree the review is made from the series alone; what it does not show is then unknown,
    and nothing is said of it. What is reviewed is remembered, and a later version of a series is compared with it.

    \b
    Examples:
      reviewbot review series.mbox --tree ~/linux --base v6.1
      reviewbot review thread.mbox --format json --output report.json
      reviewbot review series.mbox --tree ~/linux --external
      git format-patch --stdout origin..HEAD | reviewbot review - --tree . --base origin
    """
    if base is not None and tree is None:
        raise click.UsageError("--base needs --tree: a revision of which repository?")
    from reviewbot.cache import user_cache
    from reviewbot.checks.external.found import external_rules
    from reviewbot.checks.load import load_rules
    from reviewbot.resources import bundled
    from reviewbot.review.pipeline import Judges, review_sources
    from reviewbot.simulate.scenario import load_scenarios
    from reviewbot.tree.pins import FILE_NAME, find_tree

    own = [Path(one) for one in rule_directories]
    rules = load_rules(bundled("rules"), *own)
    scenarios = () if no_simulate else load_scenarios(bundled("fixtures") / "scenarios")
    opened = find_tree(tree, Path(FILE_NAME)) if tree is not None else None
    tools = partial(external_rules, tree=opened, directories=own) if external else None
    judges = Judges(rules, scenarios, tools, user_cache())
    with remembering(memory, FILE_NAME) as kept:
        with progress(verbose) as tell:
            review = review_sources(sources, opened, base, judges, sys.stdin.buffer, tell, kept.earlier, kept.judge)
        kept.keep(review.series)
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    emit(render(review, form, coloured(output), width, templates), output)
    return status(review, fail_on)
