# SPDX-License-Identifier: GPL-2.0-or-later
"""What each name means in the files at hand: functions, records, types, macros, constants and objects.

Files are looked at in order: the scenario's own, the model's types and macros (which stand for the kernel's), the
tree's, the model's fallbacks. A name that is static in several files means the one in the file that uses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewbot.csource.constants import Macro
from reviewbot.csource.decls import Struct
from reviewbot.csource.functions import Function
from reviewbot.csource.parse import Prototype, Unit
from reviewbot.csource.syntax import CType, Expr, Variable
from reviewbot.simulate.lower.emit import LoweringError
from reviewbot.simulate.lower.types import (
    VOID,
    Array,
    Callable,
    Pointer,
    Record,
    Scalar,
    Type,
    bare,
    scalar_named,
)


class Sources:
    """An index of the names in some parsed files, `units`, those first that win.

    `own` are the paths of files that are not under test: the model's and the scenario's. `extra` are fields known
    to belong to a record besides those that its definition shows (a reconstructed tree shows fragments of a record).
    `constants` are macros that get a value other than the files give them.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        own: frozenset[str],
        extra: Mapping[str, Sequence[Variable]] | None = None,
        constants: Mapping[str, int] | None = None,
    ) -> None:
        self.units = tuple(units)
        self.own = own
        self.extra = dict(extra or {})
        self.configured = dict(constants or {})
        self.by_path = {unit.path: unit for unit in units}
        self._functions: dict[str, list[Function]] = {}
        self._prototypes: dict[str, Prototype] = {}
        self._structs: dict[str, Struct] = {}
        self._typedefs: dict[str, tuple[CType, Unit]] = {}
        self._macros: dict[str, Macro] = {}
        self._enums: dict[str, tuple[Expr | None, int, tuple[str, ...]]] = {}
        self._globals: dict[str, list[tuple[Unit, Variable]]] = {}
        self._meant: dict[tuple[str, str], Function | None] = {}
        self._named: dict[str, Type] = {}
        for name, value in (constants or {}).items():
            self._macros[name] = Macro(name, None, str(value), 0)
        for unit in units:
            self._index(unit)

    def _index(self, unit: Unit) -> None:
        for function in unit.functions:
            if function.name and not function.fragment:
                self._functions.setdefault(function.name, []).append(function)
        for prototype in unit.prototypes:
            self._prototypes.setdefault(prototype.name, prototype)
        for tag, struct in unit.structs.items():
            if struct.fields:
                self._structs.setdefault(tag, struct)
        for name, ctype in unit.typedefs.items():
            self._typedefs.setdefault(name, (ctype, unit))
        for name, macro in unit.macros.items():
            self._macros.setdefault(name, macro)
        for enum in unit.enums:
            start: Expr | None = None
            past = 0
            for name, value, _ in enum.constants:
                if value is not None:
                    start, past = value, 0
                self._enums.setdefault(name, (start, past, ()))
                past += 1
        for variable in unit.globals:
            self._globals.setdefault(variable.name, []).append((unit, variable))

    def function(self, name: str, path: str) -> Function | None:
        """Return the whole function that a name means in a file, None if no whole one is there."""
        if (name, path) not in self._meant:
            self._meant[name, path] = self._function(name, path)
        return self._meant[name, path]

    def _function(self, name: str, path: str) -> Function | None:
        found = [function for function in self._functions.get(name, ()) if not function.gaps]
        here = [function for function in found if function.path == path]
        if here:
            return here[0]
        visible = [function for function in found if not function.is_static or self._is_header(function.path)]
        return visible[0] if visible else (found[0] if found and path in self.own else None)

    def _is_header(self, path: str) -> bool:
        return path.endswith(".h") or path in self.own

    def returns(self, name: str, path: str) -> CType | None:
        """Return the type that a function returns, from its definition or a prototype."""
        function = self.function(name, path)
        if function is not None:
            return function.returns
        prototype = self._prototypes.get(name)
        return None if prototype is None else prototype.returns

    def is_function(self, name: str, path: str) -> bool:
        """Tell whether a name is known as a function."""
        return name in self._prototypes or self.function(name, path) is not None

    def macro(self, name: str) -> Macro | None:
        """Return a #define."""
        return self._macros.get(name)

    def enum_constant(self, name: str) -> tuple[Expr | None, int] | None:
        """Return an enum constant as an expression (None: 0) and what to add to it."""
        found = self._enums.get(name)
        return None if found is None else found[:2]

    def object(self, name: str, path: str) -> tuple[str, Variable] | None:
        """Return an object of file scope and the path of its file; a definition rather than a declaration."""
        found = self._globals.get(name, [])
        best = sorted(
            found,
            key=lambda item: (item[0].path != path, "extern" in item[1].storage, item[1].init is None),
        )
        for unit, variable in best:
            if "static" not in variable.storage or unit.path == path or path in self.own or self._is_header(unit.path):
                if "extern" in variable.storage and any("extern" not in other.storage for _, other in found):
                    continue
                return unit.path, variable
        return None

    def fields(self, tag: str) -> Sequence[Variable] | None:
        """Return the fields of a record, None if nothing is known of it."""
        struct = self._structs.get(tag)
        extra = self.extra.get(tag, ())
        if struct is None:
            return tuple(extra) or None
        known = {variable.name for variable in struct.fields}
        return (*struct.fields, *(variable for variable in extra if variable.name not in known))

    def is_union(self, tag: str) -> bool:
        """Tell whether a record is a union."""
        struct = self._structs.get(tag)
        return struct is not None and struct.kind == "union"

    def resolve(self, ctype: CType, count: Mapping[str, int] | None = None, depth: int = 0) -> Type:
        """Return the machine's type for a C type; LoweringError for one that nothing is known of."""
        if depth > 30:
            raise LoweringError(f"the type {ctype} is defined by itself")
        kind = self._base(ctype.base, depth)
        if ctype.function:
            kind = Callable(kind)
            return _pointed(kind, max(ctype.pointers, 1))
        return _pointed(kind, ctype.pointers)

    def _base(self, base: str, depth: int) -> Type:
        if base not in self._named:
            self._named[base] = self._find_base(base, depth)
        return self._named[base]

    def _find_base(self, base: str, depth: int) -> Type:
        name = bare(base)
        if name in ("void", ""):
            return VOID
        words = name.split()
        if words[0] in ("struct", "union") and len(words) == 2:
            return Record(words[1])
        if words[0] == "enum":
            return Scalar(32, False)
        alias = self._typedefs.get(name)
        if alias is not None and alias[0].base != name:
            return self.resolve(alias[0], depth=depth + 1)
        scalar = scalar_named(base)
        if scalar is not None:
            return scalar
        if name in self._structs:
            return Record(name)
        raise LoweringError(f"the type {base} is not known")


def _pointed(kind: Type, times: int) -> Type:
    for _ in range(times):
        kind = Pointer(kind)
    return kind


__all__ = ["Array", "Sources"]
