# SPDX-License-Identifier: GPL-2.0-or-later
"""Putting a macro's arguments in its body, on syntax trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from reviewbot.csource.syntax import At, CType, Expr, Name, TypeArg


def substitute(tree: Any, values: Mapping[str, Expr], line: int) -> Any:
    """Return the tree with each named expression in place of the name; all of it gets the given line.

    A name in the place of a type takes the type of a `TypeArg`.
    """
    if isinstance(tree, Name) and tree.name in values:
        return values[tree.name]
    if isinstance(tree, CType):
        given = values.get(tree.base)
        if isinstance(given, TypeArg):
            return replace(given.type, pointers=given.type.pointers + tree.pointers)
        if isinstance(given, Name):
            return replace(tree, base=given.name)
        return tree
    if isinstance(tree, tuple):
        return tuple(substitute(part, values, line) for part in tree)
    if is_dataclass(tree) and not isinstance(tree, type):
        changes: dict[str, Any] = {}
        for field in fields(tree):
            value = getattr(tree, field.name)
            if field.name == "line":
                changes["line"] = line
            elif isinstance(value, (At, CType, tuple)):
                changes[field.name] = substitute(value, values, line)
            elif field.name == "field" and value in values and isinstance(values[value], Name):
                changes["field"] = values[value].name  # type: ignore[attr-defined]
        return replace(tree, **changes)
    return tree


def walk(tree: Any) -> Iterator[At]:
    """Yield every expression and statement in a syntax tree."""
    pending = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, tuple):
            pending.extend(item)
        elif is_dataclass(item) and not isinstance(item, type):
            if isinstance(item, At):
                yield item
            pending.extend(getattr(item, field.name) for field in fields(item) if field.name != "line")
