# SPDX-License-Identifier: GPL-2.0-or-later
"""Whole functions to their code, and the code that sets up file-scope objects."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from reviewbot.csource.functions import Function
from reviewbot.csource.syntax import Call, ForEach, Index, Member, Name, Unary
from reviewbot.simulate.lower.builder import Builder
from reviewbot.simulate.lower.emit import InMemory, InRegister, LoweringError
from reviewbot.simulate.lower.ir import Code, Const, Primitive, Reg, Set, Unknown
from reviewbot.simulate.lower.ir import Return as ReturnInstruction
from reviewbot.simulate.lower.rewrite import walk
from reviewbot.simulate.lower.statements import Statements
from reviewbot.simulate.lower.types import VOID


@lru_cache(maxsize=4096)
def _addressed(function: Function) -> tuple[frozenset[str], tuple[tuple[str, frozenset[str]], ...]]:
    """Return the names with an `&` before them, and for each call that may be a macro's its name and arguments."""
    found: set[str] = set()
    calls: list[tuple[str, frozenset[str]]] = []
    for part in walk(function.body):
        if isinstance(part, Unary) and part.op == "&":
            inner = part.operand
            while (isinstance(inner, Member) and not inner.arrow) or isinstance(inner, Index):
                inner = inner.base
            if isinstance(inner, Name):
                found.add(inner.name)
        elif isinstance(part, (Call, ForEach)):
            name = part.macro if isinstance(part, ForEach) else part.function
            name = name.name if isinstance(name, Name) else name
            if isinstance(name, str):
                calls.append((name, frozenset(argument.name for argument in part.args if isinstance(argument, Name))))
    return frozenset(found), tuple(calls)


def addressed_names(function: Function, builder: Builder) -> frozenset[str]:
    """Return the names whose address is taken somewhere in a function, directly or by a macro that does."""
    found, calls = _addressed(function)
    for name, arguments in calls:
        macro = builder.sources.macro(name)
        if macro is not None and "&" in macro.body.replace("&&", ""):
            found |= arguments
    return found


def lower_function(builder: Builder, function: Function) -> Code:
    """Return the code of a whole function."""
    addressed = addressed_names(function, builder)
    try:
        returns = builder.sources.resolve(function.returns)
    except LoweringError:
        returns = VOID
    made = Statements(builder, function.path, addressed, returns)
    made.line = function.start_line
    registers = []
    for variable in function.params:
        index = made.register(variable.name)
        registers.append(index)
        try:
            kind = made.parameter_type(variable)
        except LoweringError as reason:
            made.emit(Unknown(f"{function.path}:{function.start_line}: {reason}"))
            continue
        if variable.name in addressed:
            place = InMemory(made.object(builder.size(kind)), kind, variable.name)
            made.write(place, Reg(index), kind)
            made.scopes[0][variable.name] = place
        else:
            made.scopes[0][variable.name] = InRegister(index, kind)
    own = function.path in builder.sources.own
    if own:
        made.emit(Set(0, Reg(0)))  # so that nothing jumps to a task's first instruction
    made.statement(function.body)
    return made.finish(function.name, function.path, own, tuple(registers))


def wrap_primitive(builder: Builder, name: str, arity: int) -> Code:
    """Return a function that does nothing but a primitive, for those whose address is taken."""
    made = Statements(builder, "", frozenset(), VOID)
    registers = tuple(made.register() for _ in range(arity))
    into = made.register()
    made.emit(Primitive(name, tuple(Reg(r) for r in registers), into, name))
    made.emit(ReturnInstruction(Reg(into)))
    return made.finish(name, "", True, registers)


def lower_initialisers(builder: Builder) -> Sequence[Code]:
    """Return code that sets up the file-scope objects which became known since the last call."""
    fresh, builder.fresh = builder.fresh, []
    made = []
    for item in fresh:
        variable = item.variable
        if variable is None or (variable.init is None and variable.macro is None):
            continue
        code = Statements(builder, item.path, frozenset(), VOID)
        code.line = variable.line
        place = InMemory(Const(item.address), item.type, item.name)
        try:
            if variable.macro is not None:
                code.initialise_by_macro(place, variable)
            elif variable.init is not None:
                code.initialise_variable(place, variable.init)
        except LoweringError as reason:
            code.emit(Unknown(f"{item.path}:{variable.line}: {reason}"))
        made.append(code.finish(f"initialise {item.name}", item.path, True, ()))
    return made
