# SPDX-License-Identifier: GPL-2.0-or-later
"""Running a saved schedule again."""

from __future__ import annotations

from dataclasses import replace

from reviewbot.model.errors import UnusableInputError
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.gather import Source, build, model_units
from reviewbot.simulate.hints import recall
from reviewbot.simulate.lower.emit import LoweringError
from reviewbot.simulate.memory import ReadError, TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.spec import Scenario
from reviewbot.simulate.trace import Saved, replay, shrink
from reviewbot.simulate.verdict import Outcome, judge
from reviewbot.simulate.workspace import State
from reviewbot.simulate.world import World, build_world


def run_again(saved: Saved, scenario: Scenario, source: Source, *, shorten: bool = False) -> Outcome:
    """Run a schedule in the interpreter: "violated" with its steps if it breaks its property, else "holds".

    With `shorten`, steps that it does without are left out first. Raises UnusableInputError if it cannot be run in this
    code.
    """
    quiet = frozenset(unit.path for unit in model_units())
    try:
        world = build_world(build(scenario, source), scenario, source.world, saved.kept)
        recall(world, saved.shared)
        steps = shrink(world, saved.steps, saved.prop) if shorten else saved.steps
        done = replay(world, steps, quiet)
        if done.violation is not None and done.violation[0] == saved.prop:
            return Outcome(saved.prop, "violated", done.steps, steps, done.violation[1])
        ending = _ending(world, saved.prop, done.state, quiet, scenario.states)
    except (LoweringError, ReadError, UnknownCodeError, TooBigError, ViolationError) as reason:
        raise UnusableInputError(f"the schedule cannot be run in this code: {reason}") from None
    if ending is None:
        return Outcome(saved.prop, "holds", done.steps, steps, "the schedule breaks nothing here")
    return replace(ending, schedule=done.steps + ending.schedule, choices=steps)


def _ending(world: World, prop: str, state: State, quiet: frozenset[str], most: int) -> Outcome | None:
    """Return what is wrong with the state that a schedule leads to, if nothing else has to happen after it."""
    seen = Explorer(world.machine, lambda: state, most, look=False).explore()
    seen.found = {}  # what breaks on the way from there is not what this schedule shows
    for outcome in judge(world, seen, (prop,), quiet, show=False):
        if outcome.prop == prop and outcome.verdict == "violated" and not outcome.choices:
            return outcome
    return None
