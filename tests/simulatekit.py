# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the simulator share: small programs, and snapshots of plain text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from reviewbot.model.tree import SourceFile
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.exploration import Exploration
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.gather import build
from reviewbot.simulate.memory import BASE
from reviewbot.simulate.scenario import Scenario, read_scenario
from reviewbot.simulate.world import World, build_world


class TextSnapshot:
    """Files given as text, in the shape of a snapshot."""

    complete = True

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = dict(files)

    def read(self, path: str) -> SourceFile | None:
        """Return a file."""
        if path not in self.files:
            return None
        data = self.files[path].encode()
        return SourceFile(path, data, hashlib.sha256(data).hexdigest())

    def paths(self, under: str = "") -> Iterator[str]:
        """Yield the names of the files."""
        yield from sorted(path for path in self.files if path.startswith(under))


def scenario(folder: Path, tasks: str, text: str, expect: str = "no-deadlock", more: str = "") -> Scenario:
    """Write and read a scenario with no world: `text` is all the C that there is."""
    file = folder / "case.c"
    file.write_text(f"/* scenario: case\n * tasks: {tasks}\n * expect: {expect}\n{more} */\n{text}")
    return read_scenario(file)


def prepared(case: Scenario, *, everything: bool = False) -> tuple[World, dict[str, int]]:
    """Build a scenario with no world; also return where its file-scope objects are."""
    source = choose_source(case, TextSnapshot({}), ())
    assert not isinstance(source, str)
    program = build(case, source)
    counters = frozenset(
        field
        for code in program.codes
        for item in code.instructions
        if (field := getattr(item, "field", None)) is not None
    )
    world = build_world(program, case, source.world, counters, everything=everything)
    return world, {item.name: item.address for item in program.objects}


def explored(
    case: Scenario, *, everything: bool = False, remembers: bool = True
) -> tuple[World, Exploration, dict[str, int]]:
    """Explore a scenario with no world; also return where its file-scope objects are."""
    world, places = prepared(case, everything=everything)
    world.machine.remembers = remembers
    seen = Explorer(world.machine, world.initial, 200_000).explore()
    return world, seen, places


def outcomes(case: Scenario, names: str, *, everything: bool = False) -> set[Any]:
    """Return the values that some file-scope variables can have at the end; "stuck" beside them if a task is left."""
    world, seen, places = explored(case, everything=everything)
    found = set()
    for number, edges in seen.edges.items():
        if edges:
            continue
        shared, tasks = seen.states[number]
        values = tuple(shared[places[name] - BASE] for name in names.split())
        left = any(task[0] for task in tasks[: world.machine.tasks])
        found.add((*values, "stuck") if left else values)
    return found | set(seen.found)
