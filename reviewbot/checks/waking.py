# SPDX-License-Identifier: GPL-2.0-or-later
"""Wake-ups that a patch drops, and whether anybody still sleeps there."""

from __future__ import annotations

import re

from reviewbot.checks.change import Change
from reviewbot.csource.api import kernel_api
from reviewbot.csource.functions import CallSite
from reviewbot.csource.summary import spell_place

_WORD = re.compile(rb"\w+")


def waked(site: CallSite) -> str | None:
    """Return the wait queue, completion or task that a call wakes, as the code spells it."""
    api = kernel_api()
    position = {**api.wakes, **api.wakes_task}.get(site.name or "")
    if position is None or position >= len(site.args):
        return None
    return spell_place(site.args[position])


def still_waited_for(change: Change, queue: str) -> bool:
    """Tell whether the file still knows the queue as much as before, the call that is gone aside.

    Those who sleep may be in another file; when the file loses more of the queue than the function does, the queue
    itself is on its way out, or somebody else has taken the wake-ups over.
    """
    word = re.findall(r"\w+", queue)[-1].encode()
    before, after = (_WORD.findall(code.unit.source.data).count(word) for code in (change.before, change.after))
    return after >= before - 1
