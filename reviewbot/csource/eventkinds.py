# SPDX-License-Identifier: GPL-2.0-or-later
"""What can happen at a node of a control-flow graph."""

from __future__ import annotations

from dataclasses import dataclass, field

from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens; `maybe` when it depends on `&&`, `||` or `?:` inside of its expression."""

    line: int = field(compare=False)
    maybe: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Read(Event):
    """The value at `path` is used; `indexed` when only if it is a pointer: an array is but found there."""

    path: AccessPath
    indexed: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Write(Event):
    """The place `path` gets a value: `value` where it is one, None where it comes from elsewhere.

    `op` is the operator (`=`, `+=`, `++` …), "declare" for an initializer, "foreach" for an iterator, "macro" for a
    macro that assigns to the variable it is given, "asm" for an output.
    """

    path: AccessPath
    value: c.Expr | None
    op: str


@dataclass(frozen=True, slots=True)
class Declared(Event):
    """A local variable begins to exist, without a value."""

    path: AccessPath


@dataclass(frozen=True, slots=True)
class AddressOf(Event):
    """The address of `path` is taken; `call` and `position` tell to which call it is handed, if directly to one."""

    path: AccessPath
    call: str | None = None
    position: int = -1


@dataclass(frozen=True, slots=True)
class CallEvent(Event):
    """A call; `name` is None for one through a pointer. `callbacks` are the names handed over as they are."""

    name: str | None
    args: tuple[c.Expr, ...]
    expr: c.Call
    callbacks: tuple[str, ...] = ()
