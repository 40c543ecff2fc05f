# SPDX-License-Identifier: GPL-2.0-or-later
"""Uses that came before a release until a patch moved one of the two past the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.change import Change
from reviewbot.checks.givenback import given_back
from reviewbot.checks.pointers import follows, replaces
from reviewbot.checks.rule import Code
from reviewbot.csource import graph
from reviewbot.csource.access import AccessPath, path_of
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import known
from reviewbot.csource.events import AddressOf, CallEvent, Event, Write, events
from reviewbot.csource.functions import CallSite

_RCU = re.compile(r"rcu_read_unlock(?:_bh|_sched)?")
_HOLDS = re.compile(r"get|hold|grab|ref|lock|pin")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """`name` is followed at `line`, after `call` at line `released`; before the patch it was followed before that."""

    name: str
    line: int
    call: str
    released: int
    section: bool


def left_behind(change: Change) -> Iterator[LeftBehind]:
    """Yield the first use of each object that only a patch puts after what gives the object back."""
    seen = set()
    stood = {_text(change.before, node.line) for node in change.before.cfg.nodes}
    for call, path in sorted(set(_releases(change.after)), key=str):
        late = _late(change.after, call, path)
        early = _late(change.before, call, path)
        for use, line, released in late:
            # what the patch brings is new code, which rules of one state look at
            moved = use in stood and use not in {text for text, _, _ in early}
            if moved and path not in seen and not _held_otherwise(change):
                seen.add(path)
                yield LeftBehind(str(path), line, call, released, bool(_RCU.fullmatch(call)))


def _text(code: Code, line: int) -> str:
    return code.function.line_text(line)


def _releases(code: Code) -> Iterator[tuple[str, AccessPath]]:
    """Yield the calls by which a function gives something back, and what pointers are not to be followed any more."""
    own = {v.name for v in (*code.function.params, *code.function.locals) if v.type.pointers}
    for site in code.function.calls:
        back = given_back(site)
        if _RCU.fullmatch(site.name or ""):
            yield from ((site.name or "", AccessPath(name)) for name in _loaded_in_section(code, site.name or ""))
        elif back is not None and back.kind == "object" and back.place in own and _plain(site):
            yield site.name or "", AccessPath(back.place)


def _plain(site: CallSite) -> bool:
    """Tell whether a call gives back its first argument for sure: of several, the first may be whose it was."""
    return len(site.args) == 1 or site.name in kernel_api().frees


def _loaded_in_section(code: Code, unlock: str) -> Iterator[str]:
    """Yield the local pointers that get their only values between the lock and the unlock."""
    cfg = code.cfg
    takes = {n for n, e in _calls(code) if e.name == unlock.replace("unlock", "lock")}
    ends = {n for n, e in _calls(code) if e.name == unlock}
    inside = graph.reachable(cfg.targets, takes, frozenset(ends)) & _leading_to(code, ends)
    for variable in code.function.locals:
        path = AccessPath(variable.name)
        gives = {n.id for n in cfg.nodes if any(replaces(event, path) for event in events(cfg, n.id))}
        if variable.type.pointers and variable.init is None and gives and gives <= inside:
            yield variable.name


def _leading_to(code: Code, ends: set[int]) -> frozenset[int]:
    return graph.reachable(graph.reverse([list(targets) for targets in code.cfg.targets]), ends)


def _calls(code: Code) -> Iterator[tuple[int, CallEvent]]:
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, CallEvent):
                yield node.id, event


def _late(code: Code, call: str, path: AccessPath) -> list[tuple[str, int, int]]:
    """Return the uses after a release, as (text, line, line of the release)."""
    cfg, found = code.cfg, []
    again = frozenset(n.id for n in cfg.nodes if any(_another(event, path, call) for event in events(cfg, n.id)))
    for start, event in _calls(code):
        gives_back = event.name == call and (_RCU.fullmatch(call) or any(path_of(arg) == path for arg in event.args))
        if not gives_back:
            continue
        following = [edge.target for edge in cfg.successors(start) if known(edge)]
        for node in sorted(graph.reachable(cfg.targets, [n for n in following if n not in again], again)):
            for use in events(cfg, node):
                if follows(use, path) or (isinstance(use, AddressOf) and _is_member(use.path, path)):
                    found.append((_text(code, use.line), use.line, event.line))
    return found


def _another(event: Event, path: AccessPath, call: str) -> bool:
    """Tell whether a pointer means something else after an event, or is protected again."""
    locks = isinstance(event, CallEvent) and _RCU.fullmatch(call) and event.name == call.replace("unlock", "lock")
    return bool(locks) or (isinstance(event, (Write, AddressOf)) and path.within(event.path))


def _is_member(place: AccessPath, path: AccessPath) -> bool:
    return place.within(path) and place.steps[len(path.steps) :][:1] != () and "->" in place.steps[len(path.steps)]


def _held_otherwise(change: Change) -> bool:
    """Tell whether the patch brings something that may hold the object: a reference, a lock, another section."""
    shown = set(_WORD.findall(" ".join(_text(change.before, node.line) for node in change.before.cfg.nodes)))
    return any(_HOLDS.search(word) for word in change.added - shown)
