# SPDX-License-Identifier: GPL-2.0-or-later
"""Uses of an object on a path after it was freed or its reference was given back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.pointers import follows, replaces
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import AddressOf, CallEvent, Event, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import Function
from reviewbot.csource.paths import follow

# these end a reference that the caller of the function may rely on no longer
_PUTS = re.compile(r"_*(?:css|mem_cgroup|of_node|sock)_put|put_device|fput")
_DEFERRED = frozenset({"kfree_rcu", "kvfree_rcu"})
_TAKES = re.compile(r"\w*(?:_get|get_|tryget|find|lookup|hold|grab|ref|pin|clone|dup)\w*")


@dataclass(frozen=True, slots=True)
class LateUse:
    """A use of `name` at `line` after `call` at line `released`; `frees` if that surely frees it."""

    name: str
    line: int
    call: str
    released: int
    frees: bool


@dataclass(frozen=True, slots=True)
class _Release:
    node: int
    line: int
    call: str
    path: AccessPath
    frees: bool
    event: CallEvent


def used_after_release(code: Code) -> Iterator[LateUse]:
    """Yield the first late use of each object that a function releases."""
    seen: set[AccessPath] = set()
    for release in _releases(code):
        if release.path in seen:
            continue
        late = _late(code, release)
        if late is not None:
            seen.add(release.path)
            yield LateUse(str(release.path), late, release.call, release.line, release.frees)


def _releases(code: Code) -> Iterator[_Release]:
    frees = kernel_api().frees
    own = {v.name for v in (*code.function.params, *code.function.locals) if v.type.pointers}
    takes = any(_TAKES.fullmatch(call.name or "") for call in code.function.calls)
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if not isinstance(event, CallEvent) or event.maybe or event.name is None or event.name in _DEFERRED:
                continue
            position = frees.get(event.name)
            if position is None and (takes or not _PUTS.fullmatch(event.name)):
                continue
            arg = event.args[position or 0] if len(event.args) > (position or 0) else None
            path = _object(arg) if arg is not None else None
            known_pointer = path is not None and (path.root in own or _unseen_pointer(code, path.root))
            if path is not None and known_pointer and (not path.steps or position is not None):
                yield _Release(node.id, event.line, event.name, path, position is not None, event)


def _unseen_pointer(code: Code, name: str) -> bool:
    """Tell whether a name can only be a parameter whose declaration is unseen, and is followed as a pointer."""
    function = code.function
    if function.header_known or any(v.name == name for v in (*function.params, *function.locals, *code.unit.globals)):
        return False
    return any(isinstance(e, c.Member) and e.arrow and e.base == c.Name(name) for e in function.expressions)


def _object(arg: c.Expr) -> AccessPath | None:
    """Return the pointer to the object that a call releases: `p`, `x->p`, or `p` for `&p->member`."""
    arg = strip(arg)
    if isinstance(arg, c.Unary) and arg.op == "&":
        inner = path_of(arg.operand)
        places = [n for n, step in enumerate(inner.steps) if step[:2] == "->"] if inner is not None else []
        return AccessPath(inner.root, inner.steps[: places[-1]]) if inner is not None and places else None
    path = path_of(arg)
    # an element of an array is another one in the next round
    return path if path is not None and "[]" not in path.steps else None


def _late(code: Code, release: _Release) -> int | None:
    follows_path = _Released(code, release)
    outcome = follow(code.cfg, follows_path, code.introduced, known)
    lines = [
        line
        for node in code.cfg.nodes
        for state in outcome.states(node.id)
        if (line := follows_path.use(node, state)) is not None
    ]
    return min(lines, default=None)


class _Released:
    """True while the object is released."""

    def __init__(self, code: Code, release: _Release) -> None:
        self.code = code
        self.release = release

    def start(self) -> bool:
        return False

    def step(self, node: CfgNode, state: bool, facts: Facts) -> Iterable[bool]:
        if node.kind == "gap":
            return (False,)
        for event in events(self.code.cfg, node.id):
            state = self._after(event, state)
        return (state,)

    def along(self, edge: Edge, state: bool, facts: Facts) -> bool | None:
        return state

    def _after(self, event: Event, state: bool) -> bool:
        if event is self.release.event:
            return True
        return state and not replaces(event, self.release.path)

    def use(self, node: CfgNode, state: bool) -> int | None:
        """Return the line of the first use of the object at a node that is reached with it released."""
        for event in events(self.code.cfg, node.id):
            if state and self._uses(event):
                return event.line
            state = self._after(event, state)
        return None

    def _uses(self, event: Event) -> bool:
        if follows(event, self.release.path):
            return True
        if isinstance(event, AddressOf) and event.call is not None and event.path.steps and not event.maybe:
            inner = event.path.steps[len(self.release.path.steps) :]
            return event.path.within(self.release.path) and bool(inner) and inner[0][:2] == "->"
        if not isinstance(event, CallEvent) or event.name is None:
            return False
        function = self.code.unit.function(event.name)
        for position, arg in enumerate(event.args):
            if path_of(arg) == self.release.path and function is not None and _reads(function, position):
                return True
        return False


def _reads(function: Function, position: int) -> bool:
    """Tell whether a function of the file surely looks into what its parameter points to, before anything else."""
    if position >= len(function.params):
        return False
    name = function.params[position].name
    first = [e for e in function.expressions if isinstance(e, c.Member) and e.arrow and e.base == c.Name(name)]
    tests = [e for e in function.expressions if isinstance(e, c.Unary) and e.op == "!" and e.operand == c.Name(name)]
    return bool(first) and not tests
