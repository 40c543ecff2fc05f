# SPDX-License-Identifier: GPL-2.0-or-later
"""A file of C in stretches that are masked and parsed each by itself, and so only once however often they occur.

Most of a file stays as it is from patch to patch. It is cut where a function ends at the margin. A stretch stands for
itself if it leaves nothing open, neither a bracket nor a comment nor an `#if`: what follows is then read as it is in
the whole file. (The mask looks a little way back from a bracket or a name; across such a cut it meets a `}` in the
whole file and nothing in the stretch, which it takes alike.) A file with syntax errors is parsed as a whole, because a
parser's recovery may reach over any distance.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tree_sitter import Node, Tree

from reviewbot.csource.constants import Macro, macros
from reviewbot.csource.definitions import Head, parse_masked, read_head, top_nodes
from reviewbot.csource.mask import Masked, mask
from reviewbot.csource.stmts import StmtReader
from reviewbot.csource.text import Text

_CUT = re.compile(rb"^(?:[ \t]*#[ \t]*(?:(if)|(endif))|\}\n)", re.MULTILINE)
# a `}` at the margin that ends no function: so many stretches are tried before the rest is one
_MOST_TRIED = 8
_KEPT_BYTES = 8 << 20


@dataclass(frozen=True, eq=False)
class Stretch:
    """A stretch of C: masked, and parsed when its tree is asked for."""

    data: bytes
    masked: Masked

    @cached_property
    def tree(self) -> Tree:
        """The syntax tree of the masked text."""
        return parse_masked(self.masked.text)

    @cached_property
    def top(self) -> tuple[Node, ...]:
        """The nodes at file scope."""
        return tuple(top_nodes(self.tree.root_node))

    @cached_property
    def _heads(self) -> tuple[tuple[Node, Head | None, bool], ...]:
        """The function definitions with their heads, as if the stretch began on line 1, and whether these may move."""
        made = []
        for node in self.top:
            if node.type == "function_definition":
                reader = StmtReader(Text(self.masked.text, self.data), "")
                head = read_head(node, reader)
                found = reader.decls.found
                made.append((node, head, head is None or (head.movable and not found.structs and not found.enums)))
        return tuple(made)

    def heads(self, reader: StmtReader) -> Iterator[Head]:
        """Yield the heads of the functions where `reader` has the stretch."""
        down = reader.text.first_line - 1
        for node, known, movable in self._heads:
            head = known if movable else read_head(node, reader)
            if head is not None:
                yield head.moved(down) if movable and down else head

    @cached_property
    def macros(self) -> Mapping[str, Macro]:
        """The macros that it defines, as if it began on line 1."""
        return macros(self.masked.directives, self.data)


@dataclass(frozen=True, slots=True)
class Placed:
    """A stretch in its file: the offset of its first byte, and the 1-based line that it begins on."""

    stretch: Stretch
    start: int
    line: int

    @property
    def text(self) -> Text:
        """The text under the tree of the stretch, on its lines in the file."""
        return Text(self.stretch.masked.text, self.stretch.data, self.line)


class _Kept:
    """The stretches met last, up to a total size."""

    def __init__(self) -> None:
        self.stretches: OrderedDict[bytes, Stretch] = OrderedDict()
        self.size = 0

    def get(self, data: bytes) -> Stretch:
        found = self.stretches.get(data)
        if found is not None:
            self.stretches.move_to_end(data)
            return found
        made = self.stretches[data] = Stretch(data, mask(data))
        self.size += len(data)
        while self.size > _KEPT_BYTES and len(self.stretches) > 1:
            self.size -= len(self.stretches.popitem(last=False)[0])
        return made


_kept = _Kept()


def stretches(data: bytes) -> tuple[Placed, ...]:
    """Cut a file into stretches, in order; one that cannot be cut, or has a syntax error, is one stretch."""
    placed = tuple(_placed(data))
    if any(one.stretch.tree.root_node.has_error for one in placed):
        return (Placed(Stretch(data, joined(placed)), 0, 1),)
    return placed


def _placed(data: bytes) -> Iterator[Placed]:
    start, line, tried = 0, 1, 0
    for cut in _cuts(data):
        if tried > _MOST_TRIED:
            break
        stretch = _kept.get(data[start:cut])
        if not stretch.masked.closed:
            tried += 1
            continue
        yield Placed(stretch, start, line)
        start, line, tried = cut, line + stretch.data.count(b"\n"), 0
    if start < len(data) or not data:
        yield Placed(_kept.get(data[start:]), start, line)


def _cuts(data: bytes) -> Iterator[int]:
    """Yield the offsets after a `}` at the margin, outside of conditionals."""
    depth = 0
    for found in _CUT.finditer(data):
        if found.group(1):
            depth += 1
        elif found.group(2):
            depth = max(0, depth - 1)
        elif depth == 0:
            yield found.end()


def joined(placed: tuple[Placed, ...]) -> Masked:
    """Return the mask of a whole file, put together from those of its stretches."""
    parts = [(one, one.stretch.masked) for one in placed]
    return Masked(
        b"".join(masked.text for _, masked in parts),
        tuple(
            replace(line, start=line.start + one.start, end=line.end + one.start)
            for one, masked in parts
            for line in masked.directives
        ),
        tuple(replace(note, line=note.line + one.line - 1) for one, masked in parts for note in masked.notes),
    )
