# SPDX-License-Identifier: GPL-2.0-or-later
"""The program while it is being made: numbers of functions, places of globals, layouts of records, constants."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reviewbot.csource.exprs import integer
from reviewbot.csource.functions import Function
from reviewbot.csource.parse import parse
from reviewbot.csource.syntax import (
    Binary,
    Call,
    Cast,
    Char,
    Conditional,
    CType,
    Expr,
    ExprStmt,
    InitList,
    Name,
    Number,
    Return,
    SizeOf,
    Stmt,
    TypeArg,
    Unary,
    Variable,
)
from reviewbot.model.tree import SourceFile
from reviewbot.simulate.lower.compile import DivisionFaultError, compute
from reviewbot.simulate.lower.declared import DECLARED
from reviewbot.simulate.lower.emit import LoweringError, plus
from reviewbot.simulate.lower.ir import Code, Const, Pure
from reviewbot.simulate.lower.sources import Sources
from reviewbot.simulate.lower.types import LONG, Array, Callable, Pointer, Record, Scalar, Type, Void, wrap
from reviewbot.simulate.memory import BASE

MOST_CELLS = 4096
MOST_FUNCTIONS = 2000


@dataclass(frozen=True, slots=True)
class Object:
    """An object of file scope: where it is, what it is, and its definition."""

    address: int
    type: Type
    name: str
    path: str
    variable: Variable | None


class Builder:
    """Hands out numbers and places as functions get lowered. `primitives` are the names that the kernel model does."""

    def __init__(
        self, sources: Sources, primitives: frozenset[str], ignored: frozenset[str], redirect: Mapping[str, str]
    ) -> None:
        self.sources = sources
        self.primitives = primitives
        self.ignored = ignored
        self.redirect = dict(redirect)
        self.codes: list[Code | None] = []
        self.waiting: list[tuple[int, Function | str]] = []
        self.numbers: dict[tuple[str, str], int] = {}
        self.objects: dict[tuple[str, str], Object] = {}
        self.fresh: list[Object] = []
        self.strings: dict[str, int] = {}
        self.top = BASE + 1
        self.used: set[tuple[str, str]] = set()
        self.unmodelled: set[str] = set()
        self._layouts: dict[str, tuple[dict[str, tuple[int, Type]], int]] = {}
        self._macros: dict[str, Sequence[Stmt]] = {}
        self._constants: dict[str, int | None] = {}

    def number(self, name: str, path: str) -> int | None:
        """Return the number of the function that a name means in a file; None if there is none to run."""
        if path not in self.sources.own:
            name = self.redirect.get(name, name)
        if name in self.primitives:
            return self._take(("", name), name)
        function = self.sources.function(name, path)
        return None if function is None else self._take((function.path, name), function)

    def _take(self, key: tuple[str, str], what: Function | str) -> int:
        if key not in self.numbers:
            if len(self.codes) >= MOST_FUNCTIONS:
                raise LoweringError("too many functions")
            self.numbers[key] = len(self.codes)
            self.codes.append(None)
            self.waiting.append((self.numbers[key], what))
        return self.numbers[key]

    def allocate(self, size: int) -> int:
        """Return the address of new static cells."""
        at = self.top
        self.top += size + 1
        if self.top - BASE > MOST_CELLS:
            raise LoweringError("more static data than the machine has cells for")
        return at

    def object(self, name: str, path: str) -> Object | None:
        """Return the object of file scope that a name means in a file."""
        found = self.sources.object(name, path)
        if found is None:
            return None
        where, variable = found
        if variable.macro is not None and variable.init is None and variable.macro not in DECLARED:
            return None  # nothing is known of what the macro puts there
        key = (where, name)
        if key not in self.objects:
            kind = self.type_of(variable, where)
            if isinstance(kind, Array) and kind.count == 0 and isinstance(variable.init, InitList):
                kind = Array(kind.of, len(variable.init.items))
            made = Object(self.allocate(max(1, self.size(kind))), kind, name, where, variable)
            self.objects[key] = made
            self.fresh.append(made)
        return self.objects[key]

    def string(self, text: str) -> int:
        """Return the address of a string constant."""
        if text not in self.strings:
            self.strings[text] = self.allocate(len(text) + 1)
        return self.strings[text]

    def type_of(self, variable: Variable, path: str) -> Type:
        """Return the type of a declared variable or field, array bounds included."""
        return self.dimensioned(variable.type, path)

    def dimensioned(self, ctype: CType, path: str) -> Type:
        """Return the machine's type for a C type with its array bounds."""
        kind = self.sources.resolve(ctype)
        for bound in reversed(ctype.dims):
            kind = Array(kind, 0 if bound is None else self.constant(bound, path))
        return kind

    def size(self, kind: Type, depth: int = 0) -> int:
        """Return the number of cells of a type."""
        if isinstance(kind, Record):
            return self.layout(kind.tag, depth)[1]
        if isinstance(kind, Array):
            return self.size(kind.of, depth) * kind.count
        if isinstance(kind, (Void, Callable)):
            return 1
        return 1

    def layout(self, tag: str, depth: int = 0) -> tuple[dict[str, tuple[int, Type]], int]:
        """Return where the fields of a record are and of what type, and its size."""
        if tag in self._layouts:
            return self._layouts[tag]
        fields = self.sources.fields(tag)
        if fields is None or depth > 20:
            raise LoweringError(f"the layout of {tag} is not known")
        places: dict[str, tuple[int, Type]] = {}
        at = size = 0
        union = self.sources.is_union(tag)
        for variable in fields:
            try:
                kind = self.type_of(variable, "")
                cells = self.size(kind, depth + 1)
            except LoweringError:
                if variable.name:
                    continue
                raise
            start = 0 if union else at
            if variable.name:
                places[variable.name] = (start, kind)
            elif isinstance(kind, Record):
                for name, (offset, inner) in self.layout(kind.tag, depth + 1)[0].items():
                    places[name] = (start + offset, inner)
            at += cells
            size = max(size, start + cells)
        self._layouts[tag] = places, max(size, 1)
        return self._layouts[tag]

    def field(self, tag: str, name: str) -> tuple[int, Type]:
        """Return the offset and the type of a field."""
        places, _ = self.layout(tag)
        if name not in places:
            raise LoweringError(f"{tag} has no field {name} that is known")
        return places[name]

    def use_record(self, kind: Type) -> None:
        """Record that all fields of a type may be read (a copy of the whole)."""
        if isinstance(kind, Record):
            for name, (_, inner) in self.layout(kind.tag)[0].items():
                self.used.add((kind.tag, name))
                self.use_record(inner)
        elif isinstance(kind, Array):
            self.use_record(kind.of)

    def macro_statements(self, name: str) -> Sequence[Stmt]:
        """Return the body of a macro as parsed statements, () if it cannot be read as any."""
        macro = self.sources.macro(name)
        if macro is None:
            return ()
        if name not in self._macros:
            self._macros[name] = _parsed(name, macro.body.strip())
        return self._macros[name]

    def macro_expression(self, name: str) -> Expr | None:
        """Return the body of a macro as an expression, None if it is none."""
        body = self.macro_statements(name)
        if len(body) == 1:
            only = body[0]
            if isinstance(only, Return):
                return only.value
            if isinstance(only, ExprStmt):
                return only.expr
        return None

    def constant(self, expr: Expr, path: str, depth: int = 0) -> int:
        """Return the value of a constant expression; LoweringError if it is not constant."""
        if depth > 60:
            raise LoweringError("a constant that is defined by itself")
        again = depth + 1
        if isinstance(expr, (Number, Char)):
            return number_of(expr)
        if isinstance(expr, Name):
            return self.constant_named(expr.name, path, again)
        if isinstance(expr, Unary) and expr.op in "+-~!":
            value = self.constant(expr.operand, path, again)
            return {"+": value, "-": -value, "~": ~value, "!": int(not value)}[expr.op]
        if isinstance(expr, Binary):
            left, right = self.constant(expr.left, path, again), self.constant(expr.right, path, again)
            if expr.op == "&&":
                return int(bool(left and right))
            if expr.op == "||":
                return int(bool(left or right))
            try:
                return int(compute(expr.op, left, right, LONG))
            except (DivisionFaultError, KeyError):
                raise LoweringError("a constant that cannot be computed") from None
        if isinstance(expr, Conditional) and expr.then is not None:
            chosen = expr.then if self.constant(expr.cond, path, again) else expr.otherwise
            return self.constant(chosen, path, again)
        if isinstance(expr, Cast):
            kind = self.sources.resolve(expr.type)
            value = self.constant(expr.operand, path, again)
            return wrap(value, kind) if isinstance(kind, Scalar) else value
        if isinstance(expr, SizeOf) and expr.type is not None:
            return self.size(self.dimensioned(expr.type, path))
        raise LoweringError("not a constant")

    def constant_named(self, name: str, path: str, depth: int = 0) -> int:
        """Return the value of an enum constant or a macro; LoweringError if the name is neither."""
        enum = self.sources.enum_constant(name)
        if enum is not None:
            start, past = enum
            return past + (0 if start is None else self.constant(start, path, depth))
        body = self.macro_expression(name)
        if body is None:
            raise LoweringError(f"{name} is not known")
        return self.constant(body, path, depth)


def _parsed(name: str, body: str) -> Sequence[Stmt]:
    """Return the body of a macro as statements, () if it cannot be read as any; a number is not parsed for it."""
    value = integer(body)
    if value is not None:
        return (Return(Number(body, value, line=1), line=1),)
    for form in (b"long reviewbot_macro(void) { return %s ; }", b"void reviewbot_macro(void) { %s ; }"):
        data = form % body.encode("utf-8", "surrogateescape")
        unit = parse(SourceFile("macro:" + name, data, hashlib.sha256(data).hexdigest()))
        if unit.functions and not unit.functions[0].errors and not unit.errors:
            return unit.functions[0].body.body
    return ()


def number_of(expr: Number | Char) -> int:
    """Return the value of a literal, signed ones included; LoweringError for a floating-point one."""
    if expr.value is not None:
        return int(expr.value)
    text = expr.text.lower().rstrip("ul")
    sign, digits = (-1, text[1:]) if text.startswith("-") else (1, text)
    try:
        return sign * int(digits.strip(), 8 if len(digits) > 1 and digits[0] == "0" and digits[1].isdigit() else 0)
    except ValueError:
        raise LoweringError(f"the number {expr.text}") from None


def element(kind: Type) -> Type:
    """Return what a pointer or an array consists of."""
    if isinstance(kind, Pointer):
        return kind.to
    if isinstance(kind, Array):
        return kind.of
    raise LoweringError("something that is no pointer is used as one")


def offset_of(base: Pure, offset: int) -> Pure:
    """Return an address within an object."""
    return plus(base, offset)


__all__ = ["Builder", "Call", "Const", "Object", "TypeArg", "element", "offset_of"]
