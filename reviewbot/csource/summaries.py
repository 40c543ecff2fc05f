# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding out what functions do from their code: facts flow from callees to callers until nothing changes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import replace

from reviewbot.csource import syntax as c
from reviewbot.csource.access import path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, build_cfg
from reviewbot.csource.dataflow import solve
from reviewbot.csource.events import CallEvent, Write, events
from reviewbot.csource.functions import CallSite, Function, call_name
from reviewbot.csource.parse import Unit
from reviewbot.csource.summary import Summary, from_table, substitute

__all__ = ["Summary", "from_table", "summarize"]

_ERRNO = re.compile(r"E[A-Z0-9]{2,}$")
_MAY_SLEEP_FLAGS = re.compile(r"\bGFP_(?:KERNEL|USER|HIGHUSER|NOFS|NOIO)|__GFP_(?:DIRECT_RECLAIM|WAIT)\b")
_PLACES = ("wakes", "wakes_tasks", "acquires", "releases")
_NUMBERS = ("frees", "puts")
_RESULTS = ("returns_null", "returns_error_pointer", "returns_negative")


class _Gathered:
    """What was found of one function so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.sets: dict[str, set[str]] = {key: set() for key in (*_PLACES, "sets_state")}
        self.numbers: dict[str, set[int]] = {key: set() for key in _NUMBERS}
        self.flags: dict[str, bool] = dict.fromkeys(("sleeps", "schedules", *_RESULTS), False)

    def summary(self) -> Summary:
        strings = {key: frozenset(value) for key, value in self.sets.items()}
        numbers = {key: frozenset(value) for key, value in self.numbers.items()}
        return replace(Summary(self.name), **strings, **numbers, **self.flags)  # type: ignore[arg-type]


class _Function:
    """A function with what its summary is computed from, read once."""

    def __init__(self, function: Function, interesting: Iterable[str]) -> None:
        wanted = set(interesting)
        self.function = function
        self.params = {p.name: n for n, p in enumerate(function.params) if p.name}
        self.own = {v.name for v in function.locals}
        self.calls = [site for site in function.calls if site.name in wanted]
        self.returned = list(self._returned())

    def _returned(self) -> Iterable[tuple[c.Expr, bool]]:
        """Yield what is returned, and what is assigned to variables that are (True)."""
        values = [s.value for s in self.function.statements if isinstance(s, c.Return) and s.value is not None]
        yield from ((value, False) for value in values)
        names = {value.name for value in values if isinstance(value, c.Name)}
        if not names:
            return
        for stmt in self.function.statements:
            if isinstance(stmt, c.Declare):
                yield from ((v.init, True) for v in stmt.variables if v.name in names and v.init is not None)
        for expr in self.function.expressions:
            if isinstance(expr, c.Assign) and isinstance(expr.target, c.Name) and expr.target.name in names:
                yield expr.value, True


class _Summarizer:
    def __init__(self, functions: Mapping[str, tuple[Function, ...]]) -> None:
        self.api = kernel_api()
        names = {
            site.name for group in functions.values() for function in group for site in function.calls if site.name
        }
        self.table = {name: known for name in names if (known := from_table(name, self.api)) is not None}
        interesting = [*functions, *self.table]
        self.functions = {name: [_Function(f, interesting) for f in group] for name, group in functions.items()}
        self.found: dict[str, Summary] = {name: Summary(name) for name in functions}

    def of(self, name: str | None) -> Summary | None:
        return None if name is None else self.found.get(name) or self.table.get(name)

    def run(self) -> Mapping[str, Summary]:
        callers: dict[str, set[str]] = {}
        for name, group in self.functions.items():
            for function in group:
                for site in function.calls:
                    callers.setdefault(site.name or "", set()).add(name)
        queue = deque(self.functions)
        waiting = set(queue)
        while queue:
            name = queue.popleft()
            waiting.discard(name)
            after = self._summary(name)
            if after != self.found[name]:
                self.found[name] = after
                for caller in sorted(callers.get(name, ())):
                    if caller not in waiting:
                        waiting.add(caller)
                        queue.append(caller)
        for name, group in self.functions.items():
            whole = [f for f in group if not f.function.fragment]
            if whole:
                initialised = frozenset.intersection(*(self._initialised(f) for f in whole))
                self.found[name] = replace(self.found[name], initialises=initialised, noreturn=_noreturn(whole))
        return self.found

    def _summary(self, name: str) -> Summary:
        out = _Gathered(name)
        for function in self.functions[name]:
            for site in function.calls:
                called = self.of(site.name)
                if called is not None:
                    self._add(out, called, site, function)
            for value, assigned in function.returned:
                self._add_result(out, value, assigned, function)
        return out.summary()

    def _add(self, out: _Gathered, called: Summary, site: CallSite, function: _Function) -> None:
        """Add what a call makes its caller do."""
        out.flags["sleeps"] |= called.sleeps or self._sleeps_by_flags(site)
        out.flags["schedules"] |= called.schedules
        out.sets["sets_state"] |= called.sets_state
        state = self.api.sets_state.get(called.name, -1)
        if 0 <= state < len(site.args):
            path = path_of(site.args[state])
            out.sets["sets_state"] |= {str(path)} if path is not None else set()
        for key in _PLACES:
            for place in getattr(called, key):
                seen = substitute(place, site.args, function.params)
                if seen is not None and re.split(r"\W", seen, maxsplit=1)[0] not in function.own:
                    out.sets[key].add(seen)
        for key in _NUMBERS:
            for number in getattr(called, key):
                path = path_of(site.args[number]) if number < len(site.args) else None
                if path is not None and not path.steps and path.root in function.params:
                    out.numbers[key].add(function.params[path.root])

    def _sleeps_by_flags(self, site: CallSite) -> bool:
        flags = self.api.sleeps_by_flags.get(site.name or "")
        return flags is not None and flags < len(site.args) and bool(_MAY_SLEEP_FLAGS.search(repr(site.args[flags])))

    def _add_result(self, out: _Gathered, expr: c.Expr, assigned: bool, function: _Function) -> None:
        expr = strip(expr)
        if isinstance(expr, c.Conditional):
            for branch in (expr.then, expr.otherwise):
                if branch is not None:
                    self._add_result(out, branch, assigned, function)
        elif isinstance(expr, c.Name) and expr.name == "NULL":
            # an assigned NULL is usually only a beginning
            out.flags["returns_null"] |= not assigned
        elif isinstance(expr, c.Number):
            out.flags["returns_null"] |= expr.value == 0 and bool(function.function.returns.pointers) and not assigned
        elif isinstance(expr, c.Unary) and expr.op == "-":
            inner = expr.operand
            named = isinstance(inner, c.Name) and bool(_ERRNO.match(inner.name))
            out.flags["returns_negative"] |= named or (isinstance(inner, c.Number) and bool(inner.value))
        else:
            called = self.of(call_name(expr))
            for key in _RESULTS if called is not None else ():
                out.flags[key] |= getattr(called, key)

    def _initialised(self, function: _Function) -> frozenset[int]:
        params = {p.name: n for n, p in enumerate(function.function.params) if p.name and p.type.pointers}
        stores = any(
            isinstance(e, c.Assign) and path.root in params and path.steps in (("*",), ("[]",))
            for e in function.function.expressions
            if isinstance(e, c.Assign) and (path := path_of(e.target)) is not None
        )
        if not stores and not any(self._hands_on(site) for site in function.calls):
            return frozenset()
        analysis = _Initialised(self, function.function, params)
        return solve(analysis.cfg, analysis).before.get(analysis.cfg.exit, frozenset())

    def _hands_on(self, site: CallSite) -> bool:
        called = self.of(site.name)
        return called is not None and bool(called.initialises)


def _noreturn(functions: Iterable[_Function]) -> bool:
    """Tell whether none of the functions comes to its end; only those without any `return` are looked at closely."""
    for function in functions:
        if any(isinstance(stmt, c.Return) for stmt in function.function.statements):
            return False
        cfg = build_cfg(function.function)
        if cfg.exit in cfg.reachable:
            return False
    return True


class _Initialised:
    """Which parameters' targets surely have a value."""

    forward = True

    def __init__(self, summarizer: _Summarizer, function: Function, params: Mapping[str, int]) -> None:
        self.summarizer = summarizer
        self.cfg = build_cfg(function)
        self.params = params

    def start(self) -> frozenset[int]:
        return frozenset()

    def transfer(self, node: CfgNode, state: frozenset[int]) -> frozenset[int]:
        for event in events(self.cfg, node.id):
            if event.maybe:
                continue
            if isinstance(event, Write) and event.path.root in self.params and event.path.steps in (("*",), ("[]",)):
                state |= {self.params[event.path.root]}
            elif isinstance(event, CallEvent):
                called = self.summarizer.of(event.name)
                for number in called.initialises if called is not None else ():
                    path = path_of(event.args[number]) if number < len(event.args) else None
                    if path is not None and not path.steps and path.root in self.params:
                        state |= {self.params[path.root]}
        return state

    def along(self, edge: Edge, state: frozenset[int]) -> frozenset[int]:
        return state

    def join(self, a: frozenset[int], b: frozenset[int]) -> frozenset[int]:
        return a & b


def summarize(units: Iterable[Unit]) -> Mapping[str, Summary]:
    """Return a summary of each function of some files, by name; those of one name are taken together."""
    functions: dict[str, tuple[Function, ...]] = {}
    for unit in units:
        for function in unit.functions:
            if function.name:
                functions[function.name] = (*functions.get(function.name, ()), function)
    return _Summarizer(functions).run()
