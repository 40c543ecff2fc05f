# SPDX-License-Identifier: GPL-2.0-or-later
"""atomic_t, atomic64_t, atomic_long_t.

Each operation is one indivisible step on one cell (Documentation/atomic_t.txt). Additions without a return value
commute with each other. Left out: memory ordering; every operation is as strong as a fully ordered one, so a missing
barrier does not show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from reviewbot.simulate.kernel.interface import Kernel, PrimitiveModel, Touches, Values, always
from reviewbot.simulate.lower.types import INT, wrap
from reviewbot.simulate.sharing import ADD, READ, WRITE

MOST_REFERENCES = 20  # in worlds of a few tasks and pages

# name: (place of the cell among the arguments, function of (old value, arguments) to (new value or None, result))
_Change = Callable[[int, Values], tuple[int | None, Any]]
_OPERATIONS: dict[str, tuple[int, int, _Change]] = {
    "read": (0, 1, lambda old, v: (None, old)),
    "set": (0, 2, lambda old, v: (v[1], None)),
    "inc": (0, 1, lambda old, v: (old + 1, None)),
    "dec": (0, 1, lambda old, v: (old - 1, None)),
    "add": (1, 2, lambda old, v: (old + v[0], None)),
    "sub": (1, 2, lambda old, v: (old - v[0], None)),
    "inc_return": (0, 1, lambda old, v: (old + 1, old + 1)),
    "dec_return": (0, 1, lambda old, v: (old - 1, old - 1)),
    "add_return": (1, 2, lambda old, v: (old + v[0], old + v[0])),
    "sub_return": (1, 2, lambda old, v: (old - v[0], old - v[0])),
    "dec_and_test": (0, 1, lambda old, v: (old - 1, int(old == 1))),
    "inc_and_test": (0, 1, lambda old, v: (old + 1, int(old == -1))),
    "sub_and_test": (1, 2, lambda old, v: (old - v[0], int(old == v[0]))),
    "inc_not_zero": (0, 1, lambda old, v: (old + 1, 1) if old else (None, 0)),
    "add_unless": (0, 3, lambda old, v: (old + v[1], 1) if old != v[2] else (None, 0)),
    "dec_if_positive": (0, 1, lambda old, v: (old - 1 if old > 0 else None, old - 1)),
    "xchg": (0, 2, lambda old, v: (v[1], old)),
    "cmpxchg": (0, 3, lambda old, v: (v[2] if old == v[1] else None, old)),
}
_COMMUTE = ("inc", "dec", "add", "sub")


def _touches(at: int, kind: int) -> Touches:
    return lambda kernel, values: ((values[at], kind),)


def _model(name: str, prefix: str) -> PrimitiveModel:
    at, arity, change = _OPERATIONS[name]

    def run(kernel: Kernel, values: Values, way: int) -> Any:
        new, result = change(0 if name == "set" else kernel.get(values[at]), values)
        if new is not None:
            kernel.put(values[at], wrap(new, INT) if prefix == "atomic_" else new)
        return result

    kind = READ if name == "read" else ADD if name in _COMMUTE else WRITE
    return PrimitiveModel(prefix + name, run, always, _touches(at, kind), arity=arity)


def _put_touches(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((values[0], ADD if kernel.get(values[0]) > values[1] else WRITE),)


def _put(kernel: Kernel, values: Values, way: int) -> int:
    old = kernel.get(values[0])
    if old < values[1]:
        kernel.complain("references-balance", "a reference is put that nobody holds")
    kernel.put(values[0], old - values[1])
    return int(old == values[1])


def _tryget_touches(kernel: Kernel, values: Values) -> Iterable[tuple[int, int]]:
    return ((values[0], ADD if kernel.get(values[0]) > 0 else WRITE),)


def _tryget(kernel: Kernel, values: Values, way: int) -> int:
    return 0 if kernel.get(values[0]) <= 0 else _get(kernel, values, way)


def _get(kernel: Kernel, values: Values, way: int) -> int:
    now = kernel.get(values[0]) + 1
    if now > MOST_REFERENCES:
        kernel.fail("references-balance", "references pile up: they are taken again and again and never put")
    kernel.put(values[0], now)
    return 1


# Taking and dropping references commute as long as the count stays above zero.
PRIMITIVES = (
    *(_model(name, prefix) for prefix in ("atomic_", "atomic64_", "atomic_long_") for name in _OPERATIONS),
    PrimitiveModel("sim_put", _put, always, _put_touches, arity=2, quiet=True),
    PrimitiveModel("sim_get", _get, always, _tryget_touches, quiet=True),
    PrimitiveModel("sim_tryget", _tryget, always, _tryget_touches, quiet=True),
)
