# SPDX-License-Identifier: GPL-2.0-or-later
"""Initialisers, and variables that a macro of the kernel declares (DEFINE_WAIT, LIST_HEAD …)."""

from __future__ import annotations

import re

from reviewbot.csource.syntax import Call, CompoundLiteral, CType, Expr, InitList, Name, Number, String, Variable
from reviewbot.simulate.lower.declared import DECLARED
from reviewbot.simulate.lower.emit import InMemory, LoweringError, plus
from reviewbot.simulate.lower.expressions import Expressions
from reviewbot.simulate.lower.ir import Const, Primitive, Reg, Store
from reviewbot.simulate.lower.types import ULONG, Array, Pointer, Record, Type
from reviewbot.simulate.memory import FUNCTION

_STEP = re.compile(r"\.\s*(\w+)|\[\s*(\w+)\s*\]")


class Initialisers(Expressions):
    """Lowers initialisers; those of file scope and of local variables alike."""

    def initialise_variable(self, place: InMemory, init: Expr | None) -> None:
        """Emit the initialiser of a variable in memory (fresh stack cells are uninitialised)."""
        if init is None:
            return
        if isinstance(init, CompoundLiteral):
            init = init.init
        call = initialising_call(init)
        if call is not None:
            self.initialise_by_call(place, call)
        elif isinstance(init, InitList):
            self.initialise(place, init)
        elif isinstance(init, String) and isinstance(place.type, Array):
            self.zero(place)
        else:
            value, kind = self.value(init)
            self.write(place, value, kind)

    def initialise_by_call(self, place: InMemory, init: Call) -> None:
        """Emit `= ATOMIC_INIT(n)` and its like: the first argument is the value, all else zero."""
        self.zero(place)
        if init.args and isinstance(init.args[0], Number):
            value, _ = self.value(init.args[0])
            self.emit(Store(place.address, value, place.text))

    def zero(self, place: InMemory) -> None:
        """Emit the writes that make all cells zero."""
        for cell in range(self.builder.size(place.type)):
            self.emit(Store(plus(place.address, cell), Const(0), place.text))

    def initialise(self, place: InMemory, init: InitList) -> None:
        """Emit the writes of an initialiser list; what it leaves out is zero (C11 6.7.9)."""
        self.zero(place)
        self._fill(place, init)

    def _fill(self, place: InMemory, init: InitList) -> None:
        at = 0
        members = self._members(place.type)
        for item in init.items:
            if item.designator:
                target, at = self._designated(place, item.designator)
            elif at < len(members):
                name, offset, kind = members[at]
                target = InMemory(plus(place.address, offset), kind, f"{place.text}.{name}")
            else:
                raise LoweringError("an initialiser with too many values")
            at += 1
            call = initialising_call(item.value)
            if isinstance(item.value, InitList):
                self._fill(target, item.value)
            elif call is not None:
                self.initialise_by_call(target, call)
            else:
                value, old = self.value(item.value)
                self.write(target, value, old)

    def _members(self, kind: Type) -> list[tuple[str, int, Type]]:
        if isinstance(kind, Record):
            places, _ = self.builder.layout(kind.tag)
            return [(name, offset, inner) for name, (offset, inner) in places.items()]
        if isinstance(kind, Array):
            size = self.builder.size(kind.of)
            return [(str(i), i * size, kind.of) for i in range(kind.count)]
        return [("", 0, kind)]

    def _designated(self, place: InMemory, designator: str) -> tuple[InMemory, int]:
        target, at = place, 0
        for depth, (name, index) in enumerate(_STEP.findall(designator)):
            members = self._members(target.type)
            key = name or str(index if index.isdigit() else self.builder.constant(Name(index), self.path))
            found = [(i, offset, kind) for i, (member, offset, kind) in enumerate(members) if member == key]
            if not found:
                raise LoweringError(f"an initialiser for {designator}, which is not known")
            number, offset, kind = found[0]
            at = number if depth == 0 else at
            target = InMemory(plus(target.address, offset), kind, f"{target.text}.{key}")
        return target, at

    def declare_by_macro(self, variable: Variable) -> bool:
        """Emit a local variable that a macro declares; False if the macro is none of the kernel's."""
        base = DECLARED.get(variable.macro or "")
        if base is None:
            return False
        kind = self.builder.sources.resolve(CType(base))
        place = InMemory(self.object(self.builder.size(kind)), kind, variable.name)
        self.scopes[-1][variable.name] = place
        self.initialise_by_macro(place, variable)
        return True

    def initialise_by_macro(self, place: InMemory, variable: Variable) -> None:
        """Emit what a declaring macro puts in its variable."""
        if variable.macro not in DECLARED:
            if variable.init is not None:
                self.initialise_variable(place, variable.init)
                return
            raise LoweringError(f"the macro {variable.macro} is not known")
        self.zero(place)
        if base_of(place.type) == "__wait_queue":
            task = self.register()
            self.emit(Primitive("sim_current", (), task, "current"))
            self._field(place, "private", Reg(task).index)
            name = "default_wake_function" if variable.macro == "DECLARE_WAITQUEUE" else "autoremove_wake_function"
            last = variable.args[-1] if variable.args else None
            if variable.macro == "DEFINE_WAIT_FUNC" and isinstance(last, Name):
                name = last.name
            number = self.builder.number(name, self.path)
            if number is None:
                raise LoweringError(f"{name} is not known")
            offset, kind = self.builder.field("__wait_queue", "func")
            self.write(InMemory(plus(place.address, offset), kind, "func"), Const(FUNCTION + number), ULONG)
        elif base_of(place.type) == "list_head":
            for field in ("next", "prev"):
                offset, kind = self.builder.field("list_head", field)
                self.write(InMemory(plus(place.address, offset), kind, field), place.address, Pointer(place.type))

    def _field(self, place: InMemory, name: str, register: int) -> None:
        offset, kind = self.builder.field("__wait_queue", name)
        self.write(InMemory(plus(place.address, offset), kind, name), Reg(register), ULONG)


def initialising_call(init: Expr) -> Call | None:
    """Return an initialiser that is a kernel macro for a lock, a queue or an atomic number, None for another."""
    if not isinstance(init, Call) or not isinstance(init.function, Name):
        return None
    return init if init.function.name.endswith(("_INIT", "_UNLOCKED", "_INITIALIZER")) else None


def base_of(kind: Type) -> str:
    """Return the tag of a record type, "" for others."""
    return kind.tag if isinstance(kind, Record) else ""
