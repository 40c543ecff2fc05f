# SPDX-License-Identifier: GPL-2.0-or-later
"""How many planted defects the rules find, next to what other tools find.

    python -m bench.mutate --tree LINUX [--rev REV] [--each 12] [--seed 1] [--others] [--built DIR]
                           [--fixes OLDER] [--missed] [--found] [DIR ...]

Plants defects of each class into real functions of the directories (default: mm kernel block fs), each as a patch of
its own, and runs all rules before and after. A finding that is new in the planted function counts as found; "one state"
are those that rules find in the code as it is afterwards, without a look at what the patch took away. `--others`
lets cppcheck and the tree's semantic patches (Coccinelle) judge the same plants, before and after as well, and
`--built` gcc with -fanalyzer and -Wmaybe-uninitialized in a configured and built copy of the tree, whose files are
changed and put back. Not every plant is a defect: where all ways set a variable, dropping its initialiser is none, so
100 % cannot be reached. `--fixes` takes real ones instead: the functions that differ a little between an older
revision of a stable branch and --rev are put back as they were (N of them). Most such fixes are about what a subsystem
means to do, which no rule knows. With the two revisions the other way round, each finding is one that a real fix
gets. Prints a line a class and the totals; `--missed` names what the rules did not find, `--found` what they did.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from bench.mutate import others, ours, resources, values
from bench.mutate.fixes import reversed_fixes
from bench.mutate.lines import Body, Plant
from reviewbot.checks.load import load_rules
from reviewbot.csource.parse import parse
from reviewbot.model.tree import Snapshot
from reviewbot.resources import bundled
from reviewbot.tree.repository import open_tree

DIRECTORIES = ("mm", "kernel", "block", "fs")
PLANTERS = (*resources.PLANTERS, *values.PLANTERS)


def sites(snapshot: Snapshot, path: str) -> Iterator[Plant]:
    """Yield everything that could be planted in a file."""
    source = snapshot.read(path)
    if source is None:
        return
    lines = source.data.decode("utf-8", "surrogateescape").split("\n")
    for function in parse(source).functions:
        if not function.errors:
            for planter in PLANTERS:
                yield from planter(Body(function, lines))


def choose(snapshot: Snapshot, directories: Sequence[str], each: int, seed: int) -> list[Plant]:
    """Choose `each` plants of each class, no two in one function where there are enough."""
    chance = random.Random(seed)
    paths = [path for where in directories for path in snapshot.paths(where) if path.endswith(".c")]
    chance.shuffle(paths)
    found: dict[str, list[Plant]] = defaultdict(list)
    for path in paths:
        for plant in sites(snapshot, path):
            if not any((p.path, p.function) == (plant.path, plant.function) for p in found[plant.kind][-20:]):
                found[plant.kind].append(plant)
        if len(found) == len(PLANTERS) and all(len(some) >= 3 * each for some in found.values()):
            break
    return [plant for kind in sorted(found) for plant in chance.sample(found[kind], min(each, len(found[kind])))]


def judge(job: tuple[str, str, Plant]) -> tuple[Plant, tuple[str, ...]]:
    """Return the rules that report a plant."""
    tree, rev, plant = job
    before = open_tree(tree).snapshot(rev).read(plant.path)
    if before is None:
        return plant, ()
    rules = load_rules(bundled("rules"))
    return plant, tuple(f.rule for f in ours.findings(plant, before, rules) if f.function == plant.function)


def compare(plants: list[Plant], tree: str, snapshot: Snapshot, built: Path | None) -> dict[str, set[int]]:
    """Return for each other tool the places of the plants that it finds."""
    data = [file.data for plant in plants if (file := snapshot.read(plant.path)) is not None]
    found: dict[str, set[int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        archive = subprocess.run(["git", "-C", tree, "archive", "HEAD", "scripts/coccinelle"], capture_output=True)
        subprocess.run(["tar", "x"], cwd=work, input=archive.stdout, check=True)
        pairs = list(zip(plants, data, strict=True))
        found["cppcheck"] = {at for at, (plant, text) in enumerate(pairs) if others.cppcheck(plant, text, work)}
        found["coccinelle"] = others.coccinelle(pairs, work / "scripts", work / "cut")
        if built is not None:
            found["gcc"] = {at for at, (plant, text) in enumerate(pairs) if others.compiler(plant, text, built)}
    return found


def main() -> int:
    """Run the benchmark; the exit status is 1 when the rules find less than 80 %."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", required=True)
    parser.add_argument("--rev", default="HEAD")
    parser.add_argument("--each", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--others", action="store_true")
    parser.add_argument("--built", type=Path)
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--found", action="store_true")
    parser.add_argument("--fixes", metavar="OLDER")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("directories", nargs="*", default=DIRECTORIES)
    given = parser.parse_args()
    snapshot = open_tree(given.tree).snapshot(given.rev)
    if given.fixes:
        older = open_tree(given.tree).snapshot(given.fixes)
        fixes = list(reversed_fixes(older, snapshot, given.directories))
        plants = random.Random(given.seed).sample(fixes, min(given.each, len(fixes)))
    else:
        plants = choose(snapshot, given.directories, given.each, given.seed)
    with ProcessPoolExecutor(given.jobs) as pool:
        judged = list(pool.map(judge, [(given.tree, given.rev, plant) for plant in plants], chunksize=4))
    changes = {rule.id for rule in load_rules(bundled("rules")) if rule.check_change is not None}
    found = {
        "rules": {at for at, (_, rules) in enumerate(judged) if rules},
        "one state": {at for at, (_, rules) in enumerate(judged) if set(rules) - changes},
    }
    if given.others or given.built:
        found |= compare(plants, given.tree, snapshot, given.built)
    return show(judged, found, given.missed, given.found)


def show(judged: Sequence[tuple[Plant, tuple[str, ...]]], found: dict[str, set[int]], missed: bool, named: bool) -> int:
    """Print the table."""
    count = Counter(plant.kind for plant, _ in judged)
    print(f"{'class':24}{'planted':>8}" + "".join(f"{tool:>12}" for tool in found) + "   rules that find it")
    for kind, number in sorted(count.items()):
        places = {at for at, (plant, _) in enumerate(judged) if plant.kind == kind}
        names = Counter(rule for at in places for rule in set(judged[at][1]))
        hits = "".join(f"{len(places & some):12}" for some in found.values())
        print(f"{kind:24}{number:8}{hits}   {', '.join(f'{name} {n}' for name, n in names.most_common(4))}")
    print(f"{'all':24}{len(judged):8}" + "".join(f"{len(some) / len(judged):12.0%}" for some in found.values()))
    for at, (plant, rules) in enumerate(judged):
        if named and rules:
            print(f"found {plant.kind}: {plant.path}:{plant.first} {plant.function}(): {', '.join(rules)}")
        if missed and at not in found["rules"]:
            print(
                f"missed {plant.kind}: {plant.path}:{plant.first} {plant.function}(): {' / '.join(plant.lines).strip()}"
            )
    return 0 if len(found["rules"]) >= 0.8 * len(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
