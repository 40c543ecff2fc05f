# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole program: every function that can be reached from some roots, lowered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reviewbot.csource.functions import Function
from reviewbot.simulate.lower.builder import Builder, Object
from reviewbot.simulate.lower.compile import live_registers
from reviewbot.simulate.lower.emit import LoweringError
from reviewbot.simulate.lower.functions import lower_function, lower_initialisers, wrap_primitive
from reviewbot.simulate.lower.ir import Call, Code
from reviewbot.simulate.lower.sources import Sources
from reviewbot.simulate.lower.types import Array, Record, Type


@dataclass(frozen=True, slots=True)
class Program:
    """Lowered functions and static objects.

    `roots` maps the asked-for names to function numbers, `initialisers` are the functions that set up the static
    objects, `strings` maps addresses to the string constants there, `top` is the first address that is free.
    `live` has what `live_registers` says of
    each function. `used` are record fields that must be kept although no instruction reads them.
    """

    codes: tuple[Code, ...]
    roots: Mapping[str, int]
    initialisers: tuple[int, ...]
    objects: tuple[Object, ...]
    strings: Mapping[int, str]
    top: int
    used: frozenset[tuple[str, str]]
    builder: Builder
    live: tuple[tuple[tuple[int, ...], ...], ...]

    def calls(self, number: int) -> tuple[int, ...]:
        """Return the functions that a function calls by name."""
        found = (i.callee for i in self.codes[number].instructions if isinstance(i, Call))
        return tuple(callee for callee in found if isinstance(callee, int))

    def same_code(self, other: Program) -> bool:
        """Tell whether both do the same: equal but for the lines that instructions come from."""
        return (
            self.roots == other.roots
            and (self.top, self.initialisers, self.used) == (other.top, other.initialisers, other.used)
            and self.strings == other.strings
            and [(o.address, o.name) for o in self.objects] == [(o.address, o.name) for o in other.objects]
            and len(self.codes) == len(other.codes)
            and all(replace(a, lines=()) == replace(b, lines=()) for a, b in zip(self.codes, other.codes, strict=True))
        )


def build_program(
    sources: Sources,
    roots: Sequence[tuple[str, str]],
    arities: Mapping[str, int],
    ignored: frozenset[str],
    redirect: Mapping[str, str],
) -> Program:
    """Lower the roots, (name, path) each, and all that they reach. A root with no body to run is left out.

    `arities` are the names of the primitives with their numbers of arguments. Nothing is raised for code that cannot be
    lowered: it becomes an Unknown instruction.
    """
    builder = Builder(sources, frozenset(arities), ignored, redirect)
    numbers: dict[str, int] = {}
    for name, path in roots:
        number = builder.number(name, path)
        if number is not None:
            numbers[name] = number
    initialisers: list[int] = []
    while builder.waiting or builder.fresh:
        while builder.waiting:
            number, what = builder.waiting.pop()
            builder.codes[number] = _lower(builder, what, arities)
        for code in lower_initialisers(builder):
            initialisers.append(len(builder.codes))
            builder.codes.append(code)
    codes = tuple(code for code in builder.codes if code is not None)
    assert len(codes) == len(builder.codes)
    strings = {address: text for text, address in builder.strings.items()}
    return Program(
        codes, numbers, tuple(initialisers), tuple(builder.objects.values()), strings, builder.top,
        frozenset(builder.used), builder, tuple(live_registers(code) for code in codes),
    )  # fmt: skip


def _lower(builder: Builder, what: Function | str, arities: Mapping[str, int]) -> Code:
    if isinstance(what, str):
        return wrap_primitive(builder, what, arities[what])
    return lower_function(builder, what)


def cell_names(builder: Builder, kind: Type, name: str, most: int = 4000) -> list[str]:
    """Return a name for each cell of an object, in C's spelling."""
    if most <= 0:
        return []
    if isinstance(kind, Record):
        try:
            places, size = builder.layout(kind.tag)
        except LoweringError:
            return [name]
        names = [name] * size
        for field, (offset, inner) in places.items():
            inner_names = cell_names(builder, inner, f"{name}.{field}", most - size)
            names[offset : offset + len(inner_names)] = inner_names
        return names[:size]
    if isinstance(kind, Array):
        return [n for i in range(kind.count) for n in cell_names(builder, kind.of, f"{name}[{i}]", most // 2)]
    return [name]
