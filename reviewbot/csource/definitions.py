# SPDX-License-Identifier: GPL-2.0-or-later
"""From text to a syntax tree, and from the node of a function definition to a Function."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from types import MappingProxyType

import tree_sitter_c
from tree_sitter import Language, Node, Parser, Tree

from reviewbot.csource import syntax as c
from reviewbot.csource.functions import Function
from reviewbot.csource.mask import Masked, mask
from reviewbot.csource.stmts import StmtReader
from reviewbot.csource.text import Text
from reviewbot.model.tree import SourceFile

_LANGUAGE = Language(tree_sitter_c.language())
_CONTAINERS = frozenset({"translation_unit", "linkage_specification", "declaration_list", "ERROR"})
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*$")


def top_nodes(node: Node) -> Iterator[Node]:
    """Yield the nodes at file scope, those inside of conditionals, `extern "C"` and broken stretches included."""
    stack = list(reversed(node.named_children))
    while stack:
        child = stack.pop()
        if child.type in _CONTAINERS or child.type.startswith("preproc_"):
            stack.extend(reversed(child.named_children))
        else:
            yield child


@dataclass(frozen=True, slots=True)
class Head:
    """What is known of a function before its body is read; `body` is the node of that."""

    name: str
    line: int
    end_line: int
    params: tuple[c.Variable, ...]
    returns: c.CType
    is_static: bool
    variadic: bool
    macro: str | None
    errors: int
    node: Node
    body: Node

    def function(
        self, reader: StmtReader, source: SourceFile, file_macros: Mapping[str, frozenset[str]] = MappingProxyType({})
    ) -> Function:
        """Return the function, whose body `reader` reads when it is asked for."""
        return Function(
            name=self.name,
            path=source.path,
            start_line=self.line,
            end_line=self.end_line,
            params=self.params,
            returns=self.returns,
            read_body=partial(reader.block, self.body),
            is_static=self.is_static,
            variadic=self.variadic,
            macro=self.macro,
            node=self.node,
            errors=self.errors,
            source=source.data,
            file_macros=file_macros,
        )

    @property
    def movable(self) -> bool:
        """Whether all lines in it are its own and those of its parameters: no expression and no nameless structure."""
        types = (self.returns, *(param.type for param in self.params))
        plain = not any(param.init or param.args for param in self.params)
        return plain and not any(kind.dims or ":" in kind.base for kind in types)

    def moved(self, lines: int) -> Head:
        """Return the head of the same function further down; it must be movable."""
        params = tuple(
            c.Variable(p.name, p.type, p.init, p.storage, p.macro, p.args, p.cleanup, p.bits, line=p.line + lines)
            for p in self.params
        )
        return replace(self, line=self.line + lines, end_line=self.end_line + lines, params=params)


def read_head(node: Node, reader: StmtReader) -> Head | None:
    """Return the head of the function under a `function_definition`, None where the node is no real one."""
    declarator = reader.decls.declarator(node.child_by_field_name("declarator"))
    body = node.child_by_field_name("body")
    if not declarator.name or body is None or body.type != "compound_statement" or not declarator.function:
        return None
    base, storage = reader.decls.specifiers(node)
    params, variadic = reader.decls.parameters(declarator.params)
    head = reader.text.between(node.start_byte, body.start_byte).split("(", 1)[0].split()
    macro = head[-1] if head and declarator.name not in head[-1] and _IDENTIFIER.match(head[-1]) else None
    return Head(
        name=declarator.name,
        line=reader.text.line(node),
        end_line=reader.text.end_line(node),
        params=params,
        returns=c.CType(base.base, base.pointers + declarator.pointers),
        is_static="static" in storage,
        variadic=variadic,
        macro=macro,
        errors=sum(1 for _ in error_nodes(node)),
        node=node,
        body=body,
    )


def error_nodes(node: Node) -> Iterator[Node]:
    """Yield the outermost nodes under `node` that could not be parsed or are missing, in the order of the text."""
    stack = [node]
    while stack:
        one = stack.pop()
        if one.is_error or one.is_missing:
            yield one
        elif one.has_error:
            stack.extend(reversed(one.children))


def parse_masked(text: bytes) -> Tree:
    """Parse text that has been masked."""
    return Parser(_LANGUAGE).parse(text)


def parse_text(data: bytes) -> tuple[Masked, Tree]:
    """Mask and parse bytes."""
    masked = mask(data)
    return masked, parse_masked(masked.text)


@lru_cache(maxsize=4096)
def expression(text: str) -> c.Expr | None:
    """Read one C expression; None if the text is none."""
    data = f"int x = {text};".encode("utf-8", "surrogateescape")
    masked, tree = parse_text(data)
    if tree.root_node.has_error or tree.root_node.named_child_count != 1:
        return None
    found = StmtReader(Text(masked.text, data), "").decls.variables(tree.root_node.named_children[0])
    return found[0].init if len(found) == 1 else None
