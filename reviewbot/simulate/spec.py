# SPDX-License-Identifier: GPL-2.0-or-later
"""What a scenario is: a C file whose first comment states the world and what is expected.

The comment is data, one `key: value` a line, lines that begin deeper than their key continue it:

    /* scenario: NAME
     * One or more sentences that say what goes on.
     * world: FILE, FILE …            C files beside the scenario that set up the world; the first whose `needs` are met
     * files: lib/ring.c               with no `world:`, the tree's files that the scenario runs
     * groups: A{limit: 1}, A/01      each with numbers for the world's group_set_<key>(group, value)
     * tasks: victim(A){held: 1}, charger(A) x2      the functions that run, their group, numbers for task_set_<key>
     * expect: no-lost-wakeup, …      properties
     * covers: mm/memcontrol.c, …     a patch that touches none of these files leaves the verdicts as they are
     * redirect: theirs = ours        functions of the tree in whose place one of the scenario or its world is called
     * states: 200000                 the most states to explore
     */
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

BUILT_IN = frozenset(
    (
        "no-lost-wakeup", "no-deadlock", "no-livelock", "everybody-goes-on", "no-use-after-free", "no-wild-access",
        "no-null-dereference",
        "no-uninitialised-read", "no-sleep-in-atomic", "locks-balance", "references-balance", "no-bug", "no-warning",
        "no-panic", "killed-task-leaves",
    )
)  # fmt: skip
DEFAULT_STATES = 30_000

Options = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A group by its path, its parent's path, and its numbers."""

    name: str
    parent: str | None
    options: Options


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task: what it is called, the function that it runs, its group's path, and its numbers."""

    name: str
    function: str
    group: str | None
    options: Options


@dataclass(frozen=True, slots=True)
class WorldFile:
    """C that sets up a world and drives the code under test.

    `needs` are functions that the tree must have whole; `files` the tree's files to look in; `redirect` maps functions
    of the tree to those of the world that are called in their place; `group_type` is the tag of a group's record;
    `constants` are macros of the tree that get another value, to keep the number of states low (a bound of the
    verdict). `killer` is the kernel's function that kills for a full group. `fragments` says that it drives what
    a series shows of functions, with no tree.
    """

    path: str
    text: str
    needs: tuple[str, ...]
    files: tuple[str, ...]
    redirect: tuple[tuple[str, str], ...]
    group_type: str | None
    constants: tuple[tuple[str, int], ...]
    killer: str | None
    fragments: bool
    about: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as its file states it; `text` is the whole file, `path` where it is, `worlds` in order of choice."""

    name: str
    path: str
    text: str
    about: str
    groups: tuple[Group, ...]
    tasks: tuple[TaskSpec, ...]
    expect: tuple[str, ...]
    covers: tuple[str, ...]
    states: int
    worlds: tuple[WorldFile, ...]
    redirect: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """A hash of everything that the scenario consists of."""
        parts = [self.text, *(world.text for world in self.worlds)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()
