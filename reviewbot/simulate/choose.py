# SPDX-License-Identifier: GPL-2.0-or-later
"""Which source a scenario runs on: the first of its worlds that a snapshot has all for."""

from __future__ import annotations

from collections.abc import Sequence

from reviewbot.csource.parse import parse
from reviewbot.model.diff import Patch
from reviewbot.model.tree import Snapshot
from reviewbot.simulate.gather import Source, tree_files
from reviewbot.simulate.roles import find_roles, record_fields
from reviewbot.simulate.spec import Scenario, WorldFile


def choose_source(scenario: Scenario, snapshot: Snapshot, patches: Sequence[Patch]) -> Source | str:
    """Return the first world of a scenario that a snapshot (after `patches`) has all for, or why there is none."""
    if not scenario.worlds:
        own = WorldFile("", "", (), scenario.files, (), None, (), None, False, "")
        return Source(own, tree_files(snapshot, own))
    reason = ""
    for world in scenario.worlds:
        missing = _missing(world, snapshot)
        if missing:
            reason = f"the source at hand does not show all of {', '.join(missing)}"
            continue
        files = tree_files(snapshot, world)
        units = [parse(file) for file in files]
        if world.fragments and not snapshot.complete:
            roles = find_roles(units, world.killer or "", world.group_type or "")
            if not roles.missing:
                return Source(world, files, roles.text, tuple(record_fields(patches).items()))
            reason = f"no tree is at hand, and the series shows no function that is {', '.join(roles.missing)}"
        elif not world.fragments:
            return Source(world, files)
    return reason


def _missing(world: WorldFile, snapshot: Snapshot) -> list[str]:
    """Return which functions that a world needs are not whole in its files."""
    if not world.needs:
        return []
    files = [file for path in world.files if (file := snapshot.read(path)) is not None]
    named = [name for name in world.needs if any(name.encode() in file.data for file in files)]
    if len(named) < len(world.needs):  # spares parsing a large file in vain
        return [name for name in world.needs if name not in named]
    # whether a function has gaps is asked of those alone: that reads its body
    about = (f for file in files for f in parse(file).functions if f.name in world.needs)
    whole = {f.name for f in about if not f.fragment and not f.gaps}
    return [name for name in world.needs if name not in whole]
