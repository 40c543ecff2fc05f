# SPDX-License-Identifier: GPL-2.0-or-later
"""Uses of an object on a path after it was freed or its reference was given back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewbot.checks.owning.takes import object_of
from reviewbot.checks.pointers import follows, replaces, writes_of
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import CfgNode, Edge, known
from reviewbot.csource.events import AddressOf, CallEvent, Event, events
from reviewbot.csource.facts import Facts
from reviewbot.csource.functions import Function, call_name
from reviewbot.csource.paths import follow

# these end a reference that the caller of the function may rely on no longer
_PUTS = re.compile(r"_*(?:css|mem_cgroup|of_node|sock)_put|put_device|fput")
# pages stay what they are when they are free
_PAGES = re.compile(r"_*free_pages?|iounmap")
_DEFERRED = frozenset({"kfree_rcu", "kvfree_rcu"})
_TAKES = re.compile(r"\w*(?:_get|get_|tryget|hold|grab|ref|pin|clone|dup)\w*")
# what shows a pointer without following it
_SHOWS = re.compile(
    r"(?:trace_|pr_|printk|kmemleak|kasan|IS_ERR|PTR_ERR|WARN|BUG|KUNIT|debug_|ERR_|dout)\w*|\w*(?:dbg|debug)\w*"
)

_REFERENCES = re.compile(r"\bref(?:s|cnt|count\w*|erences?)?\b")


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
    """`event` at `node` releases `released`, which is (also) known as `path`."""

    node: int
    line: int
    call: str
    path: AccessPath
    frees: bool
    event: CallEvent
    released: AccessPath


def used_after_release(code: Code) -> Iterator[LateUse]:
    """Yield the first late use of each object that a function releases."""
    yield from _after_release(code, again=False)


def released_twice(code: Code) -> Iterator[LateUse]:
    """Yield the first release of each object that a function has released already."""
    yield from _after_release(code, again=True)


def _after_release(code: Code, again: bool) -> Iterator[LateUse]:
    seen: set[AccessPath] = set()
    for release in _releases(code):
        if release.released in seen:
            continue
        late = _late(code, release, again)
        if late is not None:
            seen.add(release.released)
            yield LateUse(str(release.path), late, release.call, release.line, release.frees)


def _releases(code: Code) -> Iterator[_Release]:
    api = kernel_api()
    own = {v.name for v in (*code.function.params, *code.function.locals) if v.type.pointers}
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if not isinstance(event, CallEvent) or event.maybe or event.name is None or event.name in _DEFERRED:
                continue
            position = api.frees.get(event.name)
            if position is None and event.name not in api.puts and not _PUTS.fullmatch(event.name):
                continue
            arg = event.args[position or 0] if len(event.args) > (position or 0) else None
            path = object_of(arg) if arg is not None else None
            known_pointer = path is not None and (path.root in own or _unseen_pointer(code, path.root))
            if path is None or not known_pointer:
                continue
            if position is None and (not _is_last(code, path, event.name) or _explained(code, event.line)):
                continue
            for name in (path, *_other_names(code, path, node.id)):
                yield _Release(node.id, event.line, event.name, name, position is not None, event, path)


def _explained(code: Code, line: int) -> bool:
    """Tell whether a comment right above a line, or near it of references, says why one is dropped: others are held."""
    above = [code.function.line_text(line - back).rstrip() for back in (1, 2, 3)]
    return above[0].endswith("*/") or any(text.endswith("*/") and _REFERENCES.search(text) for text in above)


def _is_last(code: Code, path: AccessPath, put: str) -> bool:
    """Tell whether the function can hold but one reference on an object, the one that it gives back by `put`."""
    if path.steps:
        return False
    found = kernel_api().found
    makers = {call_name(strip(value)) if value is not None else None for _, value in writes_of(code).get(path.root, ())}
    looked_up = bool(makers) and all(maker is not None and put in found.get(maker, ()) for maker in makers)
    if not looked_up and not _PUTS.fullmatch(put):
        return False
    takes = {call.name for call in code.function.calls if _TAKES.fullmatch(call.name or "")}
    return takes <= makers if looked_up else not takes


def _other_names(code: Code, path: AccessPath, release: int) -> Iterator[AccessPath]:
    """Yield the variables that hold the same pointer, or one into the same object, when it is released."""
    cfg = code.cfg
    writes = writes_of(code)
    for name, made in writes.items():
        if len(made) != 1 or name == path.root or path.steps:
            continue
        node, value = made[0]
        same = path_of(value) if value is not None else None
        if value is not None and isinstance(strip(value), c.Unary) and object_of(value) == path:
            same = path
        if same != path or not cfg.dominates(node, release):
            continue
        if all(cfg.dominates(other, node) and not cfg.reaches(node, other) for other, _ in writes.get(path.root, ())):
            yield AccessPath(name)


def _unseen_pointer(code: Code, name: str) -> bool:
    """Tell whether a name can only be a parameter whose declaration is unseen, and is followed as a pointer."""
    function = code.function
    if function.header_known or any(v.name == name for v in (*function.params, *function.locals, *code.unit.globals)):
        return False
    return any(isinstance(e, c.Member) and e.arrow and e.base == c.Name(name) for e in function.expressions)


def _late(code: Code, release: _Release, again: bool) -> int | None:
    follows_path = _Released(code, release, again)
    outcome = follow(code.cfg, follows_path, code.introduced, known, trusting=True)
    lines = [
        line
        for node in code.cfg.nodes
        for state in outcome.states(node.id)
        if (line := follows_path.use(node, state)) is not None
    ]
    return min(lines, default=None)


class _Released:
    """True while the object is released."""

    def __init__(self, code: Code, release: _Release, again: bool) -> None:
        self.code = code
        self.release = release
        self.again = again

    def start(self) -> bool:
        return False

    def step(self, node: CfgNode, state: bool, facts: Facts) -> Iterable[bool]:
        if node.kind == "gap":
            return (False,)
        for event in events(self.code.cfg, node.id):
            state = self._after(event, state)
        return (state,)

    def along(self, edge: Edge, state: bool, facts: Facts) -> bool | None:
        # in the next round the variable may mean something else
        return state and not edge.back

    def _after(self, event: Event, state: bool) -> bool:
        if event is self.release.event:
            return True
        return state and not replaces(event, self.release.path)

    def use(self, node: CfgNode, state: bool) -> int | None:
        """Return the line of the first use of the object at a node that is reached with it released."""
        for event in events(self.code.cfg, node.id):
            if state and (self._releases_again(event, node) if self.again else self._uses(event)):
                return event.line
            state = self._after(event, state)
        if node.kind != "return" or node.expr is None or self.again or not (state and self.release.frees):
            return None
        return node.line if path_of(node.expr) == self.release.path else None

    def _asked_anew(self, node: CfgNode) -> bool:
        """Tell whether different bits of one number decide over the release and over what happens at a node."""
        first, second = self._bits(self.release.node), self._bits(node.id)
        return any(one.left == other.left and one.right != other.right for one in first for other in second)

    def _bits(self, node: int) -> list[c.Binary]:
        cfg = self.code.cfg
        over = [n for n in cfg.nodes if n.kind == "condition" and cfg.dominates(n.id, node)]
        asked = [strip(n.expr) for n in over if n.expr is not None and not cfg.postdominates(node, n.id)]
        return [expr for expr in asked if isinstance(expr, c.Binary) and expr.op == "&"]

    def _releases_again(self, event: Event, node: CfgNode) -> bool:
        """Tell whether an event gives back what is given back already."""
        if not isinstance(event, CallEvent) or event.name is None or event.maybe:
            return False
        position = kernel_api().frees.get(event.name)
        same = position is not None if self.release.frees else event.name == self.release.call
        arg = event.args[position or 0] if same and len(event.args) > (position or 0) else None
        if arg is None or object_of(arg) != self.release.path:
            return False
        if not self.release.frees and (_explained(self.code, event.line) or self._asked_anew(node)):
            return False
        own = self.release.event.args[position or 0]
        return arg == own or self.release.path != self.release.released

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
            if path_of(arg) != self.release.path or event.name in kernel_api().frees:
                continue
            if function is not None:
                return _reads(function, position)
            frees = self.release.frees and not _PAGES.fullmatch(self.release.call)
            return frees and not event.maybe and not _SHOWS.fullmatch(event.name)
        return False


def _reads(function: Function, position: int) -> bool:
    """Tell whether a function of the file surely looks into what its parameter points to, before anything else."""
    if position >= len(function.params):
        return False
    name = function.params[position].name
    first = [e for e in function.expressions if isinstance(e, c.Member) and e.arrow and e.base == c.Name(name)]
    tests = [e for e in function.expressions if isinstance(e, c.Unary) and e.op == "!" and e.operand == c.Name(name)]
    return bool(first) and not tests
