# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes that end what sleepers wait for, after which nobody wakes them, in the function or in those that call it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import File
from reviewbot.checks.texts import naming
from reviewbot.checks.waits.excuses import excused
from reviewbot.checks.waits.places import Atom, Place
from reviewbot.checks.waits.protocols import Wait, calls_at, waits
from reviewbot.checks.waits.wakes import Wakers, WakeSite
from reviewbot.checks.waits.writes import Store, stores_to
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import Cfg, build_cfg
from reviewbot.csource.functions import CallSite, Function, call_name, walk
from reviewbot.csource.parse import Unit

# callers are followed up to here; a wake-up further away than this is taken to exist
# so many callers that do not wake are told one by one
_MOST_CALLERS = 3
_DEEPEST = 6
# a function of another file that is handed a function calls it before it returns, unless its name says that it keeps it
_CALLS_BACK = re.compile(r"\w*(?:walk|each|iter|scan|visit|traverse|apply)\w*")
_KEEPS = re.compile(
    r"\w*(?:init|INIT|setup|regist|queue|work|timer|rcu|irq|thread|hook|notif|create|alloc|assign|install|insert|attach"
    r"|add|set|open|proc_|debugfs|sysfs|probe|param|ops|class)\w*"
)
_ALLOCATES = re.compile(r"\w*(?:alloc|create|new)\w*")
_INITIALISES = re.compile(r"INIT_\w+|\w+_init|init_\w+")
_SETS_UP = re.compile(r"\w*(?:init|alloc|create|setup|probe|_new|reset|restore|resume)\w*|init_\w*|new_\w*")


@dataclass(frozen=True, slots=True)
class Lost:
    """A lost wake-up: the `call` (or the write itself) at `line` of `function` ends `gone`, and nobody wakes after it.

    `wakers` are the wake-ups that there are; `way` are the nodes of a way without one.
    """

    function: Function
    line: int
    call: str | None
    wait: Wait
    gone: Atom
    asked: int
    store: Store
    writer: Function
    way: tuple[int, ...]
    wakers: tuple[WakeSite, ...]


def lost_wakeups(file: File, certain: bool = True) -> Iterator[Lost]:
    """Yield the lost wake-ups of a file, each place once.

    `certain` are those of writes that surely end the wait; the others are those of values known only at run time.
    """
    unit = file.unit
    if not waits(unit):
        return
    seen: set[tuple[str, int, str]] = set()
    users = _Users(unit)
    for wait in waits(unit):
        for gone, asked in wait.conditions:
            judge = _Judge(file, users, wait, gone, asked, certain)
            for lost in judge.all():
                key = (lost.function.name, lost.line, str(gone.place))
                if key not in seen:
                    seen.add(key)
                    yield lost


class _Users:
    """Who calls a function of the file, and who hands it to another function."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self._sites: dict[str, tuple[list[Site], list[Site], int]] = {}

    def _of(self, name: str) -> tuple[list[Site], list[Site], int]:
        """Return the calls of a function, the calls that are handed it, and how often it is named in all."""
        if name not in self._sites:
            wanted = c.Name(name)
            users = list(naming(self.unit, name))
            sites = [(user, site) for user in users for site in user.calls]
            named = sum(expr == wanted for user in users for expr in user.expressions)
            for variable in self.unit.globals:
                named += sum(expr == wanted for expr in walk(variable.init)) if variable.init is not None else 0
            calls = [one for one in sites if one[1].name == name]
            handed = [(user, site) for user, site in sites for arg in map(strip, site.args) if arg == wanted]
            self._sites[name] = (calls, handed, named)
        return self._sites[name]

    def calls(self, name: str) -> list[Site]:
        """Return where a function is called."""
        return self._of(name)[0]

    def handed(self, name: str) -> list[Site]:
        """Return the calls that a function is handed to."""
        return self._of(name)[1]

    def stored(self, name: str) -> bool:
        """Tell whether the function is also used in another way, so that unknown code may call it."""
        calls, handed, named = self._of(name)
        return named > len(calls) + len(handed)

    def called_back_by(self, site: CallSite) -> bool:
        """Tell whether a call that is handed a function calls it before it returns."""
        function = self.unit.function(site.name) if site.name else None
        if function is not None:
            names = {p.name for p in function.params}
            return any(call.name in names for call in function.calls) or any(
                isinstance(arg, c.Name) and arg.name in names for call in function.calls for arg in call.args
            )
        if site.name is None:
            return False
        return _CALLS_BACK.fullmatch(site.name) is not None or _KEEPS.fullmatch(site.name) is None


Site = tuple[Function, CallSite]


@dataclass(frozen=True, slots=True)
class _Spot:
    function: Function
    node: int
    line: int
    call: str | None
    way: tuple[int, ...]


class _Judge:
    """Looks for lost wake-ups of one wait and one of its conditions."""

    def __init__(self, file: File, users: _Users, wait: Wait, gone: Atom, asked: int, certain: bool) -> None:
        self.certain = certain
        self.unit = unit = file.unit
        self.users = users
        self.wait = wait
        self.gone = gone
        self.asked = asked
        self.private = _private(unit, wait.queue) or wait.queue.name in file.introduced
        self.wakers = Wakers(unit, wait.queue, gone, self.private)

    def all(self) -> Iterator[Lost]:
        """Yield the lost wake-ups."""
        found = [one for one in stores_to(self.unit, self.gone.place.name) if self._ends(one[0], one[2])]
        wakers = tuple(self.wakers.sites()) if found else ()
        if not found or (not wakers and not self.private):
            return
        for function, node, store in found:
            if _SETS_UP.fullmatch(function.name) or function.name == "" or is_fresh(function, store):
                continue
            if excused(function, node, store, self.wait, self.gone, self.wakers):
                continue
            for spot in self._spots(function, node, store.line, None, frozenset()):
                yield Lost(
                    spot.function,
                    spot.line,
                    spot.call,
                    self.wait,
                    self.gone,
                    self.asked,
                    store,
                    function,
                    spot.way,
                    wakers,
                )

    def _ends(self, function: Function, store: Store) -> bool:
        if self.certain:
            return store.ends(self.gone)
        return store.may_end(self.gone) and _is_given(function, store.source)

    def _spots(
        self, function: Function, node: int, line: int, call: str | None, above: frozenset[str]
    ) -> tuple[_Spot, ...]:
        """Return where the wake-up is missing that would have to follow `node`; () if there is one on every way."""
        way = self.wakers.unwoken(function, node)
        if way is None or len(above) > _DEEPEST or function.name in above:
            return ()
        here = (_Spot(function, node, line, call, way),)
        above |= {function.name}
        handed = self.users.handed(function.name)
        if handed and all(self.users.called_back_by(site) for _, site in handed):
            users = [*handed, *self.users.calls(function.name)]
            return tuple(spot for user, site in users for spot in self._user(user, site, above))
        called = self.users.calls(function.name)
        if not function.is_static or handed or self.users.stored(function.name):
            # unknown callers: they could only wake the queue by a function of this file that always does
            known_only = self.private and not any(self.wakers.always(f) for f in self.unit.functions if not f.is_static)
            return here if known_only or (function.is_static and not called) else ()
        if not called:
            return here
        above_spots = [self._user(user, site, above) for user, site in called]
        if all(above_spots) or sum(map(len, above_spots)) > _MOST_CALLERS:
            return here
        return tuple(spot for spots in above_spots for spot in spots)

    def _user(self, user: Function, site: CallSite, above: frozenset[str]) -> tuple[_Spot, ...]:
        cfg = build_cfg(user)
        node = _node_of(cfg, site)
        return self._spots(user, node, site.line, site.name, above) if node is not None else ()


def _node_of(cfg: Cfg, site: CallSite) -> int | None:
    for node in cfg.nodes:
        if any(call.expr is site.expr for call in calls_at(cfg, node.id)):
            return node.id
    return None


def _is_given(function: Function, source: c.Expr) -> bool:
    """Tell whether a value comes from the caller: a number that it gives, or what a pointer of its points to."""
    numbers = {c.Name(p.name) for p in function.params if not p.type.pointers}
    pointers = {c.Name(p.name) for p in function.params if p.type.pointers}
    pointers |= {c.Name(v.name) for v in function.locals if v.init is not None and strip(v.init) in pointers}
    source = strip(source)
    if isinstance(source, c.Unary) and source.op == "*":
        return strip(source.operand) in pointers
    return any(part in numbers for part in walk(source))


def _private(unit: Unit, queue: Place) -> bool:
    """Tell whether only code of this file can name the queue."""
    if queue.owner == "":
        return any(v.name == queue.name and "static" in v.storage for v in unit.globals)
    return queue.owner in unit.structs and unit.path.endswith(".c")


def is_fresh(function: Function, store: Store) -> bool:
    """Tell whether the write is to an object that the function itself has just made, so that nobody can wait yet."""
    root = _root(store.target)
    if root is None:
        return False
    values = [v.init for v in function.locals if v.name == root.name and v.init is not None]
    values += [e.value for e in function.expressions if isinstance(e, c.Assign) and e.target == root]
    if any(_ALLOCATES.fullmatch(_called(strip(value))) for value in values):
        return True
    if any(v.name == root.name and v.type.pointers == 0 for v in function.locals):
        return True
    return any(
        call.name and _INITIALISES.fullmatch(call.name) and any(_root(arg) == root for arg in call.args[:1])
        for call in function.calls
    )


def _root(expr: c.Expr) -> c.Name | None:
    while isinstance(expr, (c.Member, c.Index, c.Unary, c.Cast)):
        expr = expr.base if isinstance(expr, (c.Member, c.Index)) else expr.operand
    return expr if isinstance(expr, c.Name) else None


def _called(expr: c.Expr) -> str:
    """Return the name that is called, be it that of a field that points to a function."""
    if isinstance(expr, c.Call) and isinstance(expr.function, c.Member):
        return expr.function.field
    return call_name(expr) or ""
