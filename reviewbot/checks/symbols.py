# SPDX-License-Identifier: GPL-2.0-or-later
"""The symbols that a file of C declares at file scope, and where its code uses some."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.rule import File
from reviewbot.checks.texts import texts
from reviewbot.csource import syntax as c
from reviewbot.csource.exprtypes import type_of
from reviewbot.csource.functions import Function, walk
from reviewbot.csource.parse import Unit

# indented lines that are surely statements, or comments
_STATEMENT = re.compile(
    r"""$ | \s+(?:$ | [)&|"?:+.] | \}\s*(?:[;,)]|else\b|while\b|//|/\*|$) | /\* | // | \*(?:\s|/|$)
        | (?:if|for|while|switch|return|goto|else|case|break|continue|do|default)\b
        | [\w.>\[\]-]+ \s* (?:[-+|&^*/%]|<<|>>)? =[^=] .*;\s*$
        | [a-z_]\w*\((?!\*)[^;]*\);\s*$)""",
    re.VERBOSE,
)

Kind = Literal["function", "macro", "constant", "variable", "field"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol and the 1-based line that declares it; `of` is the tag of a field's structure, "" for other kinds.

    `shared` says that other files can use it: it is in a header, or not static.
    """

    name: str
    kind: Kind
    line: int
    shared: bool
    of: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from others: fields of two structures may have one name."""
        return self.of, self.name

    def __str__(self) -> str:
        if self.kind == "field":
            return f"{self.name} of struct {self.of}"
        return f"{self.name}()" if self.kind == "function" else self.name


def may_declare(line: str) -> bool:
    """Tell whether a line of C may be the first of what `symbols` yields; told from the line alone, in doubt it may.

    What begins at the left may. Of what is indented, fields and constants of enumerations may, statements may not.
    """
    return not _STATEMENT.match(line)


def symbols(file: File) -> Iterator[Symbol]:
    """Yield what a file declares."""
    unit = file.unit
    header = unit.path.endswith(".h")
    for function in unit.functions:
        if function.name:
            yield Symbol(function.name, "function", function.start_line, header or not function.is_static)
    for prototype in unit.prototypes:
        yield Symbol(prototype.name, "function", prototype.line, header or not prototype.is_static)
    for macro in unit.macros.values():
        yield Symbol(macro.name, "macro", macro.line, header)
    for enum in unit.enums:
        yield from (Symbol(name, "constant", line, header) for name, _, line in enum.constants)
    for variable in unit.globals:
        if variable.name:
            yield Symbol(variable.name, "variable", variable.line, header or "static" not in variable.storage)
    for struct in unit.structs.values():
        for field in struct.fields:
            if field.name and struct.name.isidentifier():
                yield Symbol(field.name, "field", field.line, header, struct.name)


def uses(unit: Unit, wanted: Collection[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield (key of the symbol, line) for each use of a wanted one in code, in order.

    A field counts where the structure's type is plain from the file. What a function declares itself is no use.
    """
    names = {name.encode("utf-8", "surrogateescape") for _, name in wanted}
    for function, text in zip(unit.functions, texts(unit), strict=True):
        if any(name in text for name in names):
            yield from _in_function(function, unit, wanted)
    for variable in unit.globals:
        for part in walk(variable.init) if variable.init is not None else ():
            if isinstance(part, c.Name) and ("", part.name) in wanted:
                yield ("", part.name), part.line


def _in_function(
    function: Function, unit: Unit, wanted: Collection[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], int]]:
    own = {v.name for v in (*function.params, *function.locals)}
    fields = {name for of, name in wanted if of}
    for part in function.expressions:
        if isinstance(part, c.Name) and ("", part.name) in wanted and part.name not in own:
            yield ("", part.name), part.line
        elif isinstance(part, c.Member) and part.field in fields:
            kind = type_of(function, unit, part.base)
            if kind is not None and kind.struct is not None and (kind.struct, part.field) in wanted:
                yield (kind.struct, part.field), part.line
