# SPDX-License-Identifier: GPL-2.0-or-later
"""Which cells tasks share, by name: what one run learnt, for the next run of the same scenario on other code.

The reduction starts from the cells that are known to be shared and finds the others out (sharing.py). Starting with too
many is never wrong, it only costs states; so what was shared before a patch is a good guess for after it.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.simulate.memory import BASE
from reviewbot.simulate.world import World

STACKS = "the stacks"
ASKED = "asked "


def learnt(world: World) -> frozenset[str]:
    """Return the names of what is shared, the marks of `sharing.Sharing` included."""
    sharing = world.machine.sharing
    found = {name for address, name in _names(world) if address in sharing.visible}
    found |= {ASKED + name for address, name in _names(world) if address in sharing.asked}
    return frozenset(found | {STACKS} if sharing.stacks else found)


def recall(world: World, hints: frozenset[str]) -> None:
    """Let a world's machine begin with what the names mean in it; names that mean nothing here are passed over."""
    sharing = world.machine.sharing
    sharing.stacks = sharing.stacks or STACKS in hints
    for address, name in _names(world):
        if name in hints:
            sharing.visible.add(address)
        if ASKED + name in hints:
            sharing.asked.add(address)


def _names(world: World) -> Iterator[tuple[int, str]]:
    """Yield each cell with the name that another build gives it too: a label, or its place after the statics."""
    labels = {start: name for start, _, name in world.machine.labels}
    for address in range(BASE, BASE + len(world.ready[0])):
        yield address, labels.get(address) or f"cell {address - world.top}"
