# SPDX-License-Identifier: GPL-2.0-or-later
"""Uses of what RCU protects after the section that protects it has ended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.locking.states import Held, held
from reviewbot.checks.pointers import follows
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.cfg import known
from reviewbot.csource.events import AddressOf, CallEvent, Write, events
from reviewbot.csource.functions import call_name, walk

_DEREFERENCES = re.compile(r"rcu_dereference(?:_bh|_sched)?")


@dataclass(frozen=True, slots=True)
class Outside:
    """At `line` a pointer that RCU protects is loaded, or `name` followed, after the section ended at `ended`."""

    name: str
    line: int
    ended: int
    loads: bool


def outside_of_section(code: Code) -> Iterator[Outside]:
    """Yield loads with rcu_dereference(), and uses of what one gave, that surely come after rcu_read_unlock()."""
    if not any(_DEREFERENCES.fullmatch(call.name or "") for call in code.function.calls):
        return
    locks = held(code)
    for one in locks:
        if one.lock.name == "rcu_read_lock" and one.complete:
            others = [other for other in locks if other is not one]
            yield from _loads(code, one, others)
            yield from _uses(code, one, others)


def _protected(others: list[Held], node: int) -> bool:
    """Tell whether some other lock may be held at a node, which may protect just as well."""
    return any(other.before(node) & {"held", "lost"} for other in others)


def _ended(one: Held) -> int:
    return min((use.line for _, use in one.uses if use.effect == "release"), default=0)


def _loads(code: Code, one: Held, others: list[Held]) -> Iterator[Outside]:
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if not isinstance(event, CallEvent) or not _DEREFERENCES.fullmatch(event.name or "") or not event.args:
                continue
            if one.before(node.id, event) == {"freed"} and not _protected(others, node.id):
                yield Outside(str(path_of(event.args[0]) or "the pointer"), event.line, _ended(one), True)


def _uses(code: Code, one: Held, others: list[Held]) -> Iterator[Outside]:
    """Yield where a local pointer that was only ever loaded under RCU, and handed to nobody, is followed later."""
    for name in sorted(_loaded(code)):
        path = AccessPath(name)
        for node in code.cfg.nodes:
            late = [e for e in events(code.cfg, node.id) if follows(e, path)]
            if not late or one.before(node.id) != {"freed"} or _protected(others, node.id):
                continue
            if _from_section(code, one, node.id, path):
                yield Outside(name, late[0].line, _ended(one), False)
                break


def _loaded(code: Code) -> set[str]:
    """Return the local pointers whose every value comes from rcu_dereference(), and that no call is given."""
    values: dict[str, list[c.Expr | None]] = {}
    handed = set()
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, Write) and event.path.is_variable:
                values.setdefault(event.path.root, []).append(event.value)
            elif isinstance(event, AddressOf):
                handed.add(event.path.root)
            elif isinstance(event, CallEvent):
                # what is given something of the object may take a reference by it
                handed |= {part.name for arg in event.args for part in walk(arg) if isinstance(part, c.Name)}
    own = {v.name for v in code.function.locals if v.type.pointers and "static" not in v.storage}
    return {
        name
        for name, given in values.items()
        if name in own - handed
        and all(value is not None and _DEREFERENCES.fullmatch(call_name(strip(value)) or "") for value in given)
    }


def _from_section(code: Code, one: Held, node: int, path: AccessPath) -> bool:
    """Tell whether the pointer that is followed at a node was loaded with the lock held."""
    loads = [
        n.id for n in code.cfg.nodes if any(isinstance(e, Write) and e.path == path for e in events(code.cfg, n.id))
    ]
    return bool(loads) and all(
        "held" in one.before(load) or code.cfg.path(load, node, (), known) is None for load in loads
    )
