# SPDX-License-Identifier: GPL-2.0-or-later
"""Parsing a file of C: from bytes to functions, structures, constants and file-scope objects."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tree_sitter import Node

from reviewbot.csource import constants, fragments, partial
from reviewbot.csource import syntax as c
from reviewbot.csource.chunks import Placed, joined, stretches
from reviewbot.csource.decls import Enum, Found, Struct, declared_by_macro
from reviewbot.csource.definitions import error_nodes, expression
from reviewbot.csource.functions import Function
from reviewbot.csource.mask import Masked
from reviewbot.csource.stmts import StmtReader
from reviewbot.csource.text import squeeze
from reviewbot.model.tree import SourceFile

# analysed from end to end, a byte of source takes some five hundred of memory
_CACHE_BYTES = 6 << 20
_LONGEST_SHOWN = 200
_STORAGE_BEFORE = re.compile(r"\b(static|extern)\s+(?:\w+\s+){0,3}$")


@dataclass(frozen=True, slots=True)
class ParseError:
    """Something that could not be parsed; `function` is where, None for outside of functions."""

    line: int
    end_line: int
    text: str
    function: str | None


@dataclass(frozen=True, slots=True)
class Prototype:
    """A function that is declared but not defined here."""

    name: str
    returns: c.CType
    is_static: bool
    line: int


@dataclass(frozen=True, eq=False)
class Unit:
    """A parsed file. Everything is read when it is asked for, and then kept.

    `data` is the text that `stretches` are of: that of the file, or of a reconstructed one only the whole definitions,
    on the same lines; `parts` are then the functions of which only pieces are known.
    """

    source: SourceFile
    data: bytes
    stretches: tuple[Placed, ...]
    parts: fragments.Split | None

    @property
    def path(self) -> str:
        """The file's path in its tree."""
        return self.source.path

    @cached_property
    def masked(self) -> Masked:
        """The text that was parsed, and what it leaves out."""
        return joined(self.stretches)

    @cached_property
    def _readers(self) -> tuple[StmtReader, ...]:
        """What reads the stretches, in order; structures and enumerations met on the way are those of the file."""
        found = Found()
        return tuple(StmtReader(one.text, self.path, found) for one in self.stretches)

    @property
    def _top(self) -> Iterator[tuple[Node, StmtReader]]:
        """The nodes at file scope, each with what reads it."""
        for one, reader in zip(self.stretches, self._readers, strict=True):
            yield from ((node, reader) for node in one.stretch.top)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The functions in order of their lines: whole ones, and what is known of others in a reconstructed file."""
        macros = {name: macro.words for name, macro in self.macros.items()}
        whole = [
            head.function(reader, self.source, macros)
            for one, reader in zip(self.stretches, self._readers, strict=True)
            for head in one.stretch.heads(reader)
        ]
        if self.parts is None:
            return tuple(whole)
        pieces = partial.functions(self.parts, self.source, macros)
        return tuple(sorted([*whole, *pieces], key=lambda function: function.start_line))

    def function(self, name: str) -> Function | None:
        """Return the first function of that name."""
        return self._by_name.get(name)

    @cached_property
    def _by_name(self) -> dict[str, Function]:
        return {function.name: function for function in reversed(self.functions)}

    def function_at(self, line: int) -> Function | None:
        """Return the function that has 1-based `line`."""
        return next((function for function in self.functions if function.covers(line)), None)

    @cached_property
    def _declared(self) -> tuple[tuple[c.Variable, ...], tuple[Prototype, ...], Mapping[str, c.CType], Found]:
        variables: list[c.Variable] = []
        prototypes: list[Prototype] = []
        typedefs: dict[str, c.CType] = {}
        for node, reader in self._top:
            if node.type == "declaration":
                for variable in reader.decls.variables(node):
                    if variable.type.function and (not variable.type.pointers or _declares_function(node)):
                        prototypes.append(_prototype(variable))
                    else:
                        variables.append(variable)
            elif node.type == "type_definition":
                typedefs.update((v.name, v.type) for v in reader.decls.variables(node))
            elif node.type == "expression_statement" and node.named_children:
                storage = _STORAGE_BEFORE.search(reader.text.between(max(0, node.start_byte - 80), node.start_byte))
                expr = reader.exprs.read(node.named_children[0])
                made = declared_by_macro(expr, (storage.group(1),) if storage else ())
                if made is not None:
                    variables.append(made)
            elif node.type.endswith("_specifier"):
                reader.decls.specifier(node)
            elif node.type == "function_definition":
                returned = node.child_by_field_name("type")
                if returned is not None and returned.type.endswith("_specifier"):
                    reader.decls.specifier(returned)
        return tuple(variables), tuple(prototypes), typedefs, self._readers[0].decls.found

    @property
    def globals(self) -> tuple[c.Variable, ...]:
        """The variables at file scope, macro-declared ones included."""
        return self._declared[0]

    @property
    def prototypes(self) -> tuple[Prototype, ...]:
        """The functions that are only declared."""
        return self._declared[1]

    @property
    def typedefs(self) -> Mapping[str, c.CType]:
        """The types that get a name."""
        return self._declared[2]

    @property
    def structs(self) -> Mapping[str, Struct]:
        """Structures and unions by tag."""
        return self._declared[3].structs

    @property
    def enums(self) -> tuple[Enum, ...]:
        """The enumerations."""
        return tuple(self._declared[3].enums)

    @cached_property
    def macros(self) -> Mapping[str, constants.Macro]:
        """The `#define`s; of several for one name the first counts."""
        found: dict[str, constants.Macro] = {}
        for one in self.stretches:
            for name, macro in one.stretch.macros.items():
                if name not in found:
                    found[name] = replace(macro, line=macro.line + one.line - 1)
        return found

    @cached_property
    def constants(self) -> Mapping[str, int]:
        """The macros and enumerators whose value follows from this file alone."""
        return constants.constants(self.macros, self.enums, expression)

    @cached_property
    def errors(self) -> tuple[ParseError, ...]:
        """What could not be parsed, in order."""
        found = []
        for one in self.stretches:
            for node in error_nodes(one.stretch.tree.root_node):
                line, end = one.text.line(node), one.text.end_line(node)
                inside = self.function_at(line)
                shown = squeeze(one.text.of(node)[:_LONGEST_SHOWN])
                found.append(ParseError(line, end, shown, inside.name if inside is not None else None))
        return tuple(found)


def _declares_function(node: Node) -> bool:
    """Tell whether the declarator is `*f(…)` (a function) rather than `(*f)(…)` (a pointer to one)."""
    inner = node.child_by_field_name("declarator")
    while inner is not None and inner.type == "pointer_declarator":
        inner = inner.child_by_field_name("declarator")
    if inner is None or inner.type != "function_declarator":
        return False
    name = inner.child_by_field_name("declarator")
    return name is not None and name.type == "identifier"


def _prototype(variable: c.Variable) -> Prototype:
    returns = c.CType(variable.type.base, variable.type.pointers)
    return Prototype(variable.name, returns, "static" in variable.storage, variable.line)


class _Cache:
    """The units parsed last, up to a total size of source."""

    def __init__(self) -> None:
        self.units: OrderedDict[object, Unit] = OrderedDict()
        self.size = 0

    def get(self, key: object) -> Unit | None:
        unit = self.units.get(key)
        if unit is not None:
            self.units.move_to_end(key)
        return unit

    def put(self, key: object, unit: Unit) -> None:
        self.units[key] = unit
        self.size += len(unit.source.data)
        while self.size > _CACHE_BYTES and len(self.units) > 1:
            _, oldest = self.units.popitem(last=False)
            self.size -= len(oldest.source.data)


_cache = _Cache()


def parse(source: SourceFile, sections: Mapping[int, str] | None = None) -> Unit:
    """Parse a file; the same file gives the same Unit again as long as it is in the cache.

    `sections` maps the first line of a known range of a reconstructed file to the text after the `@@` of its hunk,
    which names the function that the range begins in. Nothing is raised: what cannot be parsed is in `Unit.errors`.
    """
    named = dict(sections or {})
    key = (source.path, source.key, source.known, tuple(sorted(named.items())))
    unit = _cache.get(key)
    if unit is None or unit.source.data != source.data:
        parts = fragments.split(source, named) if source.known is not None else None
        data = parts.file_level if parts is not None else source.data
        unit = Unit(source, data, stretches(data), parts)
        _cache.put(key, unit)
    return unit
