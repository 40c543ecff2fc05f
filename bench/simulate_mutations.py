# SPDX-License-Identifier: GPL-2.0-or-later
"""How many defects planted in the corrected fixture code the bundled scenarios find.

    python bench/simulate_mutations.py [NAME …]

Each mailbox of `fixtures/variants` puts one defect (or a look-alike that is right) into the code that the corrected
series leaves. Every scenario runs on it until one breaks a property. Prints a line each, then the share found, false
alarms, states and seconds; exits 1 if less than 95 % are found or a right one is called wrong.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

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


def main(names: list[str]) -> int:
    """Run the benchmark on all variants or the named ones."""
    scenarios = (*load_scenarios(FIXTURES / "scenarios"), *load_scenarios(FIXTURES / "scenarios" / "large"))
    variants = json.loads((FIXTURES / "variants" / "variants.json").read_text())
    hits = misses = alarms = rights = total = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        repository = place / "tree"
        subprocess.run(["cp", "-r", str(FIXTURES / "tree"), str(repository)], check=True)
        for command in (["init", "-q"], ["add", "-A"], [*WHO, "commit", "-q", "-m", "base"]):
            subprocess.run(["git", "-C", str(repository), *command], check=True)
        series, _ = read_mail([str(FIXTURES / "series" / variants["onto"])])
        for patch in read_series(series[0]).patches:
            subprocess.run(["git", "-C", str(repository), "apply", "--index", "-"], input=patch.diff, check=True)
        subprocess.run(["git", "-C", str(repository), *WHO, "commit", "-q", "-m", "corrected"], check=True)
        tree = open_tree(str(repository))
        cases = [{"mailbox": "", "right": True, "violates": []}, *variants["variants"]]
        for number, case in enumerate(cases):
            if names and case["mailbox"].removesuffix(".mbox") not in names:
                continue
            if case["mailbox"]:
                found, _ = read_mail([str(FIXTURES / "variants" / case["mailbox"])])
                applied = apply_series(read_series(found[0]), tree, "HEAD", _made(place / f"case{number}"))
                snapshot: Snapshot = applied.snapshots[-1]
            else:
                snapshot = tree.snapshot(tree.resolve("HEAD"))
            if not case["right"] and not case["violates"]:
                continue
            broken, states = verdicts(snapshot, scenarios, all_of_them=bool(case["right"]))
            total += states
            if case["right"]:
                rights += 1
                alarms += bool(broken)
            elif broken:
                hits += 1
            else:
                misses += 1
            word = ("FALSE ALARM" if broken else "right") if case["right"] else ("found" if broken else "MISSED")
            print(f"{word:11} {case['mailbox'] or 'the corrected series':32} {states:7} states {broken}", flush=True)
    share = 100 * hits / max(1, hits + misses)
    seconds = time.monotonic() - started
    print(f"{hits} of {hits + misses} found ({share:.0f} %), {alarms} of {rights} right ones called wrong, "
          f"{total} states, {seconds:.0f} s")  # fmt: skip
    return 0 if share >= 95 and not alarms else 1


def _made(place: Path) -> Path:
    place.mkdir()
    return place


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
