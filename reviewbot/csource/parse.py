# SPDX-License-Identifier: GPL-2.0-or-later
"""Parsing a file of C: from bytes to functions, structures, constants and file-scope objects."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tree_sitter import Node, Tree

from reviewbot.csource import constants, fragments, partial
from reviewbot.csource import syntax as c
from reviewbot.csource.decls import DeclReader, Enum, Struct, declared_by_macro
from reviewbot.csource.definitions import error_nodes, expression, parse_text, read_function, top_nodes
from reviewbot.csource.functions import Function
from reviewbot.csource.mask import Masked
from reviewbot.csource.stmts import StmtReader
from reviewbot.csource.text import Text, squeeze
from reviewbot.model.tree import SourceFile

# analysed from end to end, a byte of source takes some five hundred of memory
_CACHE_BYTES = 6 << 20
_LONGEST_SHOWN = 200
_WORD = re.compile(r"[A-Za-z_]\w*")
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

    `data` is the text that `tree` is of: that of the file, or of a reconstructed one only the whole definitions, on
    the same lines; `parts` are then the functions of which only pieces are known.
    """

    source: SourceFile
    data: bytes
    masked: Masked
    tree: Tree
    parts: fragments.Split | None

    @property
    def path(self) -> str:
        """The file's path in its tree."""
        return self.source.path

    @cached_property
    def _reader(self) -> StmtReader:
        return StmtReader(Text(self.masked.text, self.data), self.path)

    @cached_property
    def _top(self) -> tuple[Node, ...]:
        return tuple(top_nodes(self.tree.root_node))

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The functions in order of their lines: whole ones, and what is known of others in a reconstructed file."""
        macros = {name: frozenset(_WORD.findall(macro.body)) for name, macro in self.macros.items()}
        nodes = (node for node in self._top if node.type == "function_definition")
        made = (read_function(node, self._reader, self.source, macros) for node in nodes)
        whole = [function for function in made if function is not None]
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
    def _declared(self) -> tuple[tuple[c.Variable, ...], tuple[Prototype, ...], Mapping[str, c.CType], DeclReader]:
        reader = self._reader
        variables: list[c.Variable] = []
        prototypes: list[Prototype] = []
        typedefs: dict[str, c.CType] = {}
        for node in self._top:
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
                reader.decls.specifiers(node)
        return tuple(variables), tuple(prototypes), typedefs, reader.decls

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
        return self._declared[3].found.structs

    @property
    def enums(self) -> tuple[Enum, ...]:
        """The enumerations."""
        return tuple(self._declared[3].found.enums)

    @cached_property
    def macros(self) -> Mapping[str, constants.Macro]:
        """The `#define`s; of several for one name the first counts."""
        return constants.macros(self.masked.directives, self.data.decode("utf-8", "surrogateescape"))

    @cached_property
    def constants(self) -> Mapping[str, int]:
        """The macros and enumerators whose value follows from this file alone."""
        return constants.constants(self.macros, self.enums, expression)

    @cached_property
    def errors(self) -> tuple[ParseError, ...]:
        """What could not be parsed, in order."""
        text = self._reader.text
        found = []
        for node in error_nodes(self.tree.root_node):
            line, end = text.line(node), text.end_line(node)
            inside = self.function_at(line)
            shown = squeeze(text.of(node)[:_LONGEST_SHOWN])
            found.append(ParseError(line, end, shown, inside.name if inside is not None else None))
        return tuple(found)

    def text(self, node: Node) -> str:
        """Return what stands in the file under `node`."""
        return self._reader.text.of(node)


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
        masked, tree = parse_text(data)
        unit = Unit(source, data, masked, tree, parts)
        _cache.put(key, unit)
    return unit
