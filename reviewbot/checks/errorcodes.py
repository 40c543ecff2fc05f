# SPDX-License-Identifier: GPL-2.0-or-later
"""Error codes that a patch no longer sets on a way that leaves with an error."""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.change import Change
from reviewbot.csource import syntax as c
from reviewbot.csource.cfg import Cfg, CfgNode
from reviewbot.csource.events import Declared, Write, events
from reviewbot.csource.functions import walk


def codes_gone(change: Change) -> Iterator[tuple[str, int]]:
    """Yield the variables that were set to a negative constant on lines that are gone, and those lines."""
    for expr in change.before.function.expressions:
        if isinstance(expr, c.Assign) and expr.op == "=" and change.gone(expr.line) and is_error(expr.value):
            target = expr.target
            yield from [(target.name, expr.line)] if isinstance(target, c.Name) else []


def is_error(expr: c.Expr | None) -> bool:
    """Tell whether an expression is -ENAME."""
    if not isinstance(expr, c.Unary) or expr.op != "-":
        return False
    return isinstance(expr.operand, c.Name) and expr.operand.name.startswith("E")


def left_with(change: Change, name: str, line: int) -> int | None:
    """Return the line after a patch from which a variable that may hold no error is returned; None: it cannot be.

    Left out are places that only an error in the variable leads to.
    """
    old, cfg = change.before.cfg, change.after.cfg
    if change.leaves_otherwise or name in change.added:
        return None
    if any(_asks_gone(change, one.id) for one in old.at_line(line)):
        return None
    if any(_failed(old, one.id, name) or not _other_values(old, one.id, name) for one in old.at_line(line)):
        return None
    ends = frozenset(node.id for node in cfg.nodes if _written(cfg, node.id, name))
    returns = frozenset(node.id for node in cfg.nodes if node.kind == "return" and _names(node.expr, name))
    for node in change.next_nodes(line):
        if node.id in returns or (node.id not in ends and cfg.path(node.id, returns, ends)):
            return change.resumes(line, node)
    return None


def _written(cfg: Cfg, node: int, name: str) -> list[c.Expr | None]:
    found = [e for e in events(cfg, node) if isinstance(e, Write | Declared) and str(e.path) == name]
    return [e.value if isinstance(e, Write) else None for e in found]


def _names(expr: c.Expr | None, name: str) -> bool:
    return expr is not None and any(isinstance(one, c.Name) and one.name == name for one in walk(expr))


def _asks_gone(change: Change, node: int) -> bool:
    """Tell whether the question whose answer was the error is gone as well."""
    above = _condition_above(change.before.cfg, node)
    return above is not None and change.gone(above.line)


def _condition_above(cfg: Cfg, node: int) -> CfgNode | None:
    dominators = cfg.dominators
    while node in dominators and dominators[node] != node:
        node = dominators[node]
        if cfg.nodes[node].kind == "condition":
            return cfg.nodes[node]
    return None


def _failed(cfg: Cfg, node: int, name: str) -> bool:
    """Tell whether the nearest condition above asks whether the variable holds an error."""
    above = _condition_above(cfg, node)
    if above is None:
        return False
    asked = above.expr.left if isinstance(above.expr, c.Binary) and above.expr.op in ("<", "!=", "==") else above.expr
    return isinstance(asked, c.Name) and asked.name == name


def _other_values(cfg: Cfg, node: int, name: str) -> bool:
    """Tell whether a write other than of an error reaches a node."""
    todo, seen = [node], {node}
    while todo:
        for edge in cfg.predecessors(todo.pop()):
            values = _written(cfg, edge.source, name)
            if values and not is_error(values[-1]):
                return True
            if not values and edge.source not in seen:
                seen.add(edge.source)
                todo.append(edge.source)
    return False
