# SPDX-License-Identifier: GPL-2.0-or-later
"""What functions do, in a few facts: of the kernel's from a table, of those under review found by analysis.

Facts are of two kinds. "May" facts hold if some call somewhere below does the thing. "Always" facts
(`initialises`, `noreturn`) hold on every way through a function.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import Api, kernel_api

_LONGEST_PLACE = 100
_DEEPEST_PLACE = 4


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function does. Places are spelled by the function's own names, its parameter number N as `$N`.

    `wakes` and `wakes_tasks` are the wait queues and tasks that it may wake. `sleeps`: it may sleep. `schedules`: it
    may call `schedule()` or a waiting function. `sets_state` are the task states that it may set, as written.
    `acquires` and `releases` are the locks that it may take and give back. `returns_null`, `returns_error_pointer`,
    `returns_negative` are about its result. `frees` and `puts` are the parameters that it may free or drop.
    `initialises` are the parameters whose target always has a value afterwards. `by_table` tells that the facts are
    the table's and not from code.
    """

    name: str
    wakes: frozenset[str] = frozenset()
    wakes_tasks: frozenset[str] = frozenset()
    sleeps: bool = False
    schedules: bool = False
    sets_state: frozenset[str] = frozenset()
    acquires: frozenset[str] = frozenset()
    releases: frozenset[str] = frozenset()
    returns_null: bool = False
    returns_error_pointer: bool = False
    returns_negative: bool = False
    frees: frozenset[int] = frozenset()
    puts: frozenset[int] = frozenset()
    initialises: frozenset[int] = frozenset()
    noreturn: bool = False
    by_table: bool = field(default=False, compare=False)


def spell_place(expr: c.Expr, params: Mapping[str, int] | None = None) -> str | None:
    """Return the place that an argument names or points to, without its `&`; None for anything else."""
    expr = strip(expr)
    if isinstance(expr, c.Unary) and expr.op == "&":
        expr = expr.operand
    path = path_of(expr)
    if path is None:
        return None
    number = params.get(path.root) if params else None
    return str(AccessPath(f"${number}", path.steps) if number is not None else path)


def substitute(place: str, args: tuple[c.Expr, ...], params: Mapping[str, int]) -> str | None:
    """Return what a callee's place is to its caller, which gives it `args`."""
    if not place.startswith("$"):
        return place
    digits = re.match(r"\$(\d+)", place)
    number = int(digits.group(1)) if digits else len(args)
    if number >= len(args):
        return None
    given = strip(args[number])
    base = spell_place(given, params)
    rest = place[len(str(number)) + 1 :]
    if base is None:
        return None
    if isinstance(given, c.Unary) and given.op == "&" and rest.startswith("->"):
        rest = "." + rest[2:]
    whole = base + rest
    # a recursive function could make a place longer for ever
    return whole if len(whole) <= _LONGEST_PLACE and whole.count("->") <= _DEEPEST_PLACE else None


def from_table(name: str, api: Api | None = None) -> Summary | None:
    """Return what the table tells of a function of the kernel, None if it tells nothing."""
    api = api or kernel_api()
    lock = api.locks.get(name)
    summary = Summary(
        name,
        wakes=frozenset({f"${api.wakes[name]}"}) if name in api.wakes else frozenset(),
        wakes_tasks=frozenset({f"${api.wakes_task[name]}"}) if name in api.wakes_task else frozenset(),
        sleeps=name in api.sleeps,
        schedules=name in api.schedules or name in api.waits,
        acquires=frozenset({"$0"}) if lock is not None and lock.effect != "release" else frozenset(),
        releases=frozenset({"$0"}) if lock is not None and lock.effect == "release" else frozenset(),
        returns_null=name in api.may_return_null,
        returns_error_pointer=name in api.error_pointer,
        frees=frozenset({api.frees[name]}) if name in api.frees else frozenset(),
        puts=frozenset({0}) if name in api.puts else frozenset(),
        initialises=frozenset({api.initialises[name]}) if name in api.initialises else frozenset(),
        noreturn=name in api.noreturn,
        by_table=True,
    )
    return summary if summary != Summary(name) or name in api.sets_state or name in api.sleeps_by_flags else None
