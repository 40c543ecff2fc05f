# SPDX-License-Identifier: GPL-2.0-or-later
"""Who wakes the sleepers of a queue, and ways through a function on which nobody does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.texts import naming
from reviewbot.checks.waits.conditions import edge_facts, facts, necessary
from reviewbot.checks.waits.places import Atom, Place, Scope, target_of
from reviewbot.checks.waits.protocols import calls_at
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg, Edge, build_cfg, known
from reviewbot.csource.events import CallEvent
from reviewbot.csource.functions import Function, call_name, own_expressions, walk, walk_statements
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.parse import Unit

WAKES_QUEUE = re.compile(r"(?:__)?(?:s?wake_up|rcuwait_wake_up)(?!_(?:process|state|q|bit|var|new))[a-z_]*")
# these wake somebody, who may be the sleeper, or hand the work on to somebody who may
_WAKES_SOMEBODY = re.compile(
    r"\w*(?:wake|kick|disconnect|shutdown|abort|flush|notify|submit|complete)\w*"
    r"|(?:queue|schedule|mod)_(?:delayed_)?work(?:_on)?|tasklet_(?:hi_)?schedule|irq_work_queue"
    r"|call_rcu\w*|kthread_queue_work|task_work_add|mod_timer|add_timer|raise_softirq\w*|hrtimer_start\w*"
)
_ASKS_FOR_SLEEPERS = words("waitqueue_active wq_has_sleeper swait_active swq_has_sleeper wq_has_single_sleeper")
# a guarded wake-up with more than this beside it is no mere test for sleepers
_SMALL = 3


@dataclass(frozen=True, slots=True)
class WakeSite:
    """A wake-up at `line` of `function`; `asks` if it only comes when sleepers still have to wait."""

    function: Function
    line: int
    asks: bool


class Wakers:
    """The wake-ups of one queue in a file, once `gone` (what its sleepers wait to become false) is false.

    A wake-up behind a test that asks whether `gone` still holds is none: it is not reached.
    """

    def __init__(self, unit: Unit, queue: Place, gone: Atom, private: bool) -> None:
        self.unit = unit
        self.queue = queue
        self.gone = gone
        self.private = private
        self._always: dict[str, bool] = {}

    def always(self, function: Function) -> bool:
        """Tell whether every way through a function wakes the queue."""
        known_answer = self._always.get(function.name)
        if known_answer is None:
            self._always[function.name] = False
            cfg = build_cfg(function)
            known_answer = not function.fragment and self.unwoken(function, cfg.entry) is None
            self._always[function.name] = known_answer
        return known_answer

    def unwoken(self, function: Function, start: int) -> tuple[int, ...] | None:
        """Return a shortest way from node `start` to the end of the function without a wake-up, None without any."""
        scope = Scope(function, self.unit)
        cfg = build_cfg(function)
        first = cfg.nodes[start]
        if first.kind == "condition" and first.expr is not None and self._guards_wake(scope, first.expr):
            return None
        awake = frozenset(node.id for node in cfg.nodes if node.id != start and self._handles(scope, cfg, node.id))

        def follow(edge: Edge) -> bool:
            return known(edge) and not self._idle(scope, cfg, edge)

        return cfg.path(start, cfg.exit, awake, follow)

    def wakes(self, scope: Scope, call: CallEvent) -> bool:
        """Tell whether a call wakes the queue for sure, or may do so in a way that this file does not show."""
        name = call.name
        if name is None:
            return not self.private
        if WAKES_QUEUE.fullmatch(name) and call.args:
            queue = target_of(scope, call.args[0])
            return queue is None or queue.same(self.queue)
        function = self.unit.function(name)
        if function is not None:
            return self.always(function)
        return _WAKES_SOMEBODY.fullmatch(name) is not None or (not self.private and self._may_know(scope, call))

    def sites(self) -> Iterator[WakeSite]:
        """Yield the places that wake the queue: wake_up() itself, or calls of functions that always do it."""
        helpers: set[str] = set()
        for function in naming(self.unit, "wake_up"):
            for site in self._direct(function):
                if self.always(function):
                    helpers.add(function.name)
                else:
                    yield site
        for function in naming(self.unit, *helpers):
            for call in function.calls:
                if call.name in helpers and function.name not in helpers:
                    yield self._site(function, call.expr)

    def _direct(self, function: Function) -> Iterator[WakeSite]:
        scope = Scope(function, self.unit)
        for call in function.calls:
            if call.name and WAKES_QUEUE.fullmatch(call.name) and call.args:
                queue = target_of(scope, call.args[0])
                if queue is not None and queue.same(self.queue):
                    yield self._site(function, call.expr)

    def _site(self, function: Function, expr: c.Call) -> WakeSite:
        cfg = build_cfg(function)
        scope = Scope(function, self.unit)
        for node in cfg.nodes:
            if any(call.expr is expr for call in calls_at(cfg, node.id)):
                held = necessary(scope, cfg, cfg.entry, node.id)
                asked = any(atom.place.same(self.gone.place) and atom.implies(self.gone) for atom, _ in held)
                return WakeSite(function, expr.line, asked)
        return WakeSite(function, expr.line, False)

    def _may_know(self, scope: Scope, call: CallEvent) -> bool:
        """Tell whether a function of another file is given something that the queue may be found from."""
        if call.name in _HARMLESS:
            return False
        return any(isinstance(part, (c.Name, c.Member)) for arg in call.args for part in walk(arg))

    def _idle(self, scope: Scope, cfg: Cfg, edge: Edge) -> bool:
        """Tell whether an edge is only taken when the sleepers go on sleeping, or when there are none."""
        node = cfg.nodes[edge.source]
        if node.kind != "condition" or node.expr is None:
            return False
        if call_name(node.expr) in _ASKS_FOR_SLEEPERS and edge.label == "false":
            return True
        return any(
            fact.place.same(self.gone.place) and fact.implies(self.gone) for fact in edge_facts(scope, cfg, edge)
        )

    def _handles(self, scope: Scope, cfg: Cfg, node: int) -> bool:
        at = cfg.nodes[node]
        if at.kind == "gap":
            return not self.private
        if any(self.wakes(scope, call) for call in calls_at(cfg, node)):
            return True
        return at.kind == "condition" and at.expr is not None and self._guards_wake(scope, at.expr)

    def _guards_wake(self, scope: Scope, condition: c.Expr) -> bool:
        """Tell whether a condition stands before a small block that wakes the queue, and asks for something else."""
        for stmt in scope.function.statements:
            if not isinstance(stmt, c.If) or not any(part is condition for part in walk(stmt.cond)):
                continue
            facts_known = (*facts(scope, stmt.cond, True), *facts(scope, stmt.cond, False))
            if any(fact.place.same(self.gone.place) for fact in facts_known):
                return False
            return any(self._wakes_within(scope, branch) for branch in (stmt.then, stmt.otherwise) if branch)
        return False

    def _wakes_within(self, scope: Scope, stmt: c.Stmt) -> bool:
        if isinstance(stmt, c.Block) and len(stmt.body) > _SMALL:
            return False
        return any(
            self.wakes(scope, CallEvent(part.line, call_name(part), part.args, part))
            for inner in walk_statements(stmt)
            for top in own_expressions(inner)
            for part in walk(top)
            if isinstance(part, c.Call)
        )


_HARMLESS = words(
    "spin_lock spin_unlock spin_lock_irq spin_unlock_irq spin_lock_irqsave spin_unlock_irqrestore spin_lock_bh "
    "spin_unlock_bh mutex_lock mutex_unlock raw_spin_lock raw_spin_unlock raw_spin_unlock_irqrestore rcu_read_lock "
    "rcu_read_unlock percpu_up_read percpu_up_write percpu_down_read percpu_down_write rt_mutex_lock rt_mutex_unlock "
    "spin_trylock mutex_trylock up_read up_write down_read down_write write_lock write_unlock read_lock read_unlock "
    "kfree kvfree "
    "smp_mb smp_wmb smp_mb__after_atomic smp_mb__before_atomic lockdep_assert_held WARN_ON WARN_ON_ONCE BUG_ON "
    "list_add list_add_tail list_del list_del_init INIT_LIST_HEAD list_empty atomic_set atomic_inc atomic_dec "
    "set_bit clear_bit test_bit WRITE_ONCE READ_ONCE likely unlikely printk pr_err pr_warn pr_info pr_debug "
    "set_current_state __set_current_state finish_wait memset memcpy min max"
)
