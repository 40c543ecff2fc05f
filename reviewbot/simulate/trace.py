# SPDX-License-Identifier: GPL-2.0-or-later
"""Schedules: replaying one, and saying what happens in it step by step."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import ScheduleStep
from reviewbot.simulate.exploration import Choice
from reviewbot.simulate.lower.ir import Code
from reviewbot.simulate.memory import TooBigError, UnknownCodeError, ViolationError
from reviewbot.simulate.workspace import State
from reviewbot.simulate.world import World

FORMAT = "reviewbot-schedule/1"
MOST_CHOICES = 100_000


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a schedule does: its steps, the state it ends in, and the violation that ends it, if one does."""

    steps: tuple[ScheduleStep, ...]
    state: State
    violation: tuple[str, str] | None


def replay(world: World, schedule: Sequence[Choice], quiet: frozenset[str] = frozenset()) -> Replayed:
    """Run a schedule in the interpreter. Events in files named by `quiet` (the model's) are left out.

    Raises UnusableInputError if the schedule names a task that cannot run there: it belongs to other code.
    """
    machine = world.machine
    state = world.initial()
    steps: list[ScheduleStep] = []
    violation: tuple[str, str] | None = None
    for at, (task, way) in enumerate(schedule):
        if not 0 <= task < machine.tasks:
            raise UnusableInputError(f"step {at + 1} of the schedule is by a task that there is not")
        trail: list[tuple[Code, int, str]] = []
        machine.trail = trail
        try:
            ready = machine.alternatives(state, task)
            if not 0 <= way < max(1, ready) or not ready:
                raise UnusableInputError(f"step {at + 1} of the schedule cannot be taken: the code is another one")
            state = machine.step(state, task, way)
            complaints = machine.complaints
        except (ViolationError, UnknownCodeError, TooBigError) as fault:
            complaints = [(getattr(fault, "prop", ""), getattr(fault, "text", str(fault)))]
            machine.freeze()
            state = machine.close()
        finally:
            machine.trail = None
        if complaints and at == len(schedule) - 1:
            trail = _up_to(trail, complaints[0][1])
        said = _said(machine.names[task], trail, quiet)
        steps += said
        if complaints:
            violation = complaints[0]
            if not any(step.event == complaints[0][1] for step in said):
                steps.append(_last(world, machine.names[task], task, state, complaints[0][1]))
    return Replayed(tuple(steps), state, violation)


def _up_to(trail: list[tuple[Code, int, str]], event: str) -> list[tuple[Code, int, str]]:
    """Return a trail as far as an event: what the task does in that step after the violation belongs to no schedule."""
    end = next((at for at, (_, _, what) in enumerate(trail, 1) if what == event), len(trail))
    return trail[:end]


def _said(task: str, trail: Sequence[tuple[Code, int, str]], quiet: frozenset[str]) -> list[ScheduleStep]:
    return [
        ScheduleStep(task, code.name, None if code.own else code.path, None if code.own else line, event)
        for code, line, event in trail
        if code.path not in quiet
    ]


def _last(world: World, name: str, task: int, state: State, event: str) -> ScheduleStep:
    function, path, line = place(world, state, task)
    return ScheduleStep(name, function, path, line, event)


def place(world: World, state: State, task: int) -> tuple[str, str | None, int | None]:
    """Return the innermost function under test in which a task stands, with path and line; the scenario's if none."""
    frames = state[1][task][0]
    functions = world.machine.functions
    for depth in range(len(frames) - 1, -1, -1):
        number, at, _ = frames[depth]
        code = functions[number].code
        if not code.own and code.path:
            at = at if depth == len(frames) - 1 else at - 1  # a caller stands after its call
            return code.name, code.path, code.lines[min(at, len(code.lines) - 1)]
    return (functions[frames[0][0]].code.name if frames else ""), None, None


def stuck(world: World, state: State, events: dict[str, str]) -> tuple[ScheduleStep, ...]:
    """Return a step for each task that stays where it is in a final state; `events` says what for each way to wait."""
    steps = []
    for task, name in enumerate(world.machine.names):
        model = world.machine.pending(state, task)
        if model is not None and model.waiting in events:
            steps.append(_last(world, name, task, state, events[model.waiting]))
    return tuple(steps)


def shrink(world: World, schedule: Sequence[Choice], prop: str) -> tuple[Choice, ...]:
    """Return a shorter schedule that breaks the same property, found by leaving out steps one task at a time."""
    best = tuple(schedule)
    for size in (8, 4, 2, 1):
        at = 0
        while at < len(best):
            shorter = best[:at] + best[at + size :]
            if _breaks(world, shorter, prop):
                best = shorter
            else:
                at += size
    return best


def _breaks(world: World, schedule: Sequence[Choice], prop: str) -> bool:
    try:
        violation = replay(world, schedule).violation
    except UnusableInputError:
        return False
    return violation is not None and violation[0] == prop


@dataclass(frozen=True, slots=True)
class Saved:
    """A schedule to be run again: of which scenario, in which code (`Source.digest`), for which property.

    `shared` and `kept` are what the run had learnt: they say where a step ends, and which counters are there.
    """

    scenario: str
    code: str
    prop: str
    steps: tuple[Choice, ...]
    shared: frozenset[str] = frozenset()
    kept: frozenset[tuple[str, str]] = frozenset()


def save(saved: Saved) -> str:
    """Return a schedule as JSON text."""
    return json.dumps(
        {
            "schema": FORMAT, "scenario": saved.scenario, "code": saved.code, "property": saved.prop,
            "steps": [list(choice) for choice in saved.steps], "shared": sorted(saved.shared),
            "kept": sorted(list(field) for field in saved.kept),
        }
    )  # fmt: skip


def load(text: str) -> Saved:
    """Read what `save` wrote; UnusableInputError if it is something else."""
    try:
        data = json.loads(text)
        steps = tuple((int(task), int(way)) for task, way in data["steps"][:MOST_CHOICES])
        kept = frozenset((str(tag), str(field)) for tag, field in data["kept"])
        shared = frozenset(str(name) for name in data["shared"])
        made = Saved(str(data["scenario"]), str(data["code"]), str(data["property"]), steps, shared, kept)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise UnusableInputError("this is no saved schedule") from None
    if data.get("schema") != FORMAT:
        raise UnusableInputError(f"this is no schedule of the form {FORMAT}")
    return made
