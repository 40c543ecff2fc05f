# SPDX-License-Identifier: GPL-2.0-or-later
"""Functions that leave an RCU read section as they found it.

Read sections nest (Documentation/RCU/whatisRCU.rst): a function that enters one and leaves it again does so inside of
its caller's.
"""

from __future__ import annotations

from reviewbot.checks.below import names_below, words_of
from reviewbot.checks.locking.uses import Lock, use_of
from reviewbot.csource.memo import kept
from reviewbot.csource.parse import Unit


def nests(unit: Unit, name: str, lock: Lock) -> bool:
    """Tell whether a function of the file, and all that it leads to there, leave a lock held that its caller holds.

    Each has to take it before it gives it back, in the order of its lines. Only sections of RCU readers can be left to
    others so.
    """
    if lock.kind != "rcu":
        return False
    known = _known(unit)
    key = (name, lock.name)
    if key not in known:
        known[key] = all(_balanced(unit, one, lock) for one in names_below(unit, name))
    return known[key]


@kept
def _known(unit: Unit) -> dict[tuple[str, str], bool]:
    return {}


def _balanced(unit: Unit, name: str, lock: Lock) -> bool:
    if lock.name not in words_of(unit)[name].called and lock.name.replace("_lock", "_unlock") not in (
        words_of(unit)[name].called
    ):
        return True
    function = unit.function(name)
    if function is None or function.fragment:
        return False
    uses = [use_of(site.name, site.args, site.line) for site in function.calls]
    effects = [use.effect for use in uses if use is not None and use.lock.name == lock.name]
    return not effects or (effects[0] == "acquire" and effects[-1] == "release")
