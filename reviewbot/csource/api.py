# SPDX-License-Identifier: GPL-2.0-or-later
"""What the kernel's own functions do, from the data file `api.toml` beside this module."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from typing import Any, Literal

LockEffect = Literal["acquire", "release", "try", "zero"]


@dataclass(frozen=True, slots=True)
class LockCall:
    """A call that changes what is held: `effect` "try" acquires if it returns nonzero, "zero" if it returns zero."""

    kind: str
    effect: LockEffect
    atomic: bool


@dataclass(frozen=True)
class Api:
    """The facts by kind; maps go from the name of a function to a position of an argument, from 0.

    `sets_state` has -1 where the state is not an argument. `schedules` sleep in the state that is set, `waits` set it
    themselves. `sleeps` are all that may sleep whatever their arguments, `sleeps_by_flags` those that a flag may
    forbid to. `references` maps what takes a reference to what gives it back, `found` the lookups whose result comes
    with a reference. `heap` are those of `allocated` whose result is the caller's to free. `must_check` are those
    of which nothing but the result tells whether they did what they are for.
    """

    wakes: Mapping[str, int]
    wakes_task: Mapping[str, int]
    sets_state: Mapping[str, int]
    resets_state: frozenset[str]
    schedules: frozenset[str]
    waits: frozenset[str]
    sleeps: frozenset[str]
    sleeps_by_flags: Mapping[str, int]
    locks: Mapping[str, LockCall]
    allocated: frozenset[str]
    looked_up: frozenset[str]
    error_pointer: frozenset[str]
    frees: Mapping[str, int]
    references: Mapping[str, frozenset[str]]
    found: Mapping[str, frozenset[str]]
    initialises: Mapping[str, int]
    noreturn: frozenset[str]
    must_check: frozenset[str]

    @cached_property
    def heap(self) -> frozenset[str]:
        """The allocations that nobody frees but their caller."""
        return frozenset(name for name in self.allocated if not name.startswith(("devm_", "dmam_")))

    @property
    def may_return_null(self) -> frozenset[str]:
        """The functions whose result may be NULL."""
        return self.allocated | self.looked_up

    @property
    def puts(self) -> frozenset[str]:
        """The functions that give a reference back."""
        return frozenset(name for puts in self.references.values() for name in puts)


def _locks(table: Mapping[str, Any]) -> Mapping[str, LockCall]:
    effects: tuple[LockEffect, ...] = ("acquire", "release", "try", "zero")
    return {
        name: LockCall(kind, effect, bool(entry["atomic"]))
        for kind, entry in table.items()
        for effect in effects
        for name in entry.get(effect, ())
    }


@cache
def kernel_api() -> Api:
    """Return the facts; they are read once."""
    data = tomllib.loads(resources.files(__package__).joinpath("api.toml").read_text("utf-8"))
    schedules, waits = (frozenset(data["schedules"][key]) for key in ("plain", "with_state"))
    return Api(
        wakes=data["wakes"],
        wakes_task=data["wakes_task"],
        sets_state=data["sets_state"],
        resets_state=frozenset(data["resets_state"]["names"]),
        schedules=schedules,
        waits=waits,
        sleeps=frozenset(data["sleeps"]["names"]) | schedules | waits,
        sleeps_by_flags=data["sleeps_by_flags"],
        locks=_locks(data["lock"]),
        allocated=frozenset(data["returns"]["allocated"]),
        looked_up=frozenset(data["returns"]["looked_up"]),
        error_pointer=frozenset(data["returns"]["error_pointer"]),
        frees=data["frees"],
        references={get: frozenset(entry["put"]) for entry in data["reference"] for get in entry["get"]},
        found={name: frozenset(entry["put"]) for entry in data["reference"] for name in entry.get("find", ())},
        initialises=data["initialises"],
        noreturn=frozenset(data["noreturn"]["names"]),
        must_check=frozenset(data["must_check"]["names"]),
    )
