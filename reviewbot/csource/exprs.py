# SPDX-License-Identifier: GPL-2.0-or-later
"""From syntax nodes to expressions, with the grammar's misreadings put right."""

from __future__ import annotations

import re
from collections.abc import Callable

from tree_sitter import Node

from reviewbot.csource import syntax as c
from reviewbot.csource.kernelmacros import SCALAR_TYPES
from reviewbot.csource.text import TYPE_BEGINNING, Text, read_type, squeeze, typeof_text
from reviewbot.csource.unseen import UNSEEN

_INTEGER = re.compile(r"(0[xX][0-9a-fA-F]+|0[bB][01]+|\d+)[uUlLzZ]*$")
_IDENTIFIER = re.compile(r"[A-Za-z_$]\w*$")
_ESCAPES = {"n": 10, "t": 9, "r": 13, "0": 0, "a": 7, "b": 8, "f": 12, "v": 11, "\\": 92, "'": 39, '"': 34, "e": 27}
_TYPE_LIKE = re.compile(r"\w+_t$")
# each level takes up to four frames, and statements take theirs besides
_DEEPEST = 100


def integer(text: str) -> int | None:
    """Return the value of an integer constant, None for anything else."""
    found = _INTEGER.match(text)
    if found is None or len(text) > 40:
        return None
    digits = found.group(1)
    if digits[:2] in ("0x", "0X", "0b", "0B"):
        return int(digits, 0)
    try:
        return int(digits, 8 if digits.startswith("0") and len(digits) > 1 else 10)
    except ValueError:
        return None


def character(text: str) -> int | None:
    """Return the value of a character constant such as `'a'` or `'\\n'`."""
    inside = text[1:-1] if len(text) > 2 else ""
    if len(inside) == 1:
        return ord(inside)
    if inside.startswith("\\x") and len(inside) <= 4:
        return integer("0" + inside[1:])
    if inside.startswith("\\") and len(inside) == 2:
        return _ESCAPES.get(inside[1])
    if inside.startswith("\\") and inside[1:].isdigit() and len(inside) <= 4:
        return integer("0" + inside[1:])
    return None


class ExprReader:
    """Reads expressions of one text. `block` reads the body of a GNU statement expression."""

    def __init__(self, text: Text, block: Callable[[Node], c.Block]) -> None:
        self.text = text
        self.block = block
        self.depth = 0
        self.nothing_seen = 0  # how often an expression came out of which nothing is seen

    def read(self, node: Node) -> c.Expr:
        """Return the expression under `node`; what cannot be read is an OpaqueExpr."""
        reader = _READERS.get(node.type)
        if reader is None or node.is_missing or self.depth > _DEEPEST:
            return self._opaque(node)
        self.depth += 1
        try:
            return reader(self, node)
        finally:
            self.depth -= 1

    def arguments(self, node: Node) -> tuple[c.Expr, ...]:
        """Return the arguments of an `argument_list`."""
        return tuple(self.read(child) for child in node.named_children if child.type != "comment")

    def _line(self, node: Node) -> int:
        return self.text.line(node)

    def _child(self, node: Node, name: str) -> c.Expr:
        child = node.child_by_field_name(name)
        return self.read(child) if child is not None else self._opaque(node)

    def _operator(self, node: Node) -> str:
        child = node.child_by_field_name("operator")
        return child.type if child is not None else "?"

    def _opaque(self, node: Node) -> c.Expr:
        text = squeeze(self.text.of(node))
        self.nothing_seen += not text
        return c.OpaqueExpr(text, line=self._line(node))

    def _name(self, node: Node) -> c.Expr:
        line, real = self._line(node), self.text.of(node)
        if real == UNSEEN:
            self.nothing_seen += 1
            return c.OpaqueExpr("", line=line)
        if _IDENTIFIER.match(real):
            return c.Name(real, line=line)
        if TYPE_BEGINNING.match(real):
            return c.TypeArg(read_type(real), line=line)
        masked = self.text.parsed(node)
        return c.Name(masked, line=line) if _IDENTIFIER.match(masked) else self._opaque(node)

    def _number(self, node: Node) -> c.Expr:
        text = self.text.of(node)
        line = self._line(node)
        if text[:1] in ("-", "+") and len(text) > 1:
            # the grammar takes the sign of `-1` for a part of the number
            digits = text[1:].lstrip()
            return c.Unary(text[0], c.Number(digits, integer(digits), line=line), line=line)
        return c.Number(text, integer(text), line=line)

    def _string(self, node: Node) -> c.Expr:
        return c.String(squeeze(self.text.of(node)), line=self._line(node))

    def _char(self, node: Node) -> c.Expr:
        text = self.text.of(node)
        return c.Char(text, character(text), line=self._line(node))

    def _parentheses(self, node: Node) -> c.Expr:
        for child in node.named_children:
            if child.type == "compound_statement":
                return c.StatementExpr(self.block(child), line=self._line(node))
            if child.type not in ("comment", "ERROR"):
                return self.read(child)
        return self._opaque(node)

    def _call(self, node: Node) -> c.Expr:
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or given is None:
            return self._opaque(node)
        args = self.arguments(given)
        kind = self._cast_like(function)
        if kind is not None and len(args) == 1:
            return c.Cast(kind, args[0], line=self._line(node))
        return c.Call(self.read(function), args, line=self._line(node))

    def _cast_like(self, node: Node) -> c.CType | None:
        """Return the type if `node` is `(name)` and the name is a type's, which a grammar cannot tell."""
        if node.type != "parenthesized_expression":
            return None
        inner = node.named_children
        if len(inner) != 1 or inner[0].type not in ("identifier", "type_identifier"):
            return None
        name = self.text.of(inner[0])
        return c.CType(name) if name in SCALAR_TYPES or _TYPE_LIKE.match(name) else None

    def _unary(self, node: Node) -> c.Expr:
        return c.Unary(self._operator(node), self._child(node, "argument"), line=self._line(node))

    def _update(self, node: Node) -> c.Expr:
        argument = node.child_by_field_name("argument")
        operator = node.child_by_field_name("operator")
        if argument is None or operator is None:
            return self._opaque(node)
        prefix = operator.start_byte < argument.start_byte
        operand, line = self.read(argument), self._line(node)
        if not prefix and argument.type in ("unary_expression", "pointer_expression") and isinstance(operand, c.Unary):
            # postfix binds tighter: the grammar reads `!x--` as `(!x)--`
            return self._push_in(operand, operator.type, line)
        return c.Update(operator.type, prefix, operand, line=line)

    def _push_in(self, outer: c.Expr, op: str, line: int) -> c.Expr:
        if isinstance(outer, c.Unary):
            return c.Unary(outer.op, self._push_in(outer.operand, op, line), line=outer.line)
        return c.Update(op, False, outer, line=line)

    def _binary(self, node: Node) -> c.Expr:
        left = node.child_by_field_name("left")
        operator = self._operator(node)
        kind = self._cast_like(left) if left is not None and operator in ("-", "+", "*", "&") else None
        right, line = self._child(node, "right"), self._line(node)
        if kind is not None:
            return c.Cast(kind, c.Unary(operator, right, line=line), line=line)
        sign = node.child_by_field_name("operator")
        if sign is not None and self.text.between(sign.start_byte, sign.start_byte + 3) == "...":
            operator = "..."
        return c.Binary(operator, self._child(node, "left"), right, line=line)

    def _conditional(self, node: Node) -> c.Expr:
        then = node.child_by_field_name("consequence")
        return c.Conditional(
            self._child(node, "condition"),
            self.read(then) if then is not None else None,
            self._child(node, "alternative"),
            line=self._line(node),
        )

    def _assign(self, node: Node) -> c.Expr:
        operator = self._operator(node)
        return c.Assign(operator, self._child(node, "left"), self._child(node, "right"), line=self._line(node))

    def _index(self, node: Node) -> c.Expr:
        return c.Index(self._child(node, "argument"), self._child(node, "index"), line=self._line(node))

    def _member(self, node: Node) -> c.Expr:
        field = node.child_by_field_name("field")
        name = self.text.of(field) if field is not None else "?"
        return c.Member(self._child(node, "argument"), name, self._operator(node) == "->", line=self._line(node))

    def type_of(self, node: Node) -> c.CType:
        """Return the type that a `type_descriptor` names."""
        whole = typeof_text(self.text, node)
        if whole is not None:
            stars = sum(child.type == "abstract_pointer_declarator" for child in node.named_children)
            return c.CType(whole, stars)
        return read_type(self.text.of(node))

    def _cast(self, node: Node) -> c.Expr:
        kind = node.child_by_field_name("type")
        if kind is None:
            return self._opaque(node)
        return c.Cast(self.type_of(kind), self._child(node, "value"), line=self._line(node))

    def _sizeof(self, node: Node) -> c.Expr:
        kind = node.child_by_field_name("type")
        if kind is not None:
            return c.SizeOf(self.type_of(kind), None, line=self._line(node))
        operand = self._child(node, "value")
        if isinstance(operand, c.TypeArg):
            return c.SizeOf(operand.type, None, line=self._line(node))
        return c.SizeOf(None, operand, line=self._line(node))

    def _comma(self, node: Node) -> c.Expr:
        left, right = self._child(node, "left"), self._child(node, "right")
        parts = (left.parts if isinstance(left, c.Comma) else (left,)) + (
            right.parts if isinstance(right, c.Comma) else (right,)
        )
        return c.Comma(parts, line=self._line(node))

    def _init_list(self, node: Node) -> c.InitList:
        items = []
        for child in node.named_children:
            if child.type == "initializer_pair":
                value = child.child_by_field_name("value")
                if value is None:
                    continue
                designator = squeeze(self.text.between(child.start_byte, value.start_byte)).rstrip("= ").rstrip(":")
                items.append(c.InitItem(designator, self.read(value), line=self._line(child)))
            elif child.type != "comment":
                items.append(c.InitItem("", self.read(child), line=self._line(child)))
        return c.InitList(tuple(items), line=self._line(node))

    def _literal(self, node: Node) -> c.Expr:
        kind, value = node.child_by_field_name("type"), node.child_by_field_name("value")
        if kind is None or value is None:
            return self._opaque(node)
        return c.CompoundLiteral(self.type_of(kind), self._init_list(value), line=self._line(node))

    def _type_argument(self, node: Node) -> c.Expr:
        return c.TypeArg(self.type_of(node), line=self._line(node))


_READERS: dict[str, Callable[[ExprReader, Node], c.Expr]] = {
    "identifier": ExprReader._name,
    "type_identifier": ExprReader._name,
    "field_identifier": ExprReader._name,
    "primitive_type": ExprReader._type_argument,
    "true": ExprReader._name,
    "false": ExprReader._name,
    "null": ExprReader._name,
    "number_literal": ExprReader._number,
    "string_literal": ExprReader._string,
    "concatenated_string": ExprReader._string,
    "char_literal": ExprReader._char,
    "parenthesized_expression": ExprReader._parentheses,
    "call_expression": ExprReader._call,
    "unary_expression": ExprReader._unary,
    "pointer_expression": ExprReader._unary,
    "update_expression": ExprReader._update,
    "binary_expression": ExprReader._binary,
    "conditional_expression": ExprReader._conditional,
    "assignment_expression": ExprReader._assign,
    "subscript_expression": ExprReader._index,
    "field_expression": ExprReader._member,
    "cast_expression": ExprReader._cast,
    "sizeof_expression": ExprReader._sizeof,
    "comma_expression": ExprReader._comma,
    "initializer_list": ExprReader._init_list,
    "compound_literal_expression": ExprReader._literal,
    "type_descriptor": ExprReader._type_argument,
}
