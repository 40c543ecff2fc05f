# SPDX-License-Identifier: GPL-2.0-or-later
"""Locks that are held where a function is left, that are taken twice, or that are given back twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.below import words_below, words_of
from reviewbot.checks.locking.states import Held, held
from reviewbot.checks.locking.uses import Use, use_of
from reviewbot.checks.rule import Code
from reviewbot.csource import graph
from reviewbot.csource import syntax as c
from reviewbot.csource.access import strip
from reviewbot.csource.cfg import CfgNode, known
from reviewbot.csource.events import CallEvent, events
from reviewbot.csource.facts import value
from reviewbot.csource.functions import CallSite, call_name
from reviewbot.csource.spell import spell

_LEAVES_LOCKED = re.compile(r"\w*(?:lock|begin|start|acquire|grab|enter|freeze|suspend|hold|pin|get)\w*")
_ENDS = re.compile(
    r"\w*(?:unlock|stop|end|release|put|finish|done|exit|abort|commit|drop|resume|thaw|leave|cancel|free|destroy|close"
    r"|complete|restore|fail|locked|post|after|out|up|wake|switch|detach|cleanup|teardown|destructor|relax|wait|sleep)\w*"
)
_SAYS = re.compile(
    r"__releases|__must_hold|lockdep_assert_held|[Ll]ock(?:ed| is| must| held)|[Hh]eld|[Hh]old|[Uu]nlock(?:s|ed)\b"
)
_LINES_BEFORE = 12
_MAY_RELEASE = re.compile(r"\w*(?:unlock|release|_drop|drop_|relax|_exit|_end|_done|_finish|_put|put_)\w*")


@dataclass(frozen=True, slots=True)
class Kept:
    """A lock that is held at the exit at `line`; `taken` is where, `released` where other exits release it."""

    name: str
    line: int
    taken: int
    released: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Twice:
    """A lock that `call` at `line` takes though it is held, or gives back though it was given back at `before`."""

    name: str
    what: Literal["taken", "released"]
    call: str
    line: int
    before: int


def kept_at_exits(code: Code) -> Iterator[Kept]:
    """Yield the locks that an exit with an error keeps, while another exit gives them back."""
    if _LEAVES_LOCKED.fullmatch(code.function.name) or "__acquires" in code.function.header:
        return
    locks = held(code)
    for one in locks:
        if not one.complete or _alike(one, locks):
            continue
        taken = [use for _, use in one.uses if use.effect != "release"]
        released = [use for _, use in one.uses if use.effect == "release"]
        if not taken or not released or _first_released(one):
            continue
        exits = [code.cfg.nodes[edge.source] for edge in code.cfg.predecessors(code.cfg.exit) if known(edge)]
        states = {node.id: one.after(node.id) for node in exits}
        left = any(found and "held" not in found for found in states.values())
        for node in exits:
            only = states[node.id] == {"held"} and left and _fails(code, node)
            mixed = states[node.id] == {"held", "freed"} and not _hands_on(code, one, node)
            if only or mixed:
                yield Kept(one.lock.name, _last_line(code, node), one.taken(node.id), tuple(u.line for u in released))


def taken_or_released_twice(code: Code) -> Iterator[Twice]:
    """Yield the calls that take a lock which is surely held, or give one back which surely is not."""
    locks = held(code)
    for one in locks:
        if not one.complete or _alike(one, locks) or not one.lock.is_object:
            continue
        for node, use in one.uses:
            found = _twice(one, node, use, _event(code, node, use))
            if found is not None and not (found.what == "taken" and _left_to_others(code, one, node)):
                yield found


def _left_to_others(code: Code, one: Held, node: int) -> bool:
    """Tell whether a branch on the way calls a function of another file where the other branch gives the lock back.

    Then that function gives it back, as far as can be told from here.
    """
    cfg, way = code.cfg, one.outcome.witness(node, "held")
    releases = {n for n, use in one.uses if use.effect == "release"}
    for at, here in enumerate(way[:-1]):
        meets = cfg.postdominators.get(here)
        others = [edge.target for edge in cfg.successors(here) if edge.target != way[at + 1]]
        if meets is None or not graph.reachable(cfg.targets, others, frozenset({meets})) & releases:
            continue
        until = way.index(meets, at) if meets in way[at:] else len(way) - 1
        called = (e.name for n in way[at + 1 : until] for e in events(cfg, n) if isinstance(e, CallEvent) and e.args)
        if any(name is not None and code.unit.function(name) is None for name in called):
            return True
    return False


def _twice(one: Held, node: int, use: Use, event: CallEvent | None) -> Twice | None:
    if event is None or use.shared:
        return None
    states = one.before(node, event)
    if use.effect in ("acquire", "zero") and "held" in states and "lost" not in states:
        return Twice(one.lock.name, "taken", use.call, use.line, one.taken(node))
    if use.effect == "release" and "freed" in states and states <= {"freed", "held"}:
        lines = [other.line for _, other in one.uses if other.effect == "release" and other is not use]
        return Twice(one.lock.name, "released", use.call, use.line, lines[0]) if lines else None
    return None


def given_back_only(code: Code) -> Iterator[Use]:
    """Yield the calls that give a lock back which the function never takes, where nobody can have taken it for it.

    Functions that end what others began say so by their name, or are called by one that names the lock.
    """
    function = code.function
    if not function.is_static or function.fragment or _ENDS.fullmatch(function.name) or _SAYS.search(_text(code)):
        return
    locks = held(code)
    for one in locks:
        taken = any(use.effect != "release" for _, use in one.uses)
        if taken or not one.complete or not one.lock.is_object or _alike(one, locks) or len(one.uses) != 1:
            continue
        if any(spell(arg).lstrip("&") == one.lock.name for call in function.calls for arg in _unknown(call)):
            continue
        field = one.lock.field.partition("[")[0]
        if _callers_naming(code, field) > 1 or not one.before(one.uses[0][0]) <= {"untouched"}:
            continue
        yield one.uses[0][1]


def _callers_naming(code: Code, field: str) -> int:
    """Return how many functions of the file that may lead to this one have `field` in their own text."""
    named = [name for name, words in words_of(code.unit).items() if name and field in words.named]
    return sum(code.function.name in words_below(code.unit, name).named for name in named)


def _unknown(call: CallSite) -> tuple[c.Expr, ...]:
    """Return the arguments of a call that is not known to do something to a lock."""
    return call.args if use_of(call.name, call.args, call.line) is None else ()


def _text(code: Code) -> str:
    """Return the text of a function with what stands right before it."""
    function = code.function
    first = max(function.start_line - _LINES_BEFORE, 1)
    return "\n".join(function.line_text(n) for n in range(first, function.end_line + 1))


def _event(code: Code, node: int, use: Use) -> CallEvent | None:
    for event in events(code.cfg, node):
        if isinstance(event, CallEvent) and event.name == use.call and event.args == use.args:
            return event
    return None


def _alike(one: Held, locks: tuple[Held, ...]) -> bool:
    """Tell whether another lock of the function may be the same under another name."""
    return sum(other.lock.field == one.lock.field for other in locks) > 1


def _first_released(one: Held) -> bool:
    """Tell whether some way gives the lock back before it takes it: the caller holds it."""
    return any(use.effect == "release" and not one.before(node) <= {"held", "lost", "freed"} for node, use in one.uses)


def _hands_on(code: Code, one: Held, node: CfgNode) -> bool:
    """Tell whether the value of a return may be how callers learn that they hold the lock now."""
    if node.expr is None:
        return False
    facts = one.outcome.at.get(node.id, {}).get("held")
    known_value = value(facts, node.expr) if facts is not None else None
    return (
        bool(code.function.returns.pointers)
        or code.function.returns.base == "bool"
        or known_value is None
        or (known_value.zero is not False)
    )


def _last_line(code: Code, node: CfgNode) -> int:
    """Return the line of a way out: that of the return, or that of the closing brace."""
    return node.line if node.kind == "return" else code.function.end_line


def _fails(code: Code, node: CfgNode) -> bool:
    """Tell whether a return gives an error, or nothing at all: success may mean that the lock is handed on."""
    if any(isinstance(e, CallEvent) and _MAY_RELEASE.fullmatch(e.name or "") for e in events(code.cfg, node.id)):
        return False
    given = strip(node.expr) if node.expr is not None else None
    if given is None:
        return True
    if isinstance(given, c.Unary) and given.op == "-":
        return True
    if given == c.Name("NULL"):
        return True
    return call_name(given) in ("ERR_PTR", "ERR_CAST") or (isinstance(given, c.Number) and given.value not in (0, 1))
