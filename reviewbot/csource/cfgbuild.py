# SPDX-License-Identifier: GPL-2.0-or-later
"""From the statements of a function to the nodes and edges of its control-flow graph."""

from __future__ import annotations

from collections.abc import Callable

from reviewbot.csource import syntax as c
from reviewbot.csource.cfgframe import Frame, OpenLoop, Pending
from reviewbot.csource.cfgnodes import CfgNode, Edge, EdgeLabel
from reviewbot.csource.cfgparts import asserts, is_noreturn


class Builder(Frame):
    """Builds the graph of one function, statement by statement."""

    def build(self) -> tuple[tuple[CfgNode, ...], tuple[Edge, ...], int, int]:
        """Return nodes, edges, entry and exit."""
        entry = self.node("entry", self.function.start_line)
        self.leave = self.node("exit", self.function.end_line, connect=False)
        self.pending = [(entry, "next")]
        self._statement(self.function.body)
        self.connect(self.leave)
        self.resolve_gotos()
        self.resolve_unseen()
        return tuple(self.nodes), tuple(dict.fromkeys(self.edges)), entry, self.leave

    def _statement(self, stmt: c.Stmt) -> None:
        _STATEMENTS[type(stmt)](self, stmt)

    def block(self, stmt: c.Block) -> None:
        before = len(self.guards)
        first = len(self.nodes)
        entering = list(self.pending)
        if not stmt.opened:
            self.unopened.append([])
        for inner in stmt.body:
            self._statement(inner)
        self.release(before)
        if not stmt.opened:
            self._pass_over(entering, first)

    def _pass_over(self, entering: Pending, first: int) -> None:
        """Add the ways round a block whose head is unseen: past it, and back to it in case the head is a loop's.

        Code that follows a block which never runs on to its end must be reached in another way: past it.
        """
        runs_on = bool(self.pending)
        if runs_on and self.gaps:
            last_gap = max((gap for gap in self.gaps if gap < first), default=self.gaps[0])
            self.edges.extend(Edge(source, last_gap, "unknown") for source, _ in self.pending)
        past: Pending = [(source, "unknown" if runs_on else label) for source, label in entering]
        self.pending += past + self.unopened.pop()

    def expression(self, stmt: c.ExprStmt) -> None:
        expr = stmt.expr
        if isinstance(expr, c.StatementExpr):
            self.block(expr.body)
            return
        condition = asserts(expr)
        if condition is not None:
            failed, passed = self.condition(condition)
            self.pending = failed
            if failed:
                self.node("noreturn", stmt.line, expr, stmt)
            self.pending = passed
            return
        self.evaluate(expr)
        self.node("noreturn" if is_noreturn(expr) else "expression", stmt.line, expr, stmt)
        if is_noreturn(expr):
            self.pending = []

    def _declare(self, stmt: c.Declare) -> None:
        for variable in stmt.variables:
            if variable.init is not None:
                self.evaluate(variable.init)
        self.node("declaration", stmt.line, stmt=stmt)
        if any(variable.cleanup for variable in stmt.variables):
            self.guards.append(stmt)

    def _if(self, stmt: c.If) -> None:
        true, false = self.condition(stmt.cond)
        self.pending = true
        self._statement(stmt.then)
        after = self.pending
        self.pending = false
        if stmt.otherwise is not None:
            self._statement(stmt.otherwise)
        self.pending = after + self.pending

    def _loop_body(self, body: c.Stmt, head: int) -> Pending:
        """Add a loop's body; leave what flows out of its end pending and return what breaks out of it."""
        loop = OpenLoop(head, len(self.guards))
        self.loops.append(loop)
        self._statement(body)
        self.loops.pop()
        if isinstance(body, c.Block) and not body.closed:
            # the body goes on in unseen code: the rounds end there or in what follows it
            self.open_heads.append(head)
            self.edges.extend(Edge(source, head, "unknown") for source, _ in self.pending)
            loop.breaks += self.pending
            self.pending = []
        return loop.breaks

    def _while(self, stmt: c.While) -> None:
        head = self.node("join", stmt.line, stmt=stmt)
        true, false = self.condition(stmt.cond)
        self.pending = true
        breaks = self._loop_body(stmt.body, head)
        self.connect(head)
        self.pending = false + breaks

    def _do_while(self, stmt: c.DoWhile) -> None:
        head = self.node("join", stmt.line, stmt=stmt)
        # `continue` goes to the condition, which stands at the end
        turn = self.node("join", stmt.cond.line, stmt=stmt, connect=False)
        breaks = self._loop_body(stmt.body, turn)
        self.connect(turn)
        self.pending = [(turn, "next")]
        true, false = self.condition(stmt.cond)
        self.pending = true
        self.connect(head)
        self.pending = false + breaks

    def _for(self, stmt: c.For) -> None:
        before = len(self.guards)
        if stmt.init is not None:
            self._statement(stmt.init)
        head = self.node("join", stmt.line, stmt=stmt)
        false: Pending = []
        if stmt.cond is not None:
            self.pending, false = self.condition(stmt.cond)
        step = head
        if stmt.step is not None:
            step = self.node("join", stmt.step.line, stmt=stmt, connect=False)
        breaks = self._loop_body(stmt.body, step)
        if stmt.step is not None:
            self.connect(step)
            self.pending = [(step, "next")]
            self.expression(c.ExprStmt(stmt.step, line=stmt.step.line))
        self.connect(head)
        self.pending = false + breaks
        self.release(before)

    def _for_each(self, stmt: c.ForEach) -> None:
        head = self.node("foreach", stmt.line, stmt=stmt)
        self.pending = [(head, "true")]
        breaks = self._loop_body(stmt.body, head)
        self.connect(head)
        self.pending = [(head, "false"), *breaks]

    def _switch(self, stmt: c.Switch) -> None:
        self.evaluate(stmt.value)
        node = self.node("switch", stmt.line, stmt.value, stmt)
        self.pending = []
        default = [False]
        self.switches.append((node, default))
        loop = OpenLoop(None, len(self.guards))
        self.loops.append(loop)
        self._statement(stmt.body)
        self.loops.pop()
        self.switches.pop()
        self.pending += loop.breaks
        if not default[0]:
            self.pending.append((node, "default"))
        if isinstance(stmt.body, c.Block) and not stmt.body.closed:
            self.pending.append((node, "unknown"))

    def _case(self, stmt: c.Case) -> None:
        self.pending = [(source, "fallthrough" if label == "next" else label) for source, label in self.pending]
        node = self.node("join", stmt.line, stmt=stmt)
        if not self.switches:
            self.loose.append((node, "case"))
            return
        switch, default = self.switches[-1]
        label: EdgeLabel = "case" if stmt.value is not None else "default"
        default[0] = default[0] or stmt.value is None
        self.edges.append(Edge(switch, node, label, value=stmt.value, high=stmt.high))

    def _label(self, stmt: c.Label) -> None:
        node = self.node("join", stmt.line, stmt=stmt)
        self.labels.setdefault(stmt.name, (node, len(self.guards)))

    def _goto(self, stmt: c.Goto) -> None:
        node = self.node("join", stmt.line, stmt=stmt)
        self.pending = []
        self.gotos.append((node, stmt.label or "", tuple(self.guards)))

    def _break(self, stmt: c.Break) -> None:
        node = self.node("join", stmt.line, stmt=stmt)
        if self.loops:
            self.release_for_jump(self.guards[self.loops[-1].guards :])
            self.loops[-1].breaks += self.pending
        elif self.unopened:
            self.unopened[-1].append((node, "unknown"))
        else:
            self.loose.append((node, "break"))
        self.pending = []

    def _continue(self, stmt: c.Continue) -> None:
        node = self.node("join", stmt.line, stmt=stmt)
        target = next((loop for loop in reversed(self.loops) if loop.head is not None), None)
        if target is not None and target.head is not None:
            self.release_for_jump(self.guards[target.guards :])
            self.connect(target.head)
        else:
            self.loose.append((node, "continue"))
        self.pending = []

    def _return(self, stmt: c.Return) -> None:
        if stmt.value is not None:
            self.evaluate(stmt.value)
        self.node("return", stmt.line, stmt.value, stmt)
        self.release_for_jump(self.guards)
        self.connect(self.leave)

    def _guard(self, stmt: c.Guard) -> None:
        self.node("guard", stmt.line, stmt=stmt)
        self.guards.append(stmt)

    def _scoped_guard(self, stmt: c.ScopedGuard) -> None:
        self.node("guard", stmt.line, stmt=stmt)
        self.guards.append(stmt)
        self._statement(stmt.body)
        self.release(len(self.guards) - 1)

    def _choice(self, stmt: c.Choice) -> None:
        start = self.node("join", stmt.line, stmt=stmt)
        after: Pending = []
        for number, branch in enumerate(stmt.branches):
            # a node of its own keeps apart branches that are empty
            self.pending = [(start, "next")]
            self.node("join", branch.line, stmt=c.Branch(stmt.conditions[: number + 1], line=branch.line))
            for inner in branch.body:
                self._statement(inner)
            after += self.pending
        self.pending = list(dict.fromkeys(after))

    def _gap(self, stmt: c.Gap) -> None:
        node = self.node("gap", stmt.line, stmt=stmt)
        if not stmt.cut:
            self.gaps.append(node)

    def _simple(self, stmt: c.Stmt) -> None:
        self.node("asm" if isinstance(stmt, c.Asm) else "unparsed", stmt.line, stmt=stmt)

    def _nothing(self, stmt: c.Stmt) -> None:
        """A `fallthrough;` is only a word to the reader."""


_STATEMENTS: dict[type[c.Stmt], Callable[..., None]] = {
    c.Block: Builder.block,
    c.ExprStmt: Builder.expression,
    c.Declare: Builder._declare,
    c.If: Builder._if,
    c.While: Builder._while,
    c.DoWhile: Builder._do_while,
    c.For: Builder._for,
    c.ForEach: Builder._for_each,
    c.Switch: Builder._switch,
    c.Case: Builder._case,
    c.Label: Builder._label,
    c.Goto: Builder._goto,
    c.Break: Builder._break,
    c.Continue: Builder._continue,
    c.Return: Builder._return,
    c.Guard: Builder._guard,
    c.ScopedGuard: Builder._scoped_guard,
    c.Choice: Builder._choice,
    c.Gap: Builder._gap,
    c.Asm: Builder._simple,
    c.Unparsed: Builder._simple,
    c.Fallthrough: Builder._nothing,
}
