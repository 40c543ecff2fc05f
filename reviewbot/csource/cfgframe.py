# SPDX-License-Identifier: GPL-2.0-or-later
"""The parts of building a control-flow graph that all statements share: nodes, conditions, jumps, unseen code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from reviewbot.csource import syntax as c
from reviewbot.csource.cfgnodes import CfgNode, Edge, EdgeLabel, Kind
from reviewbot.csource.cfgparts import constant_truth, labels_given, statement_exprs, unwrap
from reviewbot.csource.functions import Function

Pending = list[tuple[int, EdgeLabel]]


@dataclass(slots=True)
class OpenLoop:
    """What `break` and `continue` mean: `head` is None in a switch, `guards` how many are held around it."""

    head: int | None
    guards: int
    breaks: Pending = field(default_factory=list)


class Frame:
    """A graph under construction. `pending` are the edges that lead to whatever comes next."""

    def __init__(self, function: Function) -> None:
        self.function = function
        variables = {variable.name for variable in (*function.params, *function.locals)}
        self.label_names = frozenset(function.labels) - variables
        self.nodes: list[CfgNode] = []
        self.edges: list[Edge] = []
        self.pending: Pending = []
        self.leave = -1
        self.loops: list[OpenLoop] = []
        self.switches: list[tuple[int, list[bool]]] = []
        self.guards: list[c.Stmt] = []
        self.labels: dict[str, tuple[int, int]] = {}
        self.gotos: list[tuple[int, str, tuple[c.Stmt, ...]]] = []
        # what is only found in functions with unseen code
        self.gaps: list[int] = []
        self.open_heads: list[int] = []
        self.loose: list[tuple[int, str]] = []
        self.unopened: list[Pending] = []

    def block(self, stmt: c.Block) -> None:
        """Add the statements of a block."""
        raise NotImplementedError

    def expression(self, stmt: c.ExprStmt) -> None:
        """Add an expression that is a statement."""
        raise NotImplementedError

    def node(
        self, kind: Kind, line: int, expr: c.Expr | None = None, stmt: c.Stmt | None = None, connect: bool = True
    ) -> int:
        node = CfgNode(len(self.nodes), kind, line, expr, stmt)
        self.nodes.append(node)
        if expr is not None and self.label_names:
            self.gotos += [(node.id, name, ()) for name in labels_given(expr, self.label_names)]
        if connect:
            self.connect(node.id)
            self.pending = [(node.id, "next")]
        return node.id

    def connect(self, target: int) -> None:
        self.edges.extend(Edge(source, target, label) for source, label in self.pending)
        self.pending = []

    def release(self, down_to: int) -> None:
        """Run the guards of the blocks that are left, latest first."""
        while len(self.guards) > down_to:
            guard = self.guards.pop()
            if self.pending:
                self.node("unguard", guard.line, stmt=guard)

    def release_for_jump(self, guards: Iterable[c.Stmt]) -> None:
        for guard in reversed(list(guards)):
            self.node("unguard", guard.line, stmt=guard)

    def evaluate(self, expr: c.Expr) -> None:
        """Run the statements of the `({ … })` in an expression before the expression itself."""
        for body, always in statement_exprs(expr):
            skipping = [] if always else list(self.pending)
            self.block(body)
            self.pending += skipping

    def condition(self, expr: c.Expr) -> tuple[Pending, Pending]:
        """Add the nodes that decide `expr`; return the edges taken when it is true and when it is false."""
        expr = unwrap(expr)
        if isinstance(expr, c.Unary) and expr.op == "!":
            true, false = self.condition(expr.operand)
            return false, true
        if isinstance(expr, c.Binary) and expr.op in ("&&", "||"):
            first_true, first_false = self.condition(expr.left)
            both = expr.op == "&&"
            self.pending = first_true if both else first_false
            if not self.pending:
                return first_true, first_false
            second_true, second_false = self.condition(expr.right)
            if both:
                return second_true, first_false + second_false
            return first_true + second_true, second_false
        if isinstance(expr, c.Comma):
            for part in expr.parts[:-1]:
                self.expression(c.ExprStmt(part, line=part.line))
            return self.condition(expr.parts[-1])
        self.evaluate(expr)
        node = self.node("condition", expr.line, expr)
        self.pending = []
        truth = constant_truth(expr)
        return ([] if truth is False else [(node, "true")]), ([] if truth is True else [(node, "false")])

    def resolve_gotos(self) -> None:
        for node, label, guards in self.gotos:
            if label in self.labels:
                target, held = self.labels[label]
                self.pending = [(node, "goto")]
                self.release_for_jump(guards[held:])
                self.connect(target)
            elif not label:
                # `goto *p` may reach any label
                self.edges.extend(Edge(node, target, "goto") for target, _ in self.labels.values())
            else:
                self.loose.append((node, "goto"))
        self.pending = []

    def resolve_unseen(self) -> None:
        """Add the ways that control may take through unseen code, and those of jumps whose target is unseen."""
        for gap in self.gaps:
            targets = [*self.gaps, *self.open_heads, self.leave, *(node for node, _ in self.labels.values())]
            targets += [node for node, what in self.loose if what == "case"]
            self.edges.extend(Edge(gap, target, "unknown") for target in targets if target != gap)
        for node, what in self.loose:
            if what == "case":
                continue
            choices = list(self.gaps)
            if what == "continue":
                choices = [*(gap for gap in self.gaps if gap < node), *(h for h in self.open_heads if h < node)]
            elif what == "break":
                choices = [gap for gap in self.gaps if gap > node]
            self.edges.extend(Edge(node, target, "unknown") for target in choices or [self.leave])
