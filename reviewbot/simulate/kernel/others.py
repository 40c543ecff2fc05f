# SPDX-License-Identifier: GPL-2.0-or-later
"""RCU, memory, assertions, and what only scenarios use.

RCU: a read-side section is held like a lock for reading; `synchronize_rcu` waits until nobody is in one. Memory:
`kmalloc` gives uninitialised cells and never fails unless the scenario asks for it; the place of a freed object is used
again only when nothing points into it. BUG_ON and panic end the run, a WARN_ON that fires and an assertion that fails
do not. Left out: grace periods that overlap, allocation that sleeps or reclaims, call_rcu.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from reviewbot.simulate.kernel.interface import RCU, Kernel, PrimitiveModel, Values, always, first_read
from reviewbot.simulate.sharing import READ, WRITE


def _rcu_lock(kernel: Kernel, values: Values, way: int) -> None:
    kernel.hold(RCU, exclusive=False, sleeps=False)


def _rcu_unlock(kernel: Kernel, values: Values, way: int) -> None:
    if not kernel.unhold(RCU):
        kernel.fail("locks-balance", "rcu_read_unlock() outside a read-side section")


def _rcu_read(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((RCU, READ),)


def _rcu_wait(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((RCU, WRITE),)


def _quiescent(kernel: Kernel, values: Values) -> int:
    return int(not kernel.held_elsewhere(RCU))


def _synchronize(kernel: Kernel, values: Values, way: int) -> None:
    if kernel.atomic_context():
        kernel.fail("no-sleep-in-atomic", "synchronize_rcu() under a lock with which one must not sleep")


def _allocate(value: int | None) -> Any:
    def run(kernel: Kernel, values: Values, way: int) -> int:
        return kernel.allocate(max(1, values[0]), value)

    return run


def _free(kernel: Kernel, values: Values, way: int) -> None:
    if values[0]:
        kernel.release(values[0])


def _freed(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    if not values[0]:
        return ()
    return tuple((values[0] + cell, WRITE) for cell in range(max(1, kernel.object_size(values[0]))))


def _bug(kernel: Kernel, values: Values, way: int) -> int:
    if values[0]:
        kernel.fail("no-bug", "BUG_ON() fires")
    return 0


def _warn(kernel: Kernel, values: Values, way: int) -> int:
    if values[0]:
        kernel.complain("no-warning", "WARN_ON() fires")
    return int(bool(values[0]))


def _panic(kernel: Kernel, values: Values, way: int) -> int:
    kernel.fail("no-panic", "panic()")
    return 0


def _current(kernel: Kernel, values: Values, way: int) -> int:
    return int(kernel.task_address(kernel.task))


def _choices(kernel: Kernel, values: Values) -> int:
    return max(1, int(values[0]))


def _choose(kernel: Kernel, values: Values, way: int) -> int:
    return way


def _violate(kernel: Kernel, values: Values, way: int) -> int:
    if not values[0]:
        kernel.complain(kernel.text(values[1]), "what the scenario asserts does not hold")
    return 0


def _not_zero(kernel: Kernel, values: Values) -> int:
    return int(bool(kernel.get(values[0])))


def _zero(kernel: Kernel, values: Values) -> int:
    return int(not kernel.get(values[0]))


def _nothing(kernel: Kernel, values: Values, way: int) -> int:
    return 0


def _counts(kernel: Kernel, values: Values, way: int) -> int:
    """Stand for a read of a counter that is left out: only that the cell is there is asked."""
    kernel.get(values[0])
    return 0


PRIMITIVES = (
    *(PrimitiveModel(name, _rcu_lock, touches=_rcu_read, quiet=True, arity=0) for name in
      ("rcu_read_lock", "srcu_read_lock")),
    *(PrimitiveModel(name, _rcu_unlock, touches=_rcu_read, moves_left=True, quiet=True, arity=0) for name in
      ("rcu_read_unlock", "srcu_read_unlock")),
    PrimitiveModel("synchronize_rcu", _synchronize, _quiescent, _rcu_wait, arity=0, waiting="blocks"),
    *(PrimitiveModel(name, _allocate(None), arity=2) for name in ("kmalloc", "vmalloc")),
    *(PrimitiveModel(name, _allocate(0), arity=2) for name in ("kzalloc", "vzalloc")),
    *(PrimitiveModel(name, _free, touches=_freed) for name in ("kfree", "vfree")),
    *(PrimitiveModel(name, _bug, quiet=True) for name in ("BUG_ON", "VM_BUG_ON")),
    *(PrimitiveModel(name, _warn, quiet=True) for name in ("WARN_ON", "WARN_ON_ONCE", "VM_WARN_ON_ONCE")),
    PrimitiveModel("sim_panic", _panic, arity=0),
    PrimitiveModel("sim_current", _current, quiet=True, arity=0),
    PrimitiveModel("choose", _choose, _choices),
    PrimitiveModel("assert_that", _violate, arity=2, quiet=True),
    PrimitiveModel("sim_counts", _counts, quiet=True),
    PrimitiveModel("sim_await", _nothing, _not_zero, first_read, waiting="rests"),
    PrimitiveModel("sim_await_zero", _nothing, _zero, first_read, waiting="rests"),
    *(PrimitiveModel(name, _nothing, always, quiet=True, arity=0) for name in
      ("smp_mb", "smp_rmb", "smp_wmb", "barrier", "mb", "rmb", "wmb", "smp_mb__before_atomic",
       "smp_mb__after_atomic", "preempt_disable", "preempt_enable")),
)  # fmt: skip
