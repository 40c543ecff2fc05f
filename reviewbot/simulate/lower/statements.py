# SPDX-License-Identifier: GPL-2.0-or-later
"""Statements to instructions, and a whole function to its code."""

from __future__ import annotations

from reviewbot.csource.syntax import (
    Block,
    Break,
    Case,
    Choice,
    Continue,
    Declare,
    DoWhile,
    Expr,
    ExprStmt,
    Fallthrough,
    For,
    ForEach,
    Goto,
    If,
    Label,
    Return,
    StatementExpr,
    Stmt,
    Switch,
    Variable,
    While,
)
from reviewbot.simulate.lower.builder import Builder
from reviewbot.simulate.lower.conditions import branch_taken
from reviewbot.simulate.lower.emit import InMemory, InRegister, LoweringError
from reviewbot.simulate.lower.initialise import Initialisers
from reviewbot.simulate.lower.ir import Bin, Branch, Const, Jump, Pure, Set, Unknown
from reviewbot.simulate.lower.ir import Return as ReturnInstruction
from reviewbot.simulate.lower.types import VOID, Array, Record, Type


class Statements(Initialisers):
    """Lowers the statements of one function. What cannot be lowered becomes an Unknown where it stands."""

    def __init__(self, builder: Builder, path: str, addressed: frozenset[str], returns: Type) -> None:
        super().__init__(builder, path)
        self.addressed = addressed
        self.returns = returns
        self.breaks: list[int] = []
        self.continues: list[int] = []
        self.cases: list[list[tuple[Expr | None, Expr | None, int]]] = []
        self.gotos: dict[str, int] = {}

    def statement(self, stmt: Stmt) -> None:
        """Emit a statement."""
        if stmt.line:
            self.line = stmt.line
        mark = self.mark()
        depth = len(self.scopes), len(self.breaks), len(self.continues), len(self.cases)
        try:
            self._statement(stmt)
        except LoweringError as reason:
            self.rewind(mark)
            del self.scopes[depth[0] :], self.breaks[depth[1] :], self.continues[depth[2] :], self.cases[depth[3] :]
            self.emit(Unknown(f"{self.path}:{self.line}: {reason}"))

    def _statement(self, stmt: Stmt) -> None:
        if isinstance(stmt, ExprStmt):
            self.value(stmt.expr, used=False)
        elif isinstance(stmt, Block):
            self.scopes.append({})
            for part in stmt.body:
                self.statement(part)
            self.scopes.pop()
        elif isinstance(stmt, Choice):
            for part in stmt.branches[branch_taken(stmt.conditions, self.builder.sources)].body:
                self.statement(part)
        elif isinstance(stmt, Declare):
            for variable in stmt.variables:
                self.declare(variable)
        elif isinstance(stmt, If):
            self.conditional_statement(stmt)
        elif isinstance(stmt, (While, DoWhile, For)):
            self.loop(stmt)
        elif isinstance(stmt, ForEach):
            self.for_each(stmt)
        elif isinstance(stmt, Switch):
            self.switch(stmt)
        elif isinstance(stmt, Case):
            if not self.cases:
                raise LoweringError("a case outside a switch")
            label = self.label()
            self.place_label(label)
            self.cases[-1].append((stmt.value, stmt.high, label))
        elif isinstance(stmt, Label):
            self.place_label(self.goto_label(stmt.name))
        elif isinstance(stmt, Goto) and stmt.label is not None:
            self.emit(Jump(self.goto_label(stmt.label)))
        elif isinstance(stmt, Break) and self.breaks:
            self.emit(Jump(self.breaks[-1]))
        elif isinstance(stmt, Continue) and self.continues:
            self.emit(Jump(self.continues[-1]))
        elif isinstance(stmt, Return):
            value = None
            if stmt.value is not None:
                value, kind = self.value(stmt.value)
                value = self.convert(value, kind, self.returns)
            self.emit(ReturnInstruction(value))
        elif not isinstance(stmt, Fallthrough):
            raise LoweringError(f"a statement of the form {type(stmt).__name__}")

    def goto_label(self, name: str) -> int:
        """Return the label of that name in the function."""
        if name not in self.gotos:
            self.gotos[name] = self.label()
        return self.gotos[name]

    def conditional_statement(self, stmt: If) -> None:
        """Emit an `if`."""
        no = self.label()
        self.jump_unless(stmt.cond, no)
        self.statement(stmt.then)
        if stmt.otherwise is None:
            self.place_label(no)
            return
        done = self.label()
        self.emit(Jump(done))
        self.place_label(no)
        self.statement(stmt.otherwise)
        self.place_label(done)

    def loop(self, stmt: While | DoWhile | For) -> None:
        """Emit a loop."""
        top, again, end = self.label(), self.label(), self.label()
        self.scopes.append({})
        if isinstance(stmt, For) and stmt.init is not None:
            self.statement(stmt.init)
        self.place_label(top)
        if isinstance(stmt, (While, For)) and stmt.cond is not None:
            self.jump_unless(stmt.cond, end)
        self.breaks.append(end)
        self.continues.append(again)
        self.statement(stmt.body)
        self.breaks.pop()
        self.continues.pop()
        self.place_label(again)
        if isinstance(stmt, DoWhile):
            self.jump_unless(stmt.cond, end)
        elif isinstance(stmt, For) and stmt.step is not None:
            self.value(stmt.step, used=False)
        self.emit(Jump(top))
        self.place_label(end)
        self.scopes.pop()

    def for_each(self, stmt: ForEach) -> None:
        """Emit an iterator macro: the `for` that it stands for, with the body put in."""
        macro = self.builder.sources.macro(stmt.macro)
        body = self.builder.macro_statements(stmt.macro)
        if macro is None or macro.params is None or len(body) != 1 or not isinstance(body[0], For):
            raise LoweringError(f"the iterator {stmt.macro} is not known")
        values: dict[str, Expr] = dict(zip(macro.params, stmt.args, strict=False))
        head: For = self.at_line(body[0], values)
        with self.expansion(stmt.macro):
            self.loop(For(head.init, head.cond, head.step, stmt.body, line=stmt.line))

    def switch(self, stmt: Switch) -> None:
        """Emit a `switch`: the tests stand after the body."""
        value, _ = self.value(stmt.value)
        kept = self.keep(value)
        tests, end = self.label(), self.label()
        self.emit(Jump(tests))
        self.breaks.append(end)
        self.cases.append([])
        self.statement(stmt.body)
        cases = self.cases.pop()
        self.breaks.pop()
        self.emit(Jump(end))
        self.place_label(tests)
        default = end
        for first, last, label in cases:
            if first is None:
                default = label
                continue
            skip = self.label()
            low = Const(self.builder.constant(first, self.path))
            if last is None:
                self.emit(Branch(Bin("==", kept, low), skip))
            else:
                self.emit(Branch(Bin(">=", kept, low), skip))
                self.emit(Branch(Bin("<=", kept, Const(self.builder.constant(last, self.path))), skip))
            self.emit(Jump(label))
            self.place_label(skip)
        self.emit(Jump(default))
        self.place_label(end)

    def declare(self, variable: Variable) -> None:
        """Emit the declaration of a local variable."""
        if variable.line:
            self.line = variable.line
        if variable.macro is not None and self.declare_by_macro(variable):
            return
        if "static" in variable.storage or "extern" in variable.storage or variable.cleanup is not None:
            raise LoweringError(f"{variable.name}: a local variable that is not automatic")
        kind = self.builder.type_of(variable, self.path)
        if isinstance(kind, (Record, Array)) or variable.name in self.addressed:
            place = InMemory(self.object(self.builder.size(kind)), kind, variable.name)
            self.scopes[-1][variable.name] = place
            self.initialise_variable(place, variable.init)
            return
        index = self.register(variable.name)
        self.scopes[-1][variable.name] = InRegister(index, kind)
        if variable.init is None:
            self.emit(Set(index, Const(None)))
        else:
            value, old = self.value(variable.init)
            self.emit(Set(index, self.convert(value, old, kind)))

    def statement_value(self, expr: StatementExpr) -> tuple[Pure, Type]:
        """Emit a GNU statement expression; its value is that of its last statement."""
        self.scopes.append({})
        result: tuple[Pure, Type] = (Const(0), VOID)
        for at, part in enumerate(expr.body.body):
            if at == len(expr.body.body) - 1 and isinstance(part, ExprStmt):
                value, kind = self.value(part.expr)
                result = (value if isinstance(kind, Record) else self.keep(value), kind)
            else:
                self.statement(part)
        self.scopes.pop()
        return result
