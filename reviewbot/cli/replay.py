# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot replay`: the main job on a whole archive."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from reviewbot.cli.output import progress

if TYPE_CHECKING:
    from reviewbot.review.archive import Replayed, Tally


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="ARCHIVE...")
@click.option("--tree", metavar="PATH|NAME", help="Git repository of the series, or a name from reviewbot.toml.")
@click.option("--base", metavar="REV", help="Revision of the tree to apply to (default: found, else HEAD).")
@click.option("--format", "form", type=click.Choice(("text", "jsonl")), default="text", show_default=True)
@click.option("--output", metavar="FILE", help="Write there instead of standard output.")
@click.option(
    "--rules", "rule_directories", multiple=True, metavar="DIR", help="Rules of your own, besides the bundled."
)
@click.option("--no-simulate", is_flag=True, help="Do not run the patched code in the simulator.")
@click.option("--verbose", "-v", is_flag=True, help="Show progress even when standard error is no terminal.")
def command(
    sources: tuple[str, ...],
    tree: str | None,
    base: str | None,
    form: str,
    output: str | None,
    rule_directories: tuple[str, ...],
    no_simulate: bool,
    verbose: bool,
) -> int:
    """Review every series of ARCHIVE..., to see what the rules say about a list, or what changes with a new rule.

    An ARCHIVE is what `review` takes: an mbox (plain or .gz), a maildir, a public-inbox git directory and so on. Each
    series is written as soon as it is reviewed: its subject and findings, or with "jsonl" one report a line, as
    `review --format json` makes it. Nothing is remembered or posted, and a series that cannot be reviewed does not
    stop the others. The exit status is 0 unless the archive or the base cannot be read.

    \b
    Examples:
      reviewbot replay linux-mm.mbox.gz --tree ~/linux
      reviewbot replay ~/archives/linux-mm/git/0.git --tree ~/linux --base v6.1 --format jsonl --output mm.jsonl
      reviewbot replay list.mbox --rules my-rules --no-simulate
    """
    if base is not None and tree is None:
        raise click.UsageError("--base needs --tree: a revision of which repository?")
    from reviewbot.cache import user_cache
    from reviewbot.checks.load import load_rules
    from reviewbot.resources import bundled
    from reviewbot.review.archive import Tally, replay
    from reviewbot.review.pipeline import Judges
    from reviewbot.simulate.scenario import load_scenarios
    from reviewbot.tree.pins import FILE_NAME, find_tree

    rules = load_rules(bundled("rules"), *map(Path, rule_directories))
    scenarios = () if no_simulate else load_scenarios(bundled("fixtures") / "scenarios")
    opened = find_tree(tree, Path(FILE_NAME)) if tree is not None else None
    judges = Judges(rules, scenarios, None, user_cache())
    tally = Tally()
    with ExitStack() as stack:
        to = _target(output, stack)
        with progress(verbose) as tell:
            for one in replay(sources, opened, base, judges, sys.stdin.buffer, tell):
                tally = tally.plus(one)
                to.write(_line(one) if form == "jsonl" else _text(one))
                to.flush()
        if form == "text":
            to.write(_summary(tally))
    return 0


def _target(output: str | None, stack: ExitStack) -> TextIO:
    from reviewbot.model.errors import UnusableInputError

    if output is None:
        return sys.stdout
    try:
        return stack.enter_context(Path(output).open("w", encoding="utf-8", errors="replace"))
    except OSError as error:
        raise UnusableInputError(f"cannot write {output}: {error.strerror}") from error


def _line(one: Replayed) -> str:
    """Return a series as a line of JSON: its report, or its message-id, subject and what went wrong."""
    from reviewbot.render.report import report

    if one.review is None:
        row: object = {"id": one.mail.id, "subject": one.mail.subject, "error": one.trouble}
    else:
        row = report(one.as_review())
    return json.dumps(row, ensure_ascii=False) + "\n"


def _text(one: Replayed) -> str:
    """Return a series as a line, with a line for each finding below it."""
    patches = len(one.mail.patches)
    what = f"{one.mail.subject}  [{patches} {'patch' if patches == 1 else 'patches'}]"
    if one.review is None:
        return f"{what}: not reviewed: {' '.join(one.trouble.split())}\n"
    conflict = next((a for a in one.review.applications if a.status == "conflict"), None)
    apart = f", does not apply from patch {conflict.number}" if conflict is not None else ""
    found = len(one.review.findings)
    lines = [f"{what}: {found or 'no'} {'finding' if found == 1 else 'findings'}{apart}"]
    for f in one.review.findings:
        place = f"{f.path}:{f.line}" if f.path is not None else "changelog"
        lines.append(f"    patch {f.patch}  {place}  {f.rule} ({f.severity}): {f.message}")
    return "\n".join(lines) + "\n"


def _summary(tally: Tally) -> str:
    """Return the numbers of the whole archive."""
    lines = [
        "",
        f"{tally.series} series, {tally.patches} patches: {tally.clean} without a finding, "
        f"{tally.conflicts} do not apply, {tally.failed} could not be reviewed",
    ]
    lines += [f"{count:6}  {rule}" for rule, count in tally.rules]
    return "\n".join(lines) + "\n"
