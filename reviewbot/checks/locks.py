# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks along the paths of a function: which are held where it is left."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.api import LockCall, kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import call_name
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.paths import follow
from reviewbot.csource.spell import spell

_KINDS = words("spinlock rwlock mutex semaphore rcu global")
# page and buffer locks are handed on by design, and counting semaphores are no locks
_OTHERS = words(
    "lock_page folio_lock trylock_page folio_trylock unlock_page folio_unlock down up down_interruptible "
    "down_killable down_timeout device_trylock"
)
_RELEASING = frozenset(name for name, call in kernel_api().locks.items() if call.effect == "release")
_LEAVES_LOCKED = re.compile(r"\w*(?:lock|begin|start|acquire|grab|enter|freeze|suspend|hold|pin|get)\w*")
_MAY_RELEASE = re.compile(r"\w*(?:unlock|release|_drop|drop_|relax|_exit|_end)\w*")


@dataclass(frozen=True, slots=True)
class Kept:
    """A lock that is held at the exit at `line`; `taken` is where, `released` where other exits release it."""

    name: str
    line: int
    taken: int
    released: tuple[int, ...]


Held = frozenset[str]


def held_at_exits(code: Code) -> Iterator[Kept]:
    """Yield the locks that an exit with an error keeps, while another exit releases them."""
    uses = list(_uses(code))
    taken = {name: line for name, call, line in reversed(uses) if call.effect != "release"}
    released: dict[str, list[int]] = {}
    for name, call, line in uses:
        if call.effect == "release":
            released.setdefault(name, []).append(line)
    spelled = [name.replace("->", ".").rsplit(".", 1)[-1] for name in {*taken, *released}]
    both = frozenset(
        name for name in taken if name in released and spelled.count(name.replace("->", ".").rsplit(".", 1)[-1]) == 1
    )
    if not both or code.function.fragment or _LEAVES_LOCKED.fullmatch(code.function.name):
        return
    follows = _Locks(code, both)
    if follows.unclear:
        return
    outcome = follow(code.cfg, follows, code.introduced, known, trusting=True)
    exits = [node for node in code.cfg.nodes if node.kind == "return" and node.id in code.cfg.reachable]
    for name in sorted(both - follows.foreign):
        keeping = [node for node in exits if any(name in held for held in outcome.states(node.id))]
        freeing = [node for node in exits if any(name not in held for held in outcome.states(node.id))]
        for node in keeping:
            always = all(name in held for held in outcome.states(node.id))
            if always and freeing != keeping and _fails(code, node) and not _late_release(code, node):
                yield Kept(name, node.line, taken[name], tuple(released[name]))


def _fails(code: Code, node: CfgNode) -> bool:
    """Tell whether a return gives an error, or nothing at all: success may mean that the lock is handed on."""
    value = strip(node.expr) if node.expr is not None else None
    if value is None:
        return True
    if isinstance(value, c.Unary) and value.op == "-":
        return True
    if value == c.Name("NULL"):
        return True
    return call_name(value) in ("ERR_PTR", "ERR_CAST") or (isinstance(value, c.Number) and value.value not in (0, 1))


def _late_release(code: Code, node: CfgNode) -> bool:
    """Tell whether the value of a return releases the lock while it is computed."""
    return any(
        isinstance(event, CallEvent) and _MAY_RELEASE.fullmatch(event.name or "") for event in events(code.cfg, node.id)
    )


def _uses(code: Code) -> Iterator[tuple[str, LockCall, int]]:
    for call in code.function.calls:
        found = _lock(call.name, call.args)
        if found is not None:
            yield *found, call.line


def _lock(name: str | None, args: tuple[c.Expr, ...]) -> tuple[str, LockCall] | None:
    call = kernel_api().locks.get(name or "")
    if call is None or name in _OTHERS or call.kind not in _KINDS:
        return None
    if call.kind in ("rcu", "global"):
        return (name or "").replace("_unlock", "_lock"), call
    return (spell(args[-1 if "dec_and_lock" in (name or "") else 0]).lstrip("&"), call) if args else None


class _Locks:
    """Follows the set of held locks."""

    def __init__(self, code: Code, names: frozenset[str]) -> None:
        self.code = code
        self.names = names
        conditions = {id(node.expr) for node in code.cfg.nodes if node.kind == "condition"}
        # a result of a trylock that is kept in a variable tells later whether the lock is held
        self.unclear = any(
            found is not None and found[1].effect in ("try", "zero") and id(call.expr) not in conditions
            for call in code.function.calls
            if (found := _lock(call.name, call.args)) is not None
        )

        # locks that are released on a way that did not take them: the caller holds those
        self.foreign: set[str] = set()

    def _may_release(self, call: CallEvent) -> bool:
        function = self.code.unit.function(call.name) if call.name else None
        if function is not None:
            return any(inner.name in _RELEASING for inner in function.calls)
        handed = any(isinstance(arg, c.Unary) and arg.op == "&" and "flags" in spell(arg) for arg in call.args)
        return handed or (call.name is not None and _MAY_RELEASE.fullmatch(call.name) is not None)

    def start(self) -> Held:
        return frozenset()

    def step(self, node: CfgNode, state: Held, facts: Facts) -> Iterable[Held]:
        for event in events(self.code.cfg, node.id):
            if not isinstance(event, CallEvent):
                continue
            found = _lock(event.name, event.args)
            if found is None:
                if self._may_release(event):
                    state = frozenset()
                state -= {spell(arg).lstrip("&") for arg in event.args}
                continue
            name, call = found
            if name in self.names:
                if call.effect == "acquire":
                    state |= {name}
                elif call.effect == "release":
                    if name not in state:
                        self.foreign.add(name)
                    state -= {name}
        return (state,)

    def along(self, edge: Edge, state: Held, facts: Facts) -> Held | None:
        node = self.code.cfg.nodes[edge.source]
        expr = node.expr
        if node.kind != "condition" or not isinstance(expr, c.Call):
            return state
        found = _lock(call_name(expr), expr.args)
        if found is None or found[0] not in self.names:
            return state
        taken = {"try": "true", "zero": "false"}.get(found[1].effect)
        return state | {found[0]} if edge.label == taken else state
