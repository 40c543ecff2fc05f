# SPDX-License-Identifier: GPL-2.0-or-later
"""schedule(), its variants with a timeout, and a task's state.

`schedule()` in TASK_RUNNING returns at once. In another state it waits until somebody makes the task TASK_RUNNING, or,
in TASK_INTERRUPTIBLE, a signal is pending, or, with TASK_WAKEKILL (TASK_KILLABLE), a fatal one. A timeout may fire at
any later step. Left out: early returns of the schedule_timeout_*() family by a wake-up, run queues, priorities.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reviewbot.simulate.kernel.interface import Kernel, PrimitiveModel, Values, nothing
from reviewbot.simulate.sharing import READ, WRITE

INTERRUPTIBLE, UNINTERRUPTIBLE, WAKEKILL = 1, 2, 128
MAX_TIMEOUT = (1 << 63) - 1


def state_cell(kernel: Kernel) -> int:
    """Return the address of the running task's state."""
    return kernel.task_address(kernel.task) + kernel.task_offset("sim_state")


def signal_cell(kernel: Kernel) -> int:
    """Return the address of the running task's pending signals: 1 any, 2 fatal."""
    return kernel.task_address(kernel.task) + kernel.task_offset("sim_signal")


def interrupted(kernel: Kernel, state: int) -> bool:
    """Tell whether a signal keeps the task from sleeping in `state`."""
    signals = kernel.get(signal_cell(kernel))
    return bool(signals and state & INTERRUPTIBLE) or bool(signals & 2 and state & WAKEKILL)


def _goes_on(kernel: Kernel, values: Values) -> int:
    state = kernel.get(state_cell(kernel))
    return int(state == 0 or interrupted(kernel, state))


def _touches(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    yield state_cell(kernel), WRITE
    yield signal_cell(kernel), READ


def _check(kernel: Kernel) -> None:
    if kernel.atomic_context():
        kernel.fail("no-sleep-in-atomic", "a sleep under a lock with which one must not sleep")


def _schedule(kernel: Kernel, values: Values, way: int) -> None:
    _check(kernel)
    kernel.put(state_cell(kernel), 0)  # set until here only where a signal keeps the task from sleeping


def _timeout_ready(kernel: Kernel, values: Values) -> int:
    return _goes_on(kernel, values) if values[0] == MAX_TIMEOUT else 1


def _schedule_timeout(kernel: Kernel, values: Values, way: int) -> int:
    _check(kernel)
    state = kernel.get(state_cell(kernel))
    kernel.put(state_cell(kernel), 0)
    if state == 0:
        return int(values[0])
    if interrupted(kernel, state):
        return int(values[0])
    kernel.slept()
    return 0


def _sleep(kernel: Kernel, values: Values, way: int) -> int:
    _check(kernel)
    kernel.slept()
    kernel.put(state_cell(kernel), 0)
    return 0


def _sleep_unless(kinds: int) -> Any:
    def run(kernel: Kernel, values: Values, way: int) -> int:
        if kernel.get(signal_cell(kernel)) & kinds:
            _check(kernel)
            return int(values[0])
        return _sleep(kernel, values, way)

    return run


def _set_state(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(state_cell(kernel), values[0])


def _state_written(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((state_cell(kernel), WRITE),)


def _give_way(kernel: Kernel, values: Values, way: int) -> int:
    return 0


PRIMITIVES = (
    *(PrimitiveModel(name, _schedule, _goes_on, _touches, arity=0) for name in ("schedule", "io_schedule")),
    PrimitiveModel("schedule_timeout", _schedule_timeout, _timeout_ready, _touches),
    *(PrimitiveModel(name, _sleep, touches=_state_written) for name in
      ("schedule_timeout_uninterruptible", "msleep", "ssleep")),
    PrimitiveModel("schedule_timeout_killable", _sleep_unless(2), touches=_touches),
    PrimitiveModel("schedule_timeout_interruptible", _sleep_unless(3), touches=_touches),
    *(PrimitiveModel(name, _set_state, touches=_state_written) for name in
      ("set_current_state", "__set_current_state")),
    *(PrimitiveModel(name, _give_way, touches=nothing, quiet=True, arity=0) for name in
      ("cond_resched", "cpu_relax", "might_sleep")),
)  # fmt: skip
