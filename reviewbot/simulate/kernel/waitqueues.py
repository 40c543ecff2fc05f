# SPDX-License-Identifier: GPL-2.0-or-later
"""Wait queues.

The head's first cell holds the entries in order. `prepare_to_wait` puts the entry on the queue and sets the state, in
one step (the kernel does both under the queue's lock). A wake-up looks at each entry in turn: a task whose state is in
the mode becomes TASK_RUNNING; the entry of an autoremoving one leaves the queue; `exclusive` ones count. Nothing
happens to a task that is not on the queue: that is how wake-ups get lost. An entry with a function of its own gets
that function called, in C (model.h); meanwhile the queue is locked: whoever wants on it, off it or to wake waits.
Left out: the queue's lock otherwise (each call is one step), bookmarks of long queues.
"""

from __future__ import annotations

from collections.abc import Iterable

from reviewbot.simulate.kernel.interface import Kernel, PrimitiveModel, Ready, Run, Touches, Values
from reviewbot.simulate.kernel.sched import state_cell
from reviewbot.simulate.sharing import READ, WRITE

EXCLUSIVE = 1
# struct __wait_queue in model.h
FLAGS, PRIVATE, FUNC, QUEUE = 0, 1, 2, 3
WAKING = 1  # in struct wait_queue_head: somebody calls the entries' own functions


def entries(kernel: Kernel, head: int) -> tuple[int, ...]:
    """Return the addresses of the entries on a queue."""
    found = kernel.get(head)
    return found if isinstance(found, tuple) else ()


def _enqueue(kernel: Kernel, values: Values, *, last: bool) -> None:
    head, entry = values[0], values[1]
    queue = entries(kernel, head)
    if entry not in queue:
        kernel.put(entry + QUEUE, head)
        kernel.put(head, (*queue, entry) if last else (entry, *queue))


def _dequeue(kernel: Kernel, head: int, entry: int) -> None:
    queue = tuple(other for other in entries(kernel, head) if other != entry)
    kernel.put(head, queue or 0)


def _prepare(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[1] + FLAGS, kernel.get(values[1] + FLAGS) & ~EXCLUSIVE)
    _enqueue(kernel, values, last=False)
    kernel.put(state_cell(kernel), values[2])


def _prepare_exclusive(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[1] + FLAGS, kernel.get(values[1] + FLAGS) | EXCLUSIVE)
    _enqueue(kernel, values, last=True)
    kernel.put(state_cell(kernel), values[2])


def _finish(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(state_cell(kernel), 0)
    _dequeue(kernel, values[0], values[1])


def _add(kernel: Kernel, values: Values, way: int) -> None:
    _enqueue(kernel, values, last=False)


def _remove(kernel: Kernel, values: Values, way: int) -> None:
    _dequeue(kernel, values[0], values[1])


def _waits(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    yield values[0], WRITE
    yield state_cell(kernel), WRITE


def _head_written(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((values[0], WRITE),)


def _head_read(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((values[0], READ),)


def _task_state(kernel: Kernel, entry: int) -> int:
    return int(kernel.get(entry + PRIVATE)) + kernel.task_offset("sim_state")


def _wake_one(kernel: Kernel, task: int, mode: int) -> int:
    cell = task + kernel.task_offset("sim_state")
    if not kernel.get(cell) & mode:
        return 0
    kernel.put(cell, 0)
    return 1


def _special(kernel: Kernel, head: int) -> bool:
    return any(kernel.function_name(kernel.get(entry + FUNC)) not in _PLAIN for entry in entries(kernel, head))


def _wake_touches(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    queue = entries(kernel, values[0])
    yield values[0], WRITE if queue else READ
    for entry in queue:
        yield _task_state(kernel, entry), WRITE


def _wake(kernel: Kernel, values: Values, way: int) -> int:
    """Wake (head, mode, number of exclusive ones or 0 for all); 1 if an entry has a function of its own."""
    head, mode, number = values[0], values[1], values[2]
    if _special(kernel, head):
        kernel.put(head + WAKING, 1)
        return 1
    for entry in entries(kernel, head):
        exclusive = kernel.get(entry + FLAGS) & EXCLUSIVE
        woken = _wake_one(kernel, kernel.get(entry + PRIVATE), mode)
        if woken and kernel.function_name(kernel.get(entry + FUNC)) == _PLAIN[0]:
            _dequeue(kernel, head, entry)
        if woken and exclusive:
            number -= 1
            if number == 0:
                break
    return 0


def _wake_done(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[0] + WAKING, 0)


def _unlocked(kernel: Kernel, values: Values) -> int:
    return int(not kernel.get(values[0] + WAKING))


def _unlocked_or_off(kernel: Kernel, values: Values) -> int:
    return int(not kernel.get(values[0] + WAKING) or values[1] not in entries(kernel, values[0]))


def _call(name: str, run: Run, touches: Touches, arity: int, ready: Ready = _unlocked) -> PrimitiveModel:
    return PrimitiveModel(name, run, ready, touches, arity=arity, waiting="blocks")


def _entry(kernel: Kernel, values: Values, way: int) -> int:
    """Return the entry after the one given (0: the first) of a queue, 0 if there is none."""
    queue = entries(kernel, values[0])
    at = queue.index(values[1]) + 1 if values[1] in queue else 0 if values[1] == 0 else len(queue)
    return queue[at] if at < len(queue) else 0


def _default(kernel: Kernel, values: Values, way: int) -> int:
    return _wake_one(kernel, kernel.get(values[0] + PRIVATE), values[1])


def _autoremove(kernel: Kernel, values: Values, way: int) -> int:
    woken = _default(kernel, values, way)
    if woken:
        _dequeue(kernel, kernel.get(values[0] + QUEUE), values[0])
    return woken


def _entry_touches(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    yield _task_state(kernel, values[0]), WRITE
    yield kernel.get(values[0] + QUEUE), WRITE


def _wake_process(kernel: Kernel, values: Values, way: int) -> int:
    return _wake_one(kernel, values[0], 3)


def _process_touches(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((values[0] + kernel.task_offset("sim_state"), WRITE),)


def _active(kernel: Kernel, values: Values, way: int) -> int:
    return int(bool(entries(kernel, values[0])))


def _init(kernel: Kernel, values: Values, way: int) -> None:
    kernel.put(values[0], 0)
    kernel.put(values[0] + WAKING, 0)


_PLAIN = ("autoremove_wake_function", "default_wake_function")

PRIMITIVES = (
    _call("prepare_to_wait", _prepare, _waits, 3),
    _call("prepare_to_wait_exclusive", _prepare_exclusive, _waits, 3),
    _call("finish_wait", _finish, _waits, 2, _unlocked_or_off),
    *(_call(name, _add, _head_written, 2) for name in ("add_wait_queue", "__add_wait_queue")),
    *(_call(name, _remove, _head_written, 2) for name in ("remove_wait_queue", "__remove_wait_queue")),
    _call("sim_wake", _wake, _wake_touches, 3),
    PrimitiveModel("sim_wake_done", _wake_done, touches=_head_written, quiet=True),
    PrimitiveModel("sim_queue_after", _entry, touches=_head_read, arity=2, quiet=True),
    PrimitiveModel("default_wake_function", _default, touches=_entry_touches, arity=4),
    PrimitiveModel("autoremove_wake_function", _autoremove, touches=_entry_touches, arity=4),
    PrimitiveModel("wake_up_process", _wake_process, touches=_process_touches),
    PrimitiveModel("waitqueue_active", _active, touches=_head_read),
    PrimitiveModel("init_waitqueue_head", _init, touches=_head_written, quiet=True),
)  # fmt: skip
