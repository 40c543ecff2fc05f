# SPDX-License-Identifier: GPL-2.0-or-later
"""Spinlocks, mutexes, reader-writer locks, semaphores.

A lock is one cell: 0 free, -1 held exclusively, n > 0 held by n readers; a semaphore counts down. Taking one waits
until it is free; who gets it is open. Taking a lock that the task holds waits for ever. A mutex that must be waited
for leaves the task in TASK_RUNNING, so a wait that was prepared before it is undone. Left out: interrupts (the _irq
and _bh forms are plain), preemption counts beyond "do not sleep here", lock order other than by deadlocks that
happen, writer preference of rwlocks, optimistic spinning.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reviewbot.simulate.kernel.interface import RETRY, Kernel, PrimitiveModel, Values, first_added, first_written
from reviewbot.simulate.sharing import ADD, WRITE


def _state(kernel: Kernel) -> int:
    return kernel.task_address(kernel.task) + kernel.task_offset("sim_state")


def _free(kernel: Kernel, values: Values) -> int:
    return int(kernel.get(values[0]) == 0)


def _not_written(kernel: Kernel, values: Values) -> int:
    return int(kernel.get(values[0]) >= 0)


def _no_sleep_when_atomic(kernel: Kernel) -> None:
    if kernel.atomic_context():
        kernel.fail("no-sleep-in-atomic", "a call that may sleep, under a lock with which one must not")


def _take(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[0], -1)
    kernel.hold(values[0], exclusive=True, sleeps=False)


def _drop(kernel: Kernel, values: Values, way: int) -> None:
    if not kernel.unhold(values[0]):
        kernel.fail("locks-balance", "a lock is released that the task does not hold")
    held = kernel.get(values[0])
    kernel.put(values[0], held - 1 if held > 0 else 0)


def _try(kernel: Kernel, values: Values, way: int) -> int:
    kernel.note_question(values[0])
    if kernel.get(values[0]):
        return 0
    _take(kernel, values, way)
    return 1


def _is_locked(kernel: Kernel, values: Values, way: int) -> int:
    kernel.note_question(values[0])
    return int(kernel.get(values[0]) != 0)


def _read_take(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[0], kernel.get(values[0]) + 1)
    kernel.hold(values[0], exclusive=False, sleeps=False)


def _init(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[0], 0)


def _mutex_ready(kernel: Kernel, values: Values) -> int:
    return int(kernel.get(values[0]) == 0 or kernel.get(_state(kernel)) != 0)


def _mutex_touches(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    yield values[0], WRITE
    if kernel.get(_state(kernel)) != 0:
        yield _state(kernel), WRITE


def _mutex_take(kernel: Kernel, values: Values, way: int) -> Any:
    _no_sleep_when_atomic(kernel)
    if kernel.get(_state(kernel)) != 0:
        kernel.note_question(values[0])  # whether one must wait makes a difference
    if kernel.get(values[0]) != 0:
        kernel.put(_state(kernel), 0)
        return RETRY
    kernel.put(values[0], -1)
    kernel.hold(values[0], exclusive=True, sleeps=True)
    return 0


def _mutex_try(kernel: Kernel, values: Values, way: int) -> int:
    kernel.note_question(values[0])
    if kernel.get(values[0]):
        return 0
    kernel.put(values[0], -1)
    kernel.hold(values[0], exclusive=True, sleeps=True)
    return 1


def _signal_ready(fatal: bool) -> Any:
    def ready(kernel: Kernel, values: Values) -> int:
        signals = kernel.get(kernel.task_address(kernel.task) + kernel.task_offset("sim_signal"))
        return int(_mutex_ready(kernel, values) or bool(signals & (2 if fatal else 3)))

    return ready


def _mutex_take_or_signal(kernel: Kernel, values: Values, way: int) -> Any:
    kernel.note_question(values[0])
    if kernel.get(values[0]) != 0 and kernel.get(_state(kernel)) == 0:
        return -4
    return _mutex_take(kernel, values, way)


def _read_sleeping(kernel: Kernel, values: Values, way: int) -> None:
    _no_sleep_when_atomic(kernel)
    kernel.put(values[0], kernel.get(values[0]) + 1)
    kernel.hold(values[0], exclusive=False, sleeps=True)


def _down_ready(kernel: Kernel, values: Values) -> int:
    return int(kernel.get(values[0]) > 0)


def _down(kernel: Kernel, values: Values, way: int) -> int:
    _no_sleep_when_atomic(kernel)
    kernel.put(values[0], kernel.get(values[0]) - 1)
    return 0


def _up(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[0], kernel.get(values[0]) + 1)


def _sema_init(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[0], values[1])


def _acquire(name: str, run: Any, ready: Any = _free, touches: Any = first_written) -> PrimitiveModel:
    return PrimitiveModel(name, run, ready, touches, waiting="blocks")


def _dropped(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((values[0], ADD if kernel.get(values[0]) > 0 else WRITE),)


def _release(name: str) -> PrimitiveModel:
    return PrimitiveModel(name, _drop, touches=_dropped, moves_left=True)


PRIMITIVES = (
    *(_acquire(name, _take) for name in ("spin_lock", "write_lock")),
    _acquire("read_lock", _read_take, _not_written, first_added),
    *(_release(name) for name in ("spin_unlock", "write_unlock", "read_unlock", "mutex_unlock", "up_read", "up_write")),
    PrimitiveModel("spin_trylock", _try, touches=first_written),
    PrimitiveModel("spin_is_locked", _is_locked, touches=first_written),
    PrimitiveModel("mutex_is_locked", _is_locked, touches=first_written),
    PrimitiveModel("mutex_trylock", _mutex_try, touches=first_written),
    *(_acquire(name, _mutex_take, _mutex_ready, _mutex_touches) for name in ("mutex_lock", "down_write")),
    _acquire("mutex_lock_killable", _mutex_take_or_signal, _signal_ready(fatal=True), _mutex_touches),
    _acquire("mutex_lock_interruptible", _mutex_take_or_signal, _signal_ready(fatal=False), _mutex_touches),
    _acquire("down_read", _read_sleeping, _not_written, first_added),
    _acquire("down", _down, _down_ready),
    PrimitiveModel("up", _up, touches=first_written),
    PrimitiveModel("sema_init", _sema_init, touches=first_written, arity=2),
    *(PrimitiveModel(name, _init, touches=first_written, quiet=True)
      for name in ("spin_lock_init", "rwlock_init", "mutex_init", "init_rwsem")),
)  # fmt: skip
