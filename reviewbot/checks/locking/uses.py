# SPDX-License-Identifier: GPL-2.0-or-later
"""Which calls take and give back which lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of
from reviewbot.csource.api import LockEffect, kernel_api
from reviewbot.csource.functions import Function, walk
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.spell import spell

# page and buffer locks are handed on by design, counting semaphores are no locks, and a fault may be taken without
# pages being brought in
_OTHERS = words(
    "lock_page folio_lock trylock_page folio_trylock unlock_page folio_unlock down up down_interruptible "
    "down_killable down_timeout device_trylock pagefault_disable pagefault_enable"
)
_GUARDS = {
    "mutex": ("mutex", False),
    "spinlock": ("spinlock", True),
    "spinlock_irq": ("spinlock", True),
    "spinlock_irqsave": ("spinlock", True),
    "spinlock_bh": ("spinlock", True),
    "raw_spinlock": ("spinlock", True),
    "raw_spinlock_irq": ("spinlock", True),
    "raw_spinlock_irqsave": ("spinlock", True),
    "rwsem_read": ("semaphore", False),
    "rwsem_write": ("semaphore", False),
    "read_lock": ("rwlock", True),
    "write_lock": ("rwlock", True),
    "rcu": ("rcu", True),
    "preempt": ("preemption", True),
    "irq": ("preemption", True),
    "irqsave": ("preemption", True),
}
# what is held in the end, by what ends it
_STATES = {
    "preempt_enable": "preempt_disable",
    "get_cpu": "preempt_disable",
    "put_cpu": "preempt_disable",
    "local_irq_enable": "local_irq_disable",
    "local_irq_save": "local_irq_disable",
    "local_irq_restore": "local_irq_disable",
    "local_bh_enable": "local_bh_disable",
}


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock as a function names it: `name` as written, without `&`; `atomic` if nobody may sleep with it."""

    name: str
    kind: str
    atomic: bool
    path: AccessPath | None
    roots: frozenset[str]

    @property
    def field(self) -> str:
        """The last part of the name, which is what another function's name for the same lock has in common."""
        return self.name.replace("->", ".").rsplit(".", 1)[-1]

    @property
    def is_object(self) -> bool:
        """Whether the lock is an object in memory, and no state of the processor."""
        return self.kind not in ("rcu", "preemption")


@dataclass(frozen=True, slots=True)
class Use:
    """What `call` does to `lock`; "try" takes it if the call returns nonzero, "zero" if it returns zero."""

    lock: Lock
    effect: LockEffect
    call: str
    line: int
    args: tuple[c.Expr, ...] = ()

    @property
    def shared(self) -> bool:
        """Whether others may hold the lock in the same way at the same time, the same task included."""
        return not self.lock.is_object or ("read" in self.call and "thread" not in self.call) or "shared" in self.call


def use_of(name: str | None, args: tuple[c.Expr, ...], line: int) -> Use | None:
    """Return what a call does to a lock, None if it does nothing to any."""
    call = kernel_api().locks.get(name or "")
    if call is None or name is None or name in _OTHERS:
        return None
    if call.kind in ("rcu", "global", "preemption"):
        plain = _STATES.get(name, name.strip("_").replace("_unlock", "_lock").replace("_trylock", "_lock"))
        plain = plain.replace("put_online_cpus", "cpus_read_lock").replace("get_online_cpus", "cpus_read_lock")
        return Use(Lock(plain, call.kind, call.atomic, None, frozenset()), call.effect, name, line, args)
    if not args:
        return None
    expr = args[-1] if "dec_and_lock" in name else args[0]
    return Use(_lock(expr, call.kind, call.atomic), call.effect, name, line, args)


def guarded(stmt: c.Guard | c.ScopedGuard) -> Lock | None:
    """Return what a guard() holds, None if it is not known to be a lock."""
    known = _GUARDS.get(stmt.name)
    if known is None:
        return None
    kind, atomic = known
    if stmt.args:
        return _lock(stmt.args[0], kind, atomic)
    names = {"rcu": "rcu_read_lock", "preempt": "preempt_disable"}
    return Lock(names.get(stmt.name, "local_irq_disable"), kind, atomic, None, frozenset())


def _lock(expr: c.Expr, kind: str, atomic: bool) -> Lock:
    inner = expr.operand if isinstance(expr, c.Unary) and expr.op == "&" else expr
    roots = frozenset(part.name for part in walk(inner) if isinstance(part, c.Name))
    return Lock(spell(inner), kind, atomic, path_of(inner), roots)


def uses(function: Function) -> Iterator[Use]:
    """Yield what the calls of a function do to locks, in the order of the text."""
    for call in function.calls:
        found = use_of(call.name, call.args, call.line)
        if found is not None:
            yield found
