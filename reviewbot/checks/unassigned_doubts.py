# SPDX-License-Identifier: GPL-2.0-or-later
"""When a read that a way reaches without an assignment is none all the same, for reasons that facts do not hold.

Each is a form that working code has again and again: the function keeps in a second variable whether there is a value.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code
from reviewbot.csource import graph
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.assignment import UninitializedRead
from reviewbot.csource.cfg import build_cfg
from reviewbot.csource.events import Read, Write, events
from reviewbot.csource.functions import call_name, walk


def doubtful(code: Code, read: UninitializedRead, assigning: set[int]) -> bool:
    """Tell whether the read is only handed on unread, or guarded by what says whether there is a value.

    `assigning` are the nodes that give the variable a value.
    """
    doubts = _handed_on_unread(code, read) or _has_companion(code, read, assigning) or _switched_alike(code, read)
    return doubts or _guarded_later(code, read, assigning)


def _guarded_later(code: Code, read: UninitializedRead, assigning: set[int]) -> bool:
    """Tell whether a condition that comes after the assignment was passed by decides whether the variable is read.

    What it asks is often enough decided by what passed by the assignment, in ways that facts do not hold.
    """
    cfg, path = code.cfg, read.path
    leads = graph.reachable(graph.reverse([list(targets) for targets in cfg.targets]), assigning)
    passed = max((at for at, node in enumerate(path[:-1]) if node in leads and path[at + 1] not in leads), default=None)
    if passed is None:
        return False
    heads = {loop.head for loop in cfg.loops}
    # another part of the same condition guards it on purpose
    own = {node.id for node in cfg.at_line(read.line)}
    rest = [n for n in path[passed + 1 : -1] if n not in heads | own]
    later = [n for n in rest if cfg.nodes[n].kind in ("condition", "switch")]
    return any(cfg.dominates(node, read.node) and not cfg.postdominates(read.node, node) for node in later)


def _handed_on_unread(code: Code, read: UninitializedRead) -> bool:
    """Tell whether a function of the file is given the value and need not look at it: it asks again by itself."""
    expr = code.cfg.nodes[read.node].expr
    uses = [part for part in walk(expr) if part == c.Name(read.name)] if expr is not None else []
    given = [
        (call, place)
        for call in (walk(expr) if expr is not None else ())
        if isinstance(call, c.Call)
        for place, arg in enumerate(call.args)
        if strip(arg) == c.Name(read.name)
    ]
    return len(given) == len(uses) > 0 and all(_may_ignore(code, call_name(call), place) for call, place in given)


def _may_ignore(code: Code, name: str | None, place: int) -> bool:
    function = code.unit.function(name) if name is not None else None
    if function is None or function.fragment or place >= len(function.params):
        return False
    cfg, parameter = build_cfg(function), function.params[place].name
    looking = {n.id for n in cfg.nodes if any(_reads(event, parameter) for event in events(cfg, n.id))}
    return cfg.exit in graph.reachable(cfg.targets, [cfg.entry], frozenset(looking))


def _reads(event: object, name: str) -> bool:
    return isinstance(event, Read) and event.path.root == name


def _has_companion(code: Code, read: UninitializedRead, assigning: set[int]) -> bool:
    """Tell whether a condition before the read asks a variable that starts as nothing and is set along with this one.

    As in `if (prev && …) use(prev_id);` with `prev = NULL` at first, and `prev = x; prev_id = x->id;` together.
    """
    cfg = code.cfg
    above = graph.dominators(cfg.targets, cfg.entry)
    for place, node in enumerate(map(cfg.nodes.__getitem__, read.path[:-1])):
        if node.kind != "condition" or node.expr is None or not graph.dominates(above, node.id, read.node):
            continue
        taken = next((edge.label for edge in cfg.successors(node.id) if edge.target == read.path[place + 1]), "")
        for name in _starting_empty(code) & {part.name for part in walk(node.expr) if isinstance(part, c.Name)}:
            setting = _setting(code, name)
            along = {
                a for a in assigning for s in setting if graph.dominates(above, s, a) or graph.dominates(above, a, s)
            }
            if taken == "true" and setting and along == assigning:
                return True
    return False


def _starting_empty(code: Code) -> set[str]:
    """Return the local variables that are declared as NULL, zero or false."""
    return {v.name for v in code.function.locals if v.init is not None and _is_nothing(v.init)}


def _is_nothing(expr: c.Expr) -> bool:
    expr = strip(expr)
    return (isinstance(expr, c.Number) and expr.value == 0) or expr in (c.Name("NULL"), c.Name("false"))


def _setting(code: Code, name: str) -> list[int]:
    """Return the nodes that give a variable something else than nothing."""
    return [
        node.id
        for node in code.cfg.nodes
        for event in events(code.cfg, node.id)
        if isinstance(event, Write)
        and event.op != "declare"
        and event.path == AccessPath(name)
        and not (event.value is not None and _is_nothing(event.value))
    ]


def _switched_alike(code: Code, read: UninitializedRead) -> bool:
    """Tell whether the assignment depends on bits of what a switch around the read decides by (`cmd & IOC_IN`)."""
    nodes = [code.cfg.nodes[node] for node in read.path[:-1]]
    switched = {path_of(strip(n.expr)) for n in nodes if n.kind == "switch" and n.expr is not None}
    asked = (n.expr for n in nodes if n.kind == "condition" and n.expr is not None)
    return any(path in switched for expr in asked for path in _masked(expr))


def _masked(expr: c.Expr) -> Iterator[AccessPath | None]:
    for part in walk(expr):
        if isinstance(part, c.Binary) and part.op == "&":
            yield path_of(strip(part.left))
