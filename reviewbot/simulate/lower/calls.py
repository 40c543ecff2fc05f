# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls to instructions: of functions, primitives, macros, and the few forms that are no functions in C either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from reviewbot.csource.syntax import (
    Assign,
    Binary,
    Call,
    Cast,
    Conditional,
    CType,
    Expr,
    InitList,
    Member,
    Name,
    Return,
    Stmt,
    TypeArg,
    Update,
)
from reviewbot.simulate.lower.builder import Builder, element
from reviewbot.simulate.lower.emit import Emitter, InMemory, LoweringError, Place
from reviewbot.simulate.lower.ir import Bin, Const, Primitive, Pure, Reg, Unknown
from reviewbot.simulate.lower.ir import Call as CallInstruction
from reviewbot.simulate.lower.rewrite import substitute, walk
from reviewbot.simulate.lower.spell import spell
from reviewbot.simulate.lower.types import INT, ULONG, VOID, Callable, Pointer, Record, Type

Value = tuple[Pure, Type]
DEEPEST_MACRO = 40


class Calls(Emitter):
    """The part of lowering a function that deals with names and calls."""

    def __init__(self, builder: Builder, path: str) -> None:
        super().__init__()
        self.builder = builder
        self.path = path
        self.scopes: list[dict[str, Place]] = [{}]
        self.expansions: list[str] = []
        self.outer = ""

    def value(self, expr: Expr, used: bool = True) -> Value:
        """Emit an expression."""
        raise NotImplementedError

    def convert(self, value: Pure, old: Type, new: Type) -> Pure:
        """Return a value converted to another type."""
        raise NotImplementedError

    def initialise(self, place: InMemory, init: InitList) -> None:
        """Emit the writes of an initialiser list."""
        raise NotImplementedError

    def statement(self, stmt: Stmt) -> None:
        """Emit a statement."""
        raise NotImplementedError

    def local(self, name: str) -> Place | None:
        """Return the local variable that a name means here."""
        for scope in reversed(self.scopes):
            if name in scope:
                return scope[name]
        return None

    def spell(self, expr: Expr) -> str:
        """Return an expression as people write it."""
        return spell(expr)

    def shown(self, expr: Expr) -> str:
        """Return a call as the source has it: a macro's use rather than what it stands for."""
        return self.outer if self.expansions and self.outer else spell(expr)

    def at_line(self, tree: Any, values: Mapping[str, Expr]) -> Any:
        """Return a macro's body at the line of its use, arguments put in."""
        return substitute(tree, values, self.line)

    def expanding(self, name: str) -> bool:
        """Tell whether a macro may be expanded here (C does not expand one within itself)."""
        return name not in self.expansions and len(self.expansions) < DEEPEST_MACRO

    @contextmanager
    def expansion(self, name: str) -> Iterator[None]:
        """Be within the body of a macro."""
        self.expansions.append(name)
        try:
            yield
        finally:
            self.expansions.pop()

    def returned(self, name: str) -> Type:
        """Return the type that a function returns; int where nothing is known."""
        found = self.builder.sources.returns(name, self.path)
        if found is None:
            return INT
        try:
            return self.builder.sources.resolve(found)
        except LoweringError:
            return INT

    def call(self, expr: Call, used: bool) -> Value:
        """Emit a call."""
        function = expr.function
        if not isinstance(function, Name) or self.local(function.name) is not None:
            return self.call_pointer(expr)
        name = function.name
        if name in SPECIAL:
            return self.special(name, expr)
        if name in self.builder.ignored:
            self.ignored(expr)
            return Const(0), INT
        if name in self.builder.primitives:
            return self.call_primitive(name, expr)
        if self.builder.redirect.get(name) is None or self.path in self.builder.sources.own:
            macro = self.builder.sources.macro(name)
            if macro is not None and macro.params is not None and self.expanding(name):
                return self.call_macro(name, expr, used)
        number = self.builder.number(name, self.path)
        if number is None:
            if self.builder.sources.object(name, self.path) is not None:
                return self.call_pointer(expr)
            self.emit(Unknown(name))
            kind = self.returned(name)
            return Const(0), kind
        return self.call_number(number, name, expr)

    def call_number(self, number: int, name: str, expr: Call) -> Value:
        """Emit the call of a function of the program."""
        kind = self.returned(name)
        if isinstance(kind, Record):
            raise LoweringError(f"{name} returns a record")
        target = self.builder.redirect.get(name, name) if self.path not in self.builder.sources.own else name
        found = self.builder.sources.function(target, self.path)
        parameters = () if found is None else found.params
        arguments = []
        for at, argument in enumerate(expr.args):
            value, old = self.value(argument)
            if isinstance(old, Record):
                raise LoweringError(f"{name} takes a record by value")
            if at < len(parameters):
                value = self.convert(value, old, self.parameter_type(parameters[at]))
            arguments.append(value)
        into = None if kind == VOID else self.register()
        self.emit(CallInstruction(number, tuple(arguments), into, self.shown(expr)))
        return (Const(0), VOID) if into is None else (self.result(into), kind)

    def result(self, register: int) -> Pure:
        """Return the value of a register."""
        return Reg(register)

    def parameter_type(self, variable: Any) -> Type:
        """Return the type of a parameter; arrays are pointers there."""
        kind = self.builder.sources.resolve(variable.type)
        return Pointer(kind) if variable.type.dims else kind

    def call_pointer(self, expr: Call) -> Value:
        """Emit a call through a pointer."""
        callee, kind = self.value(expr.function)
        target = kind.to if isinstance(kind, Pointer) else kind
        if isinstance(target, Pointer):
            target = target.to
        returns = target.returns if isinstance(target, Callable) else INT
        arguments = tuple(self.value(argument)[0] for argument in expr.args)
        into = None if returns == VOID else self.register()
        self.emit(CallInstruction(callee, arguments, into, self.shown(expr)))
        return (Const(0), VOID) if into is None else (self.result(into), returns)

    def call_primitive(self, name: str, expr: Call) -> Value:
        """Emit a primitive."""
        kind = self.returned(name)
        arguments = tuple(self.value(argument)[0] for argument in expr.args)
        into = None if kind == VOID else self.register()
        self.emit(Primitive(name, arguments, into, self.shown(expr)))
        return (Const(0), VOID) if into is None else (self.result(into), kind)

    def ignored(self, expr: Call) -> None:
        """Emit only the writes and calls in the arguments of a call that is left out."""
        for argument in expr.args:
            for part in walk(argument):
                if isinstance(part, (Assign, Update)):
                    self.value(argument, used=False)
                    break

    def call_macro(self, name: str, expr: Call, used: bool) -> Value:
        """Emit the body of a macro with its arguments put in."""
        macro = self.builder.sources.macro(name)
        assert macro is not None and macro.params is not None
        body = self.builder.macro_statements(name)
        if not body:
            if not macro.body.strip():
                return Const(0), VOID
            raise LoweringError(f"the macro {name} cannot be read")
        values: dict[str, Expr] = dict(zip(macro.params, expr.args, strict=False))
        if not self.expansions:
            self.outer = spell(expr)
        with self.expansion(name):
            if len(body) == 1 and isinstance(body[0], Return) and body[0].value is not None:
                return self.value(self.at_line(body[0].value, values), used)
            for stmt in body:
                self.statement(self.at_line(stmt, values))
        return Const(0), VOID

    def special(self, name: str, expr: Call) -> Value:
        """Emit one of the forms that take types or names."""
        args = expr.args
        if name in ("container_of", "list_entry", "rcu_container_of") and len(args) == 3:
            value, _ = self.value(args[0])
            record = self.type_argument(args[1])
            return Bin("-", value, Const(self.offset(record, args[2]))), Pointer(record)
        if name == "sim_entry_like" and len(args) == 3:
            mark = self.mark()
            _, kind = self.value(args[0])
            self.rewind(mark)  # only its type is asked for
            value, _ = self.value(args[1])
            return Bin("-", value, Const(self.offset(element(kind), args[2]))), kind
        if name in ("offsetof", "__builtin_offsetof") and len(args) == 2:
            return Const(self.offset(self.type_argument(args[0]), args[1])), ULONG
        if name in ("min", "max") and len(args) == 2:
            op = "<" if name == "min" else ">"
            return self.value(Conditional(Binary(op, args[0], args[1]), args[0], args[1], line=expr.line))
        if name in ("min_t", "max_t") and len(args) == 3 and isinstance(args[0], TypeArg):
            left, right = (Cast(args[0].type, arg) for arg in args[1:])
            op = "<" if name == "min_t" else ">"
            return self.value(Conditional(Binary(op, left, right), left, right, line=expr.line))
        raise LoweringError(f"{name} used in a way that is not known")

    def type_argument(self, expr: Expr) -> Type:
        """Return the type that an argument names."""
        if isinstance(expr, TypeArg):
            return self.builder.dimensioned(expr.type, self.path)
        if isinstance(expr, Name):
            return self.builder.sources.resolve(CType(expr.name))
        raise LoweringError("a type is expected")

    def offset(self, record: Type, member: Expr) -> int:
        """Return the offset of a member, which may lie in a member."""
        if isinstance(member, Member):
            base = self.offset(record, member.base)
            inner = self.member_type(record, member.base)
            if isinstance(inner, Record):
                return base + self.builder.field(inner.tag, member.field)[0]
        if isinstance(member, Name) and isinstance(record, Record):
            return self.builder.field(record.tag, member.name)[0]
        raise LoweringError("a member that is not known")

    def member_type(self, record: Type, member: Expr) -> Type:
        """Return the type of a member."""
        if isinstance(member, Name) and isinstance(record, Record):
            return self.builder.field(record.tag, member.name)[1]
        if isinstance(member, Member):
            return self.member_type(self.member_type(record, member.base), Name(member.field))
        raise LoweringError("a member that is not known")


SPECIAL = frozenset(
    (
        "container_of",
        "list_entry",
        "rcu_container_of",
        "sim_entry_like",
        "offsetof",
        "__builtin_offsetof",
        "min",
        "max",
        "min_t",
        "max_t",
    )
)

__all__ = ["Calls", "element"]
