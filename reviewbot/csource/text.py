# SPDX-License-Identifier: GPL-2.0-or-later
"""The text under a syntax tree: what was parsed, and what really stands there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tree_sitter import Node

from reviewbot.csource.syntax import CType

_COMMENT = re.compile(r"/\*[^*]*(?:\*(?!/)[^*]*)*\*/|//[^\n]*")
_SPACE = re.compile(r"\s+")
_TYPE_NOISE = re.compile(
    r"\b(?:const|volatile|static|extern|inline|register|auto|typedef|__inline__|__inline|__extension__|__always_inline"
    r"|__user|__iomem|__percpu|__rcu|__kernel|__force|__init|__exit|noinline|asmlinkage|__must_check|__maybe_unused)\b"
)
_BASE_WORD = re.compile(r"[A-Za-z_]\w*")
TYPE_BEGINNING = re.compile(
    r"\s*(?:const\s+|volatile\s+)*(?:struct|union|enum|unsigned|signed|long|short|int|char|void|bool|float|double"
    r"|_Bool)\b|\s*[\w\s]+\*+\s*$"
)


@dataclass(frozen=True, slots=True)
class Text:
    """Masked bytes, as parsed, beside the bytes of the file; both have the same length and lines.

    `first_line` is the 1-based number of the file's line that the text begins with.
    """

    masked: bytes
    original: bytes
    first_line: int = 1

    def of(self, node: Node) -> str:
        """Return what really stands under `node`."""
        return self.original[node.start_byte : node.end_byte].decode("utf-8", "surrogateescape")

    def parsed(self, node: Node) -> str:
        """Return what the parser saw under `node`."""
        return self.masked[node.start_byte : node.end_byte].decode("latin-1")

    def line(self, node: Node) -> int:
        """Return the 1-based line on which `node` begins."""
        return node.start_point[0] + self.first_line

    def end_line(self, node: Node) -> int:
        """Return the 1-based line on which `node` ends."""
        row, column = node.end_point
        return row + self.first_line - (1 if column == 0 and row > node.start_point[0] else 0)

    def between(self, start: int, end: int) -> str:
        """Return what really stands between two offsets."""
        return self.original[start:end].decode("utf-8", "surrogateescape")


@lru_cache(maxsize=16)
def lines_of(data: bytes) -> Sequence[bytes]:
    """Return the lines of a file without their ends; many ask for those of the same few files, line by line."""
    return tuple(data.split(b"\n"))


def squeeze(text: str) -> str:
    """Return C text on one line: no comments, single blanks."""
    return _SPACE.sub(" ", _COMMENT.sub(" ", text)).strip()


@lru_cache(maxsize=4096)
def read_type(text: str) -> CType:
    """Read a type name as it stands in a cast, in `sizeof` or among a macro's arguments; qualifiers are dropped."""
    text = _TYPE_NOISE.sub(" ", squeeze(text))
    dims = text.count("[")
    text = text.split("[")[0]
    function = "(" in text and not text.startswith(("typeof", "__typeof"))
    pointers = text.count("*")
    if text.startswith(("typeof", "__typeof")):
        base = squeeze(text[: text.rfind(")") + 1] or text)
        pointers = text[text.rfind(")") :].count("*")
    else:
        base = " ".join(_BASE_WORD.findall(text.split("(")[0]))
    return CType(base or "int", pointers, (None,) * dims, function)


def typeof_text(text: Text, node: Node) -> str | None:
    """Return the whole `typeof(…)` that the mask left as `int` under `node`, None if there is none."""
    head = text.between(node.start_byte, node.start_byte + 16)
    if not head.startswith(("typeof", "__typeof")):
        return None
    depth = 0
    whole = text.between(node.start_byte, node.start_byte + 2000)
    for place, char in enumerate(whole):
        if char == "(":
            depth += 1
        elif char == ")":
            depth -= 1
            if depth == 0:
                return squeeze(whole[: place + 1])
    return None
