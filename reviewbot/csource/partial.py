# SPDX-License-Identifier: GPL-2.0-or-later
"""From the known pieces of functions to functions with gaps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from reviewbot.csource import syntax as c
from reviewbot.csource.definitions import parse_text, read_head, top_nodes
from reviewbot.csource.fragments import Partial, Piece, Split
from reviewbot.csource.functions import Function
from reviewbot.csource.pieces import complete, too_broken
from reviewbot.csource.stmts import StmtReader
from reviewbot.csource.text import Text
from reviewbot.model.tree import SourceFile

_WORD = re.compile(rb"[A-Za-z_]\w*")


def functions(parts: Split, source: SourceFile, file_macros: Mapping[str, frozenset[str]]) -> tuple[Function, ...]:
    """Return the functions that are known in pieces."""
    return tuple(_join(partial, source, file_macros) for partial in parts.partials)


def _read(piece: Piece, source: SourceFile) -> Function | None:
    if too_broken(piece.code):
        return None
    if piece.begins_function:
        data = ((piece.before or "") + complete(piece.text, piece.code, None)).encode("latin-1")
    else:
        data = complete(piece.text, piece.code, piece.before).encode("latin-1")
    masked, tree = parse_text(data)
    reader = StmtReader(Text(masked.text, data, piece.line), source.path)
    for node in top_nodes(tree.root_node):
        if node.type == "function_definition":
            head = read_head(node, reader)
            return head.function(reader, source) if head is not None else None
    return None


def _join(partial: Partial, source: SourceFile, file_macros: Mapping[str, frozenset[str]]) -> Function:
    """Join the pieces of a function, with a gap wherever code of it is unseen."""
    body: list[c.Stmt] = []
    first, last = partial.pieces[0], partial.pieces[-1]
    header: Function | None = None
    errors = 0
    if not first.begins_function:
        body.append(c.Gap(first.line - 1, line=max(1, first.line - 1)))
    end_known = partial.ended
    for number, piece in enumerate(partial.pieces):
        read = _read(piece, source)
        if number:
            body.append(c.Gap(piece.line - 1, line=partial.pieces[number - 1].last_line + 1))
        if read is None:
            errors += 1
            body.append(c.Unparsed(" ".join(piece.text.split())[:400], line=piece.line))
            continue
        errors += read.errors
        if number == 0 and first.begins_function:
            header = read
            end_known = end_known or read.body.closed
        body.extend(read.body.body)
    if not end_known:
        body.append(c.Gap(last.last_line + 1, line=last.last_line + 1))
    whole = c.Block(tuple(body), last.last_line, line=first.line)
    known = tuple((piece.line, piece.last_line) for piece in partial.pieces)
    base = header or Function(partial.name, source.path, first.line, last.last_line, (), c.CType("int"), lambda: whole)
    return replace(
        base,
        name=partial.name,
        end_line=last.last_line,
        read_body=lambda: whole,
        fragment=True,
        header_known=header is not None and first.before is None,
        end_known=end_known,
        node=None,
        errors=errors,
        known=known,
        source=source.data,
        file_macros=file_macros,
    )


def introduced_locals(function: Function, before: SourceFile | None) -> frozenset[str]:
    """Return the local variables of a function that the file did not mention before, as far as it was known then.

    In a reconstructed file, unseen code is code that no patch changed, so that it cannot mention them either.
    """
    old = frozenset(_WORD.findall(before.data)) if before is not None else frozenset()
    return frozenset(v.name for v in function.locals if v.name.encode("utf-8", "surrogateescape") not in old)
