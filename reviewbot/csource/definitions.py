# SPDX-License-Identifier: GPL-2.0-or-later
"""From text to a syntax tree, and from the node of a function definition to a Function."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
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


def read_function(
    node: Node, reader: StmtReader, source: SourceFile, file_macros: Mapping[str, frozenset[str]] = MappingProxyType({})
) -> Function | None:
    """Return the function under a `function_definition`, None where the node is no real one."""
    declarator = reader.decls.declarator(node.child_by_field_name("declarator"))
    body = node.child_by_field_name("body")
    if not declarator.name or body is None or body.type != "compound_statement" or not declarator.function:
        return None
    base, storage = reader.decls.specifiers(node)
    params, variadic = reader.decls.parameters(declarator.params)
    head = reader.text.of(node).split("(", 1)[0].split()
    macro = head[-1] if head and declarator.name not in head[-1] and _IDENTIFIER.match(head[-1]) else None
    return Function(
        name=declarator.name,
        path=source.path,
        start_line=reader.text.line(node),
        end_line=reader.text.end_line(node),
        params=params,
        returns=c.CType(base.base, base.pointers + declarator.pointers),
        read_body=partial(reader.block, body),
        is_static="static" in storage,
        variadic=variadic,
        macro=macro,
        node=node,
        errors=sum(1 for _ in error_nodes(node)),
        source=source.data,
        file_macros=file_macros,
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


def parse_text(data: bytes) -> tuple[Masked, Tree]:
    """Mask and parse bytes."""
    masked = mask(data)
    return masked, Parser(_LANGUAGE).parse(masked.text)


def expression(text: str) -> c.Expr | None:
    """Read one C expression; None if the text is none."""
    data = f"int x = {text};".encode("utf-8", "surrogateescape")
    masked, tree = parse_text(data)
    if tree.root_node.has_error or tree.root_node.named_child_count != 1:
        return None
    found = StmtReader(Text(masked.text, data), "").decls.variables(tree.root_node.named_children[0])
    return found[0].init if len(found) == 1 else None
