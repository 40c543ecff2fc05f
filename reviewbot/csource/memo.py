# SPDX-License-Identifier: GPL-2.0-or-later
"""Results that are kept with what they are about."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def kept(make: Callable[[K], V]) -> Callable[[K], V]:
    """Make a function of one object (a Unit, a Function, a Cfg) keep its result in that object.

    The result lives as long as the object. A WeakKeyDictionary would not do: results lead back to what they are
    about, so that its values would keep its keys alive for ever.
    """
    name = f"{make.__module__}.{make.__qualname__}"

    @wraps(make)
    def once(owner: K) -> V:
        store: dict[str, V] = vars(owner)
        if name not in store:
            store[name] = make(owner)
        return store[name]

    return once
