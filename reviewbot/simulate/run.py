# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios on the code of a series: before it and after each of its patches."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from reviewbot.csource.parse import parse
from reviewbot.model.diff import Patch, Series
from reviewbot.model.finding import SimulationResult, Verdict
from reviewbot.model.tree import Applied, Snapshot
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.gather import Source, build, model_units, tree_files
from reviewbot.simulate.lower.emit import LoweringError
from reviewbot.simulate.memory import ReadError, TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.roles import find_roles, record_fields
from reviewbot.simulate.spec import Scenario, WorldFile
from reviewbot.simulate.verdict import Outcome, judge
from reviewbot.simulate.world import World, applies, build_world


@dataclass(frozen=True, slots=True)
class Run:
    """What a scenario came to on one state of the source. `functions` are those of the tree that were lowered."""

    outcomes: tuple[Outcome, ...]
    states: int
    transitions: int
    seconds: float
    bounds: str
    functions: tuple[str, ...]


def simulate_series(series: Series, applied: Applied, scenarios: Sequence[Scenario]) -> tuple[SimulationResult, ...]:
    """Run scenarios before a series and after each patch that changes what they run.

    Returns a result for each scenario and property. A scenario for which the source shows too little is
    "not-applicable", with the reason. Raises nothing: what goes wrong with the code is a verdict.
    """
    kept: set[tuple[str, str]] = set()
    return tuple(result for scenario in scenarios for result in _scenario(scenario, applied, series.patches, kept))


_known: dict[object, Run] = {}
MOST_KNOWN = 512  # runs that are kept: series of one review share their base, versions share more


def _scenario(
    scenario: Scenario, applied: Applied, patches: Sequence[Patch], kept: set[tuple[str, str]]
) -> list[SimulationResult]:
    runs = []
    # no patches: it is the revision itself that is asked about
    if patches and not _touched(scenario, patches):
        run = _not_applicable(scenario, "the series changes none of the files that the scenario runs")
        return [_result(scenario, prop, [run], []) for prop in scenario.expect]
    for state, snapshot in enumerate(applied.snapshots):
        source = choose_source(scenario, snapshot, patches[:state])
        if isinstance(source, str):
            runs.append(_not_applicable(scenario, source))
            continue
        key = (scenario.key, scenario.path, source.key)
        if key not in _known:
            if len(_known) >= MOST_KNOWN:
                _known.clear()
            _known[key] = run_scenario(scenario, source, kept)
        runs.append(_known[key])
    props = list(dict.fromkeys(outcome.prop for run in runs for outcome in run.outcomes))
    return [_result(scenario, prop, runs, [patch.number for patch in patches]) for prop in props]


def choose_source(scenario: Scenario, snapshot: Snapshot, patches: Sequence[Patch]) -> Source | str:
    """Return the first world of a scenario that a snapshot (after `patches`) has all for, or why there is none."""
    if not scenario.worlds:
        own = WorldFile("", "", (), scenario.files, (), None, (), None, False, "")
        return Source(own, tree_files(snapshot, own))
    reason = ""
    for world in scenario.worlds:
        missing = _missing(world, snapshot)
        if missing:
            reason = f"the source at hand does not show all of {', '.join(missing)}"
            continue
        files = tree_files(snapshot, world)
        units = [parse(file) for file in files]
        if world.fragments and not snapshot.complete:
            roles = find_roles(units, world.killer or "", world.group_type or "")
            if not roles.missing:
                return Source(world, files, roles.text, tuple(record_fields(patches).items()))
            reason = f"no tree is at hand, and the series shows no function that is {', '.join(roles.missing)}"
        elif not world.fragments:
            return Source(world, files)
    return reason


def _touched(scenario: Scenario, patches: Sequence[Patch]) -> bool:
    """Tell whether some patch changes a file that a scenario is about or its worlds run."""
    about = {*scenario.covers, *scenario.files, *(path for world in scenario.worlds for path in world.files)}
    changed = {path for patch in patches for diff in patch.files for path in (diff.old_path, diff.new_path)}
    return bool(about & changed) or not about


def _missing(world: WorldFile, snapshot: Snapshot) -> list[str]:
    """Return which functions that a world needs are not whole in its files."""
    if not world.needs:
        return []
    files = [file for path in world.files if (file := snapshot.read(path)) is not None]
    named = [name for name in world.needs if any(name.encode() in file.data for file in files)]
    if len(named) < len(world.needs):  # spares parsing a large file in vain
        return [name for name in world.needs if name not in named]
    whole = {f.name for file in files for f in parse(file).functions if not f.fragment and not f.gaps}
    return [name for name in world.needs if name not in whole]


def run_scenario(
    scenario: Scenario, source: Source, kept: set[tuple[str, str]], *, everything: bool = False
) -> Run:  # fmt: skip
    """Explore a scenario on some files and judge it.

    `kept` are counters that are known to be read; those found here are added, which spares the next run some work. With
    `everything` the search is not reduced.
    """
    started = time.monotonic()
    model = frozenset(unit.path for unit in model_units())
    functions: tuple[str, ...] = ()
    try:
        program = build(scenario, source)
        functions = tuple(sorted({code.name for code in program.codes if not code.own and code.path}))
        if not applies(program, scenario, source.world):
            return _not_applicable(scenario, "the code has nothing of what the scenario is about")
        while True:
            try:
                made: World = build_world(program, scenario, source.world, frozenset(kept), everything=everything)
                seen = Explorer(made.machine, made.initial, scenario.states).explore()
                outcomes = judge(made, seen, scenario.expect, model)
                break
            except ReadError as read:
                kept.add(read.field)
    except (LoweringError, UnknownCodeError, TooBigError, ViolationError) as reason:
        outcomes = tuple(
            Outcome(prop, "inconclusive", reason=f"the world cannot be set up: {reason}") for prop in scenario.expect
        )
        return Run(outcomes, 0, 0, time.monotonic() - started, "", functions)
    bounds = _bounds(scenario, source.world, seen.complete, seen.preemptions)
    return Run(outcomes, len(seen.states), seen.transitions, time.monotonic() - started, bounds, functions)


def _bounds(scenario: Scenario, world: WorldFile, complete: bool, preemptions: int) -> str:
    parts = [f"{len(scenario.tasks)} tasks", "every interleaving" if complete else f"up to {preemptions} preemptions"]
    parts += [f"{name} = {value}" for name, value in world.constants]
    if world.fragments:
        parts.append("the callers are the scenario's own C: the series shows only parts of the tree's")
    return "; ".join(parts)


def _not_applicable(scenario: Scenario, reason: str) -> Run:
    outcomes = tuple(Outcome(prop, "not-applicable", reason=reason) for prop in scenario.expect)
    return Run(outcomes, 0, 0, 0.0, "", ())


def _outcome(run: Run, prop: str) -> Outcome:
    """Return the outcome for a property; one that nobody expected and nothing broke holds if the others are known."""
    for outcome in run.outcomes:
        if outcome.prop == prop:
            return outcome
    verdicts: set[Verdict] = {outcome.verdict for outcome in run.outcomes}
    for verdict in ("not-applicable", "inconclusive"):
        if verdict in verdicts:
            other = next(outcome for outcome in run.outcomes if outcome.verdict == verdict)
            return Outcome(prop, other.verdict, reason=other.reason, unmodelled=other.unmodelled)
    return Outcome(prop, "holds")


def _last_known(verdicts: Sequence[Outcome]) -> int:
    """Return where the last verdict is that says something: a violation stands until it is shown to be gone."""
    for at in range(len(verdicts) - 1, 0, -1):
        if verdicts[at].verdict in ("violated", "holds"):
            return at if verdicts[at].verdict == "violated" else len(verdicts) - 1
    return len(verdicts) - 1


def _result(scenario: Scenario, prop: str, runs: Sequence[Run], numbers: Sequence[int]) -> SimulationResult:
    verdicts = [_outcome(run, prop) for run in runs]
    end = _last_known(verdicts)
    last = verdicts[end]
    first = next(at for at in range(end + 1) if all(v.verdict == last.verdict for v in verdicts[at : end + 1]))
    shown = runs[first if last.verdict == "violated" else end]
    outcome = verdicts[first] if last.verdict == "violated" else last
    broken = [numbers[at - 1] for at in range(1, len(runs)) if verdicts[at].verdict == "violated"]
    reason = outcome.reason
    if broken and last.verdict != "violated":
        reason = "; ".join(part for part in (reason, f"violated after patch {broken[0]}, not at the end") if part)
    return SimulationResult(
        scenario=scenario.name,
        property=prop,
        verdict=last.verdict,
        baseline=verdicts[0].verdict,
        regression=last.verdict == "violated" and verdicts[0].verdict != "violated",
        states=shown.states,
        transitions=shown.transitions,
        seconds=sum({id(run): run.seconds for run in runs}.values()),
        bounds=shown.bounds,
        unmodelled=outcome.unmodelled,
        schedule=outcome.schedule,
        patch=numbers[first - 1] if first else None,
        reason=reason,
        functions=shown.functions,
    )
