# SPDX-License-Identifier: GPL-2.0-or-later
"""Expressions to instructions."""

from __future__ import annotations

from reviewbot.csource.syntax import (
    Assign,
    Binary,
    Call,
    Cast,
    Char,
    Comma,
    CompoundLiteral,
    Conditional,
    Expr,
    Index,
    InitList,
    Member,
    Name,
    Number,
    SizeOf,
    StatementExpr,
    String,
    Unary,
    Update,
)
from reviewbot.simulate.lower.builder import element, number_of
from reviewbot.simulate.lower.emit import InMemory, InRegister, LoweringError, Place, plus
from reviewbot.simulate.lower.ir import Const, Load, Pure, Reg, Set, Store, Un
from reviewbot.simulate.lower.operators import Operators
from reviewbot.simulate.lower.types import (
    INT,
    ULONG,
    VOID,
    Array,
    Callable,
    Pointer,
    Record,
    Scalar,
    Type,
    Void,
    promoted,
    wrap,
)
from reviewbot.simulate.memory import FUNCTION

Value = tuple[Pure, Type]
_COMPARE = ("==", "!=", "<", ">", "<=", ">=")


class Expressions(Operators):
    """Lowers the expressions of one function; `value` gives a value, `place` an lvalue, `jump_unless` a condition."""

    def value(self, expr: Expr, used: bool = True) -> Value:
        """Emit what computes an expression; return its value and type. `used` False: the value is not wanted."""
        if isinstance(expr, Number):
            number, text = number_of(expr), expr.text.lower()
            kind = Scalar(64 if "l" in text or abs(number) > 0x7FFFFFFF else 32, "u" not in text)
            return Const(wrap(number, kind)), kind
        if isinstance(expr, Char):
            return Const(number_of(expr)), INT
        if isinstance(expr, String):
            return Const(self.builder.string(expr.text)), Pointer(INT)
        if isinstance(expr, (Name, Member, Index, CompoundLiteral)):
            return self.named_value(expr)
        if isinstance(expr, Unary):
            return self.unary(expr)
        if isinstance(expr, Binary):
            return self.binary(expr)
        if isinstance(expr, Conditional):
            return self.conditional(expr)
        if isinstance(expr, Assign):
            return self.assign(expr, used)
        if isinstance(expr, Update):
            return self.update(expr, used)
        if isinstance(expr, Call):
            return self.call(expr, used)
        if isinstance(expr, Cast):
            return self.cast(expr, used)
        if isinstance(expr, SizeOf):
            return Const(self.size_of(expr)), ULONG
        if isinstance(expr, Comma):
            for part in expr.parts[:-1]:
                self.value(part, used=False)
            return self.value(expr.parts[-1], used)
        if isinstance(expr, StatementExpr):
            return self.statement_value(expr)
        raise LoweringError(f"an expression of the form {type(expr).__name__}")

    def statement_value(self, expr: StatementExpr) -> Value:
        """Emit a GNU statement expression."""
        raise NotImplementedError

    def cast(self, expr: Cast, used: bool) -> Value:
        """Emit a cast."""
        kind = self.builder.dimensioned(expr.type, self.path)
        value, old = self.value(expr.operand, used)
        return (value, VOID) if isinstance(kind, Void) else (self.convert(value, old, kind), kind)

    def size_of(self, expr: SizeOf) -> int:
        """Return the value of a `sizeof`."""
        if expr.type is not None:
            return self.builder.size(self.builder.dimensioned(expr.type, self.path))
        mark = self.mark()
        operand = expr.operand
        assert operand is not None
        if isinstance(operand, (Name, Member, Index)) or (isinstance(operand, Unary) and operand.op == "*"):
            kind = self.place(operand).type
        else:
            kind = self.value(operand)[1]
        self.rewind(mark)
        return self.builder.size(kind)

    def named_value(self, expr: Expr) -> Value:
        """Emit the read of an lvalue, or the value of a constant or function."""
        if isinstance(expr, Name) and self.local(expr.name) is None:
            name = expr.name
            macro = self.builder.macro_expression(name)
            if macro is not None and self.expanding(name):
                with self.expansion(name):
                    return self.value(self.at_line(macro, {}))
            if self.builder.sources.enum_constant(name) is not None:
                return Const(self.builder.constant_named(name, self.path)), INT
            if self.builder.sources.object(name, self.path) is None:
                number = self.builder.number(name, self.path)
                if number is not None:
                    return Const(FUNCTION + number), Pointer(Callable(self.returned(name)))
        return self.read(self.place(expr))

    def read(self, place: Place, for_update: bool = False) -> Value:
        """Emit the read of an lvalue; an array gives the address of its first element, a record its own."""
        if isinstance(place, InRegister):
            return Reg(place.index), place.type
        if isinstance(place.type, Array):
            return place.address, Pointer(place.type.of)
        if isinstance(place.type, Record):
            return place.address, place.type
        if isinstance(place.type, Callable):
            return place.address, Pointer(place.type)
        into = self.register()
        self.emit(Load(into, place.address, place.text, place.field, for_update))
        return Reg(into), place.type

    def place(self, expr: Expr) -> Place:
        """Emit what computes an lvalue."""
        if isinstance(expr, Name):
            found = self.local(expr.name)
            if found is not None:
                return found
            macro = self.builder.macro_expression(expr.name)
            if macro is not None and self.expanding(expr.name):
                with self.expansion(expr.name):
                    return self.place(self.at_line(macro, {}))
            thing = self.builder.object(expr.name, self.path)
            if thing is None:
                raise LoweringError(f"{expr.name} is not known")
            return InMemory(Const(thing.address), thing.type, expr.name)
        if isinstance(expr, Member):
            return self.member(expr)
        if isinstance(expr, Unary) and expr.op == "*":
            value, kind = self.value(expr.operand)
            return InMemory(value, element(kind), self.spell(expr))
        if isinstance(expr, Index):
            base, kind = self.value(expr.base)
            index, _ = self.value(expr.index)
            of = element(kind)
            return InMemory(self.scaled(base, index, of, "+"), of, self.spell(expr))
        if isinstance(expr, CompoundLiteral):
            kind = self.builder.dimensioned(expr.type, self.path)
            made = InMemory(self.object(self.builder.size(kind)), kind, "a literal")
            self.initialise(made, expr.init)
            return made
        if isinstance(expr, (Call, StatementExpr, Conditional)):
            value, kind = self.value(expr)
            if isinstance(kind, Record):
                return InMemory(value, kind, self.spell(expr))
        raise LoweringError(f"{self.spell(expr)} is no lvalue that the machine knows")

    def member(self, expr: Member) -> Place:
        """Emit what computes the place of a field."""
        if expr.arrow:
            base, kind = self.value(expr.base)
            record = element(kind)
        else:
            place = self.place(expr.base)
            if isinstance(place, InRegister):
                raise LoweringError(f"{self.spell(expr)}: a record in a register")
            base, record = place.address, place.type
        if not isinstance(record, Record):
            raise LoweringError(f"{self.spell(expr)}: not a record")
        offset, kind = self.builder.field(record.tag, expr.field)
        return InMemory(plus(base, offset), kind, self.spell(expr), (record.tag, expr.field))

    def unary(self, expr: Unary) -> Value:
        """Emit one of & * - + ! ~."""
        if expr.op == "&":
            if isinstance(expr.operand, Name) and self.local(expr.operand.name) is None:
                number = self.builder.number(expr.operand.name, self.path)
                if number is not None and self.builder.sources.object(expr.operand.name, self.path) is None:
                    return Const(FUNCTION + number), Pointer(Callable(self.returned(expr.operand.name)))
            place = self.place(expr.operand)
            if isinstance(place, InRegister):
                raise LoweringError(f"the address of {self.spell(expr.operand)} in a register")
            if place.field is not None:
                self.builder.used.add(place.field)
            return place.address, Pointer(place.type)
        if expr.op == "*":
            value, kind = self.value(expr.operand)
            if isinstance(element(kind), Callable):
                return value, kind
            return self.read(InMemory(value, element(kind), self.spell(expr)))
        value, kind = self.value(expr.operand)
        if expr.op == "!":
            return (Const(int(not value.value)) if isinstance(value, Const) and value.value is not None
                    else Un("!", value)), INT  # fmt: skip
        kind = promoted(kind)
        if expr.op == "+":
            return value, kind
        if isinstance(value, Const) and value.value is not None:
            return Const(wrap(-value.value if expr.op == "-" else ~value.value, kind)), kind
        return Un(expr.op, value, None if kind.signed else kind), kind

    def write(self, place: Place, value: Pure, old: Type) -> Pure:
        """Emit a write; return the value as the lvalue holds it."""
        if isinstance(place.type, Record):
            if not isinstance(place, InMemory):
                raise LoweringError("a record in a register")
            self.copy(place, value, place.type)
            return place.address
        value = self.convert(value, old, place.type)
        if isinstance(place, InRegister):
            self.emit(Set(place.index, value))
            return Reg(place.index)
        self.emit(Store(place.address, value, place.text, place.field))
        return value

    def copy(self, place: InMemory, source: Pure, kind: Type) -> None:
        """Emit the copy of a whole record, cell by cell."""
        self.builder.use_record(kind)
        for cell in range(self.builder.size(kind)):
            into = self.register()
            self.emit(Load(into, plus(source, cell), place.text))
            self.emit(Store(plus(place.address, cell), Reg(into), place.text))

    def assign(self, expr: Assign, used: bool) -> Value:
        """Emit an assignment."""
        if expr.op == "=":
            if isinstance(expr.value, InitList):
                raise LoweringError("an initialiser outside a declaration")
            value, kind = self.value(expr.value)
            place = self.place(expr.target)
            return self.write(place, value, kind), place.type
        place = self.place(expr.target)
        right, b = self.value(expr.value)
        left, a = self.read(place, for_update=not used)
        value, kind = self.arithmetic(expr.op[:-1], left, a, right, b)
        return self.write(place, value, kind), place.type

    def update(self, expr: Update, used: bool) -> Value:
        """Emit `++` or `--`."""
        place = self.place(expr.operand)
        old, kind = self.read(place, for_update=not used)
        if used and not expr.prefix:
            old = self.keep(old)
        value, new = self.arithmetic(expr.op[0], old, kind, Const(1), INT)
        written = self.write(place, value, new)
        return (written if expr.prefix or not used else old), place.type
