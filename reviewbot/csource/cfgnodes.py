# SPDX-License-Identifier: GPL-2.0-or-later
"""What control-flow graphs are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from reviewbot.csource import syntax as c

Kind = Literal[
    "entry",
    "exit",
    "expression",
    "declaration",
    "condition",
    "foreach",
    "switch",
    "return",
    "noreturn",
    "asm",
    "guard",
    "unguard",
    "gap",
    "unparsed",
    "join",
]
EdgeLabel = Literal["next", "true", "false", "case", "default", "fallthrough", "goto", "unknown"]


@dataclass(frozen=True, slots=True)
class CfgNode:
    """A step of a function.

    `condition` has `expr` and edges "true" and "false": one atomic condition, `&&`, `||`, `!`, `likely()` taken off.
    `foreach` is the head of an iterator macro ("true" for a round, "false" when it is done). `noreturn` has no
    successor. `unguard` is where the guard or cleanup of its statement runs. A `gap` is unseen code. A `join` does
    nothing; its `stmt` is what it marks: a loop's head, a Label, a Case, a Choice.
    """

    id: int
    kind: Kind
    line: int
    expr: c.Expr | None = None
    stmt: c.Stmt | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """Control that may pass from `source` to `target`.

    `value` (and `high`, of a range) is that of a "case". "unknown" is control that may flow through unseen code: leave
    such edges out to show that a path exists, keep them to show that none does. `back` closes a loop.
    """

    source: int
    target: int
    label: EdgeLabel = "next"
    back: bool = field(default=False, compare=False)
    value: c.Expr | None = None
    high: c.Expr | None = None


def known(edge: Edge) -> bool:
    """Tell whether the code that is seen has this edge."""
    return edge.label != "unknown"
