# SPDX-License-Identifier: GPL-2.0-or-later
"""Rounds of a loop that end in `continue` and bring the loop no nearer to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.guards import asks_the_same, depends, only_trifles, sets_error
from reviewbot.checks.rule import Code
from reviewbot.csource import graph
from reviewbot.csource import syntax as c
from reviewbot.csource.events import AddressOf, CallEvent, Event, Read, Write, events, events_of
from reviewbot.csource.functions import inner_statements, own_expressions, walk
from reviewbot.csource.kernelmacros import words

# a round that sleeps or gives way waits for somebody else on purpose
_GIVES_WAY = re.compile(
    r"\w*(?:schedule|sleep|delay|relax|resched|wait|yield|throttle|stutter|cond_|might|poll|freez|backoff|halt)\w*"
)
_LOOPS = (c.While, c.DoWhile, c.For, c.ForEach)
_SCALARS = words(
    "int unsigned long short char bool size_t ssize_t u8 u16 u32 u64 s8 s16 s32 s64 loff_t uint pgoff_t __u32 __u64 "
    "uint8_t uint16_t uint32_t uint64_t int8_t int16_t int32_t int64_t signed"
)


@dataclass(frozen=True, slots=True)
class Round:
    """A `continue` at `line`, taken as long as `guard` holds, that leaves `counter` as it is.

    `head` is the line of the loop (None where it is unseen), `progress` are the lines that do change the counter.
    """

    line: int
    guard: c.Expr
    counter: str
    head: int | None
    progress: tuple[int, ...]


def rounds(code: Code) -> Iterator[Round]:
    """Yield the rounds without progress of a function."""
    for loop, choice, jump in _continues(code.function.body, None, None):
        if choice is None or not asks_the_same(choice.cond) or not only_trifles(choice, jump):
            continue
        found = _seen(code, loop, choice, jump) if loop is not None else None
        if found is None and code.function.fragment and sets_error(choice):
            found = _unseen(code, loop, choice, jump)
        if found is not None:
            yield found


def _continues(
    stmt: c.Stmt, loop: c.Stmt | None, choice: c.If | None
) -> Iterator[tuple[c.Stmt | None, c.If | None, c.Continue]]:
    """Yield each `continue` with its loop (None: unseen) and the innermost `if` between them that it hangs on."""
    for inner in inner_statements(stmt):
        if isinstance(inner, c.Continue):
            yield loop, choice, inner
        elif isinstance(inner, _LOOPS):
            yield from _continues(inner, inner, None)
        elif isinstance(inner, c.Switch):
            yield from _continues(inner, loop, None)
        elif isinstance(inner, c.If):
            yield from _continues(inner, loop, inner)
        else:
            yield from _continues(inner, loop, choice)


def _seen(code: Code, loop: c.Stmt, choice: c.If, jump: c.Continue) -> Round | None:
    if not isinstance(loop, c.While) and not (isinstance(loop, c.For) and loop.step is None and loop.cond is not None):
        return None
    counters = _counters(code, loop.cond) if loop.cond is not None else None
    if not counters:
        return None
    cfg = code.cfg
    here = [node for node in cfg.nodes if node.stmt is jump]
    heads = [n for n in cfg.loops if here and here[0].id in n.body and cfg.nodes[n.head].stmt is loop]
    if not heads:
        return None
    inside = heads[0].body
    way = _between(cfg.targets, cfg.sources, heads[0].head, here[0].id, inside)
    round_events = [event for node in way for event in events(cfg, node)]
    if any(cfg.nodes[node].kind in ("foreach", "asm", "unparsed", "gap") for node in way) or _moves_on(round_events):
        return None
    all_events = [event for node in inside for event in events(cfg, node)]
    touched = _changed(all_events)
    if counters & _changed(round_events) or not counters & touched or depends(code, choice.cond, all_events):
        return None
    counter = sorted(counters & touched)[0]
    lines = {e.line for node in inside for e in events(cfg, node) if isinstance(e, Write) and e.path.root == counter}
    return Round(jump.line, choice.cond, counter, loop.line, tuple(sorted(lines)))


def _counters(code: Code, cond: c.Expr) -> frozenset[str]:
    """Return the variables that a loop's condition is about, none if it is about anything but local scalars."""
    locals_ = {v.name: v for v in (*code.function.params, *code.function.locals)}
    names = set()
    for event in events_of(cond):
        if not isinstance(event, Read) or event.path.steps or event.path.root not in locals_:
            return frozenset()
        names.add(event.path.root)
    if any(locals_[name].type.pointers or locals_[name].type.dims for name in names):
        return frozenset()
    return frozenset(names)


def _between(
    targets: graph.Adjacency, sources: graph.Adjacency, head: int, end: int, inside: frozenset[int]
) -> frozenset[int]:
    """Return the nodes on the ways from the loop's head to `end` in one round."""
    outside = frozenset(n for n in range(len(targets)) if n not in inside)
    ahead = graph.reachable(targets, [head], outside | {end})
    behind = graph.reachable(sources, [end], outside | {head})
    return (ahead | {end}) & (behind | {head})


def _changed(found: list[Event]) -> frozenset[str]:
    """Return the variables that change, as opposed to what they point to."""
    return frozenset(
        event.path.root
        for event in found
        if isinstance(event, (Write, AddressOf)) and all(step.startswith(".") for step in event.path.steps)
    )


def _moves_on(found: list[Event]) -> bool:
    """Tell whether a round sleeps, yields, or takes something with it into the next one."""
    for event in found:
        if isinstance(event, CallEvent) and (event.name is None or _GIVES_WAY.fullmatch(event.name)):
            return True
        if isinstance(event, Write) and (
            event.op not in ("=", "declare")
            or (event.value is not None and any(p == c.Name(event.path.root) for p in walk(event.value)))
        ):
            return True
        if isinstance(event, AddressOf) and event.call is not None and not event.path.steps and event.position >= 0:
            # a local whose address is handed out may be a cursor; locks and queues of the file are no cursors
            return not event.path.root.startswith("__") and _cursor(event)
    return False


def _cursor(event: AddressOf) -> bool:
    return event.call is not None and "lock" not in event.call


def _unseen(code: Code, loop: c.Stmt | None, choice: c.If, jump: c.Continue) -> Round | None:
    """Judge a `continue` in a loop of which not all is seen (`loop` is None when its head is not)."""
    if isinstance(loop, (c.ForEach, c.DoWhile)) or (isinstance(loop, c.For) and loop.step is not None):
        return None
    start = loop.line if loop is not None else _first_gap(code)
    seen = [s for s in code.function.statements if not isinstance(s, (c.Block, c.Gap))]
    before = [s for s in seen if s.line < start]
    if not before:
        return None
    read_before, set_before = _used(before)
    read_round, set_round = _used([s for s in seen if start <= s.line <= jump.line and s is not loop])
    read_after, set_after = _used([s for s in seen if s.line > jump.line])
    known = {p.name for p in code.function.params} | {v.name for v in code.unit.globals} | read_before
    asked = {e.path.root for e in events_of(choice.cond) if isinstance(e, Read) and not e.path.root.endswith("()")}
    if not asked or not asked <= known or asked & (set_round | set_after):
        return None
    if any(_GIVES_WAY.fullmatch(call.name or "") for call in code.function.calls if start <= call.line <= jump.line):
        return None
    scalars = {v.name for v in (*code.function.params, *code.function.locals) if _scalar(v)} - code.introduced
    if isinstance(loop, (c.While, c.For)) and loop.cond is not None:
        counters = _counters(code, loop.cond) - set_round
    else:
        counted = read_after & set_after - read_round
        unseen = scalars - read_before - read_round - read_after - set_after
        counters = frozenset((set_before & unseen) | (set_before & scalars & counted)) - set_round
    head = loop.line if loop is not None else None
    return Round(jump.line, choice.cond, min(counters), head, ()) if counters else None


def _first_gap(code: Code) -> int:
    """Return the line of the first unseen code after what is seen of the function's beginning."""
    first = min((s.line for s in code.function.statements if not isinstance(s, (c.Block, c.Gap))), default=0)
    return min((gap.line for gap in code.function.gaps if not gap.cut and gap.line > first), default=0)


def _scalar(variable: c.Variable) -> bool:
    words_of = variable.type.base.split()
    return not variable.type.pointers and not variable.type.dims and all(word in _SCALARS for word in words_of)


def _used(stmts: list[c.Stmt]) -> tuple[set[str], set[str]]:
    """Return the variables that statements read, and those that they give a value."""
    read: set[str] = set()
    written: set[str] = set()
    for stmt in stmts:
        for top in own_expressions(stmt):
            found = events_of(top)
            # `n *= 2` sets n up further: what it reads of n is no use of it
            own = {event.path for event in found if isinstance(event, Write) and event.op not in ("=", "declare")}
            for event in found:
                if isinstance(event, (Read, AddressOf)) and event.path not in own:
                    read.add(event.path.root)
                elif isinstance(event, Write) and event.path.is_variable:
                    written.add(event.path.root)
        if isinstance(stmt, c.Declare):
            written |= {v.name for v in stmt.variables if v.init is not None}
    return read, written
