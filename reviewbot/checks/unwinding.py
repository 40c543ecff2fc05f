# SPDX-License-Identifier: GPL-2.0-or-later
"""Ways on which a call fails and what it would have done is undone nevertheless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from reviewbot.checks.rule import Code
from reviewbot.checks.texts import naming
from reviewbot.checks.undoing import UNDOING, difference, is_counted, is_ending, name_words, undoes
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import Cfg, CfgNode, Edge, known
from reviewbot.csource.events import CallEvent, Write, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import call_name
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.paths import follow
from reviewbot.csource.spell import spell

# what may be undone although it has failed, as its documentation or its code says, and what has to be
_HARMLESS = re.compile(
    r"pm_runtime_\w+|percpu_\w+|bioset_\w+|mempool_\w+|free_\w+|k[vz]?free\w*|\w+_free(?:_\w+)?|kobject_\w+|idr?a?_\w+"
    r"|sbitmap_\w+|bio_\w+|device_initialize|debugfs_\w+|kset_\w+|put_device|devm_\w+|cpufreq_\w+|cdev_\w+|bpf_mem_\w+"
)
_MAKES = words("alloc allocate create new make")
_TRIES = re.compile(r"try|_unless_|_not_zero")
_IDLE = -1


@dataclass(frozen=True, slots=True)
class Undone:
    """`call` has failed at `line`, and `undo` at line `undone`, behind label `label`, takes its work back."""

    call: str
    line: int
    undo: str
    undone: int
    label: str
    object: str


@dataclass(frozen=True, slots=True)
class _Failing:
    """An edge on which a call has failed."""

    node: int
    when: str
    call: c.Call
    label: int


def undone_failures(code: Code) -> Iterator[Undone]:
    """Yield the failures whose way out surely undoes what has not been done."""
    if not code.function.labels:
        return
    # most functions are dealt with by the names of what they call
    calls = _named(code)
    undoing = [name for name in calls if _has(name, UNDOING)]
    pairs = {(do, undo) for undo in undoing for do in calls if do != undo and undoes(undo, do)}
    if not pairs:
        return
    names = {do for do, _ in pairs}
    marks = list(_failing(code, names))
    for mark in marks:
        if not _once(code, mark, pairs) or _shared(code, mark):
            continue
        found = _straight(code.cfg, mark, pairs) or _surely(code, mark, pairs)
        if found is None or _copes(code, found.name or ""):
            continue
        do = call_name(mark.call) or ""
        if not is_ending(found.name or "", do) or _left_elsewhere(code, do, found.name or ""):
            label = code.cfg.nodes[mark.label].stmt
            name = label.name if isinstance(label, c.Label) else ""
            yield Undone(do, mark.call.line, found.name or "", found.line, name, spell(mark.call.args[0]))


@cache
def _has(name: str, some: frozenset[str]) -> bool:
    return not some.isdisjoint(name_words(name)) and not _HARMLESS.fullmatch(name)


def _failing(code: Code, names: set[str]) -> Iterator[_Failing]:
    """Yield the edges that a failure of one of the calls takes, where they come to a label at once."""
    cfg = code.cfg
    for node in cfg.nodes:
        asked = _asked(cfg, node) if node.kind == "condition" and node.expr is not None else None
        if asked is None or call_name(asked[0]) not in names or not asked[0].args:
            continue
        call, when = asked
        for edge in cfg.successors(node.id):
            label = _jump(cfg, edge) if edge.label == when and known(edge) else None
            if label is not None:
                yield _Failing(node.id, when, call, label)


def _asked(cfg: Cfg, node: CfgNode) -> tuple[c.Call, str] | None:
    """Return the call whose status a condition asks for, and the outcome that says that it has failed."""
    expr = strip(node.expr) if node.expr is not None else None
    if isinstance(expr, c.Binary) and expr.right == c.Number("0", 0) and expr.op in ("<", "!=", "=="):
        when, expr = ("false" if expr.op == "==" else "true"), strip(expr.left)
    else:
        when = "true"
    direct = isinstance(expr, c.Call)
    if isinstance(expr, c.Assign) and expr.op == "=":
        expr = strip(expr.value)
    elif isinstance(expr, c.Name):
        expr = _stored(cfg, node.id, expr.name)
    name = call_name(expr) if isinstance(expr, c.Call) else None
    if not isinstance(expr, c.Call) or name is None:
        return None
    if _TRIES.search(name):
        return expr, "false"
    # what is asked without storing it may well be a truth, of which nobody knows what it stands for
    if direct and when == "true" and not (isinstance(strip(node.expr or expr), c.Binary) or _fails(cfg, node)):
        return None
    return expr, when


def _stored(cfg: Cfg, node: int, name: str) -> c.Expr | None:
    """Return what a variable got right before a condition."""
    before = cfg.predecessors(node)
    if len(before) != 1:
        return None
    for event in events(cfg, before[0].source):
        if isinstance(event, Write) and event.path.is_variable and event.path.root == name and event.value is not None:
            return strip(event.value) if event.op in ("=", "declare") else None
    return None


def _fails(cfg: Cfg, node: CfgNode) -> bool:
    """Tell whether the branch that a condition's truth leads to sets an error."""
    edge = next((e for e in cfg.successors(node.id) if e.label == "true"), None)
    store = cfg.nodes[edge.target].expr if edge is not None else None
    value = strip(store.value) if isinstance(store, c.Assign) else None
    return isinstance(value, c.Unary) and value.op == "-"


def _jump(cfg: Cfg, edge: Edge) -> int | None:
    """Return the label that an edge comes to, with nothing but stores and messages before."""
    here, jumps = edge, edge.label == "goto"
    for _ in range(6):
        node = cfg.nodes[here.target]
        if isinstance(node.stmt, c.Label):
            return node.id if jumps else None
        following = cfg.successors(node.id)
        if node.kind not in ("expression", "join") or len(following) != 1 or following[0].back:
            return None
        here, jumps = following[0], jumps or following[0].label == "goto"
    return None


def _once(code: Code, mark: _Failing, pairs: set[tuple[str, str]]) -> bool:
    """Tell whether the function does it but once, so that the undoing can be of nothing else."""
    if code.cfg.path(mark.node, mark.node, follow=known) is not None:
        return False
    undoing = {undo for do, undo in pairs if do == call_name(mark.call)}
    doing = {do for do, undo in pairs if undo in undoing}
    there = spell(mark.call.args[0])
    return sum(bool(s.args) and s.name in doing and spell(s.args[0]) == there for s in code.function.calls) == 1


def _shared(code: Code, mark: _Failing) -> bool:
    """Tell whether what comes before the call goes to the same label, where nothing can have been done yet."""
    cfg = code.cfg
    jumps = [edge.source for edge in cfg.predecessors(mark.label) if edge.label == "goto"]
    calls = {node.id for node in cfg.nodes if any(event.expr is mark.call for event in _calls(cfg, node.id))}
    return any(cfg.path(cfg.entry, jump, calls, known) is not None for jump in jumps)


def _copes(code: Code, undo: str) -> bool:
    """Tell whether what undoes looks at what has been done, or undoes what another call than the failing one made."""
    if any((pair := difference(undo, name)) and pair[0] in _MAKES for name in _named(code)):
        return True
    function = code.unit.function(undo)
    if function is None:
        return False
    harmless = all(_HARMLESS.fullmatch(call.name or "") for call in function.calls)
    return harmless or any(node.kind == "condition" for node in code.file.code(function).cfg.nodes)


def _left_elsewhere(code: Code, do: str, undo: str) -> bool:
    """Tell whether other functions of the file do not undo it when it fails: they say that there is nothing to undo."""
    others = (code.file.code(function) for function in naming(code.unit, do) if function is not code.function)
    marks = [(other, mark) for other in others for mark in _failing(other, {do})]
    undone = [_straight(other.cfg, mark, {(do, undo)}) is not None for other, mark in marks]
    return bool(undone) and not any(undone)


def _named(code: Code) -> set[str]:
    return {site.name for site in code.function.calls if site.name}


def _calls(cfg: Cfg, node: int) -> list[CallEvent]:
    return [event for event in events(cfg, node) if isinstance(event, CallEvent)]


def _takes_back(event: CallEvent, mark: _Failing, pairs: set[tuple[str, str]]) -> bool:
    """Tell whether an event undoes a call, with the same arguments (or some of them)."""
    if event.maybe or (call_name(mark.call), event.name) not in pairs:
        return False
    given = [spell(arg) for arg in mark.call.args]
    return bool(event.args) and spell(event.args[0]) == given[0] and all(spell(arg) in given for arg in event.args)


def _straight(cfg: Cfg, mark: _Failing, pairs: set[tuple[str, str]]) -> CallEvent | None:
    """Return the undoing call that is the first thing behind the label."""
    node = mark.label
    for _ in range(len(cfg.nodes)):
        called = _calls(cfg, node)
        if called or cfg.nodes[node].kind not in ("join", "expression"):
            return called[0] if called and _takes_back(called[0], mark, pairs) else None
        following = [edge for edge in cfg.successors(node) if known(edge)]
        if len(following) != 1 or following[0].back:
            return None
        node = following[0].target
    return None


def _surely(code: Code, mark: _Failing, pairs: set[tuple[str, str]]) -> CallEvent | None:
    """Return the undoing call that every way from the failure to the end comes to, if it is of what is counted.

    What else is undone among other things may well look whether it has been done.
    """
    cfg, counted = code.cfg, {(do, undo) for do, undo in pairs if is_counted(undo, do)}
    undoing = {n.id: e for n in cfg.nodes for e in _calls(cfg, n.id) if _takes_back(e, mark, counted)}
    if not undoing:
        return None
    outcome = follow(cfg, _Failed(mark, frozenset(undoing)), code.introduced, known, trusting=True)
    reached = [node for node in sorted(undoing) if mark.node in outcome.states(node)]
    # in unseen code it may end as well
    ends = [cfg.exit, *(node.id for node in cfg.nodes if node.kind == "gap")]
    if not outcome.complete or not reached or any(mark.node in outcome.states(end) for end in ends):
        return None
    return undoing[reached[0]]


class _Failed:
    """Holds the condition by which a call has failed, until that is undone."""

    def __init__(self, mark: _Failing, undoing: frozenset[int]) -> None:
        self.mark = mark
        self.undoing = undoing

    def start(self) -> int:
        return _IDLE

    def step(self, node: CfgNode, state: int, facts: Facts) -> Iterable[int]:
        return (_IDLE if node.id in self.undoing else state,)

    def along(self, edge: Edge, state: int, facts: Facts) -> int | None:
        if edge.source == self.mark.node:
            return edge.source if edge.label == self.mark.when else _IDLE
        return state
