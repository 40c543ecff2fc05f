# SPDX-License-Identifier: GPL-2.0-or-later
"""A schedule as columns, one a task, time going down."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from reviewbot.model.finding import ScheduleStep

MARK = "+"
"""Stands before a step on a line that the patch adds."""


def _cell(step: ScheduleStep, width: int) -> list[str]:
    """Return the lines of one step: where it is, then what happens."""
    where = f"{step.function}()" if step.function else ""
    what = step.source or step.event
    mark = MARK if step.added else " "
    lines = textwrap.wrap(what, width - 2, break_long_words=True, break_on_hyphens=False) or [""]
    body = [f"{mark} {line}" if i == 0 else f"  {line}" for i, line in enumerate(lines)]
    note = textwrap.wrap(f"({step.event})", width - 2) if step.source and step.event else []
    return ([where[:width]] if where else []) + body + [f"  {line}" for line in note]


def _quiet(schedule: Sequence[ScheduleStep]) -> list[ScheduleStep]:
    """Drop a step that repeats the one before it (the same task on the same line, with nothing new to tell)."""
    kept: list[ScheduleStep] = []
    for step in schedule:
        if not kept or (step.task, step.path, step.line, step.event) != (
            kept[-1].task,
            kept[-1].path,
            kept[-1].line,
            kept[-1].event,
        ):
            kept.append(step)
    return kept


def timeline(schedule: Sequence[ScheduleStep], width: int = 72) -> str:
    """Return the schedule as text of at most `width` columns, or as a list when there are too many tasks for that.

    The function's name is shown where a task enters another function than in its step before. Lines that the patch
    adds are marked with "+".
    """
    steps = _quiet(schedule)
    tasks = list(dict.fromkeys(step.task for step in steps))
    if not tasks:
        return ""
    if len(tasks) > 4 or width // len(tasks) < 18:
        return "\n".join(f"{s.task}: {s.source or s.event}" for s in steps)
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
    return "\n".join(rows)
