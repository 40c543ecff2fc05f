# SPDX-License-Identifier: GPL-2.0-or-later
"""How many defects planted in correct code the bundled scenarios find.

    python bench/simulate_mutations.py [--linux TREE] [NAME …]

Each mailbox of `fixtures/variants` puts one defect (or a look-alike that is right) into the code that the corrected
series leaves; with `--linux`, the edits of bench/current.py are made in today's memory controller, too. Every scenario
runs on each until one breaks a property. Prints a line each, then the share found, false alarms, states and seconds;
exits 1 if less than 95 % are found or a right one is called wrong.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.current import EDITS
from bench.statements import Edited
from reviewbot.mail.read import read_mail
from reviewbot.model.tree import Snapshot
from reviewbot.patch.read import read_series
from reviewbot.simulate.choose import choose_source
from reviewbot.simulate.run import run_scenario
from reviewbot.simulate.scenario import Scenario, load_scenarios
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
WHO = ["-c", "user.name=bench", "-c", "user.email=bench@example.org"]


def verdicts(snapshot: Snapshot, scenarios: tuple[Scenario, ...], all_of_them: bool) -> tuple[dict[str, str], int]:
    """Return the properties that break with the scenario that shows it, and the number of states seen."""
    broken: dict[str, str] = {}
    states = 0
    for scenario in scenarios:
        source = choose_source(scenario, snapshot, ())
        if isinstance(source, str):
            continue
        run = run_scenario(scenario, source, set())
        states += run.states
        for outcome in run.outcomes:
            if outcome.verdict == "violated":
                broken.setdefault(outcome.prop, scenario.name)
        if broken and not all_of_them:
            break
    return broken, states


Case = tuple[str, Snapshot, bool]
"""What the code is, the code, and whether it is right."""


def corrected(place: Path, onto: str) -> Path:
    """Make a repository of the fixture tree with the corrected series on it."""
    repository = place / "tree"
    subprocess.run(["cp", "-r", str(FIXTURES / "tree"), str(repository)], check=True)
    for command in (["init", "-q"], ["add", "-A"], [*WHO, "commit", "-q", "-m", "base"]):
        subprocess.run(["git", "-C", str(repository), *command], check=True)
    series, _ = read_mail([str(FIXTURES / "series" / onto)])
    for patch in read_series(series[0]).patches:
        subprocess.run(["git", "-C", str(repository), "apply", "--index", "-"], input=patch.diff, check=True)
    subprocess.run(["git", "-C", str(repository), *WHO, "commit", "-q", "-m", "corrected"], check=True)
    return repository


def of_fixtures(place: Path) -> Iterator[Case]:
    """Yield the corrected fixture code and its variants, but for those whose defect is a static one."""
    variants: dict[str, Any] = json.loads((FIXTURES / "variants" / "variants.json").read_text())
    tree = open_tree(str(corrected(place, variants["onto"])))
    yield "the corrected series", tree.snapshot(tree.resolve("HEAD")), True
    for number, case in enumerate(variants["variants"]):
        if case["right"] or case["violates"]:
            found, _ = read_mail([str(FIXTURES / "variants" / case["mailbox"])])
            applied = apply_series(read_series(found[0]), tree, "HEAD", _made(place / f"case{number}"))
            yield case["mailbox"].removesuffix(".mbox"), applied.snapshots[-1], bool(case["right"])


def of_linux(path: str) -> Iterator[Case]:
    """Yield today's memory controller, and each edit of it."""
    tree = open_tree(path)
    snapshot = tree.snapshot(tree.resolve("HEAD"))
    yield "linux", snapshot, True
    for edit in EDITS:
        yield f"linux: {edit}", Edited(snapshot, edit), False


def main(linux: str | None, names: list[str]) -> int:
    """Run the benchmark on all variants or the named ones."""
    scenarios = (*load_scenarios(FIXTURES / "scenarios"), *load_scenarios(FIXTURES / "scenarios" / "large"))
    hits = misses = alarms = rights = total = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for name, snapshot, right in chain(of_fixtures(Path(folder)), of_linux(linux) if linux else ()):
            if names and name not in names:
                continue
            broken, states = verdicts(snapshot, scenarios, all_of_them=right)
            total += states
            if right:
                rights += 1
                alarms += bool(broken)
            else:
                hits += bool(broken)
                misses += not broken
            word = ("FALSE ALARM" if broken else "right") if right else ("found" if broken else "MISSED")
            print(f"{word:11} {name:70} {states:7} states {broken}", flush=True)
    share = 100 * hits / max(1, hits + misses)
    seconds = time.monotonic() - started
    print(f"{hits} of {hits + misses} found ({share:.0f} %), {alarms} of {rights} right ones called wrong, "
          f"{total} states, {seconds:.0f} s")  # fmt: skip
    return 0 if share >= 95 and not alarms else 1


def _made(place: Path) -> Path:
    place.mkdir()
    return place


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Run scenarios on planted defects.")
    parser.add_argument("--linux", metavar="TREE", help="a git repository of Linux 6.1")
    parser.add_argument("names", nargs="*", metavar="NAME")
    chosen = parser.parse_args()
    sys.exit(main(chosen.linux, chosen.names))
