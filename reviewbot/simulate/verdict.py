# SPDX-License-Identifier: GPL-2.0-or-later
"""From what an exploration saw to a verdict for each property."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewbot.model.finding import ScheduleStep, Verdict
from reviewbot.simulate.exploration import Choice, Exploration
from reviewbot.simulate.liveness import Cycle, fair_cycles
from reviewbot.simulate.memory import BASE, TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.trace import place, replay, stuck
from reviewbot.simulate.workspace import State
from reviewbot.simulate.world import World

SLEEPS = "sleeps for ever: nothing that can still happen wakes it"
BLOCKS = "waits for ever for a lock that nobody releases"
ROUND = "goes round here for ever without sleeping"
KILLED = "was killed, and never leaves"
POLLS = "comes back here for ever without getting on"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict on one property, what proves a violation, and why it is not known otherwise."""

    prop: str
    verdict: Verdict
    schedule: tuple[ScheduleStep, ...] = ()
    choices: tuple[Choice, ...] = ()
    reason: str = ""
    unmodelled: tuple[str, ...] = ()


def judge(
    world: World, seen: Exploration, expect: Sequence[str], quiet: frozenset[str], *, show: bool = True
) -> tuple[Outcome, ...]:
    """Return an outcome for each expected property, and for each other one that is violated all the same.

    Without `show` the steps of a violation are only what its last state shows.
    """
    endings: dict[str, tuple[ScheduleStep, ...]] = {}
    _final_states(world, seen, endings)
    if seen.complete and {"no-livelock", "everybody-goes-on", "killed-task-leaves"} & set(expect):
        _cycles(world, seen, expect, endings)
    others = [prop for prop in seen.found if prop not in expect and prop != "killed-task-leaves"]
    outcomes = []
    for prop in (*expect, *others):
        found = seen.found.get(prop)
        if found is not None:
            shown = replay(world, found.schedule, quiet).steps if show else ()
            steps = shown + endings.get(prop, ())
            outcomes.append(Outcome(prop, "violated", steps, found.schedule, found.text))
        else:
            outcomes.append(_without(prop, seen))
    return tuple(outcomes)


def _without(prop: str, seen: Exploration) -> Outcome:
    if seen.unknown:
        names = tuple(sorted(seen.unknown))
        return Outcome(prop, "inconclusive", reason=f"nothing is known of {', '.join(names)}", unmodelled=names)
    if seen.too_big:
        return Outcome(prop, "inconclusive", reason="; ".join(sorted(seen.too_big)))
    if seen.stopped:
        return Outcome(prop, "inconclusive", reason=seen.stopped)
    if not seen.complete:
        return Outcome(prop, "inconclusive", reason=_left_out(seen))
    if seen.cut:
        return Outcome(
            prop, "inconclusive", reason=f"runs end early where another property breaks: {', '.join(seen.cut)}"
        )
    return Outcome(prop, "holds")


def _left_out(seen: Exploration) -> str:
    if seen.bounded:
        return f"only schedules with up to {seen.upto} preemptions were asked for; all of these were seen"
    if seen.scope.order == "depth":
        return f"more than {seen.expanded} states, searched depth first"
    what = f"of up to {seen.upto} steps" if seen.scope.order == "length" else f"with up to {seen.upto} preemptions"
    return (
        f"more than {seen.expanded} states; {f'all schedules {what}' if seen.upto >= 0 else 'not even those'} were seen"
    )


def _final_states(world: World, seen: Exploration, endings: dict[str, tuple[ScheduleStep, ...]]) -> None:
    machine = world.machine
    finals = [number for number, edges in seen.edges.items() if not edges]
    nodes = sorted((seen.cheapest(number, machine.tasks) for number in finals), key=seen.cost_rank)
    for node in nodes:
        state = seen.states[node[0]]
        models = [machine.pending(state, task) for task in range(machine.tasks)]
        ways = {model.waiting for model in models if model is not None}
        way, cost = seen.way_to(node), seen.costs[node][0]
        killed = [task for task, model in enumerate(models) if model is not None and _is_killed(world, state, task)]
        if killed and any(models[task].waiting != "rests" for task in killed):  # type: ignore[union-attr]
            seen.report("killed-task-leaves", KILLED, way, cost)
            endings.setdefault("killed-task-leaves", stuck(world, state, {"blocks": KILLED, "sleeps": KILLED}))
        if "blocks" in ways:
            seen.report("no-deadlock", BLOCKS, way, cost)
            endings.setdefault("no-deadlock", stuck(world, state, {"blocks": BLOCKS, "sleeps": SLEEPS}))
            continue
        try:
            if "sleeps" in ways and not (
                world.excuse is not None and machine.call(state, machine.tasks, world.excuse, [])[1]
            ):
                seen.report("no-lost-wakeup", SLEEPS, way, cost)
                endings.setdefault("no-lost-wakeup", stuck(world, state, {"sleeps": SLEEPS}))
                continue
            for prop, function in ({} if "sleeps" in ways else world.finals).items():
                if not machine.call(state, machine.tasks, function, [])[1]:
                    seen.report(prop, "this does not hold when everything is over", way, cost)
        except ViolationError as fault:
            seen.report(fault.prop, fault.text, way, cost)
        except (UnknownCodeError, TooBigError) as reason:
            seen.unknown.setdefault(str(reason), way)


def _is_killed(world: World, state: State, task: int) -> bool:
    """Tell whether a task has a fatal signal pending."""
    machine = world.machine
    return bool(state[0][machine.task_addresses[task] + machine.task_offsets["sim_signal"] - BASE] & 2)


def _cycles(
    world: World, seen: Exploration, expect: Sequence[str], endings: dict[str, tuple[ScheduleStep, ...]]
) -> None:
    machine = world.machine

    def before_lock(number: int, task: int) -> bool:
        model = machine.pending(seen.states[number], task)
        return model is not None and model.waiting == "blocks"

    for cycle in fair_cycles(seen, machine.tasks, before_lock):
        if world.excuse is not None and _excused(world, seen, cycle):
            continue
        node = min((seen.cheapest(n, machine.tasks) for n in cycle.states), key=seen.cost_rank)
        way, cost = seen.way_to(node), seen.costs[node][0]
        going = cycle.busy or cycle.movers
        steps = tuple(
            step
            for task in sorted(going)
            for step in _at(world, seen.states[node[0]], task, ROUND if cycle.busy else POLLS)
        )
        if any(_is_killed(world, seen.states[n], task) for n in cycle.states for task in going):
            if "killed-task-leaves" not in seen.found:
                endings["killed-task-leaves"] = steps
            seen.report("killed-task-leaves", KILLED, way, cost)
        for prop in ("no-livelock", "everybody-goes-on"):
            if (cycle.busy or prop == "everybody-goes-on") and (prop in expect or prop == "no-livelock"):
                if prop not in seen.found:
                    endings[prop] = steps
                seen.report(prop, ROUND if cycle.busy else POLLS, way, cost)


def _excused(world: World, seen: Exploration, cycle: Cycle) -> bool:
    """Tell whether the scenario says that tasks may go on waiting in every state of a cycle in which nobody is busy."""
    machine = world.machine
    if cycle.busy or world.excuse is None:
        return False
    return all(machine.call(seen.states[n], machine.tasks, world.excuse, [])[1] for n in cycle.states)


def _at(world: World, state: State, task: int, event: str) -> tuple[ScheduleStep, ...]:
    function, path, line = place(world, state, task)
    return (ScheduleStep(world.machine.names[task], function, path, line, event),)
