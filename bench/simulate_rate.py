# SPDX-License-Identifier: GPL-2.0-or-later
"""States a second of the compiled explorer on the large scenarios, with the code that the corrected series leaves.

    python bench/simulate_rate.py [--interpreter] [--symmetric]

Prints a line a scenario: states, transitions, the explorer's own processor time, states a second, memory. With
`--interpreter` the interpreter searches too (minutes), and everything that both saw is compared. With `--symmetric`
the scenarios with equal tasks are searched with symmetry, too, even where it does not pay. Exits 1 below 300,000
states a second over all scenarios with more than 10,000 states, or if the two disagree.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from reviewbot.mail.read import read_mail
from reviewbot.patch.read import read_series
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.exploration import Exploration
from reviewbot.simulate.explore import Explorer
from reviewbot.simulate.gather import build
from reviewbot.simulate.likeness import find_symmetry
from reviewbot.simulate.memory import ReadError
from reviewbot.simulate.native.client import explore_native
from reviewbot.simulate.scenario import load_scenarios
from reviewbot.simulate.world import World, build_world
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
LEAST = 300_000
MOST = 3_000_000


def main(arguments: list[str]) -> int:
    """Run the benchmark."""
    from tests.fixturekit import make_repository

    fixtures = ROOT / "fixtures"
    states = memory = 0
    spent = 0.0
    agree = True
    with tempfile.TemporaryDirectory() as folder:
        make_repository(fixtures, Path(folder) / "tree")
        series = read_series(read_mail([str(fixtures / "series" / "memcg-oom-v2.mbox")])[0][0])
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        applied = apply_series(series, open_tree(str(Path(folder) / "tree")), "HEAD", scratch)
        for scenario in load_scenarios(fixtures / "scenarios" / "large"):
            source = choose_source(scenario, applied.snapshots[-1], series.patches)
            if isinstance(source, str):
                continue
            program = build(scenario, source)
            kept: set[tuple[str, str]] = set()

            def made(kept: set[tuple[str, str]] = kept, program=program, scenario=scenario, source=source) -> World:  # type: ignore[no-untyped-def]
                return build_world(program, scenario, source.world, frozenset(kept))

            world, found, seconds = _searched(made, kept)
            memory = max(memory, found.memory)
            print(
                f"{scenario.name}: {len(found.states)} states, {found.transitions} transitions, {seconds:.2f} s, "
                f"{len(found.states) / seconds:.0f} states/s", flush=True,
            )  # fmt: skip
            if len(found.states) > 10_000:
                states, spent = states + len(found.states), spent + seconds
            if "--symmetric" in arguments and world.equal:
                agree = _symmetric(made(), found) and agree
            if "--interpreter" in arguments:
                other = made()
                started = time.process_time()
                told = Explorer(other.machine, other.initial, MOST).explore()
                same = (len(told.states), told.transitions, told.found) == (
                    len(found.states), found.transitions, found.found
                )  # fmt: skip
                agree = agree and same
                print(f"    the interpreter: {time.process_time() - started:.1f} s, {'the same' if same else 'OTHER'}")
    print(f"{states / spent:.0f} states a second; at most {memory / 1024**2:.0f} MiB")
    return int(states / spent < LEAST or not agree)


def _symmetric(world: World, found: Exploration) -> bool:
    """Search a world with symmetry and print what that took; tell whether the same was found."""
    Explorer(world.machine, world.initial, MOST).look_around()
    small = Explorer(world.machine, world.initial, 250, look=False).explore()
    started = time.perf_counter()
    symmetry = find_symmetry(world, small.states)
    if symmetry is None:
        print("    no symmetry")
        return True
    symmetry.pays = 0
    seen = explore_native(world, MOST, symmetry=symmetry)
    told = [{prop: one.preemptions for prop, one in of.found.items()} for of in (seen, found)]
    print(
        f"    with symmetry: {len(seen.states)} states, {seen.transitions} transitions, {seen.seconds:.2f} s "
        f"({time.perf_counter() - started:.2f} s with what is learnt), {seen.memory / 1024**2:.0f} MiB, "
        f"{'the same' if told[0] == told[1] else 'OTHER'}", flush=True,
    )  # fmt: skip
    return told[0] == told[1]


def _searched(made, kept: set[tuple[str, str]]):  # type: ignore[no-untyped-def]
    while True:
        try:
            world = made()
            Explorer(world.machine, world.initial, MOST).look_around()
            found = explore_native(world, MOST)
            return world, found, found.seconds
        except ReadError as read:
            kept.add(read.field)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
