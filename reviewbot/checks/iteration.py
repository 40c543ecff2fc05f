# SPDX-License-Identifier: GPL-2.0-or-later
"""Iterators over lists whose current entry goes away in a round that is not the last."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.access import AccessPath, path_of, strip
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import known
from reviewbot.csource.events import AddressOf, CallEvent, Event, Write, events

# iterators whose next step starts from the current entry
_STEPS_ON = re.compile(
    r"h?list_for_each(?:_entry)?(?:_reverse|_continue|_from|_rcu|_continue_reverse)*|llist_for_each\w*"
)
_REMOVES = re.compile(r"(?:__)?h?list_(?:del|del_init|move|move_tail|del_init_careful)(?:_rcu|_entry)?")
# the entry still leads on after these, as long as readers may be there
_KEEPS_NEXT = re.compile(r"\w*_rcu")


@dataclass(frozen=True, slots=True)
class Gone:
    """`call` at `line` takes away `entry`, from which the iterator `macro` at `head` steps on."""

    call: str
    entry: str
    line: int
    macro: str
    head: int
    frees: bool


def gone_entries(code: Code) -> Iterator[Gone]:
    """Yield the calls after which an iterator steps on from an entry that is not on its list any more."""
    for node in code.cfg.nodes:
        stmt = node.stmt
        if node.kind != "foreach" or not isinstance(stmt, c.ForEach) or not stmt.args:
            continue
        entry = strip(stmt.args[0])
        if _STEPS_ON.fullmatch(stmt.macro) and "safe" not in stmt.macro and isinstance(entry, c.Name):
            yield from _in_loop(code, node.id, stmt, entry.name)


def _in_loop(code: Code, head: int, stmt: c.ForEach, entry: str) -> Iterator[Gone]:
    body = next((loop.body for loop in code.cfg.loops if loop.head == head), frozenset[int]())
    sets = {n for n in body - {head} if any(_replaces(e, entry) for e in events(code.cfg, n))}
    for node in sorted(body - {head}):
        for event in events(code.cfg, node):
            if not isinstance(event, CallEvent) or event.name is None or event.maybe or node in sets:
                continue
            frees = _frees(event, entry)
            if not frees and (_restarts(event, stmt) or not _removes(event, entry, member_of(stmt))):
                continue
            way = code.cfg.path(node, head, sets, known)
            if way is not None and set(way) <= body:
                yield Gone(event.name, entry, event.line, stmt.macro, code.cfg.nodes[head].line, frees)
                return


def _replaces(event: Event, entry: str) -> bool:
    return isinstance(event, (Write, AddressOf)) and event.path == AccessPath(entry)


def _frees(event: CallEvent, entry: str) -> bool:
    position = kernel_api().frees.get(event.name or "")
    if position is None or _KEEPS_NEXT.fullmatch(event.name or "") or position >= len(event.args):
        return False
    return path_of(event.args[position]) == AccessPath(entry)


def _removes(event: CallEvent, entry: str, member: str | None) -> bool:
    """Tell whether a call takes the entry off the list that is walked along `member` (None: the entry is the link)."""
    name = event.name or ""
    if not _REMOVES.fullmatch(name) or _KEEPS_NEXT.fullmatch(name) or not event.args:
        return False
    arg = strip(event.args[0])
    if member is None:
        return arg == c.Name(entry)
    if not isinstance(arg, c.Unary) or arg.op != "&":
        return False
    return path_of(arg.operand) == AccessPath(entry, (f"->{member}",))


def _restarts(event: CallEvent, stmt: c.ForEach) -> bool:
    """Tell whether a call moves the entry to the head of the list that is walked, to begin anew."""
    return len(event.args) == 2 and any(strip(event.args[1]) == strip(arg) for arg in stmt.args[1:])


def member_of(stmt: c.ForEach) -> str | None:
    """Return the name of the link that an iterator steps along, None where it steps along links themselves."""
    last = strip(stmt.args[-1])
    return last.name if "entry" in stmt.macro and isinstance(last, c.Name) and len(stmt.args) >= 3 else None
