# SPDX-License-Identifier: GPL-2.0-or-later
"""The state of each lock along the paths of a function.

Each lock is followed by itself: "untouched" since the entry, "held", "freed" (taken before and given back), or "lost"
where something that is not looked into may have taken it or given it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.below import words_below
from reviewbot.checks.locking.nesting import nests
from reviewbot.checks.locking.uses import Lock, Use, guarded, use_of
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import AddressOf, CallEvent, Event, Write, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import Function, call_name
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit
from reviewbot.csource.paths import Outcome, follow
from reviewbot.csource.spell import spell
from reviewbot.csource.text import lines_of

State = Literal["untouched", "held", "freed", "lost"]

# a function of another file with such a name may take a lock or give one back
_MAY_CHANGE = re.compile(
    r"\w*(?:lock|release|acquire|_drop|drop_|relax|_exit|_end|_begin|_enter|_start|_finish|_done|_commit|_abort"
    r"|enable|disable|resched|wait|schedule|switch|get_cpu|put_cpu|iter_next|_next|_start|_stop)\w*"
)
_HARMLESS = re.compile(
    r"\w*(?:lockdep|assert|is_locked|_held|lock_init|init_lock|blocks?_\w*|\w*_blocks?|block|lockup\w*|clock\w*|\w*_clock\w*"
    r"|local_clock|sched_clock|wait_queue\w*|init_wait\w*|waitqueue\w*)\w*|wake_up\w*"
    r"|prepare_to_s?wait\w*|finish_s?wait|(?:io_)?schedule(?:_timeout\w*)?|(?:queue|schedule|mod)_(?:delayed_)?work\w*"
    r"|wait_event(?!\w*(?:lock|cmd))\w*|wait_for_completion\w*|cond_resched|enabled\w*|\w*_enabled|preemptible"
)
_HINTS = re.compile(rb"lock|preempt_|local_irq|local_bh|get_cpu|down_|percpu_|guard")
_MOST_LOCKS = 8


@dataclass(frozen=True, slots=True)
class Held:
    """The states of one lock: by node before it; `uses` is what the function does to it, with the node."""

    lock: Lock
    outcome: Outcome[State]
    uses: tuple[tuple[int, Use], ...]
    follows: LockState

    def before(self, node: int, event: Event | None = None) -> frozenset[State]:
        """Return the states before an event of a node (None: before the node)."""
        states = self.outcome.states(node)
        return frozenset(self.follows.until(node, state, event) for state in states) if event else frozenset(states)

    def after(self, node: int) -> frozenset[State]:
        """Return the states after a node."""
        return frozenset(self.follows.until(node, state, None) for state in self.outcome.states(node))

    @property
    def complete(self) -> bool:
        """Whether no path was left out for want of room."""
        return self.outcome.complete

    def taken(self, node: int, state: State = "held") -> int:
        """Return the line where the lock was last taken on a way that comes to `node` in `state`."""
        lines = {at: use.line for at, use in self.uses if use.effect != "release"}
        way = [lines[at] for at in self.outcome.witness(node, state) if at in lines and at != node]
        return way[-1] if way else min(lines.values(), default=0)


def held(code: Code) -> tuple[Held, ...]:
    """Return the states of the locks that a function takes or gives back; () where there are too many to follow."""
    found = _found(code.function)
    if code.introduced not in found:
        found[code.introduced] = tuple(_followed(code))
    return found[code.introduced]


@kept
def _found(function: Function) -> dict[frozenset[str], tuple[Held, ...]]:
    return {}


def _followed(code: Code) -> Iterator[Held]:
    function = code.function
    lines = lines_of(function.source)[function.start_line - 1 : function.end_line]
    if not any(_HINTS.search(line) for line in lines):
        return
    by_name: dict[str, list[tuple[int, Use]]] = {}
    for node in code.cfg.nodes:
        for use in _at(code, node):
            by_name.setdefault(use.lock.name, []).append((node.id, use))
    if len(by_name) > _MOST_LOCKS:
        return
    for found in by_name.values():
        follows = LockState(code, found[0][1].lock)
        yield Held(found[0][1].lock, follow(code.cfg, follows, code.introduced, known, True), tuple(found), follows)


def _at(code: Code, node: CfgNode) -> Iterator[Use]:
    if node.kind in ("guard", "unguard") and isinstance(node.stmt, (c.Guard, c.ScopedGuard)):
        lock = guarded(node.stmt)
        if lock is not None:
            yield Use(lock, "acquire" if node.kind == "guard" else "release", "guard", node.line)
    for event in events(code.cfg, node.id):
        if isinstance(event, CallEvent):
            use = use_of(event.name, event.args, event.line)
            if use is not None:
                yield use


def _touches(unit: Unit, name: str, lock: Lock) -> bool:
    """Tell whether a function of the file, or what it leads to in the file, may take or give back such a lock."""
    below = words_below(unit, name)
    calls = below.called & kernel_api().locks.keys()
    if lock.is_object:
        return (lock.field in below.named and bool(calls)) or any(_unknown(unit, word) for word in below.called)
    uses = any((use := use_of(word, (), 0)) is not None and use.lock.name == lock.name for word in calls)
    return uses and not nests(unit, name, lock)


def _unknown(unit: Unit, word: str) -> bool:
    """Tell whether a word is the name of a function that is not known and may change locks."""
    if word in kernel_api().locks or unit.function(word) is not None or _HARMLESS.fullmatch(word):
        return False
    return word.endswith(("_lock", "_unlock", "_unlock_irqrestore")) and _MAY_CHANGE.fullmatch(word) is not None


class LockState:
    """Follows the state of one lock."""

    def __init__(self, code: Code, lock: Lock) -> None:
        self.code = code
        self.lock = lock
        self.asked = {id(node.expr) for node in code.cfg.nodes if node.kind == "condition"}
        # who is given the saved interrupt state may restore it, and with it drop the lock
        self.flags = {
            spell(call.args[-1])
            for call in code.function.calls
            if call.name and call.args and call.name.endswith(("_irqsave", "local_irq_save"))
        }

    def start(self) -> State:
        return "untouched"

    def step(self, node: CfgNode, state: State, facts: Facts) -> Iterable[State]:
        if node.kind in ("gap", "unparsed", "asm") and (node.kind != "asm" or not self.lock.is_object):
            return ("lost",)
        return (self.until(node.id, state, None),)

    def along(self, edge: Edge, state: State, facts: Facts) -> State | None:
        node = self.code.cfg.nodes[edge.source]
        use = self._use(node.expr) if node.kind == "condition" and node.expr is not None else None
        if use is not None and edge.label == {"try": "true", "zero": "false"}.get(use.effect):
            return "held"
        return state

    def until(self, number: int, state: State, stop: Event | None) -> State:
        """Return the state before `stop` (None: after all) at a node that is reached in `state`."""
        node = self.code.cfg.nodes[number]
        if node.kind in ("guard", "unguard") and isinstance(node.stmt, (c.Guard, c.ScopedGuard)):
            lock = guarded(node.stmt)
            if lock is not None and lock.name == self.lock.name:
                state = "held" if node.kind == "guard" else "freed"
        for event in events(self.code.cfg, number):
            if event is stop:
                break
            state = self._after(event, state)
        return state

    def _use(self, expr: c.Expr) -> Use | None:
        if not isinstance(expr, c.Call):
            return None
        use = use_of(call_name(expr), expr.args, expr.line)
        return use if use is not None and use.lock.name == self.lock.name else None

    def _after(self, event: Event, state: State) -> State:
        if isinstance(event, CallEvent):
            use = use_of(event.name, event.args, event.line)
            if use is None:
                return "lost" if state != "lost" and self._may_change(event) else state
            if use.lock.name != self.lock.name:
                return state
            if event.maybe:
                return "lost"
            if use.effect in ("try", "zero"):
                return state if id(event.expr) in self.asked else "lost"
            return "held" if use.effect == "acquire" else "freed"
        if isinstance(event, (Write, AddressOf)) and state != "untouched" and self._renames(event):
            return "lost"
        return state

    def _renames(self, event: Write | AddressOf) -> bool:
        """Tell whether the name of the lock stands for another lock after an event."""
        path = event.path
        if path.root not in self.lock.roots:
            return False
        if isinstance(event, AddressOf):
            return path.is_variable and event.call is not None and self.lock.path != path
        return path.is_variable or self.lock.path is None or self.lock.path.within(path)

    def _may_change(self, call: CallEvent) -> bool:
        name = call.name
        if name is None:
            field = call.expr.function.field if isinstance(call.expr.function, c.Member) else ""
            return _MAY_CHANGE.fullmatch(field) is not None
        if self.code.unit.function(name) is not None:
            return _touches(self.code.unit, name, self.lock)
        if any(spell(arg).lstrip("&") == self.lock.name for arg in call.args) and not _HARMLESS.fullmatch(name):
            return True
        if any(spell(arg).lstrip("&") in self.flags for arg in call.args):
            return True
        return _MAY_CHANGE.fullmatch(name) is not None and not _HARMLESS.fullmatch(name)
