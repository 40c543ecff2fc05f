# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings from simulations: a schedule either supports what a rule found or is a finding of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace

from reviewbot.model.finding import Evidence, Finding, ScheduleStep, SimulationResult

# which kinds of defect a violated property may be the consequence of
EXPLAINED_BY = {
    "no-lost-wakeup": {"wait-without-wake", "condition-write-without-wake"},
    "no-livelock": {"schedule-without-state", "loop-without-progress", "retry-without-exit"},
    "no-deadlock": {"double-lock", "lock-order-new-inversion", "missing-unlock-on-exit"},
    "killed-task-leaves": {"memdie-without-fatal-signal", "retry-without-exit"},
    "one-kill-at-a-time": {"counter-reset-instead-of-decrement"},
    "references-balance": {"double-put", "missing-put-on-exit"},
    "locks-balance": {"double-lock", "missing-unlock-on-exit"},
    "no-sleep-in-atomic": {"sleep-in-atomic"},
    "no-use-after-free": {"free-before-grace-period", "rcu-dereference-outside-lock", "use-after-put"},
    "no-null-dereference": {"dereference-before-check", "null-dereference", "unchecked-allocation"},
    "no-uninitialised-read": {"uninitialized-use"},
}
WORDS = {
    "no-lost-wakeup": "a task can sleep for ever here, since nothing is left that would wake it",
    "everybody-goes-on": "a task can be left where it is for ever",
    "no-livelock": "tasks can go round here for ever without getting anywhere",
    "no-deadlock": "tasks can end up waiting for each other's locks",
    "killed-task-leaves": "a task that was killed need not get out of here",
    "one-kill-at-a-time": "a second task can be killed while the first is still on its way out",
    "disabled-killer-kills-nobody": "a task can be killed although the killer is turned off",
    "no-global-kill": "a full group can have a task killed outside of it",
    "charges-balance": "what is charged and what is uncharged can differ in the end",
    "references-balance": "a reference can be left over, or dropped once too often",
    "locks-balance": "a lock can be left held, or released without being held",
    "no-sleep-in-atomic": "a task can sleep where it must not",
    "no-use-after-free": "an object can be used after it was freed",
    "no-null-dereference": "a NULL pointer can be dereferenced",
    "no-wild-access": "memory outside of any object can be accessed",
    "no-uninitialised-read": "a variable can be read before it was set",
    "no-bug": "a BUG_ON() can be hit",
    "no-warning": "a WARN_ON() can fire",
    "no-panic": "the machine can panic",
}


def supported(result: SimulationResult, findings: Iterable[Finding]) -> bool:
    """Tell whether a rule found, in a function that the schedule runs through, what the simulation shows."""
    kinds = EXPLAINED_BY.get(result.property, set())
    places = {(step.path, step.function) for step in result.schedule}
    return any(f.rule in kinds and f.patch == result.patch and (f.path, f.function) in places for f in findings)


def _blamed(schedule: tuple[ScheduleStep, ...]) -> ScheduleStep | None:
    """Return the step to hang the comment on: the last on a line that the patch adds, else the last with a place.

    One that does something goes before one that only looks.
    """
    placed = [step for step in schedule if step.path and step.line]
    added = [step for step in placed if step.added]
    doing = [step for step in added if " gives " not in step.event and " is " not in step.event]
    return (doing or added or placed)[-1] if placed else None


def simulation_finding(result: SimulationResult) -> Finding:
    """Make the finding of a violated property that no rule has found."""
    step = _blamed(result.schedule)
    what = WORDS.get(result.property, f"the property {result.property} does not hold")
    message = f"Run in the scenario {result.scenario}, {what}. The schedule shows how."
    mark = "\0".join(("simulation", result.scenario, result.property, step.function if step else ""))
    return Finding(
        rule=f"simulation-{result.property}",
        severity="error",
        # code that could not be run before the patch is a fragment, with a caller of the scenario's own
        confidence="high" if result.baseline == "not-applicable" else "proved",
        patch=result.patch,
        path=step.path if step else None,
        line=step.line if step else None,
        end_line=step.line if step else None,
        function=step.function if step else None,
        message=message,
        evidence=tuple(
            Evidence(s.path, s.line, f"{s.task}: {s.event}") for s in result.schedule if s.path and s.line is not None
        ),
        fingerprint=hashlib.sha256(mark.encode()).hexdigest()[:16],
        source="simulation",
        snippet=step.source if step else "",
    )


def simulation_findings(results: tuple[SimulationResult, ...], findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return a finding for each regression that no rule's finding stands for.

    What the same line of the same patch leads to is one finding, that with the shortest schedule, which names the rest.
    """
    places: dict[tuple[int | None, str | None, int | None], list[SimulationResult]] = {}
    for result in results:
        if result.regression and result.verdict == "violated" and not supported(result, findings):
            step = _blamed(result.schedule)
            place = (result.patch, step.path if step else None, step.line if step else None)
            places.setdefault(place, []).append(result)
    made = []
    for group in places.values():
        shortest = min(group, key=lambda r: len(r.schedule))
        others = sorted({r.property for r in group} - {shortest.property})
        finding = simulation_finding(shortest)
        if others:
            finding = replace(finding, message=f"{finding.message} Violated there too: {', '.join(others)}.")
        made.append(finding)
    return tuple(made)
