# SPDX-License-Identifier: GPL-2.0-or-later
"""Frees of objects that RCU readers may still look at."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.owning.takes import object_of
from reviewbot.checks.pointers import replaces
from reviewbot.checks.rule import Code
from reviewbot.checks.untested import results
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import call_name
from reviewbot.csource.paths import follow

_REMOVES = re.compile(r"(?:list|hlist|hlist_bl|hlist_nulls)_(?:del|del_init|replace)_rcu")
# what waits for readers, or leaves the waiting to the callee
_WAITS = re.compile(r"\w*(?:synchronize|rcu_barrier|call_rcu|kfree_rcu|kvfree_rcu|_rcu_free|grace|wait)\w*")
_DEFERS = frozenset({"kfree_rcu", "kvfree_rcu"})
_GONE = -1


@dataclass(frozen=True, slots=True)
class Freed:
    """`call` frees `name` at `line`, which readers could find until `removed`."""

    name: str
    line: int
    call: str
    removed: int


def freed_under_readers(code: Code) -> Iterator[Freed]:
    """Yield the first free of each object that is taken away from readers without waiting for them."""
    waits = [n.id for n in code.cfg.nodes if _waits(code, n)]
    for node, pointer in _removals(code):
        if any(code.cfg.dominates(wait, node) for wait in waits):
            # who has waited already takes down what nobody can come to any more
            continue
        outcome = follow(code.cfg, _Removed(code, node, pointer), code.introduced, known, trusting=True)
        for other in code.cfg.nodes:
            call = _frees(code, other, pointer)
            if call is not None and node in outcome.states(other.id) and other.id != node:
                yield Freed(str(pointer), other.line, call, code.cfg.nodes[node].line)
                break


def _waits(code: Code, node: CfgNode) -> bool:
    named = (event.name for event in events(code.cfg, node.id) if isinstance(event, CallEvent))
    return any(name is not None and _WAITS.fullmatch(name) for name in named)


def _removals(code: Code) -> Iterator[tuple[int, AccessPath]]:
    """Yield the nodes that take an object away from readers, and the pointer to it."""
    own = {v.name for v in (*code.function.params, *code.function.locals)}
    olds = {path_of(strip(r.made.args[0])): r.place for r in results(code, _reads_protected)}
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if not isinstance(event, CallEvent) or event.name is None or not event.args:
                continue
            if _REMOVES.fullmatch(event.name):
                pointer = object_of(event.args[0])
                if pointer is not None and not pointer.steps and pointer.root in own:
                    yield node.id, pointer
            elif event.name == "rcu_assign_pointer":
                old = olds.get(path_of(strip(event.args[0])))
                if old is not None and not old.steps:
                    yield node.id, old


def _reads_protected(made: c.Call) -> bool:
    return (call_name(made) or "").startswith("rcu_dereference_protected") and bool(made.args)


def _frees(code: Code, node: CfgNode, pointer: AccessPath) -> str | None:
    """Return the name of what frees the object itself at a node."""
    frees = kernel_api().frees
    for event in events(code.cfg, node.id):
        if not isinstance(event, CallEvent) or event.name in _DEFERS:
            continue
        position = frees.get(event.name or "")
        given = event.args[position] if position is not None and len(event.args) > position else None
        if given is not None and path_of(strip(given)) == pointer:
            return event.name
    return None


class _Removed:
    """Holds the node that took the object away, until somebody waits for readers or the pointer is another one."""

    def __init__(self, code: Code, node: int, pointer: AccessPath) -> None:
        self.code = code
        self.node = node
        self.pointer = pointer

    def start(self) -> int:
        return _GONE

    def step(self, node: CfgNode, state: int, facts: Facts) -> Iterable[int]:
        if node.id == self.node:
            return (node.id,)
        for event in events(self.code.cfg, node.id):
            waits = isinstance(event, CallEvent) and (event.name is None or _WAITS.fullmatch(event.name))
            if waits or replaces(event, self.pointer):
                state = _GONE
        return (state,)

    def along(self, edge: Edge, state: int, facts: Facts) -> int | None:
        return _GONE if edge.back else state
