# SPDX-License-Identifier: GPL-2.0-or-later
"""What the calls that switch interrupts off and on do to each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.locking.uses import use_of
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import call_name
from reviewbot.csource.paths import follow
from reviewbot.csource.spell import spell

_SAVES = re.compile(r"(?:raw_)?(?:spin|read|write)_(?:try)?lock_irqsave\w*|local_irq_save")
_RESTORES = re.compile(r"(?:raw_)?(?:spin|read|write)_unlock_irqrestore|local_irq_restore")
_SWITCHES_ON = re.compile(r"(?:raw_)?(?:spin|read|write)_unlock_irq|local_irq_enable")


@dataclass(frozen=True, slots=True)
class Misuse:
    """`call` at `line` goes wrong with the interrupt state that was saved in `flags` at `saved`.

    "overwrites": it saves into the same variable again. "switches on": it enables interrupts in the section.
    """

    what: Literal["overwrites", "switches on"]
    call: str
    flags: str
    line: int
    saved: int


Saved = frozenset[tuple[str, int]]


def misuses(code: Code) -> Iterator[Misuse]:
    """Yield the calls that spoil a saved interrupt state on every way that comes to them."""
    names = {call.name for call in code.function.calls if call.name}
    if not any(_SAVES.fullmatch(name) for name in names):
        return
    if sum(bool(_SAVES.fullmatch(call.name or "")) for call in code.function.calls) < 2 and not any(
        _SWITCHES_ON.fullmatch(name) for name in names
    ):
        return
    way = _Flags(code)
    outcome = follow(code.cfg, way, code.introduced, known, True)
    if not outcome.complete:
        return
    for node in code.cfg.nodes:
        found = [way.spoilt(node, state) for state in outcome.states(node.id)]
        if found and all(found) and found[0] is not None:
            yield found[0]


class _Flags:
    """Follows which variables hold a saved state, with the line where it was saved."""

    def __init__(self, code: Code) -> None:
        self.code = code

    def start(self) -> Saved:
        return frozenset()

    def step(self, node: CfgNode, state: Saved, facts: Facts) -> Iterable[Saved]:
        if node.kind in ("gap", "unparsed"):
            return (frozenset(),)
        for event in events(self.code.cfg, node.id):
            state = self._after(event, state) if isinstance(event, CallEvent) else state
        return (state,)

    def along(self, edge: Edge, state: Saved, facts: Facts) -> Saved | None:
        node = self.code.cfg.nodes[edge.source]
        if node.kind == "condition" and edge.label == "false" and node.expr is not None:
            # a trylock that fails has put the state back
            name = call_name(node.expr)
            if name and "trylock" in name and isinstance(node.expr, c.Call):
                flags = spell(node.expr.args[-1])
                return frozenset(one for one in state if one[0] != flags)
        return state

    def _after(self, event: CallEvent, state: Saved) -> Saved:
        name, flags = event.name or "", spell(event.args[-1]) if event.args else ""
        if _SAVES.fullmatch(name):
            return frozenset(one for one in state if one[0] != flags) | {(flags, event.line)}
        if _RESTORES.fullmatch(name):
            return frozenset(one for one in state if one[0] != flags)
        unknown = use_of(name, event.args, event.line) is None and any(flags_in(arg, state) for arg in event.args)
        return frozenset() if unknown else state

    def spoilt(self, node: CfgNode, state: Saved) -> Misuse | None:
        """Return what a node does to a state that is saved when control comes to it."""
        for event in events(self.code.cfg, node.id):
            if not isinstance(event, CallEvent):
                continue
            name = event.name or ""
            if _SAVES.fullmatch(name) and event.args:
                for flags, line in state:
                    if flags == spell(event.args[-1]):
                        return Misuse("overwrites", name, flags, event.line, line)
            if _SWITCHES_ON.fullmatch(name) and state:
                flags, line = min(state, key=lambda one: one[1])
                return Misuse("switches on", name, flags, event.line, line)
            state = self._after(event, state)
        return None


def flags_in(arg: c.Expr, state: Saved) -> bool:
    """Tell whether an argument names one of the saved states."""
    spelled = spell(arg).lstrip("&*")
    return any(spelled == flags.lstrip("*") for flags, _ in state)
