# SPDX-License-Identifier: GPL-2.0-or-later
"""Loops whose condition is about local variables, and whether anything in them still changes one."""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg, Loop
from reviewbot.csource.events import AddressOf, Write, events
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
    line = cfg.nodes[condition].line
    before = [one for one in old.loops if any(change.moved.get(old.nodes[node].line) == line for node in one.body)]
    gone = [node for one in before for node in one.body if change.gone(old.nodes[node].line)]
    return next((name for name in sorted(names) if any(_changes(old, node, {name}) for node in gone)), None)


def _changes(cfg: Cfg, node: int, names: frozenset[str] | set[str]) -> bool:
    return any(isinstance(one, Write | AddressOf) and one.path.root in names for one in events(cfg, node))
