# SPDX-License-Identifier: GPL-2.0-or-later
"""Facts about values along a path: what conditions and assignments passed on the way tell.

A fact is about an expression as written (`p`, `mem->count`, `flags & BIT`, `IS_ERR(p)`) and holds until something it
depends on may change. Facts make two conditions on one path contradict each other, which is all they are for: they
never prove that code is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from reviewbot.csource import ranges
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, strip
from reviewbot.csource.cfg import Cfg, CfgNode, Edge
from reviewbot.csource.cfgparts import unwrap
from reviewbot.csource.events import AddressOf, CallEvent, Declared, Event, Read, Write, events, events_of
from reviewbot.csource.functions import call_name
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.memo import kept
from reviewbot.csource.ranges import Range
from reviewbot.csource.rounds import asked_in_rounds

_COMPARISONS = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
# calls whose value depends on their arguments alone, and which change nothing
PURE = words(
    "IS_ERR IS_ERR_OR_NULL PTR_ERR ERR_PTR ERR_CAST PTR_ERR_OR_ZERO IS_ENABLED unlikely likely READ_ONCE min max "
    "IS_ALIGNED PAGE_ALIGNED BIT is_power_of_2 S_ISDIR S_ISREG S_ISLNK ARRAY_SIZE round_up round_down"
)
# calls that leave all memory that a fact may be about alone
_HARMLESS = PURE | words("printk pr_err pr_warn pr_info pr_debug pr_notice WARN WARN_ONCE WARN_ON WARN_ON_ONCE dev_err")
_CONSTANT = re.compile(r"[A-Z_][A-Z0-9_]*$")
_MOST_FACTS = 40


@dataclass(frozen=True, slots=True)
class Key:
    """What a fact is about, and the places that it depends on."""

    expr: c.Expr
    depends: tuple[AccessPath, ...] = field(compare=False)
    pure: bool = field(default=True, compare=False)


@dataclass(frozen=True, eq=False, slots=True)
class Scope:
    """What facts need to know of a function: which variables nothing but the function itself can change.

    `trusting` is for analyses that had rather miss something than be wrong: it takes conditions written alike to turn
    out alike, calls and shared memory included, until the function itself writes what they depend on or goes round a
    loop.
    """

    private: frozenset[str]
    introduced: frozenset[str]
    trusting: bool


@kept
def _taken(cfg: Cfg) -> frozenset[str]:
    """Return the variables whose own address is taken."""
    return frozenset(
        event.path.root
        for node in cfg.nodes
        for event in events(cfg, node.id)
        if isinstance(event, AddressOf) and not any(step[:2] == "->" or step == "*" for step in event.path.steps)
    )


def scope(cfg: Cfg, introduced: frozenset[str] = frozenset(), trusting: bool = False) -> Scope:
    """Return the scope of a function; `introduced` are the names that unseen code cannot mention."""
    own = {v.name for v in (*cfg.function.params, *cfg.function.locals)}
    statics = {v.name for v in cfg.function.locals if "static" in v.storage}
    return Scope(frozenset(own - _taken(cfg) - statics), introduced, trusting)


Facts = Mapping[Key, Range]
NOTHING: Facts = {}


def _key(expr: c.Expr) -> Key | None:
    """Return the key of an expression whose value stays the same while what it depends on does."""
    if not isinstance(expr, (c.Name, c.Member, c.Index, c.Unary, c.Binary, c.Call)):
        return None
    depends, pure = [], True
    for event in events_of(expr):
        if isinstance(event, Read):
            if event.path.steps or not _CONSTANT.match(event.path.root):
                depends.append(event.path)
        elif isinstance(event, CallEvent):
            pure = pure and event.name in PURE
        elif isinstance(event, Write):
            return None
    return Key(expr, tuple(depends), pure)


def _atom(expr: c.Expr, truth: bool) -> tuple[Key, Range] | None:
    """Return what a condition's outcome tells, None where it tells nothing."""
    if isinstance(expr, c.Binary) and expr.op in _COMPARISONS:
        op = expr.op if truth else _COMPARISONS[expr.op]
        left, right = unwrap(strip(expr.left)), unwrap(strip(expr.right))
        point = ranges.point_of(right)
        if point is None:
            left, right, op = right, left, _MIRRORED[op]
            point = ranges.point_of(right)
        if point is not None:
            found = ranges.compared(op, point)
            if isinstance(left, c.Assign) and left.op == "=":
                left = left.target
            key = _key(left)
            return (key, found) if key is not None and found is not None else None
        if expr.op == "!=":
            # `a != b` and `a == b` are one fact
            expr, truth = c.Binary("==", expr.left, expr.right, line=expr.line), not truth
    elif isinstance(expr, c.Assign) and expr.op == "=":
        expr = expr.target
    elif call_name(expr) == "IS_ENABLED" and isinstance(expr, c.Call) and isinstance(expr.args[0], c.Name):
        return _option(expr.args[0].name), Range(no=frozenset({0})) if truth else ranges.exactly(0)
    key = _key(strip(expr))
    return (key, Range(no=frozenset({0})) if truth else ranges.exactly(0)) if key is not None else None


def refine(facts: Facts, expr: c.Expr, truth: bool, trusting: bool = False) -> Facts | None:
    """Return the facts after `expr` turned out true or false, None if it cannot have."""
    known = value(facts, expr)
    if known is not None and known.zero is truth:
        return None
    found = _atom(expr, truth)
    if found is None:
        return facts
    key, wanted = found
    if not key.pure and not trusting:
        return facts
    met = ranges.meet(facts.get(key, ranges.TOP), wanted)
    if met is None:
        return None
    if key not in facts and len(facts) >= _MOST_FACTS:
        return facts
    return {**facts, key: met}


def value(facts: Facts, expr: c.Expr) -> Range | None:
    """Return what is known of the value of `expr`, None if nothing is."""
    expr = strip(expr)
    point = ranges.point_of(expr)
    if point is not None:
        return ranges.exactly(point)
    if isinstance(expr, c.Unary) and expr.op == "!":
        inner = value(facts, expr.operand)
        return None if inner is None or inner.zero is None else ranges.exactly(int(inner.zero))
    address = isinstance(expr, (c.String, c.CompoundLiteral)) or (isinstance(expr, c.Unary) and expr.op == "&")
    if address or call_name(expr) == "ERR_PTR":
        return Range(no=frozenset({0}))
    return facts.get(Key(expr, ()))


def _touches(written: AccessPath, read: AccessPath, scope_: Scope) -> bool:
    """Tell whether writing one place may change what is read at another."""
    if written.root == read.root and (read.within(written) or written.within(read)):
        return True
    if not written.steps or (not read.steps and read.root in scope_.private):
        # a whole variable is only changed under its own name
        return False
    if written.steps[-1][-1] in "*]" or not read.steps or read.steps[-1][-1] in "*]":
        return not (written.root in scope_.private and "->" not in "".join(written.steps) and written.root != read.root)
    return written.last_field == read.last_field


def _without(facts: Facts, written: AccessPath, scope_: Scope) -> Facts:
    kept = {k: r for k, r in facts.items() if not any(_touches(written, d, scope_) for d in k.depends)}
    return kept if len(kept) < len(facts) else facts


def _private(path: AccessPath, scope_: Scope) -> bool:
    """Tell whether only the function itself can change what is at `path`."""
    return path.root in scope_.private and all(step.startswith(".") for step in path.steps)


def after_event(facts: Facts, event: Event, scope_: Scope) -> Facts:
    """Return the facts after an event."""
    if isinstance(event, Write):
        known = value(facts, event.value) if event.value is not None and event.op in ("=", "declare") else None
        facts = _without(facts, event.path, scope_)
        if known is not None and not event.maybe and event.value is not None and len(facts) < _MOST_FACTS:
            key = _place_key(event.path)
            if key is not None:
                facts = {**facts, key: known}
    elif isinstance(event, Declared):
        facts = _without(facts, event.path, scope_)
    elif isinstance(event, AddressOf):
        if event.path.root not in scope_.private:
            facts = _without(facts, event.path, scope_)
    elif isinstance(event, CallEvent) and event.name not in _HARMLESS and not scope_.trusting:
        return {k: r for k, r in facts.items() if all(_private(d, scope_) for d in k.depends)}
    return facts


def _place_key(path: AccessPath) -> Key | None:
    if not path.steps:
        return Key(c.Name(path.root), (path,))
    expr: c.Expr = c.Name(path.root)
    depends = [AccessPath(path.root)]
    for count, step in enumerate(path.steps, 1):
        if step == "[]" or path.root.endswith("()"):
            return None
        arrow = step.startswith("->")
        expr = c.Unary("*", expr) if step == "*" else c.Member(expr, step.lstrip("->."), arrow)
        depends.append(AccessPath(path.root, path.steps[:count]))
    return Key(expr, tuple(depends))


def after_node(facts: Facts, cfg: Cfg, node: CfgNode, scope_: Scope) -> Facts | None:
    """Return the facts after a node: a gap leaves only what is about names that unseen code cannot mention.

    None if a trusting analysis comes here with a pointer that is NULL and the node follows it.
    """
    if node.kind == "gap":
        return {k: r for k, r in facts.items() if all(d.root in scope_.introduced and not d.steps for d in k.depends)}
    for event in events(cfg, node.id):
        if scope_.trusting and facts and _follows_null(facts, event):
            return None
        facts = after_event(facts, event, scope_)
    return facts


def _follows_null(facts: Facts, event: Event) -> bool:
    if not isinstance(event, (Read, Write)) or event.maybe or not event.path.steps or event.path.steps[0][:2] != "->":
        return False
    known = facts.get(Key(c.Name(event.path.root), ()))
    return known is not None and known.zero is True


_DEFINED = re.compile(r"#\s*(?:ifdef|ifndef|if\s+(!?)\s*(?:defined|IS_ENABLED))\s*\(?\s*(\w+)\s*\)?$")


def _option(name: str) -> Key:
    """Return what is known of a configuration option under; `#ifdef X` and `IS_ENABLED(X)` ask the same."""
    return Key(c.Name(f"#{name}"), ())


def _configured(facts: Facts, branch: c.Branch) -> Facts | None:
    """Return the facts in a branch of `#if`: branches under one condition are taken together or not at all."""
    passed = dict(facts)
    for number, text in enumerate(branch.conditions):
        holds = number == len(branch.conditions) - 1
        if text.lstrip("# ").startswith("else"):
            continue
        found = _DEFINED.match(text)
        if found and (found.group(1) or "ifndef" in text):
            holds = not holds
        key = _option(found.group(2) if found else text)
        met = ranges.meet(passed.get(key, ranges.TOP), Range(no=frozenset({0})) if holds else ranges.exactly(0))
        if met is None:
            return None
        passed[key] = met
    return passed


def after_edge(facts: Facts, cfg: Cfg, edge: Edge, scope_: Scope) -> Facts | None:
    """Return the facts after an edge, None if it contradicts them."""
    node = cfg.nodes[edge.source]
    if scope_.trusting and edge.back:
        asked = asked_in_rounds(cfg, edge.target)
        lasting = (k for k in facts if k.expr not in asked or (k.pure and all(_private(d, scope_) for d in k.depends)))
        facts = {k: facts[k] for k in lasting}
    branch = cfg.nodes[edge.target].stmt
    if isinstance(branch, c.Branch):
        return _configured(facts, branch)
    if node.kind == "condition" and node.expr is not None and edge.label in ("true", "false"):
        return refine(facts, node.expr, edge.label == "true", scope_.trusting)
    if node.kind == "switch" and node.expr is not None:
        if edge.label == "case" and edge.value is not None and edge.high is None:
            return refine(facts, c.Binary("==", node.expr, edge.value, line=node.line), True, scope_.trusting)
        if edge.label == "default":
            passed: Facts | None = facts
            for other in cfg.successors(edge.source):
                if passed is not None and other.label == "case" and other.value is not None and other.high is None:
                    passed = refine(
                        passed, c.Binary("==", node.expr, other.value, line=node.line), False, scope_.trusting
                    )
            return passed
    return facts


def join(a: Facts, b: Facts) -> Facts:
    """Return the facts that hold whichever of two ways was taken."""
    if a is b:
        return a
    out = {}
    for key, range_ in a.items():
        other = b.get(key)
        if other is not None:
            both = range_ if range_ == other else ranges.join(range_, other)
            if both != ranges.TOP:
                out[key] = both
    return out
