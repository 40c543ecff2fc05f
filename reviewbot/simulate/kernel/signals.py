# SPDX-License-Identifier: GPL-2.0-or-later
"""Signals and thread flags.

A task has a pending signal, a fatal one (SIGKILL), or none. Sending one wakes a task in TASK_INTERRUPTIBLE; a fatal one
also a task in a state with TASK_WAKEKILL. A killed task runs on: it leaves where its code looks. Thread flags are bits
of one cell. Left out: handlers, masks, groups of threads, stop and continue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reviewbot.simulate.kernel.interface import Kernel, PrimitiveModel, Values
from reviewbot.simulate.kernel.sched import INTERRUPTIBLE, WAKEKILL
from reviewbot.simulate.sharing import READ, WRITE

SIGKILL = 9


def _signal(kernel: Kernel, task: int) -> int:
    return task + kernel.task_offset("sim_signal")


def _flags(kernel: Kernel, task: int) -> int:
    return task + kernel.task_offset("sim_flags")


def _state(kernel: Kernel, task: int) -> int:
    return task + kernel.task_offset("sim_state")


def _pending(bits: int) -> Any:
    def run(kernel: Kernel, values: Values, way: int) -> int:
        return int(bool(kernel.get(_signal(kernel, values[0])) & bits))

    return run


def _signal_read(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((_signal(kernel, values[0]), READ),)


def _send() -> PrimitiveModel:
    def run(kernel: Kernel, values: Values, way: int) -> int:
        signal, task = values[0], values[1]
        fatal = signal == SIGKILL
        kernel.put(_signal(kernel, task), kernel.get(_signal(kernel, task)) | (3 if fatal else 1))
        state = kernel.get(_state(kernel, task))
        if state & INTERRUPTIBLE or (fatal and state & WAKEKILL):
            kernel.put(_state(kernel, task), 0)
        return 0

    def touches(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
        yield _signal(kernel, values[1]), WRITE
        yield _state(kernel, values[1]), WRITE

    return PrimitiveModel("send_sig", run, touches=touches, arity=2)


def _flag_task(values: Values) -> tuple[int, int]:
    return values[0], 1 << values[1]


def _test(kernel: Kernel, values: Values, way: int) -> int:
    task, bit = _flag_task(values)
    return int(bool(kernel.get(_flags(kernel, task)) & bit))


def _set(kernel: Kernel, values: Values, way: int) -> int:
    task, bit = _flag_task(values)
    old = kernel.get(_flags(kernel, task))
    kernel.put(_flags(kernel, task), old | bit)
    return int(bool(old & bit))


def _clear(kernel: Kernel, values: Values, way: int) -> int:
    task, bit = _flag_task(values)
    old = kernel.get(_flags(kernel, task))
    kernel.put(_flags(kernel, task), old & ~bit)
    return int(bool(old & bit))


def _flags_read(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((_flags(kernel, values[0]), READ),)


def _flags_written(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((_flags(kernel, values[0]), WRITE),)


def _test_own(kernel: Kernel, values: Values, way: int) -> int:
    return _test(kernel, (kernel.task_address(kernel.task), values[0]), way)


def _own_read(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((_flags(kernel, kernel.task_address(kernel.task)), READ),)


def _killed(kernel: Kernel, values: Values) -> int:
    return int(bool(kernel.get(_signal(kernel, kernel.task_address(kernel.task))) & 2))


def _own_signal_read(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((_signal(kernel, kernel.task_address(kernel.task)), READ),)


def _go_on(kernel: Kernel, values: Values, way: int) -> int:
    return 0


PRIMITIVES = (
    PrimitiveModel("signal_pending", _pending(3), touches=_signal_read),
    PrimitiveModel("fatal_signal_pending", _pending(2), touches=_signal_read),
    PrimitiveModel("__fatal_signal_pending", _pending(2), touches=_signal_read),
    _send(),
    PrimitiveModel("force_sig", _send().run, touches=_send().touches, arity=2),
    PrimitiveModel("test_thread_flag", _test_own, touches=_own_read),
    PrimitiveModel("test_tsk_thread_flag", _test, touches=_flags_read, arity=2),
    PrimitiveModel("set_tsk_thread_flag", _set, touches=_flags_written, arity=2),
    PrimitiveModel("test_and_set_tsk_thread_flag", _set, touches=_flags_written, arity=2),
    PrimitiveModel("clear_tsk_thread_flag", _clear, touches=_flags_written, arity=2),
    PrimitiveModel("sim_until_killed", _go_on, _killed, _own_signal_read, arity=0, waiting="rests"),
)
