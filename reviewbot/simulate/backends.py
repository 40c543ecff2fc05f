# SPDX-License-Identifier: GPL-2.0-or-later
"""Who searches: the interpreter, or the compiled explorer for what is too large for it.

Both give the same states, steps, verdicts and schedules. The interpreter needs no compiler and is the reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reviewbot.model.errors import UnusableInputError
from reviewbot.simulate.exploration import Exploration
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.frontier import ANY, Scope
from reviewbot.simulate.likeness import find_symmetry
from reviewbot.simulate.native.build import explorer
from reviewbot.simulate.native.client import explore_native
from reviewbot.simulate.native.encode import UnsupportedError
from reviewbot.simulate.sample import sample
from reviewbot.simulate.symmetry import NotSymmetricError, Symmetry
from reviewbot.simulate.world import World

Backend = Literal["python", "c", "auto"]


@dataclass(frozen=True, slots=True)
class Way:
    """How to search: by which backend; or, with `samples` above 0, by as many random schedules made from `seed`.

    With `first`, nothing is searched after the first violation. With `symmetric`, states that only differ in which
    of some equal tasks is which are stored once: fewer states, each of which costs more, and the same is found. None:
    where a search without that runs out of states. `scope` is the order, and a bound.
    """

    backend: Backend = "auto"
    samples: int = 0
    seed: int = 0
    first: bool = False
    scope: Scope = ANY
    symmetric: bool | None = None


SEARCH = Way()
SMALL = 250
"""States for which a process of its own does not pay."""


def rounds(most: int, way: Way) -> tuple[int, ...]:
    """Return after how many states to see whether something is violated, the last being `most`.

    As the search begins with the schedules of the fewest preemptions, or steps, a violation is mostly found among few
    states, and what a round costs that finds none is little beside the next.
    """
    return (*(states for states in (SMALL, 4_000) if states < most and way.first and not way.samples), most)


def explore(world: World, most: int, *, look: bool = True, way: Way = SEARCH) -> Exploration:
    """Search a world; `look` tells that nothing is known yet of what is shared.

    "auto" takes the compiled explorer where there is a compiler and more than `SMALL` states. Raises UnusableInputError
    if "c" is asked for and cannot be had.
    """
    if way.samples:
        Explorer(world.machine, world.initial, most).look_around()
        return sample(world, way.samples, way.seed)
    able = bool(world.equal) and world.symmetry is not False and most > SMALL
    if way.symmetric and able:
        seen = Explorer(world.machine, world.initial, SMALL, look=look, scope=way.scope).explore()
        if seen.over:
            return seen
        return _symmetric(world, most, seen, way) or _plain(world, most, False, way)
    seen = _plain(world, most, look, way)
    if way.symmetric is None and able and not (seen.over or seen.found):
        small = Explorer(world.machine, world.initial, SMALL, look=False, scope=way.scope).explore()
        return _symmetric(world, most, small, way) or seen
    return seen


def _symmetric(world: World, most: int, small: Exploration, way: Way) -> Exploration | None:
    """Search with symmetry as a small search shows it; None if there is none, or it does not pay."""
    sharing = world.machine.sharing
    visible, asked, stacks = set(sharing.visible), set(sharing.asked), sharing.stacks
    if world.symmetry is None:
        world.symmetry = find_symmetry(world, small.states) or False
    if world.symmetry:
        try:
            return _with_symmetry(world, most, world.symmetry, way)
        except NotSymmetricError:
            world.symmetry = False
        sharing.visible, sharing.asked, sharing.stacks, sharing.images = visible, asked, stacks, None
    return None


def _with_symmetry(world: World, most: int, symmetry: Symmetry, way: Way) -> Exploration:
    if way.backend == "c" or (way.backend == "auto" and explorer() is not None):
        try:
            return explore_native(world, most, symmetry=symmetry, scope=way.scope)
        except UnsupportedError as reason:
            if way.backend == "c":
                raise _cannot(reason) from None
    return Explorer(world.machine, world.initial, most, look=False, symmetry=symmetry, scope=way.scope).explore()


def _cannot(reason: UnsupportedError) -> UnusableInputError:
    return UnusableInputError(f"the compiled explorer cannot be used: {reason}")


def _plain(world: World, most: int, look: bool, way: Way) -> Exploration:
    if way.backend == "auto" and most > SMALL and explorer() is not None:
        seen = Explorer(world.machine, world.initial, SMALL, look=look, scope=way.scope).explore()
        if seen.over:
            return seen
        try:
            return explore_native(world, most, scope=way.scope)
        except UnsupportedError:
            return Explorer(world.machine, world.initial, most, look=False, scope=way.scope).explore()
    searcher = Explorer(world.machine, world.initial, most, look=look, scope=way.scope)
    if way.backend != "c":
        return searcher.explore()
    if look:
        searcher.look_around()
    try:
        return explore_native(world, most, scope=way.scope)
    except UnsupportedError as reason:
        raise _cannot(reason) from None
