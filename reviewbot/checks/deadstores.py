# SPDX-License-Identifier: GPL-2.0-or-later
"""Constants that are stored in a local variable right before a return that does not look at it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import CfgNode
from reviewbot.csource.facts import scope
from reviewbot.csource.functions import walk


@dataclass(frozen=True, slots=True)
class DeadStore:
    """The assignment `store` at `node`, and the return after it."""

    node: CfgNode
    store: c.Assign
    name: str
    end: CfgNode


def dead_stores(code: Code) -> Iterator[DeadStore]:
    """Yield the stores that are lost."""
    cfg = code.cfg
    private = scope(cfg, code.introduced).private
    statics = {v.name for v in code.function.locals if "static" in v.storage or v.cleanup}
    own = {v.name for v in code.function.locals if not v.type.pointers and not v.type.dims}
    for node in cfg.nodes:
        store = node.expr
        if node.kind != "expression" or not isinstance(store, c.Assign) or store.op != "=":
            continue
        target = store.target
        if not isinstance(target, c.Name) or target.name not in (own & private) - statics or not _constant(store.value):
            continue
        end = _return_after(code, node.id)
        if end is not None and not names(end.expr, target.name):
            yield DeadStore(node, store, target.name, end)


def names(expr: c.Expr | None, name: str) -> bool:
    """Tell whether an expression names a variable."""
    return expr is not None and any(part == c.Name(name) for part in walk(expr))


def _constant(expr: c.Expr) -> bool:
    expr = strip(expr)
    if isinstance(expr, c.Unary) and expr.op == "-":
        expr = expr.operand
    return isinstance(expr, (c.Number, c.Name)) and expr != c.Name("NULL")


def _return_after(code: Code, node: int) -> CfgNode | None:
    """Return the return that follows a node with nothing in between."""
    cfg = code.cfg
    for _ in range(len(cfg.nodes)):
        following = cfg.successors(node)
        if len(following) != 1 or following[0].label == "unknown":
            return None
        node = following[0].target
        if cfg.nodes[node].kind == "return":
            return cfg.nodes[node]
        if cfg.nodes[node].kind not in ("join", "unguard"):
            return None
    return None
