# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot ci`: the main job on the commits of a branch."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import click

from reviewbot.cli.output import FAIL_ON, FORMATS, coloured, emit, progress, render, status

# formats whose readers look at the files as they are at the branch's end
AT_END = ("github", "sarif")


@click.command()
@click.option("--tree", default=".", show_default=True, metavar="PATH|NAME", help="The branch's git repository.")
@click.option("--range", "span", metavar="BASE..HEAD", help="The commits (default: as the CI system says, see below).")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write there instead of standard output.")
@click.option("--baseline", metavar="FILE", help="Findings that are known: they are left out and do not count.")
@click.option("--write-baseline", is_flag=True, help="Add what is found to the baseline, and exit with 0.")
@click.option(
    "--fail-on", type=click.Choice(FAIL_ON), default="warning", show_default=True, help="Exit with 1 from here."
)
@click.option(
    "--rules", "rule_directories", multiple=True, metavar="DIR", help="Rules of your own, besides the bundled."
)
@click.option("--no-simulate", is_flag=True, help="Do not run the changed code in the simulator.")
@click.option("--verbose", "-v", is_flag=True, help="Show progress even when standard error is no terminal.")
def command(
    tree: str,
    span: str | None,
    form: str,
    output: str | None,
    baseline: str | None,
    write_baseline: bool,
    fail_on: str,
    rule_directories: tuple[str, ...],
    no_simulate: bool,
    verbose: bool,
) -> int:
    """Review the commits of a branch, as a series on the commit that the branch left.

    Without --range a GitHub job's event, a GitLab job's variables, the branch's upstream or a main branch say which
    commits those are. Merges are left out. With no commits to review the exit status is 0.

    \b
    Examples:
      reviewbot ci
      reviewbot ci --range origin/main..HEAD --format sarif --output reviewbot.sarif
      reviewbot ci --baseline .reviewbot-baseline.json --write-baseline
    """
    if write_baseline and baseline is None:
        raise click.UsageError("--write-baseline needs --baseline FILE: where to?")
    from reviewbot.cache import user_cache
    from reviewbot.checks.load import load_rules
    from reviewbot.model.finding import Review
    from reviewbot.publish.cirange import find_range, parse_range, read_event
    from reviewbot.resources import bundled
    from reviewbot.review.baseline import baseline_text, read_baseline, without
    from reviewbot.review.branch import at_end, review_branch
    from reviewbot.review.pipeline import Judges
    from reviewbot.simulate.scenario import load_scenarios
    from reviewbot.tree.commits import is_behind
    from reviewbot.tree.pins import FILE_NAME, find_tree

    opened = find_tree(tree, Path(FILE_NAME))
    event = os.environ.get("GITHUB_EVENT_PATH")
    which = (
        parse_range(span)
        if span is not None
        else find_range(os.environ, opened.knows, read_event(event) if event else None)
    )
    known: frozenset[tuple[str, str, str]] = frozenset()
    if baseline is not None and (Path(baseline).exists() or not write_baseline):
        known = read_baseline(Path(baseline))
    if is_behind(opened, which.head, which.base):
        click.echo(f"no commits in {which.base}..{which.head} ({which.why})", err=True)
        emit(render(Review((), ()), form, False, 100), output)
        return 0
    rules = load_rules(bundled("rules"), *(Path(one) for one in rule_directories))
    scenarios = () if no_simulate else load_scenarios(bundled("fixtures") / "scenarios")
    with progress(verbose) as tell:
        branch, one = review_branch(
            opened,
            which.base,
            which.head,
            Judges(rules, scenarios, cache=user_cache()),
            tell,
            name=f"{which.base}..{which.head}",
        )
    if branch.merges:
        click.echo(f"{len(branch.merges)} merges are left out: {', '.join(m[:12] for m in branch.merges)}", err=True)
    review = Review((one,), ())
    if write_baseline and baseline is not None:
        emit(baseline_text(review, known).encode(), baseline)
        fail_on = "never"
    review, hidden = without(review, known)
    if hidden:
        click.echo(f"{hidden} findings of the baseline {baseline} are left out", err=True)
    width = min(shutil.get_terminal_size((100, 24)).columns, 120)
    emit(render(at_end(review) if form in AT_END else review, form, coloured(output), width), output)
    return status(review, fail_on)
