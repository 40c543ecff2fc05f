# SPDX-License-Identifier: GPL-2.0-or-later
"""Scenarios on the code of a series: before it and after each of its patches."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

from reviewbot.model.diff import Patch, Series
from reviewbot.model.finding import SimulationResult, Verdict
from reviewbot.model.tree import Applied
from reviewbot.simulate.backends import SEARCH, Way, explore, rounds
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.exploration import Exploration
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.gather import Source, build, model_units
from reviewbot.simulate.hints import learnt, recall
from reviewbot.simulate.lower.emit import LoweringError
from reviewbot.simulate.lower.program import Program
from reviewbot.simulate.memory import ReadError, TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.spec import Scenario, WorldFile
from reviewbot.simulate.trace import Saved, save
from reviewbot.simulate.verdict import Outcome, judge
from reviewbot.simulate.world import World, applies, build_world


@dataclass(frozen=True, slots=True)
class Run:
    """What a scenario came to on one state of the source. `functions` are those of the tree that were lowered.

    `shared` names the cells that tasks shared: with them known, the search on the next state of the source needs no
    look around.
    """

    outcomes: tuple[Outcome, ...]
    states: int
    transitions: int
    seconds: float
    bounds: str
    functions: tuple[str, ...]
    shared: frozenset[str] = frozenset()
    kept: frozenset[tuple[str, str]] = frozenset()
    code: str = ""


def simulate_series(
    series: Series, applied: Applied, scenarios: Sequence[Scenario], *, way: Way = SEARCH
) -> tuple[SimulationResult, ...]:
    """Run scenarios before a series and after each patch that changes what they run.

    Returns a result for each scenario and property. A scenario for which the source shows too little is
    "not-applicable", with the reason. Raises nothing: what goes wrong with the code is a verdict.
    """
    kept: set[tuple[str, str]] = set()

    sources: dict[object, Source | str] = {}

    def source(scenario: Scenario, state: int) -> Source | str:
        key = scenario.worlds, scenario.files, state
        if key not in sources:
            sources[key] = choose_source(scenario, applied.snapshots[state], series.patches[:state])
        return sources[key]

    with _no_collector():
        return tuple(
            result
            for scenario in scenarios
            for result in _scenario(
                scenario,
                [partial(source, scenario, state) for state in range(len(applied.snapshots))],
                series.patches,
                kept,
                way,
            )
        )


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep the collector of cyclic garbage from looking again and again at states: millions of tuples, and no cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


_known: dict[object, tuple[Run, Program | None, frozenset[tuple[str, str]]]] = {}
MOST_KNOWN = 512  # runs that are kept: series of one review share their base, versions share more


def _scenario(
    scenario: Scenario,
    sources: Sequence[Callable[[], Source | str]],
    patches: Sequence[Patch],
    kept: set[tuple[str, str]],
    way: Way,
) -> list[SimulationResult]:
    runs: list[Run] = []
    before: Program | None = None
    # no patches: it is the revision itself that is asked about
    if patches and not _touched(scenario, patches):
        run = _not_applicable(scenario, "the series changes none of the files that the scenario runs")
        return [_result(scenario, prop, [run], []) for prop in scenario.expect]
    for chosen in sources:
        source = chosen()
        if isinstance(source, str):
            runs.append(_not_applicable(scenario, source))
            before = None
            continue
        hints = runs[-1].shared if runs else frozenset()
        key = (scenario.key, scenario.path, source.key, frozenset(kept), hints, way)
        if key not in _known:
            if len(_known) >= MOST_KNOWN:
                _known.clear()
            program = _lowered(scenario, source)
            if program is not None and before is not None and program.same_code(before):
                _known[key] = runs[-1], program, frozenset()
            else:
                found = set(kept)
                run = run_scenario(scenario, source, found, hints=hints, program=program, way=way)
                _known[key] = run, program, frozenset(found)
        run, before, found_kept = _known[key]
        kept |= found_kept
        runs.append(run)
    props = list(dict.fromkeys(outcome.prop for run in runs for outcome in run.outcomes))
    return [_result(scenario, prop, runs, [patch.number for patch in patches]) for prop in props]


def _lowered(scenario: Scenario, source: Source) -> Program | None:
    try:
        return build(scenario, source)
    except LoweringError:
        return None  # the run says why


def _touched(scenario: Scenario, patches: Sequence[Patch]) -> bool:
    """Tell whether some patch changes a file that a scenario is about or its worlds run."""
    about = {*scenario.covers, *scenario.files, *(path for world in scenario.worlds for path in world.files)}
    changed = {path for patch in patches for diff in patch.files for path in (diff.old_path, diff.new_path)}
    return bool(about & changed) or not about


def run_scenario(
    scenario: Scenario,
    source: Source,
    kept: set[tuple[str, str]],
    *,
    everything: bool = False,
    hints: frozenset[str] = frozenset(),
    program: Program | None = None,
    way: Way = SEARCH,
) -> Run:
    """Explore a scenario on some files and judge it; `program` is what it lowers to, if that is at hand.

    `kept` are counters that are known to be read; those found here are added, which spares the next run some work;
    `hints` are the `shared` of a run on similar code. With `everything` the search is not reduced in any way.
    """
    started = time.monotonic()
    model = frozenset(unit.path for unit in model_units())
    functions: tuple[str, ...] = ()
    try:
        program = program or build(scenario, source)
        functions = tuple(sorted({code.name for code in program.codes if not code.own and code.path}))
        if not applies(program, scenario, source.world):
            return _not_applicable(scenario, "the code has nothing of what the scenario is about")
        if not hints and not everything:
            hints = _scouted(program, scenario, source.world, kept)
        made: World | None = None
        while True:
            try:
                made = build_world(program, scenario, source.world, frozenset(kept), everything=everything)
                recall(made, hints)
                for most in rounds(scenario.states, way):
                    last = most == scenario.states and not everything
                    seen = explore(made, most, look=everything, way=way if last else replace(way, symmetric=False))
                    if way.samples:
                        seen.stopped = f"nothing found in {way.samples} random schedules"
                    outcomes = judge(made, seen, scenario.expect, model)
                    if seen.over or any(outcome.verdict == "violated" for outcome in outcomes):
                        break
                break
            except ReadError as read:
                kept.add(read.field)
                hints |= learnt(made) if made is not None else frozenset()
    except (LoweringError, UnknownCodeError, TooBigError, ViolationError) as reason:
        outcomes = tuple(
            Outcome(prop, "inconclusive", reason=f"the world cannot be set up: {reason}") for prop in scenario.expect
        )
        return Run(outcomes, 0, 0, time.monotonic() - started, "", functions)
    bounds = _bounds(scenario, source.world, seen, way)
    return Run(
        outcomes,
        len(seen.states),
        seen.transitions,
        time.monotonic() - started,
        bounds,
        functions,
        learnt(made),
        frozenset(kept),
        source.digest,
    )


def _scouted(program: Program, scenario: Scenario, world: WorldFile, kept: set[tuple[str, str]]) -> frozenset[str]:
    """Walk through a scenario at random: return the names of the cells that tasks share, add counters that are read.

    No counter is left out meanwhile, so that one walk finds all that the search would begin anew for, one by one.
    """
    noted: set[tuple[str, str]] = set()
    made = build_world(program, scenario, world, frozenset(kept), noted=noted)
    Explorer(made.machine, made.initial, scenario.states).look_around()
    kept |= noted
    return learnt(made)


def _bounds(scenario: Scenario, world: WorldFile, seen: Exploration, way: Way) -> str:
    extent = seen.extent
    if way.samples:
        extent = f"{way.samples} random schedules (PCT, seed {way.seed})"
    parts = [f"{len(scenario.tasks)} tasks", extent]
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
        replay=save(Saved(scenario.name, shown.code, prop, outcome.choices, shown.shared, shown.kept))
        if outcome.choices and last.verdict == "violated"
        else "",
    )
