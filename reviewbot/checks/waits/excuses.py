# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes that end what sleepers wait for, and after which nobody has to be woken."""

from __future__ import annotations

import re

from reviewbot.checks.waits.places import Atom
from reviewbot.checks.waits.protocols import Wait, calls_at
from reviewbot.checks.waits.wakes import WAKES_QUEUE, Wakers
from reviewbot.checks.waits.writes import Store, stores_to
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import Cfg, build_cfg
from reviewbot.csource.functions import Function, call_name, walk
from reviewbot.csource.parse import Unit

_HELD = re.compile(r"\b(?:holding|held|holds?)\b")


def excused(function: Function, node: int, store: Store, wait: Wait, gone: Atom, wakers: Wakers) -> bool:
    """Tell whether nobody can be asleep when `store` is made at `node`, or the function knows who can be."""
    cfg = build_cfg(function)
    return (
        _gave_up(cfg, node, wait)
        or _waited_itself(function, node, gone, wakers)
        or _told_apart(function, node, store, wakers)
        or _nobody_there(wakers.unit, function)
        or _one_at_a_time(function, wait)
        or _one_of_many(wakers.unit, gone)
    )


def _nobody_there(unit: Unit, function: Function) -> bool:
    """Tell whether the function is called when nobody can be in the others: the last close, or with tasks frozen."""
    name = re.escape(function.name.encode("utf-8", "surrogateescape"))
    return re.search(rb"\.(?:release|freeze|suspend\w*)\s*=\s*%s\b" % name, unit.source.data) is not None


def _one_at_a_time(function: Function, wait: Wait) -> bool:
    """Tell whether only the function itself sleeps so, and the comment above it says that a lock is held meanwhile."""
    above = " ".join(function.line_text(function.start_line - back) for back in range(1, 4))
    return wait.function is function and _HELD.search(above) is not None


def _one_of_many(unit: Unit, gone: Atom) -> bool:
    """Tell whether what is waited for is one state of several: it ends only what was in just this state before."""
    values = {store.value for _, _, store in stores_to(unit, gone.place.name) if store.kind == "set"} - {None}
    return gone.op == "==" and gone.value not in (0, 1) and len(values) >= 3


def _told_apart(function: Function, node: int, store: Store, wakers: Wakers) -> bool:
    """Tell whether the function wakes the queue where it writes the same elsewhere, and another queue here.

    Then it knows who can be waiting at which time.
    """
    cfg = build_cfg(function)
    wakes = [n.id for n in cfg.nodes if any(WAKES_QUEUE.fullmatch(call.name or "") for call in calls_at(cfg, n.id))]
    here = [n for n in wakes if cfg.dominates(node, n) and cfg.postdominates(n, node)]
    twins = [n for f, n, s in stores_to(wakers.unit, store.place.name) if f is function and s.source == store.source]
    return bool(here) and any(
        wakers.unwoken(function, twin) is None for twin in twins if twin != node and not cfg.reaches(twin, node)
    )


def _waited_itself(function: Function, node: int, gone: Atom, wakers: Wakers) -> bool:
    """Tell whether the writer has waited for the same itself, and written nothing to it since: it has ended."""
    cfg = build_cfg(function)
    stores = {n for f, n, _ in stores_to(wakers.unit, gone.place.name) if f is function} - {node}
    waited = [
        n.id
        for n in cfg.nodes
        for call in calls_at(cfg, n.id)
        if (call.name or "").startswith("wait_event") and _names(call.args, gone.place.name)
    ]
    if waited:
        waited += [n.id for n in cfg.nodes if n.kind == "condition" and n.expr and _names((n.expr,), gone.place.name)]
    return (
        bool(waited)
        and cfg.path(cfg.entry, [node], frozenset(waited)) is None
        and not any(
            cfg.reaches(wait, store, [node]) and cfg.reaches(store, node) for wait in waited for store in stores
        )
    )


def _names(exprs: tuple[c.Expr, ...], name: str) -> bool:
    parts = [part for expr in exprs for part in walk(expr)]
    return any(part == c.Name(name) or (isinstance(part, c.Member) and part.field == name) for part in parts)


def _gave_up(cfg: Cfg, node: int, wait: Wait) -> bool:
    """Tell whether the writer is the waiter, which a signal has woken: what it waited for was its own."""
    if cfg.function is not wait.function:
        return False
    waited = {
        value.target
        for n in cfg.nodes
        if isinstance(value := n.expr, c.Assign) and (call_name(strip(value.value)) or "").startswith("wait_event")
    }
    return any(
        n.kind == "condition" and n.expr in waited and edge.label == "true" and cfg.dominates(edge.target, node)
        for n in cfg.nodes
        for edge in cfg.successors(n.id)
    )
