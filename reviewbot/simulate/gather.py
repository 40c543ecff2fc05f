# SPDX-License-Identifier: GPL-2.0-or-later
"""The source that a scenario runs on a snapshot: the world's files, what these include, and the model's own."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reviewbot.csource.parse import Unit, parse
from reviewbot.csource.syntax import CType, Variable
from reviewbot.model.tree import Snapshot, SourceFile
from reviewbot.simulate.kernel.table import IGNORED, PRIMITIVES
from reviewbot.simulate.lower.program import Program, build_program
from reviewbot.simulate.lower.sources import Sources
from reviewbot.simulate.spec import Scenario, WorldFile
from reviewbot.simulate.world import TASK_FIELDS, root_names

MOST_FILES = 400
_INCLUDE = re.compile(rb'^[ \t]*#[ \t]*include[ \t]*[<"]([\w./-]{1,120})[>"]', re.MULTILINE)
_PLACES = ("include/{}", "include/uapi/{}", "{}")


@cache
def model_units() -> tuple[Unit, Unit]:
    """Return the model's types and macros, which win over the tree's, and its fallbacks, which do not."""
    folder = Path(__file__).parent / "kernel"
    first = own_unit("model.h", (folder / "model.h").read_text())
    last = own_unit("fallback.h", "".join(file.read_text() for file in sorted(folder.glob("fallback*.h"))))
    return first, last


def own_unit(path: str, text: str) -> Unit:
    """Parse C that is not under test."""
    data = text.encode()
    return parse(SourceFile(path, data, hashlib.sha256(data).hexdigest()))


def tree_files(snapshot: Snapshot, world: WorldFile) -> tuple[SourceFile, ...]:
    """Return the files of a snapshot that a world runs, and those of the snapshot that they include, in that order."""
    files: dict[str, SourceFile] = {}
    waiting = list(world.files)
    while waiting and len(files) < MOST_FILES:
        path = waiting.pop(0)
        if path in files:
            continue
        file = snapshot.read(path)
        if file is None:
            continue
        files[path] = file
        for name in _INCLUDE.findall(file.data):
            waiting += [place.format(name.decode()) for place in _PLACES]
    return tuple(files.values())


@dataclass(frozen=True, slots=True)
class Source:
    """What a scenario runs: a world, the tree's files, C that binds roles, and fields of records besides the shown."""

    world: WorldFile
    files: tuple[SourceFile, ...]
    bindings: str = ""
    fields: tuple[tuple[str, tuple[Variable, ...]], ...] = ()

    @property
    def key(self) -> object:
        """Equal for equal sources."""
        return self.world.path, tuple((file.path, file.key) for file in self.files), self.bindings, self.fields

    @property
    def digest(self) -> str:
        """A hash of `key`, the same on every machine."""
        parts = [self.world.text, self.bindings, repr(self.fields), *(f"{f.path} {f.key}" for f in self.files)]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


def build(scenario: Scenario, source: Source) -> Program:
    """Lower everything that a scenario reaches."""
    world = source.world
    first, last = model_units()
    tasks = own_unit(scenario.path, scenario.text)
    harness = own_unit(world.path, world.text)
    bindings = own_unit("bindings", source.bindings)
    units = (tasks, harness, bindings, first, *(parse(file) for file in source.files), last)
    own = frozenset(unit.path for unit in (tasks, harness, bindings, first, last))
    hidden = {"task_struct": tuple(Variable(name, CType("long")) for name in TASK_FIELDS), **dict(source.fields)}
    sources = Sources(units, own, hidden, dict(world.constants))
    arities = {name: model.arity for name, model in PRIMITIVES.items()}
    roots = [(name, scenario.path) for name in root_names(scenario)]
    return build_program(sources, roots, arities, IGNORED, dict((*world.redirect, *scenario.redirect)))
