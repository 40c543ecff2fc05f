# SPDX-License-Identifier: GPL-2.0-or-later
"""Waits without a timeout that hold a lock which every waker has to take first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.locking.order import place_at
from reviewbot.checks.locking.states import Held, held
from reviewbot.checks.rule import Code, File
from reviewbot.checks.texts import naming
from reviewbot.checks.waits.places import Place, Scope, target_of
from reviewbot.checks.waits.protocols import Wait, calls_at, waits
from reviewbot.checks.waits.wakes import WAKES_QUEUE
from reviewbot.csource.functions import Function


@dataclass(frozen=True, slots=True)
class Stuck:
    """`wait` sleeps with `lock` held since `taken`; `waker` takes it before its wake-up at `woken`."""

    wait: Wait
    lock: Place
    taken: int
    waker: Function
    woken: int


def stuck_waits(file: File) -> Iterator[Stuck]:
    """Yield the waits that nobody can end: every wake-up of their queue in the file comes under the lock they hold."""
    seen: set[tuple[str, int]] = set()
    for wait in waits(file.unit):
        key = (wait.function.name, wait.sleep)
        if key in seen or not _private(file, wait.queue):
            continue
        code = file.code(wait.function)
        for one, lock in _held_at(code, wait.sleep):
            if one.lock.atomic:
                # nobody may sleep with that, whoever wakes: sleep-in-atomic says so
                continue
            wakers = [(waker, line, _holds(file, waker, line, lock)) for waker, line in _wakers(file, wait.queue)]
            if wakers and all(under for _, _, under in wakers):
                seen.add(key)
                node = next(n.id for n in code.cfg.nodes if n.line == wait.sleep and list(calls_at(code.cfg, n.id)))
                yield Stuck(wait, lock, one.taken(node), wakers[0][0], wakers[0][1])
                break


def _private(file: File, queue: Place) -> bool:
    if queue.owner == "":
        return any(v.name == queue.name and "static" in v.storage for v in file.unit.globals)
    return queue.owner in file.unit.structs and file.unit.path.endswith(".c")


def _held_at(code: Code, line: int) -> Iterator[tuple[Held, Place]]:
    """Yield the locks that are surely held where a task sleeps on a line."""
    scope = Scope(code.function, code.unit)
    for one in held(code):
        lock = next((place for _, use in one.uses if (place := place_at(scope, use)) is not None), None)
        shared = any(use.shared for _, use in one.uses)
        for node in code.cfg.nodes:
            for call in calls_at(code.cfg, node.id) if node.line == line and lock is not None and not shared else ():
                if call.line == line and one.complete and one.before(node.id, call) == {"held"} and lock is not None:
                    yield one, lock
                    break


def _wakers(file: File, queue: Place) -> Iterator[tuple[Function, int]]:
    for function in naming(file.unit, "wake_up"):
        scope = Scope(function, file.unit)
        for call in function.calls:
            if call.name and WAKES_QUEUE.fullmatch(call.name) and call.args:
                woken = target_of(scope, call.args[0])
                if woken is None or woken.same(queue):
                    yield function, call.line


def _holds(file: File, function: Function, line: int, lock: Place) -> bool:
    """Tell whether a function takes the lock on every way to a line: it holds it there, or has held it before."""
    code = file.code(function)
    scope = Scope(function, file.unit)
    for one in held(code):
        if not any(place_at(scope, use) == lock for _, use in one.uses if use.effect == "acquire"):
            continue
        states = [one.before(n.id) for n in code.cfg.nodes if n.line == line and list(calls_at(code.cfg, n.id))]
        return bool(states) and all(found and found <= {"held", "freed"} for found in states)
    return False
