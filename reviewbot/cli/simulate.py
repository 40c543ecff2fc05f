# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot simulate`: scenarios on the code of a revision, or before and after a series."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewbot.cli.output import emit, progress
from reviewbot.model.errors import UnusableInputError

if TYPE_CHECKING:
    from reviewbot.model.diff import Series
    from reviewbot.model.finding import SimulationResult
    from reviewbot.model.tree import Applied
    from reviewbot.simulate.backends import Backend, Way
    from reviewbot.simulate.frontier import Order
    from reviewbot.simulate.scenario import Scenario


def chosen(names: tuple[str, ...]) -> tuple[Scenario, ...]:
    """Return the bundled scenarios, or those named: by name, or by the path of a file of one's own."""
    from reviewbot.resources import bundled
    from reviewbot.simulate.scenario import load_scenarios, read_scenario

    known = {one.name: one for one in load_scenarios(bundled("fixtures") / "scenarios")}
    if not names:
        return tuple(known.values())
    picked = []
    for name in names:
        if name in known:
            picked.append(known[name])
        elif Path(name).is_file():
            picked.append(read_scenario(Path(name)))
        else:
            raise UnusableInputError(f"there is no scenario {name}; `reviewbot simulate --list` prints them")
    return tuple(picked)


def describe(results: Iterable[SimulationResult], litmus: bool = False) -> str:
    """Return the verdicts as text, each violation with its schedule, as a litmus test too if `litmus`."""
    from reviewbot.render.environment import indented
    from reviewbot.render.timeline import timeline
    from reviewbot.simulate.litmus import sketch

    lines = []
    for one in results:
        before = f" (before the series: {one.baseline})" if one.baseline != one.verdict else ""
        cost = f"{one.states} states, {one.transitions} transitions, {one.seconds:.2f} s, {one.bounds}"
        lines.append(f"{one.scenario}: {one.property}: {one.verdict}{before} [{cost}]")
        if one.reason:
            lines.append(f"    {one.reason}")
        if one.unmodelled:
            lines.append(f"    without a body or a model: {', '.join(one.unmodelled)}")
        if one.schedule:
            lines += ["", indented(timeline(one.schedule, 96), 4), ""]
        if one.schedule and litmus:
            lines += [sketch(one.scenario, one.schedule)]
    return "\n".join(lines) + "\n"


@click.command()
@click.argument("scenarios", nargs=-1, metavar="[SCENARIO]...")
@click.option("--tree", metavar="PATH|NAME", help="Git repository whose code is run, or a name from reviewbot.toml.")
@click.option("--base", metavar="REV", help="Revision of the tree (default: HEAD).")
@click.option("--series", "source", metavar="SOURCE", help="Run before and after the series in SOURCE.")
@click.option(
    "--backend",
    type=click.Choice(("auto", "python", "c")),
    default="auto",
    show_default=True,
    help="Who searches: the interpreter, or the compiled explorer (auto: for what is large, if there is a compiler).",
)
@click.option(
    "--random", "samples", type=click.IntRange(1, 1_000_000), metavar="N", help="Try N random schedules instead of all."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the random schedules.")
@click.option(
    "--order",
    type=click.Choice(("preemptions", "length", "depth")),
    default="preemptions",
    show_default=True,
    help="Which schedules are tried first: of few preemptions, short ones (breadth first), or depth first.",
)
@click.option(
    "--preemptions",
    "bound",
    type=click.IntRange(0),
    metavar="N",
    help="Leave out schedules of more than N preemptions.",
)
@click.option("--first", is_flag=True, help="Stop at the first violation: other properties may stay inconclusive.")
@click.option("--save", "folder", metavar="DIR", help="Save the schedule of each violation in a file of its own.")
@click.option("--replay", "file", metavar="FILE", help="Run a saved schedule again, on the code that is named.")
@click.option("--shrink", "shorten", is_flag=True, help="With --replay: leave out the steps that are not needed.")
@click.option("--litmus", is_flag=True, help="Show each schedule as a litmus test in C, too.")
@click.option("--list", "listing", is_flag=True, help="Check the scenarios and print their names.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
@click.option("--verbose", "-v", is_flag=True, help="Show progress even when standard error is no terminal.")
def command(
    scenarios: tuple[str, ...],
    tree: str | None,
    base: str | None,
    source: str | None,
    backend: Backend,
    samples: int | None,
    seed: int,
    order: Order,
    bound: int | None,
    first: bool,
    folder: str | None,
    file: str | None,
    shorten: bool,
    litmus: bool,
    listing: bool,
    form: str,
    verbose: bool,
) -> int:
    """Run scenarios (all bundled ones, or those named; a file of one's own is named by its path).

    Exits with 1 when a property is violated.

    \b
    Examples:
      reviewbot simulate --list
      reviewbot simulate two-chargers-one-victim --tree ~/linux --base v6.1
      reviewbot simulate --tree ~/linux --base v6.1 --series series.mbox --save schedules
      reviewbot simulate --tree ~/linux --base v6.1 room-for-two --preemptions 3
      reviewbot simulate --tree ~/linux --base v6.1 --replay schedules/room-by-exit.no-deadlock.json
    """
    picked = chosen(scenarios)
    if listing:
        for one in picked:
            click.echo(f"{one.name}: {one.about}")
        return 0
    if tree is None and source is None:
        raise click.UsageError("whose code is to be run? name a --tree, a --series, or both")
    if bound is not None and (samples or order != "preemptions"):
        raise click.UsageError("--preemptions needs --order preemptions, and no --random")
    from reviewbot.simulate.backends import Way
    from reviewbot.simulate.frontier import Scope

    way = Way(backend, samples or 0, seed, first, Scope(order, bound))
    with progress(verbose) as tell:
        if file is not None:
            return _again(Path(file), picked, tree, base, source, shorten)
        results = tuple(_run(picked, tree, base, source, way, tell))
    if folder is not None:
        _save(results, Path(folder))
    if form == "json":
        from reviewbot.render.report import simulation_report

        emit((json.dumps([simulation_report(one) for one in results], indent=1) + "\n").encode(), None)
    else:
        emit(describe(results, litmus).encode("utf-8", "replace"), None)
    return int(any(one.verdict == "violated" for one in results))


def _run(
    picked: tuple[Scenario, ...],
    tree: str | None,
    base: str | None,
    source: str | None,
    way: Way,
    tell: Callable[[str], None],
) -> Iterable[SimulationResult]:
    from reviewbot.review.build import build_review
    from reviewbot.simulate.run import simulate_series

    for series, applied in _applied(tree, base, source):
        tell(f"running {len(picked)} scenarios {series.mail.subject}")
        yield from build_review(series, applied, (), simulate_series(series, applied, picked, way=way)).simulation


def _applied(tree: str | None, base: str | None, source: str | None) -> Iterator[tuple[Series, Applied]]:
    """Yield the series of a source, each on its base; a revision alone is a series of no patches."""
    from reviewbot.model.mail import MailSeries, Person
    from reviewbot.patch.read import read_series
    from reviewbot.tree.apply import apply_series
    from reviewbot.tree.pins import FILE_NAME, find_tree
    from reviewbot.tree.scratch import scratch_directory

    opened = find_tree(tree, Path(FILE_NAME)) if tree is not None else None
    nothing = MailSeries(None, "", 1, 0, Person("", ""), None, None, (), (), ())
    mails: tuple[MailSeries, ...] = (nothing,)
    if source is not None:
        from reviewbot.mail.read import read_mail

        mails = read_mail([source], sys.stdin.buffer)[0]
    for mail in mails:
        series = read_series(mail)
        with scratch_directory() as scratch:
            yield series, apply_series(series, opened, base, scratch)


def _save(results: Iterable[SimulationResult], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in results:
        if one.replay:
            (folder / f"{one.scenario}.{one.property}.json").write_text(one.replay + "\n")


def _again(
    file: Path, picked: tuple[Scenario, ...], tree: str | None, base: str | None, source: str | None, shorten: bool
) -> int:
    """Run a saved schedule on the state of the code that it was found in; print its steps; 1 if it breaks something."""
    from reviewbot.render.environment import indented
    from reviewbot.render.timeline import timeline
    from reviewbot.simulate.again import run_again
    from reviewbot.simulate.choose import choose_source
    from reviewbot.simulate.trace import load

    try:
        saved = load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError):
        raise UnusableInputError(f"{file}: there is no such file of text") from None
    scenario = next((one for one in picked if one.name == saved.scenario), None)
    if scenario is None:
        raise UnusableInputError(f"{file}: its scenario, {saved.scenario}, is not among those that are named")
    for series, applied in _applied(tree, base, source):
        for state, snapshot in enumerate(applied.snapshots):
            code = choose_source(scenario, snapshot, series.patches[:state])
            if not isinstance(code, str) and code.digest == saved.code:
                found = run_again(saved, scenario, code, shorten=shorten)
                head = f"{scenario.name}: {found.prop}: {found.verdict} [{len(found.choices)} steps]"
                text = f"{head}\n    {found.reason}\n\n"
                emit((text + indented(timeline(found.schedule, 96), 4) + "\n").encode("utf-8", "replace"), None)
                return int(found.verdict == "violated")
    raise UnusableInputError(f"{file}: the code that its schedule was found in is not here")
