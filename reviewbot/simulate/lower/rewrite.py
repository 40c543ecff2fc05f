# SPDX-License-Identifier: GPL-2.0-or-later
"""Putting a macro's arguments in its body, on syntax trees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from reviewbot.csource.syntax import At, CType, Expr, Name, TypeArg

_PLAIN = re.compile(r"(str|int|bool)( \| None)?")


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
    names = _parts(tree.__class__)
    if not names and not isinstance(tree, At):
        return tree
    changes: dict[str, Any] = {}
    for name in names:
        value = getattr(tree, name)
        if isinstance(value, (At, CType, tuple)):
            changes[name] = substitute(value, values, line)
        elif name == "field" and value in values and isinstance(values[value], Name):
            changes["field"] = values[value].name  # type: ignore[attr-defined]
    if isinstance(tree, At):
        changes["line"] = line
    return replace(tree, **changes)


def walk(tree: Any) -> Iterator[At]:
    """Yield every expression and statement in a syntax tree."""
    pending = [tree]
    while pending:
        item = pending.pop()
        if item.__class__ is tuple:
            pending.extend(item)
            continue
        if isinstance(item, At):
            yield item
        pending.extend([getattr(item, name) for name in _inner(item.__class__)])


@cache
def _inner(kind: type) -> tuple[str, ...]:
    """Return the names of those parts of a kind of node that can have nodes in them."""
    plain = {field.name for field in fields(kind) if _PLAIN.fullmatch(str(field.type))} if is_dataclass(kind) else set()
    return tuple(name for name in _parts(kind) if name not in plain)


@cache
def _parts(kind: type) -> tuple[str, ...]:
    """Return the names of what a kind of node consists of, its line left out; none for what is no node."""
    return tuple(field.name for field in fields(kind) if field.name != "line") if is_dataclass(kind) else ()
