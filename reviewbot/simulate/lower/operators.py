# SPDX-License-Identifier: GPL-2.0-or-later
"""Operators and conversions to instructions."""

from __future__ import annotations

from reviewbot.csource.syntax import Binary, Conditional, Expr, Unary
from reviewbot.simulate.lower.calls import Calls
from reviewbot.simulate.lower.emit import plus
from reviewbot.simulate.lower.ir import Bin, Branch, Const, Jump, Pure, Reg, Set, Un
from reviewbot.simulate.lower.types import INT, LONG, ULONG, VOID, Pointer, Scalar, Type, Void, common, promoted, wrap

Value = tuple[Pure, Type]
_COMPARE = ("==", "!=", "<", ">", "<=", ">=")


class Operators(Calls):
    """The part of lowering a function that deals with operators; what needs no lvalue."""

    def scaled(self, base: Pure, index: Pure, of: Type, op: str) -> Pure:
        """Return pointer arithmetic."""
        size = self.builder.size(of)
        if isinstance(index, Const) and index.value is not None:
            return plus(base, index.value * size if op == "+" else -index.value * size)
        return Bin(op, base, index if size == 1 else Bin("*", index, Const(size)))

    def convert(self, value: Pure, old: Type, new: Type) -> Pure:
        """Return a value converted to another type."""
        if isinstance(new, Pointer) and isinstance(old, Scalar) and old.signed:
            new = ULONG
        if not isinstance(new, Scalar) or old == new:
            return value
        if isinstance(value, Const):
            return value if value.value is None else Const(wrap(value.value, new))
        if isinstance(old, Scalar) and (
            (old.bits < new.bits and (new.signed or not old.signed)) or (old.bits == 1 and new.bits > 1)
        ):
            return value
        if not isinstance(old, Scalar) and new in (ULONG, LONG):
            return value
        return Un("cast", value, new)

    def binary(self, expr: Binary) -> Value:
        """Emit a binary operator; && and || compute their right side only where C does."""
        if expr.op in ("&&", "||"):
            into, no, done = self.register(), self.label(), self.label()
            self.jump_unless(expr, no)
            self.emit(Set(into, Const(1)))
            self.emit(Jump(done))
            self.place_label(no)
            self.emit(Set(into, Const(0)))
            self.place_label(done)
            return Reg(into), INT
        left, a = self.value(expr.left)
        right, b = self.value(expr.right)
        return self.arithmetic(expr.op, left, a, right, b)

    def arithmetic(self, op: str, left: Pure, a: Type, right: Pure, b: Type) -> Value:
        """Return an operator applied to two values."""
        if isinstance(a, Pointer) and op in "+-" and not isinstance(b, Pointer):
            return self.scaled(left, right, a.to, op), a
        if isinstance(b, Pointer) and op == "+":
            return self.scaled(right, left, b.to, op), b
        if isinstance(a, Pointer) and isinstance(b, Pointer) and op == "-":
            return Bin("/", Bin("-", left, right), Const(self.builder.size(a.to))), LONG
        kind = promoted(a) if op in ("<<", ">>") else common(a, b)
        left = self.convert(left, a, kind)
        right = right if op in ("<<", ">>") else self.convert(right, b, kind)
        wraps = None if kind.signed or op in ("/", "%", "&", "|", ">>", *_COMPARE) else kind
        return Bin(op, left, right, wraps), INT if op in _COMPARE else kind

    def conditional(self, expr: Conditional) -> Value:
        """Emit `?:`."""
        into, other, done = self.register(), self.label(), self.label()
        if expr.then is None:
            value, kind = self.value(expr.cond)
            kept = self.keep(value)
            self.emit(Branch(kept, other))
            self.emit(Set(into, kept))
        else:
            self.jump_unless(expr.cond, other)
            value, kind = self.value(expr.then)
            self.emit(Set(into, value))
        self.emit(Jump(done))
        self.place_label(other)
        value, second = self.value(expr.otherwise)
        if isinstance(kind, Void) or isinstance(second, Void):
            value, second = Const(0), VOID
        self.emit(Set(into, value))
        self.place_label(done)
        if isinstance(kind, Scalar) and isinstance(second, Scalar):
            kind = common(kind, second)
        return Reg(into), second if isinstance(second, Pointer) else kind

    def jump_unless(self, expr: Expr, label: int) -> None:
        """Emit a jump to the label that is taken when the condition does not hold."""
        if isinstance(expr, Binary) and expr.op == "&&":
            self.jump_unless(expr.left, label)
            self.jump_unless(expr.right, label)
        elif isinstance(expr, Binary) and expr.op == "||":
            right, yes = self.label(), self.label()
            self.jump_unless(expr.left, right)
            self.emit(Jump(yes))
            self.place_label(right)
            self.jump_unless(expr.right, label)
            self.place_label(yes)
        elif isinstance(expr, Unary) and expr.op == "!" and isinstance(expr.operand, Binary):
            yes = self.label()
            self.jump_unless(expr.operand, yes)
            self.emit(Jump(label))
            self.place_label(yes)
        else:
            value, _ = self.value(expr)
            if not isinstance(value, Const):
                self.emit(Branch(value, label))
            elif value.value == 0:
                self.emit(Jump(label))
