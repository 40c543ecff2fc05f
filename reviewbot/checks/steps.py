# SPDX-License-Identifier: GPL-2.0-or-later
"""Loops that stand still after a patch: nothing in them changes any more what they go by, or work on."""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg, Loop
from reviewbot.csource.events import AddressOf, Declared, Read, Write, events
from reviewbot.csource.functions import walk


def asked(cfg: Cfg) -> Iterator[tuple[Loop, int, frozenset[str]]]:
    """Yield the loops with one way out, if its condition asks for variables of the function alone, with these.

    The number is the condition's node.
    """
    own = {variable.name for variable in (*cfg.function.params, *cfg.function.locals)}
    for loop in cfg.loops:
        ways_out = {edge.source for node in loop.body for edge in cfg.successors(node) if edge.target not in loop.body}
        node = cfg.nodes[min(ways_out, default=cfg.exit)]
        if len(ways_out) != 1 or node.kind != "condition" or node.expr is None:
            continue
        parts = list(walk(node.expr))
        names = {one.name for one in parts if isinstance(one, c.Name)}
        plain = all(isinstance(one, c.Name | c.Number | c.Binary | c.Unary) for one in parts)
        if plain and names and names <= own:
            yield loop, node.id, frozenset(names)


def frozen(change: Change, loop: Loop, condition: int, names: frozenset[str]) -> str | None:
    """Return the variable whose change a patch drops from a loop that nothing else ends, None if there is none."""
    cfg, old = change.after.cfg, change.before.cfg
    if names & change.added or change.leaves_otherwise or "break" in change.added:
        return None
    if any(_changes(cfg, node, names) for node in loop.body):
        return None
    gone = _gone(change, condition)
    return next((name for name in sorted(names) if any(_changes(old, node, {name}) for node in gone)), None)


def stepless(change: Change) -> Iterator[tuple[int, str]]:
    """Yield the heads of the loops that go on reading a variable whose only step in them a patch drops, and its name.

    A step is `n++`, `n += x` or `p = p->next`. The loop may well end; but each round sees the same.
    """
    cfg, old = change.after.cfg, change.before.cfg
    if change.leaves_otherwise or "break" in change.added:
        return
    own = {v.name for v in (*cfg.function.params, *cfg.function.locals)} - change.added
    for loop in cfg.loops:
        steps = {name for node in _gone(change, loop.head) for name in _steps(old, node)} & own
        for name in sorted(steps):
            seen = [event for node in loop.body for event in events(cfg, node)]
            about = [
                one for one in seen if isinstance(one, Read | Write | AddressOf | Declared) and one.path.root == name
            ]
            still = all(isinstance(one, Read) or (isinstance(one, Write) and one.path.steps) for one in about)
            if about and still:
                yield loop.head, name


def _gone(change: Change, condition: int) -> list[int]:
    """Return the nodes of a loop before a patch that are gone; the loop is the one with the same head."""
    line, old = change.after.cfg.nodes[condition].line, change.before.cfg
    before = [one for one in old.loops if any(change.moved.get(old.nodes[node].line) == line for node in one.body)]
    inner = [one for one in before if change.moved.get(old.nodes[one.head].line) == line] or before
    return [node for one in inner for node in one.body if change.gone(old.nodes[node].line)]


def _steps(cfg: Cfg, node: int) -> Iterator[str]:
    for event in events(cfg, node):
        if isinstance(event, Write) and event.path.is_variable:
            parts = walk(event.value) if event.value is not None and event.op == "=" else ()
            again = any(isinstance(part, c.Name) and part.name == event.path.root for part in parts)
            if event.op not in ("=", "declare", "foreach") or again:
                yield event.path.root


def _changes(cfg: Cfg, node: int, names: frozenset[str] | set[str]) -> bool:
    return any(isinstance(one, Write | AddressOf) and one.path.root in names for one in events(cfg, node))
