# SPDX-License-Identifier: GPL-2.0-or-later
"""Steps that failed and are undone all the same, because the way out is that of a later step."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.pointers import asked
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import path_of, strip
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import CallEvent, Write, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import call_name
from reviewbot.csource.paths import follow

# a word in the name of a step, and those that its counterpart may have in its place
_COUNTERPARTS = {
    "register": ("unregister", "deregister"),
    "add": ("del", "remove", "delete"),
    "create": ("destroy", "remove"),
    "attach": ("detach",),
    "map": ("unmap",),
    "link": ("unlink",),
    "enable": ("disable",),
    "mount": ("unmount", "umount"),
    "insert": ("remove",),
    "install": ("uninstall",),
    "subscribe": ("unsubscribe",),
}
_WORD = re.compile(r"[a-z]+")
_NOTHING = -1


@dataclass(frozen=True, slots=True)
class Undone:
    """`step` was found at `tested` to have failed; the way that leaves at `line` calls `undo` at `at`."""

    line: int
    step: str
    tested: int
    undo: str
    at: int


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    args: tuple[c.Expr, ...]
    label: str
    undoing: dict[int, str]


def undone_failures(code: Code) -> Iterator[Undone]:
    """Yield the steps that failed and are undone on the same way."""
    steps = dict(_steps(code))
    if not steps:
        return
    outcome = follow(code.cfg, _Failed(code, steps), code.introduced, known, trusting=True)
    told = set()
    for test, step in steps.items():
        for node, name in sorted(step.undoing.items()):
            if test in outcome.states(node) and test not in told:
                way = outcome.witness(node, test)
                if test not in way or _asks_on_the_way(code, way[way.index(test) + 1 :]):
                    continue
                told.add(test)
                after = way[way.index(test) :]
                jump = next((n for n in after if any(e.label == "goto" for e in code.cfg.successors(n))), node)
                nodes = code.cfg.nodes
                yield Undone(nodes[jump].line, step.name, nodes[test].line, name, nodes[node].line)


def _asks_on_the_way(code: Code, way: tuple[int, ...]) -> bool:
    """Tell whether the undoing hangs on another condition, which may be how it is known what to undo."""
    return any(code.cfg.nodes[node].kind in ("condition", "switch", "foreach") for node in way)


def _zero_fails(code: Code, node: CfgNode, failing: str) -> bool:
    """Tell whether the other outcome leaves with an error: then the step returns zero when it fails."""
    for edge in code.cfg.successors(node.id):
        end = code.cfg.nodes[edge.target]
        returned = strip(end.expr) if edge.label != failing and end.kind == "return" and end.expr else None
        if isinstance(returned, c.Unary) and returned.op == "-":
            return True
    return False


def _steps(code: Code) -> Iterator[tuple[int, _Step]]:
    """Yield the tests of what a step returned, by their node."""
    cfg = code.cfg
    calls = [(n.id, e) for n in cfg.nodes for e in events(cfg, n.id) if isinstance(e, CallEvent) and e.name]
    names = {event.name for _, event in calls}
    for node in cfg.nodes:
        made, label = _tested(code, node)
        name = call_name(made) if made is not None else None
        if made is None or name is None:
            continue
        counterparts = set(_counterparts(name)) & names
        undoing = {
            n: event.name or "" for n, event in calls if event.name in counterparts and _same(made.args, event.args)
        }
        if undoing and not _zero_fails(code, node, label):
            yield node.id, _Step(name, made.args, label, undoing)


def _same(step: tuple[c.Expr, ...], undo: tuple[c.Expr, ...]) -> bool:
    """Tell whether an undoing call is about the same things: its arguments are some of those of the step, in order."""
    rest = iter(step)
    return bool(undo) and all(any(arg == other for other in rest) for arg in undo)


def _counterparts(name: str) -> Iterator[str]:
    for match in _WORD.finditer(name):
        for other in _COUNTERPARTS.get(match.group(), ()):
            yield name[: match.start()] + other + name[match.end() :]


def _tested(code: Code, node: CfgNode) -> tuple[c.Call | None, str]:
    """Return the call whose result a condition asks for, and the outcome that says it failed."""
    if node.kind != "condition" or node.expr is None:
        return None, ""
    expr: c.Expr = node.expr
    if isinstance(expr, c.Binary) and expr.op == "<" and strip(expr.right) == c.Number("0", 0):
        target, label = strip(expr.left), "true"
    else:
        question = asked(expr)
        if question is None or question.about != "null":
            return (expr, "true") if isinstance(expr, c.Call) else (None, "")
        target = strip(expr.left if isinstance(expr, c.Binary) else expr)
        # a number that is not zero is an error
        label = "false" if question.when == "true" else "true"
    if isinstance(target, c.Assign):
        value = strip(target.value)
        return (value if isinstance(value, c.Call) else None), label
    path = path_of(target)
    before = code.cfg.predecessors(node.id)
    while path is not None and len(before) == 1:
        here = before[0].source
        for event in events(code.cfg, here):
            if isinstance(event, Write) and event.path == path:
                stored = strip(event.value) if event.value is not None else None
                return (stored if isinstance(stored, c.Call) else None), label
        if code.cfg.nodes[here].kind != "join":
            break
        before = code.cfg.predecessors(here)
    return None, ""


class _Failed:
    """Holds the test that found the last failure of a step."""

    def __init__(self, code: Code, steps: dict[int, _Step]) -> None:
        self.code = code
        self.steps = steps

    def start(self) -> int:
        return _NOTHING

    def step(self, node: CfgNode, state: int, facts: Facts) -> Iterable[int]:
        if state != _NOTHING:
            for event in events(self.code.cfg, node.id):
                if isinstance(event, CallEvent) and event.name == self.steps[state].name:
                    return (_NOTHING,)
        return (state,)

    def along(self, edge: Edge, state: int, facts: Facts) -> int | None:
        step = self.steps.get(edge.source)
        if step is not None:
            return edge.source if edge.label == step.label else _NOTHING
        return _NOTHING if edge.back else state
