# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions of a file of which only some lines are known."""

from __future__ import annotations

from collections.abc import Mapping

from reviewbot.csource.definitions import parse_text, read_function, top_nodes
from reviewbot.csource.functions import Function
from reviewbot.csource.stmts import StmtReader
from reviewbot.csource.text import Text
from reviewbot.model.tree import SourceFile


def functions(source: SourceFile, sections: Mapping[int, str]) -> tuple[Function, ...]:
    """Return the functions of a reconstructed file that lie wholly inside of one of its known ranges."""
    found: list[Function] = []
    for first, last in source.known or ():
        lines = source.data.split(b"\n")[first - 1 : last]
        data = b"\n".join(lines)
        masked, tree = parse_text(data)
        reader = StmtReader(Text(masked.text, data, first), source.path)
        for node in top_nodes(tree.root_node):
            function = read_function(node, reader, source) if node.type == "function_definition" else None
            if function is not None and not function.errors:
                found.append(function)
    return tuple(found)
