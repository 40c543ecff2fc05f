# SPDX-License-Identifier: GPL-2.0-or-later
"""What a call gives back (a lock, memory, a reference), and ways on which a patch leaves that out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from reviewbot.checks.change import Change
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.api import kernel_api
from reviewbot.csource.functions import CallSite, call_name, walk
from reviewbot.csource.summary import spell_place

_WORD = re.compile(r"\w+")
# what gives back, by its name; kernel names are made of words
_RELEASES = re.compile(
    r"(?:^|_)(?:un\w*lock\w*|put|free|release|drop|destroy|f?put|iput|dput|mmput|bdput|unpin)(?:_|$)"
)
_HELPS = re.compile(r"unlock|put|free|release|guard|cleanup|destroy|CLASS|drop|kill")
_TAKES = re.compile(r"(?:^|_)(?:i?get|grab|fget|dget|hold|pin|tryget|igrab|inc|ref)(?:_|$)")


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What a call gives back: `place` as the code spells it ("" for a lock without a name, like RCU's read side)."""

    kind: Literal["lock", "object"]
    place: str
    site: CallSite

    @property
    def name(self) -> str:
        """What people call it."""
        return self.place or (self.site.name or "").replace("_unlock", "")

    @property
    def lock_kind(self) -> str:
        """Which lock of a place it is: several may be in one."""
        return _kind(self.site)


def given_back(site: CallSite) -> GivenBack | None:
    """Return what a call gives back, None if it gives nothing back."""
    api = kernel_api()
    name = site.name or ""
    lock = api.locks.get(name)
    if lock is not None or name.endswith("_unlock"):
        released = lock is None or lock.effect == "release"
        return GivenBack("lock", _spelled(site, 0), site) if released else None
    if name not in api.frees and name not in api.puts and not _RELEASES.search(name):
        return None
    place = _spelled(site, api.frees.get(name, 0))
    return GivenBack("object", place, site) if place else None


def _spelled(site: CallSite, position: int) -> str:
    return (spell_place(site.args[position]) or "") if position < len(site.args) else ""


def takers(code: Code, what: GivenBack) -> Iterator[int]:
    """Yield the lines where a function takes what is given back."""
    if what.kind == "lock":
        yield from (site.line for site in code.function.calls if _locks(site, what))
        return
    for site in code.function.calls:
        if _TAKES.search(site.name or "") and _spelled(site, 0) == what.place:
            yield site.line
    for expr in code.function.expressions:
        if (
            isinstance(expr, c.Assign)
            and expr.op == "="
            and spell_place(expr.target) == what.place
            and _made(expr.value)
        ):
            yield expr.line
    for variable in code.function.locals:
        if variable.name == what.place and variable.init is not None and _made(variable.init):
            yield variable.line


def lock_of(site: CallSite) -> tuple[str, str] | None:
    """Return the place and the kind of the lock that a call takes, None if it takes none."""
    lock = kernel_api().locks.get(site.name or "")
    return (_spelled(site, 0), _kind(site)) if lock is not None and lock.effect == "acquire" else None


def _kind(site: CallSite) -> str:
    lock = kernel_api().locks.get(site.name or "")
    return lock.kind if lock is not None else site.name or ""


def _made(expr: c.Expr) -> bool:
    return any(isinstance(one, c.Call) for one in walk(expr))


def _locks(site: CallSite, what: GivenBack) -> bool:
    if _spelled(site, 0) != what.place:
        return False
    locks, name, other = kernel_api().locks, site.name or "", what.site.name or ""
    lock, unlock = locks.get(name), locks.get(other)
    if lock is not None and unlock is not None:
        return lock.effect != "release" and lock.kind == unlock.kind
    return name == other.replace("_unlock", "_lock")


def left_out(change: Change, what: GivenBack) -> int | None:
    """Return the line after a patch where control goes on to leave with what is no longer given back; None: nowhere.

    A way must remain from where it is taken over the place of the call that is gone to the function's end, with
    nothing on it that can give it back. Lines that the patch brings are given the benefit of the doubt.
    """
    word = (_WORD.findall(what.place) or [""])[-1]
    if change.leaves_otherwise or word in change.added or any(_HELPS.search(one) for one in change.added):
        return None
    code, cfg = change.after, change.after.cfg
    ends = frozenset(_ends(code, what))
    starts = [node.id for line in set(takers(code, what)) for node in cfg.at_line(line)]
    for node in change.next_nodes(what.site.line):
        if node.id in ends or not (node.id == cfg.exit or cfg.reaches(node.id, cfg.exit, ends)):
            continue
        if any(start != node.id and cfg.reaches(start, node.id, ends) for start in starts):
            return change.resumes(what.site.line, node)
    return None


def _ends(code: Code, what: GivenBack) -> Iterator[int]:
    """Yield the nodes at which it is given back, handed on or forgotten."""
    cfg = code.cfg
    for site in code.function.calls:
        back = given_back(site)
        if back is not None and back.place == what.place and back.kind == what.kind:
            yield from (node.id for node in cfg.at_line(site.line))
    for node in cfg.nodes:
        if node.kind == "unguard" or (node.kind == "return" and _returns(node.expr, what.place)):
            yield node.id


def _returns(expr: c.Expr | None, place: str) -> bool:
    parts = walk(expr) if expr is not None else ()
    return any(spell_place(one) == place for one in parts if not isinstance(one, c.Call) or call_name(one) is None)


def handed_on(code: Code, what: GivenBack) -> bool:
    """Tell whether a function stores an object somewhere, so that others may give it back."""
    return any(
        isinstance(expr, c.Assign) and spell_place(expr.target) != what.place and spell_place(expr.value) == what.place
        for expr in code.function.expressions
    )
