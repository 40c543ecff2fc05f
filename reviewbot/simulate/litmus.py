# SPDX-License-Identifier: GPL-2.0-or-later
"""A schedule as a litmus test in C, in the form that herd7 reads (tools/memory-model/Documentation/litmus-tests.txt).

It is a sketch for people: each task is a process, reads and writes of shared cells and locks are what the schedule
shows, the final condition says what was read. Places are named by the text of the expression, so one cell that two
tasks spell in two ways is two places; what has no counterpart there (queues, wake-ups, sleeping) is a comment.
Schedules leave the release of locks out; here it stands as late as it can.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reviewbot.model.finding import ScheduleStep

MOST_STEPS = 200
_PLACE = r"([A-Za-z_][\w.\[\]>-]{0,120})"
_STORE = re.compile(_PLACE + r" = (\S{1,80})")
_LOAD = re.compile(_PLACE + r" is (\S{1,80})")
_LOCK = re.compile(r"(spin_lock|spin_unlock)\(&?" + _PLACE + r"\)")
_ATOMIC = re.compile(
    r"(atomic_(?:read|set|inc|dec|inc_return|dec_return))\(&?"
    + _PLACE
    + r"(?:, (-?\d{1,19}))?\)(?: gives (-?\d{1,19}))?"
)
_FENCE = re.compile(r"(smp_mb|smp_rmb|smp_wmb|rcu_read_lock|rcu_read_unlock|synchronize_rcu)\(\)")
_NUMBER = re.compile(r"-?\d{1,19}")


def sketch(name: str, steps: Sequence[ScheduleStep]) -> str:
    """Return the litmus test of a schedule, "" for one of no steps. `name` becomes the test's name."""
    if not steps:
        return ""
    shown = steps[-MOST_STEPS:]
    tasks = list(dict.fromkeys(step.task for step in shown))
    values: dict[str, int] = {}
    processes, conditions = [], []
    for number, task in enumerate(tasks):
        process, read = _process(number, task, [step for step in shown if step.task == task], values)
        processes.append(process)
        conditions += read
    condition = " /\\ ".join(conditions) or "true"
    legend = "".join(f"(* {number} is {_plain(text)} *)\n" for text, number in values.items())
    head = f"C {re.sub(r'[^A-Za-z0-9_-]', '-', name)}\n\n{legend}{{}}\n"
    return "\n".join([head, *processes, f"exists ({condition})\n"])


def _process(
    number: int, task: str, steps: Sequence[ScheduleStep], values: dict[str, int]
) -> tuple[str, list[str]]:  # fmt: skip
    """Return a process as C and what it read, as parts of a condition."""
    places: dict[str, str] = {}
    body: list[str] = []
    read: list[str] = []
    held: list[str] = []
    for step in steps:
        store, load = _STORE.fullmatch(step.event), _LOAD.fullmatch(step.event)
        lock, fence = _LOCK.fullmatch(step.event), _FENCE.fullmatch(step.event)
        atomic = _ATOMIC.fullmatch(step.event)
        where = f" // {step.path}:{step.line}" if step.path else ""
        if store:
            places[_name(store[1])] = "int"
            body.append(f"\tWRITE_ONCE(*{_name(store[1])}, {_value(store[2], values)});{where}")
        elif load:
            register = f"r{len(read)}"
            places[_name(load[1])] = "int"
            body.append(f"\tint {register} = READ_ONCE(*{_name(load[1])});{where}")
            read.append(f"{number}:{register}={_value(load[2], values)}")
        elif lock:
            place = _name(lock[2])
            places[place] = "spinlock_t"
            if place in held:
                body.append(f"\tspin_unlock({place});")
                held.remove(place)
            if lock[1] == "spin_lock":
                body.append(f"\tspin_lock({place});{where}")
                held.append(place)
        elif atomic and (atomic[3] is not None) == (atomic[1] == "atomic_set"):
            places[_name(atomic[2])] = "atomic_t"
            call = f"{atomic[1]}({_name(atomic[2])}{f', {atomic[3]}' if atomic[3] else ''});"
            if atomic[4] is not None:
                call = f"int r{len(read)} = {call}"
                read.append(f"{number}:r{len(read)}={int(atomic[4])}")
            body.append(f"\t{call}{where}")
        elif fence:
            body.append(f"\t{fence[0]};{where}")
        else:
            body.append(f"\t// {_plain(step.event)}{where}")
    body += [f"\tspin_unlock({place});" for place in reversed(held)]
    arguments = ", ".join(f"{kind} *{place}" for place, kind in places.items())
    return "\n".join([f"P{number}({arguments}) // {_plain(task)}", "{", *body, "}", ""]), read


def _name(place: str) -> str:
    return re.sub(r"\W+", "_", place).strip("_") or "cell"


def _value(text: str, values: dict[str, int]) -> int:
    """Return a value as a number; objects are numbered from 1 on, in the order in which they are seen."""
    if _NUMBER.fullmatch(text):
        return int(text)
    if text in ("NULL", "false"):
        return 0
    if text == "true":
        return 1
    return values.setdefault(text, len(values) + 1)


def _plain(text: str) -> str:
    """Return text that cannot end a comment or a line."""
    return re.sub(r"[^ -~]|\*[)/]|[(/]\*", " ", text)[:100]
