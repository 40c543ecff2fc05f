# SPDX-License-Identifier: GPL-2.0-or-later
"""From syntax nodes to declarations: variables, parameters, structures, enumerations."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from tree_sitter import Node

from reviewbot.csource import syntax as c
from reviewbot.csource.exprs import ExprReader, integer
from reviewbot.csource.kernelmacros import DECLARING
from reviewbot.csource.text import Text, read_type, typeof_text

_CLEANUP = re.compile(r"__(?:free|cleanup)\s{0,4}\(\s{0,4}(\w{1,80})\s{0,4}\)")
_DEEPEST = 20
_MACRO_HEAD = re.compile(r"\s*(\w+)\s*\(([^,()]*)")


@dataclass(frozen=True, slots=True)
class Struct:
    """A structure or union; an anonymous one is named after its place. Fields of anonymous members stay in these."""

    name: str
    kind: str
    fields: tuple[c.Variable, ...]
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class Enum:
    """An enumeration: (name, value as written, line) of each constant; `name` is "" for an anonymous one."""

    name: str
    constants: tuple[tuple[str, c.Expr | None, int], ...]
    line: int


@dataclass(slots=True)
class Found:
    """What declarations brought besides variables."""

    structs: dict[str, Struct] = field(default_factory=dict)
    enums: list[Enum] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Declarator:
    """A declarator taken apart: `params` is its parameter list where it declares a function, else None."""

    name: str
    pointers: int
    dims: tuple[c.Expr | None, ...]
    params: Node | None
    function: bool


class DeclReader:
    """Reads the declarations of one text; structures and enumerations met on the way go to `found`."""

    def __init__(self, text: Text, exprs: ExprReader, path: str, found: Found | None = None) -> None:
        self.text = text
        self.exprs = exprs
        self.path = path
        self.found = found if found is not None else Found()
        self.depth = 0

    def specifiers(self, node: Node) -> tuple[c.CType, tuple[str, ...]]:
        """Return base type and storage words of a declaration, a parameter or a function definition."""
        storage = [self.text.of(child) for child in node.children if child.type == "storage_class_specifier"]
        kind = node.child_by_field_name("type")
        return self.specifier(kind) if kind is not None else c.CType("int"), tuple(storage)

    def specifier(self, node: Node) -> c.CType:
        """Return the type that a type specifier names; a structure or enumeration with a body is recorded."""
        if node.type in ("struct_specifier", "union_specifier"):
            return c.CType(f"{node.type[:-10]} {self._struct(node)}")
        if node.type == "enum_specifier":
            name = self._enum(node)
            return c.CType(f"enum {name}" if name else "int")
        whole = typeof_text(self.text, node)
        if whole is not None:
            return c.CType(whole)
        real = self.text.of(node)
        if real != self.text.parsed(node):
            # a macro that declares stands here, masked as `int name`
            found = _MACRO_HEAD.match(self.text.between(node.start_byte, node.start_byte + 200))
            if found is None or found.group(1) not in DECLARING:
                return c.CType("long" if self.text.parsed(node) == "long" else "int")
            return read_type(DECLARING[found.group(1)][0] or found.group(2))
        return read_type(real)

    def _struct(self, node: Node) -> str:
        tag, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        name = self.text.of(tag) if tag is not None else f"{self.path}:{self.text.line(node)}:{node.start_point[1]}"
        if body is not None and self.depth < _DEEPEST:
            fields: list[c.Variable] = []
            self.depth += 1
            self._fields(body, fields)
            self.depth -= 1
            kind, line, end = node.type[:-10], self.text.line(node), self.text.end_line(node)
            self.found.structs[name] = Struct(name, kind, tuple(fields), line, end)
        return name

    def _fields(self, body: Node, fields: list[c.Variable]) -> None:
        for child in body.named_children:
            if child.type == "field_declaration":
                fields.extend(self.variables(child))
            elif child.type.startswith("preproc_") or child.type == "ERROR":
                self._fields(child, fields)

    def _enum(self, node: Node) -> str:
        tag, body = node.child_by_field_name("name"), node.child_by_field_name("body")
        name = self.text.of(tag) if tag is not None else ""
        if body is not None:
            constants = []
            for child in body.named_children:
                label = child.child_by_field_name("name") if child.type == "enumerator" else None
                if label is None:
                    continue
                value = child.child_by_field_name("value")
                read = self.exprs.read(value) if value is not None else None
                constants.append((self.text.of(label), read, self.text.line(child)))
            self.found.enums.append(Enum(name, tuple(constants), self.text.line(node)))
        return name

    def declarator(self, node: Node | None) -> Declarator:
        """Take a declarator apart."""
        pointers, dims, params, function = 0, [], None, False
        while node is not None:
            kind = node.type
            if kind in ("pointer_declarator", "abstract_pointer_declarator"):
                pointers += 1
            elif kind in ("array_declarator", "abstract_array_declarator"):
                size = node.child_by_field_name("size")
                dims.append(self.exprs.read(size) if size is not None else None)
            elif kind in ("function_declarator", "abstract_function_declarator"):
                if params is None:
                    params = node.child_by_field_name("parameters")
                function = True
            elif kind in ("identifier", "field_identifier", "type_identifier"):
                name = self.text.of(node)
                if not name.isidentifier():
                    name = self.text.parsed(node)
                return Declarator(name, pointers, tuple(reversed(dims)), params, function)
            inner = node.child_by_field_name("declarator")
            if inner is None:
                inner = next(
                    (x for x in node.named_children if x.type.endswith("declarator") or x.type == "identifier"), None
                )
            node = inner
        return Declarator("", pointers, tuple(reversed(dims)), params, function)

    def variables(self, node: Node) -> list[c.Variable]:
        """Return the variables, fields or function prototypes (type.function set) that a declaration declares."""
        base, storage = self.specifiers(node)
        declarators = node.children_by_field_name("declarator")
        made = self._macro(node)
        out = [self._variable(item, base, storage, made, self._cleanup(node, item)) for item in declarators]
        if not out and node.type == "field_declaration":
            out.append(c.Variable("", base, line=self.text.line(node)))
        return self._with_bits(node, out)

    def _cleanup(self, node: Node, declarator: Node) -> str | None:
        """Return what `__free()` or `__cleanup()` names at a declarator, or before the first of the declaration."""
        whole = self.text.original[node.start_byte : node.end_byte]
        if b"__free" not in whole and b"__cleanup" not in whole:
            return None
        commas = [x.start_byte for x in node.children if x.type == "," and x.start_byte < declarator.start_byte]
        ends = (x.start_byte for x in node.children if x.type == "," and x.start_byte >= declarator.end_byte)
        start, end = commas[-1] if commas else node.start_byte, next(ends, node.end_byte)
        found = _CLEANUP.search(self.text.between(start, end))
        return found.group(1) if found else None

    def _with_bits(self, node: Node, out: list[c.Variable]) -> list[c.Variable]:
        """Give the fields of a declaration the widths that stand after them."""
        at = -1
        for child in node.named_children:
            if child.type.endswith("declarator") or child.type == "field_identifier":
                at += 1
            elif child.type == "bitfield_clause" and max(at, 0) < len(out):
                out[max(at, 0)] = replace(out[max(at, 0)], bits=integer(self.text.of(child).lstrip(": ")))
        return out

    def _macro(self, node: Node) -> str | None:
        kind = node.child_by_field_name("type")
        if kind is None or self.text.parsed(kind) != "int" or self.text.of(kind) == "int":
            return None
        found = _MACRO_HEAD.match(self.text.between(kind.start_byte, kind.start_byte + 120))
        return found.group(1) if found and not found.group(1).lstrip("_").startswith("typeof") else None

    def _variable(
        self, node: Node, base: c.CType, storage: tuple[str, ...], macro: str | None, cleanup: str | None
    ) -> c.Variable:
        value = None
        inner: Node | None = node
        if node.type == "init_declarator":
            inner, value = node.child_by_field_name("declarator"), node.child_by_field_name("value")
        read = self.declarator(inner)
        kind = c.CType(base.base, base.pointers + read.pointers, read.dims, read.function)
        init = self.exprs.read(value) if value is not None else None
        return c.Variable(
            read.name, kind, init, storage, macro=macro, cleanup=cleanup, line=self.text.line(inner or node)
        )

    def parameters(self, node: Node | None) -> tuple[tuple[c.Variable, ...], bool]:
        """Return the parameters of a parameter list and whether it ends with `...`."""
        params: list[c.Variable] = []
        variadic = False
        for child in node.named_children if node is not None else ():
            if child.type == "parameter_declaration":
                base, storage = self.specifiers(child)
                inner = child.child_by_field_name("declarator")
                made = self._variable(inner, base, storage, None, None) if inner is not None else None
                params.append(made or c.Variable("", base, line=self.text.line(child)))
            elif child.type == "variadic_parameter":
                variadic = True
            elif child.type == "identifier":
                params.append(c.Variable(self.text.of(child), c.CType("int"), line=self.text.line(child)))
        if len(params) == 1 and params[0].name == "" and params[0].type == c.CType("void"):
            params = []
        return tuple(params), variadic


def declared_by_macro(expr: c.Expr, storage: tuple[str, ...] = ()) -> c.Variable | None:
    """Return the variable that a call such as `DEFINE_MUTEX(x)` declares, None if it is no such macro."""
    if not isinstance(expr, c.Call) or not isinstance(expr.function, c.Name) or expr.function.name not in DECLARING:
        return None
    type_text, place = DECLARING[expr.function.name]
    if place >= len(expr.args):
        return None
    target = expr.args[place]
    dims: tuple[c.Expr | None, ...] = ()
    if isinstance(target, c.Index):
        dims = (target.index,)
        target = target.base
    if not isinstance(target, c.Name):
        return None
    if type_text:
        kind = read_type(type_text)
    else:
        given = expr.args[0]
        kind = (
            given.type if isinstance(given, c.TypeArg) else c.CType(given.name if isinstance(given, c.Name) else "int")
        )
    if expr.function.name == "DECLARE_BITMAP" and len(expr.args) > 1:
        dims = (expr.args[1],)
    return c.Variable(
        target.name,
        c.CType(kind.base, kind.pointers, dims or kind.dims),
        storage=storage,
        macro=expr.function.name,
        args=expr.args,
        line=expr.line,
    )


def object_of_class(kind: str, name: str, expr: c.Call) -> c.Variable:
    """Return the variable that `CLASS(kind, name)(arguments)` declares: made here, released at the end of its block."""
    made = c.Call(c.Name(f"class_{kind}_constructor", line=expr.line), expr.args, line=expr.line)
    return c.Variable(name, c.CType(f"class_{kind}_t"), made, cleanup=f"class_{kind}_destructor", line=expr.line)
