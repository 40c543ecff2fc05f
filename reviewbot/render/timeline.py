# SPDX-License-Identifier: GPL-2.0-or-later
"""A schedule as columns, one a task, time going down."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from reviewbot.model.finding import ScheduleStep

MARK = "+"
"""Stands before a step on a line that the patch adds."""


# primitives that say little about an order of events: locks whose sections are short, references, reclaim
QUIET = ("spin_", "raw_spin_", "read_lock", "read_unlock", "write_lock", "write_unlock", "rcu_", "css_", "try_to_free_")


def telling(step: ScheduleStep) -> bool:
    """Tell whether people need a step to follow the schedule: not one that reads or locks outside of the patch."""
    if step.added or not step.event:
        return True
    return not (" gives " in step.event or " is " in step.event or step.event.startswith(QUIET))


def _note(step: ScheduleStep) -> str:
    """Return what a step's event adds to its source line."""
    what, gives, value = step.event.partition(" gives ")
    if gives and what in step.source:
        return f"(gives {value})"
    return "" if step.event in step.source else f"({step.event})"


def _cell(step: ScheduleStep, width: int) -> list[str]:
    """Return the lines of one step: where it is, then what happens."""
    where = f"{step.function}()" if step.function else ""
    mark = MARK if step.added else " "
    lines = textwrap.wrap(step.source or step.event, width - 2, break_on_hyphens=False) or [""]
    body = [f"{mark if i == 0 else ' '} {line}" for i, line in enumerate(lines)]
    note = textwrap.wrap(_note(step), width - 2) if step.source else []
    return ([where[:width]] if where else []) + body + [f"  {line}" for line in note]


def _quiet(schedule: Sequence[ScheduleStep]) -> list[ScheduleStep]:
    """Drop steps that tell nothing, and repetitions of the one before; each task's last step stays."""
    last = {step.task: number for number, step in enumerate(schedule)}
    kept: list[ScheduleStep] = []
    for number, step in enumerate(schedule):
        if (telling(step) or last[step.task] == number) and (not kept or step != kept[-1]):
            kept.append(step)
    return kept


def shortened(rows: Sequence[str], most: int) -> list[str]:
    """Return rows with some left out from the middle when there are more than `most`; the end tells the most."""
    if len(rows) <= most:
        return list(rows)
    head = most // 3
    return [*rows[:head], "[ ... ]", *rows[len(rows) - (most - head - 1) :]]


def timeline(schedule: Sequence[ScheduleStep], width: int = 72, most: int | None = None) -> str:
    """Return the schedule as text of at most `width` columns, or as a list when there are too many tasks for that.

    The function's name is shown where a task is in another function than in its step before. Lines that the patch adds
    are marked with "+". Outside of these, steps that only read or take a short lock are left out, and what is beyond
    `most` lines is from the middle; the JSON report has them all.
    """
    steps = _quiet(schedule)
    tasks = list(dict.fromkeys(step.task for step in steps))
    if not tasks:
        return ""
    if len(tasks) > 4 or width // len(tasks) < 18:
        rows = [f"{s.task}: {s.source or s.event}" for s in steps]
        return "\n".join(rows if most is None else shortened(rows, most))
    gap = 2
    column = (width - gap * (len(tasks) - 1)) // len(tasks)
    rows = ["  ".join(task.ljust(column) for task in tasks).rstrip(), "  ".join("-" * column for _ in tasks)]
    last: dict[str, str] = {}
    for step in steps:
        cell = _cell(step, column)
        if last.get(step.task) == step.function and step.function:
            cell = cell[1:]
        last[step.task] = step.function
        margin = " " * ((column + gap) * tasks.index(step.task))
        rows += [(margin + line).rstrip() for line in cell]
    return "\n".join(rows if most is None else [*rows[:2], *shortened(rows[2:], most - 2)])
