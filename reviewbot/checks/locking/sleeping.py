# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls that sleep where nobody may: under a spinlock, in an RCU section, with preemption or interrupts off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.below import words_below
from reviewbot.checks.locking.nesting import nests
from reviewbot.checks.locking.states import Held, held
from reviewbot.checks.locking.uses import use_of
from reviewbot.checks.rule import Code
from reviewbot.csource import syntax as c
from reviewbot.csource.api import kernel_api
from reviewbot.csource.cfg import Cfg, CfgNode, build_cfg, known
from reviewbot.csource.events import CallEvent, Read, events, events_of
from reviewbot.csource.functions import Function, walk
from reviewbot.csource.kernelmacros import words
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit

_MAY_SLEEP_FLAGS = re.compile(r"GFP_(?:KERNEL|USER|HIGHUSER|NOFS|NOIO)(?:_\w+)?|__GFP_(?:DIRECT_RECLAIM|WAIT)")
_FORBIDS_SLEEP = re.compile(r"GFP_(?:ATOMIC|NOWAIT)|__GFP_(?:HIGH|NORETRY)|\w*(?:mask|flags)\w*")
_ALLOCATES = re.compile(
    r"(?!\w*(?:init|set|mask|preload|pool_create))\w*(?:alloc|dup|ida|idr|insert|store|clone|add|create)\w*"
)
# these may find that there is nothing to wait for, and are called by people who know that; or they sleep only in
# some configurations
_SELDOM = words(
    "iput might_fault kern_path vfree schedule_preempt_disabled get_user put_user copy_from_user "
    "copy_to_user clear_user strncpy_from_user copy_from_iter copy_to_iter register_shrinker"
)
# these drop the lock that they are given while they sleep
_DROPS_LOCK = re.compile(r"s?wait_event\w*(?:lock|cmd)\w*")
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Sleep:
    """`call` at `line` sleeps, with `lock` held since `taken`; `through` are the functions in between.

    `sleeps` is the line where the last of these is called, None where it is `call` itself.
    """

    call: str
    line: int
    lock: str
    taken: int
    through: tuple[str, ...]
    sleeps: int | None = None


def sleeps_in_atomic(code: Code) -> Iterator[Sleep]:
    """Yield the calls that surely sleep while a lock is surely held that forbids it."""
    api = kernel_api()
    names = {call.name for call in code.function.calls if call.name}
    atomic = [name for name in names if name in api.locks and api.locks[name].atomic]
    if not atomic and "guard" not in words_below(code.unit, code.function.name).named:
        return
    for one in held(code):
        if one.lock.atomic and one.complete and any(use.effect != "release" for _, use in one.uses):
            yield from _under(code, one)


def _under(code: Code, one: Held) -> Iterator[Sleep]:
    for node in code.cfg.nodes:
        if "held" not in one.outcome.states(node.id) and not any(at == node.id for at, _ in one.uses):
            continue
        for event in events(code.cfg, node.id):
            if not isinstance(event, CallEvent) or event.name is None or event.maybe:
                continue
            through = sleeping(code.unit, event)
            if through is not None and one.before(node.id, event) == {"held"}:
                at = _called_at(code.unit, (event.name, *through))
                yield Sleep(event.name, event.line, one.lock.name, one.taken(node.id), through, at)
                return


def _called_at(unit: Unit, way: tuple[str, ...]) -> int | None:
    """Return the line on which the last function of a way is called by the one before it."""
    function = unit.function(way[-2]) if len(way) > 1 else None
    sites = function.calls if function is not None else ()
    return next((site.line for site in sites if site.name == way[-1]), None)


@kept
def _known(unit: Unit) -> dict[str, tuple[str, ...] | None]:
    return {}


def sleeping(unit: Unit, call: CallEvent, depth: int = 0) -> tuple[str, ...] | None:
    """Return through which functions of the file a call surely sleeps (() for itself), None if it may not."""
    api = kernel_api()
    name = call.name or ""
    function = unit.function(name)
    if function is not None:
        return _inside(unit, function, depth)
    if name in api.sleeps:
        return None if name in _SELDOM or _DROPS_LOCK.fullmatch(name) else ()
    position = api.sleeps_by_flags.get(name)
    if position is not None:
        flags = list(call.args[position : position + 1])
    else:
        # who is handed GFP_KERNEL beside other things allocates with it
        flags = [arg for arg in call.args if _ALLOCATES.fullmatch(name) and _names_flags(arg)]
    if not flags:
        return None
    named = [part.name for part in walk(flags[0]) if isinstance(part, c.Name)]
    if any(_FORBIDS_SLEEP.fullmatch(one) for one in named):
        return None
    return () if any(_MAY_SLEEP_FLAGS.fullmatch(one) for one in named) else None


def _names_flags(arg: c.Expr) -> bool:
    return any(isinstance(part, c.Name) and _MAY_SLEEP_FLAGS.fullmatch(part.name) for part in walk(arg))


def _inside(unit: Unit, function: Function, depth: int) -> tuple[str, ...] | None:
    """Return the way to what every call of a function sleeps in, None if some call may not sleep."""
    found = _known(unit)
    if function.name in found:
        return found[function.name]
    found[function.name] = None
    api = kernel_api()
    called = words_below(unit, function.name).called
    if depth > _DEEPEST or function.fragment or not called & (api.sleeps | api.sleeps_by_flags.keys()):
        return None
    # a lock may be dropped first, which is the function's business to know
    if any(_may_drop(unit, function, name) for name in called):
        return None
    cfg = build_cfg(function)
    for node in cfg.nodes:
        for event in events(cfg, node.id):
            if not isinstance(event, CallEvent) or event.maybe or event.name is None:
                continue
            through = sleeping(unit, event, depth + 1)
            if through is not None and _always(function, cfg, node):
                found[function.name] = (event.name, *through)
                return found[function.name]
    return None


def _may_drop(unit: Unit, function: Function, name: str) -> bool:
    """Tell whether a call in a function or below gives back a lock that the function's callers may hold."""
    use = use_of(name, (), 0)
    lock = kernel_api().locks.get(name)
    if lock is None or not lock.atomic or lock.effect != "release":
        return False
    return use is None or not nests(unit, function.name, use.lock)


def _always(function: Function, cfg: Cfg, node: CfgNode) -> bool:
    """Tell whether a function comes to a node unless something fails or there is nothing to do.

    A condition on a parameter that is a number may be how callers say that they must not sleep.
    """
    numbers = {p.name for p in function.params if not p.type.pointers and not p.type.base.startswith("struct")}
    for other in cfg.nodes:
        if other.kind not in ("condition", "switch", "foreach") or other.id == node.id:
            continue
        if cfg.postdominates(node.id, other.id) or cfg.path(other.id, node.id) is None:
            continue
        if other.kind != "condition" or other.expr is None or not _early_return(cfg, other, node):
            return False
        if any(
            isinstance(e, Read) and (e.path.root in numbers or _is_global(function, e)) for e in events_of(other.expr)
        ):
            return False
    return True


def _early_return(cfg: Cfg, condition: CfgNode, node: CfgNode) -> bool:
    """Tell whether an outcome of a condition, if any, leaves the function, and calls nothing before it does."""
    away = [
        e.target
        for e in cfg.successors(condition.id)
        if known(e) and e.target != node.id and cfg.path(e.target, node.id) is None
    ]
    if len(away) != 1:
        # another part of the same question decides
        return not away
    way = (away[0], *(cfg.path(away[0], cfg.exit) or ()))
    return not any(isinstance(event, CallEvent) for n in way for event in events(cfg, n))


def _is_global(function: Function, read: Read) -> bool:
    own = {v.name for v in (*function.params, *function.locals)}
    return read.path.root not in own and not read.path.root.isupper()
