# SPDX-License-Identifier: GPL-2.0-or-later
"""From syntax nodes to statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tree_sitter import Node

from reviewbot.csource import syntax as c
from reviewbot.csource.decls import DeclReader, Found, declared_by_macro, object_of_class
from reviewbot.csource.exprs import ExprReader
from reviewbot.csource.kernelmacros import SCOPED, words
from reviewbot.csource.text import Text, squeeze
from reviewbot.csource.unseen import NOTHING_SEEN, UNCLOSED, UNOPENED, UNSEEN, begins_unseen, partly_unseen

_DEEPEST = 90


class StmtReader:
    """Reads the statements of one text, and through `exprs` and `decls` what they are made of."""

    def __init__(self, text: Text, path: str, found: Found | None = None) -> None:
        self.text = text
        self.exprs = ExprReader(text, self.block)
        self.decls = DeclReader(text, self.exprs, path, found)
        self.depth = 0
        self.unparsed = 0

    def block(self, node: Node) -> c.Block:
        """Return the block under a `compound_statement`, with labels and cases as markers in it."""
        body = self._sequence(node.named_children)
        opened = closed = True
        if body and body[0] == c.ExprStmt(c.Name(UNOPENED)):
            body, opened = body[1:], False
        if body and body[-1] == c.ExprStmt(c.Name(UNCLOSED)):
            body, closed = body[:-1], False
        return c.Block(tuple(body), self.text.end_line(node), opened, closed, line=self.text.line(node))

    def _sequence(self, nodes: Iterable[Node]) -> list[c.Stmt]:
        out: list[c.Stmt] = []
        for node in nodes:
            out.extend(self.read(node))
        return out

    def read(self, node: Node) -> list[c.Stmt]:
        """Return the statements that `node` stands for: none for a comment, several for a labelled statement."""
        kind = node.type
        if kind in _SKIPPED:
            return []
        reader = _READERS.get(kind)
        if reader is None or self.depth > _DEEPEST:
            return [self._unparsed(node)]
        self.depth += 1
        try:
            return reader(self, node)
        finally:
            self.depth -= 1

    def _unparsed(self, node: Node) -> c.Stmt:
        self.unparsed += 1
        return c.Unparsed(squeeze(self.text.of(node)), line=self.text.line(node))

    def _one(self, node: Node | None, line: int) -> c.Stmt:
        """Read the body of a statement, which in C is a single statement."""
        stmts = self.read(node) if node is not None else []
        if len(stmts) == 1:
            return stmts[0]
        return c.Block(tuple(stmts), self.text.end_line(node) if node is not None else line, line=line)

    def _condition(self, node: Node, name: str = "condition") -> c.Expr:
        child = node.child_by_field_name(name)
        if child is None:
            return c.OpaqueExpr(squeeze(self.text.of(node))[:200], line=self.text.line(node))
        return self.exprs.read(child)

    def _block_statement(self, node: Node) -> list[c.Stmt]:
        return [self.block(node)]

    def _expression(self, node: Node) -> list[c.Stmt]:
        inner = next((x for x in node.named_children if x.type != "comment"), None)
        if inner is None:
            return []
        line = self.text.line(node)
        if inner.type == "gnu_asm_expression":
            return [self._asm(inner)]
        unseen, expr = self.exprs.nothing_seen, self.exprs.read(inner)
        if expr == c.Name("fallthrough"):
            return [c.Fallthrough(line=line)]
        if expr == NOTHING_SEEN:
            return [c.Gap(line, True, line=line)]
        if self.exprs.nothing_seen != unseen and partly_unseen(expr):
            return [c.Gap(line, True, line=line), c.ExprStmt(expr, line=line)]
        variable = declared_by_macro(expr)
        if variable is not None:
            return [c.Declare((variable,), line=line)]
        if isinstance(expr, c.Call) and isinstance(expr.function, c.Call):
            outer = expr.function
            named = tuple(arg.name for arg in outer.args if isinstance(arg, c.Name))
            if outer.function == c.Name("guard") and len(named) == 1:
                return [c.Guard(named[0], expr.args, line=line)]
            if outer.function == c.Name("CLASS") and len(named) == 2:
                return [c.Declare((object_of_class(*named, expr),), line=line)]
        return [c.ExprStmt(expr, line=line)]

    def _asm(self, node: Node) -> c.Stmt:
        parts: dict[str, tuple[c.Expr, ...]] = {}
        for name in ("output_operands", "input_operands"):
            given = node.child_by_field_name(name)
            values = []
            for item in given.named_children if given is not None else ():
                value = item.child_by_field_name("value")
                if value is not None:
                    values.append(self.exprs.read(value))
            parts[name] = tuple(values)
        text = squeeze(self.text.of(node))
        return c.Asm(text, parts["output_operands"], parts["input_operands"], line=self.text.line(node))

    def _declaration(self, node: Node) -> list[c.Stmt]:
        variables = tuple(
            v
            for v in self.decls.variables(node)
            if v.name and v.name != UNSEEN and not (v.type.function and not v.type.pointers)
        )
        return [c.Declare(variables, line=self.text.line(node))] if variables else []

    def _types_only(self, node: Node) -> list[c.Stmt]:
        self.decls.variables(node)
        if node.type.endswith("_specifier"):
            self.decls.specifier(node)
        return []

    def _if(self, node: Node) -> list[c.Stmt]:
        line = self.text.line(node)
        macro = self._iterator(node, "consequence")
        if macro is not None:
            return [macro]
        clause = node.child_by_field_name("alternative")
        otherwise = None
        if clause is not None:
            stmts = self._sequence(clause.named_children)
            at = self.text.line(clause)
            otherwise = stmts[0] if len(stmts) == 1 else c.Block(tuple(stmts), self.text.end_line(clause), line=at)
        then = self._one(node.child_by_field_name("consequence"), line)
        return [c.If(self._condition(node), then, otherwise, line=line)]

    def _iterator(self, node: Node, body: str) -> c.Stmt | None:
        """Return the iterator macro that the mask made this `while` of (a call when nothing is repeated), else None."""
        keyword, line = node.children[0], self.text.line(node)
        start = keyword.start_byte
        end = start
        while end < len(self.text.original) and (
            self.text.original[end : end + 1].isalnum() or self.text.original[end] == 95
        ):
            end += 1
        name = self.text.between(start, end)
        if name in ("while", "if"):
            return None
        condition = self._condition(node)
        args = condition.parts if isinstance(condition, c.Comma) else (condition,)
        if isinstance(condition, c.Number) and "while(1)" in self.text.masked[start : start + 8].decode("latin-1"):
            args = ()
        inner = self._one(node.child_by_field_name(body), line)
        if name in SCOPED:
            first = args[0].name if args and isinstance(args[0], c.Name) else name
            return c.ScopedGuard(first, args[1:], inner, line=line)
        given = node.child_by_field_name(body)
        if given is not None and given.type == "expression_statement" and not given.named_children:
            return c.ExprStmt(c.Call(c.Name(name, line=line), args, line=line), line=line)
        return c.ForEach(name, args, inner, line=line)

    def _while(self, node: Node) -> list[c.Stmt]:
        line = self.text.line(node)
        macro = self._iterator(node, "body")
        if macro is not None:
            return [macro]
        condition = self._condition(node)
        body = self._one(node.child_by_field_name("body"), line)
        if begins_unseen(condition):
            # the tail of a head that begins in unseen code: what it guards is known, how is not
            inner = body.body if isinstance(body, c.Block) else (body,)
            closed = body.closed if isinstance(body, c.Block) else True
            end = body.end_line if isinstance(body, c.Block) else body.line
            block = c.Block(inner, end, False, closed, line=body.line)
            return [c.Gap(line, True, line=line), c.ExprStmt(condition, line=line), block]
        return [c.While(condition, body, line=line)]

    def _do(self, node: Node) -> list[c.Stmt]:
        line = self.text.line(node)
        return [c.DoWhile(self._one(node.child_by_field_name("body"), line), self._condition(node), line=line)]

    def _for(self, node: Node) -> list[c.Stmt]:
        line = self.text.line(node)
        init, cond, step = (node.child_by_field_name(name) for name in ("initializer", "condition", "update"))
        first: c.Stmt | None = None
        if init is not None:
            if init.type == "declaration":
                first = c.Declare(tuple(self.decls.variables(init)), line=self.text.line(init))
            else:
                first = c.ExprStmt(self.exprs.read(init), line=self.text.line(init))
        return [
            c.For(
                first,
                self.exprs.read(cond) if cond is not None else None,
                self.exprs.read(step) if step is not None else None,
                self._one(node.child_by_field_name("body"), line),
                line=line,
            )
        ]

    def _switch(self, node: Node) -> list[c.Stmt]:
        line = self.text.line(node)
        return [c.Switch(self._condition(node), self._one(node.child_by_field_name("body"), line), line=line)]

    def _case(self, node: Node) -> list[c.Stmt]:
        value = node.child_by_field_name("value")
        low: c.Expr | None = None
        high: c.Expr | None = None
        if value is not None:
            read = self.exprs.read(value)
            if isinstance(read, c.Binary) and read.op == "...":
                low, high = read.left, read.right
            else:
                low = read
        rest = [x for x in node.named_children if value is None or x.start_byte != value.start_byte]
        return [c.Case(low, high, line=self.text.line(node)), *self._sequence(rest)]

    def _labeled(self, node: Node) -> list[c.Stmt]:
        label = node.child_by_field_name("label")
        name = self.text.of(label) if label is not None else ""
        rest = [x for x in node.named_children if label is None or x.start_byte != label.start_byte]
        return [c.Label(name, line=self.text.line(node)), *self._sequence(rest)]

    def _goto(self, node: Node) -> list[c.Stmt]:
        label = node.child_by_field_name("label")
        name = self.text.of(label) if label is not None else ""
        if "*" in self.text.of(node):
            return [
                c.Goto(
                    None,
                    c.OpaqueExpr(squeeze(self.text.of(node)), line=self.text.line(node)),
                    line=self.text.line(node),
                )
            ]
        return [c.Goto(name, line=self.text.line(node))]

    def _return(self, node: Node) -> list[c.Stmt]:
        value = next((x for x in node.named_children if x.type != "comment"), None)
        return [c.Return(self.exprs.read(value) if value is not None else None, line=self.text.line(node))]

    def _choice(self, node: Node) -> list[c.Stmt]:
        conditions: list[str] = []
        branches: list[c.Block] = []
        branch: Node | None = node
        while branch is not None:
            following = branch.child_by_field_name("alternative")
            head = self.text.of(branch).split("\n", 1)[0]
            conditions.append(squeeze(head))
            condition = branch.child_by_field_name("condition") or branch.child_by_field_name("name")
            skip = {x.start_byte for x in (condition, following) if x is not None}
            parts = [x for x in branch.named_children if x.start_byte not in skip]
            body = self._sequence(parts)
            branches.append(c.Block(tuple(body), self.text.end_line(branch), line=self.text.line(branch)))
            branch = following
        if not conditions[-1].lstrip("# ").startswith("else"):
            conditions.append("#else")
            branches.append(c.Block((), self.text.end_line(node), line=self.text.line(node)))
        return [c.Choice(tuple(conditions), tuple(branches), line=self.text.line(node))]

    def _flatten(self, node: Node) -> list[c.Stmt]:
        return self._sequence(node.named_children)


_SKIPPED = words(
    "comment preproc_def preproc_function_def preproc_call preproc_include preproc_directive ; type_definition "
    "attribute_specifier attribute_declaration"
)
_READERS: dict[str, Callable[[StmtReader, Node], list[c.Stmt]]] = {
    "compound_statement": StmtReader._block_statement,
    "expression_statement": StmtReader._expression,
    "declaration": StmtReader._declaration,
    "struct_specifier": StmtReader._types_only,
    "union_specifier": StmtReader._types_only,
    "enum_specifier": StmtReader._types_only,
    "if_statement": StmtReader._if,
    "while_statement": StmtReader._while,
    "do_statement": StmtReader._do,
    "for_statement": StmtReader._for,
    "switch_statement": StmtReader._switch,
    "case_statement": StmtReader._case,
    "labeled_statement": StmtReader._labeled,
    "goto_statement": StmtReader._goto,
    "break_statement": lambda reader, node: [c.Break(line=reader.text.line(node))],
    "continue_statement": lambda reader, node: [c.Continue(line=reader.text.line(node))],
    "return_statement": StmtReader._return,
    "preproc_if": StmtReader._choice,
    "preproc_ifdef": StmtReader._choice,
    "attributed_statement": StmtReader._flatten,
    "else_clause": StmtReader._flatten,
}
