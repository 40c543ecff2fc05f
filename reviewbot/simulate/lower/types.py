# SPDX-License-Identifier: GPL-2.0-or-later
"""The C types that the machine knows, measured in cells.

A cell holds one scalar of whatever width, so every scalar has size 1 and an address is the number of a cell. That is a
C implementation in its own right (all of `sizeof`, `offsetof` and pointer arithmetic agree with each other); only code
that depends on the number of bytes in a scalar would see the difference. Widths matter where values wrap, so a Scalar
knows its bits.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Void:
    """`void`, and whatever is only ever pointed to."""


@dataclass(frozen=True, slots=True)
class Scalar:
    """An arithmetic type: `bits` wide (1 for bool)."""

    bits: int
    signed: bool


@dataclass(frozen=True, slots=True)
class Pointer:
    """A pointer; to a `Function` for function pointers."""

    to: Type


@dataclass(frozen=True, slots=True)
class Record:
    """A struct or union by its tag; its fields are looked up in the sources."""

    tag: str


@dataclass(frozen=True, slots=True)
class Array:
    """`count` elements; 0 for a flexible one."""

    of: Type
    count: int


@dataclass(frozen=True, slots=True)
class Callable:
    """A function, by what it returns."""

    returns: Type


Type = Void | Scalar | Pointer | Record | Array | Callable

VOID = Void()
BOOL = Scalar(1, False)
CHAR = Scalar(8, True)
INT = Scalar(32, True)
UINT = Scalar(32, False)
LONG = Scalar(64, True)
ULONG = Scalar(64, False)

_WORDS = {
    "_Bool": BOOL, "bool": BOOL,
    "char": CHAR, "s8": CHAR, "__s8": CHAR, "int8_t": CHAR,
    "u8": Scalar(8, False), "__u8": Scalar(8, False), "uint8_t": Scalar(8, False),
    "s16": Scalar(16, True), "__s16": Scalar(16, True), "int16_t": Scalar(16, True),
    "u16": Scalar(16, False), "__u16": Scalar(16, False), "uint16_t": Scalar(16, False),
    "s32": INT, "__s32": INT, "int32_t": INT, "pid_t": INT,
    "u32": UINT, "__u32": UINT, "uint32_t": UINT, "gfp_t": UINT, "fmode_t": UINT, "umode_t": Scalar(16, False),
    "s64": LONG, "__s64": LONG, "int64_t": LONG, "ssize_t": LONG, "ptrdiff_t": LONG, "loff_t": LONG,
    "u64": ULONG, "__u64": ULONG, "uint64_t": ULONG, "size_t": ULONG, "uintptr_t": ULONG, "pgoff_t": ULONG,
}  # fmt: skip

_IGNORED = {"const", "volatile", "restrict", "static", "extern", "inline", "register", "signed", "unsigned", "__iomem",
            "__user", "__rcu", "__percpu", "auto", "__always_inline", "__inline", "noinline", "__init"}  # fmt: skip


def scalar_named(base: str) -> Scalar | None:
    """Return the arithmetic type that a specifier such as `unsigned long long int` means, None if it is none."""
    words = base.split()
    core = [word for word in words if word not in _IGNORED]
    unsigned = "unsigned" in words
    if not core:
        return (UINT if unsigned else INT) if unsigned or "signed" in words else None
    if len(core) == 1 and core[0] in _WORDS:
        found = _WORDS[core[0]]
        return Scalar(found.bits, False) if unsigned else found
    if any(word not in ("long", "int", "short", "char") for word in core):
        return None
    bits = 64 if "long" in core else 16 if "short" in core else 8 if "char" in core else 32
    return Scalar(bits, not unsigned)


def bare(base: str) -> str:
    """Return the specifier without qualifiers: `const struct foo` is `struct foo`."""
    return " ".join(word for word in base.split() if word not in _IGNORED)


def wrap(value: int, kind: Scalar) -> int:
    """Return `value` as an object of `kind` holds it."""
    if kind.bits == 1:
        return 1 if abs(value) else 0
    value &= (1 << kind.bits) - 1
    if kind.signed and value >> (kind.bits - 1):
        value -= 1 << kind.bits
    return value


def common(left: Type, right: Type) -> Scalar:
    """Return the type in which the usual arithmetic conversions compute (C11 6.3.1.8)."""
    a = left if isinstance(left, Scalar) else ULONG
    b = right if isinstance(right, Scalar) else ULONG
    bits = max(a.bits, b.bits, 32)
    signed = not any(not kind.signed and kind.bits == bits for kind in (a, b))
    return Scalar(bits, signed)


def promoted(kind: Type) -> Scalar:
    """Return the type of `+x`."""
    return common(kind, INT)
