# SPDX-License-Identifier: GPL-2.0-or-later
"""What conditions say of shared places: on an edge, on every way to some point, for a function to return true."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from reviewbot.checks.waits.places import Atom, Place, Scope, place_of, spelled, target_of
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import Cfg, Edge, build_cfg
from reviewbot.csource.constants import evaluate
from reviewbot.csource.functions import call_name
from reviewbot.csource.kernelmacros import words

_FLIPPED = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_READS_VALUE = words("READ_ONCE ACCESS_ONCE __READ_ONCE data_race smp_load_acquire rcu_dereference")
_READS_TARGET = words(
    "atomic_read atomic64_read atomic_long_read atomic_read_acquire atomic64_read_acquire atomic_long_read_acquire "
    "refcount_read local_read"
)
_DEEPEST = 3
_TESTS_BIT = words("test_bit test_bit_acquire constant_test_bit")
_DROPS_TO_ZERO = words(
    "atomic_dec_and_test atomic64_dec_and_test atomic_long_dec_and_test refcount_dec_and_test atomic_sub_and_test "
    "refcount_sub_and_test atomic_dec_and_lock refcount_dec_and_lock"
)


def facts(scope: Scope, expr: c.Expr, truth: bool, depth: int = 0) -> tuple[Atom, ...]:
    """Return what is known of shared places when `expr` came out as `truth`.

    Calls of functions of the same file are looked into: what has to hold for them to return that.
    """
    expr = strip(expr)
    if isinstance(expr, c.Unary) and expr.op == "!":
        return facts(scope, expr.operand, not truth, depth)
    if isinstance(expr, c.Binary):
        if expr.op in ("&&", "||"):
            if truth != (expr.op == "&&"):
                return ()
            return facts(scope, expr.left, truth, depth) + facts(scope, expr.right, truth, depth)
        if expr.op in _FLIPPED:
            return _compared(scope, expr, truth, depth)
        if expr.op == "&":
            place = place_of(scope, _read(expr.left))
            return _tested(replace(place, bit=spelled(expr.right)), truth) if place is not None else ()
        return ()
    if isinstance(expr, c.Call):
        return _called(scope, expr, truth, depth)
    place = place_of(scope, expr)
    return _tested(place, truth) if place is not None else ()


def _tested(place: Place, truth: bool) -> tuple[Atom, ...]:
    return (Atom(place, "!=" if truth else "==", 0),)


def _compared(scope: Scope, expr: c.Binary, truth: bool, depth: int) -> tuple[Atom, ...]:
    for side, other, op in ((expr.left, expr.right, expr.op), (expr.right, expr.left, _FLIPPED[expr.op])):
        value = evaluate(other, scope.unit.constants)
        if value is None:
            continue
        if value == 0 and op in ("==", "!="):
            return facts(scope, side, truth == (op == "!="), depth)
        place = _value_read(scope, side)
        if place is not None:
            atom = Atom(place, op, value)
            return (atom if truth else atom.negated(),)
    return ()


def _read(expr: c.Expr) -> c.Expr:
    """Take off what only reads its argument."""
    expr = strip(expr)
    if isinstance(expr, c.Call) and call_name(expr) in _READS_VALUE and len(expr.args) == 1:
        inner = strip(expr.args[0])
        return inner.operand if isinstance(inner, c.Unary) and inner.op == "&" else inner
    return expr


def _value_read(scope: Scope, expr: c.Expr) -> Place | None:
    """Return the place whose value `expr` is."""
    expr = _read(expr)
    if isinstance(expr, c.Call):
        if call_name(expr) in _READS_TARGET and expr.args:
            return target_of(scope, expr.args[0])
        return None
    if isinstance(expr, c.Update) and expr.prefix:
        return place_of(scope, expr.operand)
    return place_of(scope, expr.target if isinstance(expr, c.Assign) else expr)


def _called(scope: Scope, expr: c.Call, truth: bool, depth: int) -> tuple[Atom, ...]:
    name = call_name(expr)
    if name in _TESTS_BIT and len(expr.args) == 2:
        place = target_of(scope, expr.args[1])
        return _tested(replace(place, bit=spelled(expr.args[0])), truth) if place is not None else ()
    if name in _DROPS_TO_ZERO and expr.args:
        place = target_of(scope, expr.args[0] if "sub" not in name else expr.args[-1])
        return _tested(place, not truth) if place is not None else ()
    place = _value_read(scope, expr)
    if place is not None:
        return _tested(place, truth)
    if depth > _DEEPEST:
        return ()
    for arg in map(strip, expr.args):
        # what walks something with a callback stops at, and returns, a result of it that is not zero
        callback = scope.unit.function(arg.name) if isinstance(arg, c.Name) and not scope.is_local(arg.name) else None
        if callback is not None:
            return outcome(Scope(callback, scope.unit), truth, depth + 1)
    function = scope.unit.function(name) if name else None
    if function is None:
        return ()
    return outcome(Scope(function, scope.unit), truth, depth + 1)


def necessary(
    scope: Scope, cfg: Cfg, start: int, goal: int, avoiding: Iterable[int] = (), depth: int = 0
) -> tuple[tuple[Atom, int], ...]:
    """Return what has to hold to get from `start` to `goal`, each atom with the line of its condition.

    A condition counts when only one of its outcomes lets control get there without passing `avoiding` or itself again.
    """
    avoid = frozenset(avoiding)
    found: list[tuple[Atom, int]] = []
    for node in cfg.nodes:
        if node.kind != "condition" or node.expr is None or node.id in avoid:
            continue
        if node.id != start and cfg.path(start, node.id, avoid) is None:
            continue
        leads = {edge.label: _gets(cfg, edge, goal, avoid | {node.id}) for edge in cfg.successors(node.id)}
        if leads.get("true") == leads.get("false") or len(leads) < 2:
            continue
        if cfg.path(start, goal, avoid | {node.id}) is not None:
            continue
        found += [(atom, node.line) for atom in facts(scope, node.expr, bool(leads["true"]), depth)]
    return tuple(found)


def _gets(cfg: Cfg, edge: Edge, goal: int, avoid: frozenset[int]) -> bool:
    return edge.target == goal or (edge.target not in avoid and cfg.path(edge.target, goal, avoid) is not None)


def outcome(scope: Scope, truth: bool, depth: int) -> tuple[Atom, ...]:
    """Return what has to hold for a function to return a value that is true (or false, by `truth`).

    Only what all returns with that outcome have in common is returned; () when that is nothing.
    """
    if scope.function.fragment or scope.function.errors:
        return ()
    cfg = build_cfg(scope.function)
    common: tuple[Atom, ...] | None = None
    for node in cfg.nodes:
        if node.kind != "return" or node.expr is None or node.id not in cfg.reachable:
            continue
        value = evaluate(node.expr, scope.unit.constants)
        if value is not None and bool(value) != truth:
            continue
        held = tuple(atom for atom, _ in necessary(scope, cfg, cfg.entry, node.id, depth=depth))
        if value is None:
            held += facts(scope, node.expr, truth, depth)
        common = held if common is None else tuple(atom for atom in common if atom in held)
    return common or ()


def edge_facts(scope: Scope, cfg: Cfg, edge: Edge) -> tuple[Atom, ...]:
    """Return what is known of shared places once control has taken an edge."""
    node = cfg.nodes[edge.source]
    if node.kind != "condition" or node.expr is None or edge.label not in ("true", "false"):
        return ()
    return facts(scope, node.expr, edge.label == "true")


def cuts(scope: Scope, cfg: Cfg, when: Callable[[Atom], bool]) -> frozenset[tuple[int, int]]:
    """Return the (source, target) of the edges on which some known fact satisfies `when`."""
    return frozenset(
        (edge.source, edge.target)
        for node in cfg.nodes
        if node.kind == "condition"
        for edge in cfg.successors(node.id)
        if any(when(atom) for atom in edge_facts(scope, cfg, edge))
    )
