# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways out of a function on which what it took is neither given back nor kept by anybody.

The function's own clean-up is the witness: what it gives back on one way out is its own to give back on the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.owning.fates import Fate, fate_at, is_release, may_keep
from reviewbot.checks.owning.results import Result, result_at
from reviewbot.checks.owning.takes import Taking, takings
from reviewbot.checks.rule import Code
from reviewbot.csource import graph
from reviewbot.csource import syntax as c
from reviewbot.csource.access import path_of
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import CallEvent, Write, events
from reviewbot.csource.facts import Facts, value
from reviewbot.csource.functions import call_name, walk
from reviewbot.csource.paths import Outcome, follow

# the last node that lent what is held, or one of these
_NOT_LENT = -1
_NOT_HELD = -2


@dataclass(frozen=True, slots=True)
class Leak:
    """`taking` is left behind by what leaves at `line`; `released` is where another way gives it back, if one does."""

    taking: Taking
    line: int
    error: bool
    released: int | None


def leaks(code: Code, *kinds: str) -> Iterator[Leak]:
    """Yield, for each thing that the function takes, the first way out on which it is lost."""
    seen = set()
    for taking in takings(code):
        if taking.kind in kinds and taking.pointer not in seen:
            leak = _leak(code, taking)
            if leak is not None:
                seen.add(taking.pointer)
                yield leak


def _leak(code: Code, taking: Taking) -> Leak | None:
    cfg = code.cfg
    fates = {node.id: fate_at(code.unit, node, taking.pointer) for node in cfg.nodes}
    releases = {n for n, fate in fates.items() if fate is Fate.RELEASED}
    if taking.kind == "made" and not any(_plainly_released(cfg.nodes[n], taking) for n in releases):
        return None
    if taking.kind == "counted" and not any(_gives_back(code, node, taking) for node in releases):
        return None
    held = _Held(code, taking, fates)
    outcome = follow(cfg, held, code.introduced, known, trusting=True)
    if not outcome.complete:
        return None
    kept = any(fate is Fate.KEPT for fate in fates.values())
    void = code.function.returns.base == "void" and not code.function.returns.pointers
    leaving = [cfg.nodes[cfg.exit]] if void else [n for n in cfg.nodes if n.kind == "return"]
    for node in leaving:
        for state, facts in outcome.at.get(node.id, {}).items():
            for after in held.step(node, state, facts):
                if after == _NOT_HELD or not _is_there(taking, facts):
                    continue
                way = outcome.witness(node.id, state)
                if _declined(code, way, releases, taking):
                    continue
                released = _witness(code, after, taking, releases, way)
                result = result_at(code, node, facts)
                if _lost(taking, after, result, released, kept):
                    line = _leaving(code, outcome, node.id, state, taking)
                    return Leak(taking, line, result is Result.ERROR, released)
    return None


def _lost(taking: Taking, lender: int, result: Result, released: int | None, kept: bool) -> bool:
    """Tell whether what is held at an exit is lost: nobody was shown it, or the function still owned it afterwards."""
    if taking.kind in ("counted", "made"):
        return released is not None and result is Result.ERROR
    if result is not Result.ERROR and (kept or result is Result.OPEN):
        return False
    if lender == _NOT_LENT:
        return True
    return released is not None and (result is Result.ERROR or taking.kind == "found")


def _witness(code: Code, lender: int, taking: Taking, releases: set[int], way: tuple[int, ...]) -> int | None:
    """Return the line of a release that comes after the last function that was lent the object.

    Where that function may have kept it, the release has to be on this side of the test of its result.
    """
    cfg = code.cfg
    start = taking.node if lender == _NOT_LENT else lender
    if taking.kind != "counted" and lender in way and may_keep(cfg.nodes[lender]):
        place = way.index(lender)
        while place + 1 < len(way) and cfg.nodes[way[place]].kind != "condition":
            place += 1
        if place + 1 < len(way):
            start = way[place + 1]
            if start in releases:
                return cfg.nodes[start].line
    # what comes after the variable means another object is none of this one's releases
    again = frozenset(n.id for n in cfg.nodes if n.id == taking.node or _means_another(code, n.id, taking))
    after = graph.reachable(cfg.targets, [edge.target for edge in cfg.successors(start)], again)
    lines = [
        cfg.nodes[n].line for n in releases & after if taking.kind in ("memory", "made") or _gives_back(code, n, taking)
    ]
    return min(lines, default=None)


def _means_another(code: Code, node: int, taking: Taking) -> bool:
    path = taking.pointer
    return any(isinstance(event, Write) and event.path == path for event in events(code.cfg, node))


def _plainly_released(node: CfgNode, taking: Taking) -> bool:
    """Tell whether a node is but a call that gives the object back, and nothing else."""
    call = node.expr if node.kind == "expression" else None
    return (
        isinstance(call, c.Call)
        and _GIVES_BACK.fullmatch(call_name(call) or "") is not None
        and (len(call.args) == 1 or call_name(call) in kernel_api().frees)
        and any(path_of(arg) == taking.pointer for arg in call.args)
    )


_GIVES_BACK = re.compile(r"(?:\w*_)?[a-z]*(?:free|put|release|destroy|drop|unref)(?:_\w+)?")


def _gives_back(code: Code, node: int, taking: Taking) -> bool:
    names = [event.name for event in events(code.cfg, node) if isinstance(event, CallEvent)]
    return any(name in taking.given_back for name in names) or (taking.kind == "found" and any(map(is_release, names)))


def _is_there(taking: Taking, facts: Facts) -> bool:
    """Tell whether there may be anything in the pointer."""
    pointer = c.Name(taking.pointer.root)
    if taking.pointer.steps:
        return True
    found = value(facts, pointer)
    if found is not None and (found.zero or found.negative):
        return False
    for test in ("IS_ERR", "IS_ERR_OR_NULL"):
        asked = value(facts, c.Call(c.Name(test), (pointer,)))
        if asked is not None and asked.zero is False:
            return False
    return True


_TESTS = re.compile(r"\w*(?:NULL|IS_ERR|is_err|ERROR|err_ptr)\w*")


def _declined(code: Code, way: tuple[int, ...], releases: set[int], taking: Taking) -> bool:
    """Tell whether a way passes a condition whose only business is whether the object is given back, and says no.

    As `if (!given) free(p);` does: whose it is otherwise is known to the function, and not here.
    """
    cfg = code.cfg
    since = len(way) - 1 - way[::-1].index(taking.node) if taking.node in way else 0
    if taking.kind == "found" and _says_so(code, way[since:]):
        return True
    for node, taken in zip(way[since + 1 :], way[since + 2 :], strict=False):
        expr = cfg.nodes[node].expr if cfg.nodes[node].kind == "condition" else None
        meets = cfg.postdominators.get(node)
        if expr is None or meets in (None, cfg.exit) or meets not in way[since:]:
            continue
        if any(isinstance(part, c.Name) and part.name == taking.pointer.root for part in walk(expr)):
            continue
        others = [edge.target for edge in cfg.successors(node) if edge.target != taken]
        if graph.reachable(cfg.targets, others, frozenset({meets})) & releases:
            return True
    return False


def _says_so(code: Code, way: tuple[int, ...]) -> bool:
    """Tell whether a comment on the way speaks of keeping the reference, or the way is one on which none was taken.

    A path walk that fails with -ECHILD was under RCU, without references (Documentation/filesystems/path-lookup.rst).
    """
    nodes = [code.cfg.nodes[n] for n in way]
    again = c.Unary("-", c.Name("ECHILD"))
    walks = any(isinstance(n.expr, c.Binary) and n.expr.op == "==" and n.expr.right == again for n in nodes)
    lines = range(nodes[0].line, max(n.line for n in nodes if n.line >= nodes[0].line) + 1)
    return walks or any(_KEEPS_IT.search(code.function.line_text(line)) for line in lines)


_KEEPS_IT = re.compile(r"^\s*(?:/?\*|//).*(?:retain|keep|extra|hold).*\bref")


def _turns_out_not(code: Code, edge: Edge, taking: Taking) -> bool:
    """Tell whether an edge says that the pointer is something else than what was taken, or an error."""
    node = code.cfg.nodes[edge.source]
    expr = node.expr if node.kind == "condition" else None
    if isinstance(expr, c.Name) and edge.label == "true":
        before = code.cfg.predecessors(node.id)
        status = code.cfg.nodes[before[0].source].expr if len(before) == 1 else None
        call = status.value if isinstance(status, c.Assign) and status.target == expr else None
        return call == c.Call(c.Name("PTR_ERR_OR_ZERO"), (c.Name(taking.pointer.root),)) and not taking.pointer.steps
    if isinstance(expr, c.Call):
        tests = _TESTS.fullmatch(call_name(expr) or "") and edge.label == "true"
        return bool(tests) and any(path_of(arg) == taking.pointer for arg in expr.args)
    if isinstance(expr, c.Binary) and expr.op in ("==", "!="):
        same = any(path_of(side) == taking.pointer for side in (expr.left, expr.right))
        return same and edge.label == ("true" if expr.op == "==" else "false")
    return False


def _leaving(code: Code, outcome: Outcome[int], node: int, state: int, taking: Taking) -> int:
    """Return the line of the `goto` by which a way leaves, or of its return."""
    way = outcome.witness(node, state)
    after = way[way.index(taking.node) :] if taking.node in way else way
    for here in reversed(after):
        if any(edge.label == "goto" for edge in code.cfg.successors(here)):
            return code.cfg.nodes[here].line
    return next((code.cfg.nodes[n].line for n in reversed(after) if n != code.cfg.exit), code.function.end_line)


class _Held:
    """Holds the node that the object was last lent at while the function has it in its hands."""

    def __init__(self, code: Code, taking: Taking, fates: dict[int, Fate]) -> None:
        self.code = code
        self.taking = taking
        self.fates = fates
        keeping = {node for node, fate in fates.items() if fate is Fate.KEPT}
        self.keeping = [loop.body for loop in code.cfg.loops if loop.body & keeping and taking.node not in loop.body]

    def start(self) -> int:
        return _NOT_HELD

    def step(self, node: CfgNode, state: int, facts: Facts) -> Iterable[int]:
        fate = self.fates[node.id]
        taken = False
        for event in events(self.code.cfg, node.id):
            if event is self.taking.event:
                taken = True
            elif isinstance(event, Write) and self.taking.pointer.within(event.path):
                state = _NOT_HELD
        if taken:
            return (_NOT_LENT,)
        if state == _NOT_HELD or fate >= Fate.KEPT or (node.kind == "return" and self._leads_on(node)):
            return (_NOT_HELD,)
        return (node.id if fate is Fate.LENT else state,)

    def _leads_on(self, node: CfgNode) -> bool:
        """Tell whether a return hands out what the object leads to."""
        return any(part == c.Name(self.taking.pointer.root) for part in walk(node.expr)) if node.expr else False

    def along(self, edge: Edge, state: int, facts: Facts) -> int:
        if edge.source == self.taking.node and self.taking.kind == "counted":
            node = self.code.cfg.nodes[edge.source]
            if node.kind == "condition" and edge.label == "false":
                return _NOT_HELD
        if _turns_out_not(self.code, edge, self.taking):
            return _NOT_HELD
        # a loop that would keep it is taken to run
        if any(edge.source in body and edge.target not in body for body in self.keeping):
            return _NOT_HELD
        return state if _is_there(self.taking, facts) else _NOT_HELD
