# SPDX-License-Identifier: GPL-2.0-or-later
"""Processor time of the simulation stage of a review of the fixture series.

    python bench/simulate_stage.py

Every bundled scenario runs before each fixture series and after each of its patches. Prints a line a mailbox; exits 1
if one takes 5 s or more of processor time.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from reviewbot.mail.read import read_mail
from reviewbot.patch.read import read_series
from reviewbot.simulate.run import simulate_series
from reviewbot.simulate.scenario import load_scenarios
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
MOST = 5.0


def main() -> int:
    """Run the benchmark."""
    from tests.fixturekit import make_repository

    fixtures = ROOT / "fixtures"
    scenarios = load_scenarios(fixtures / "scenarios")
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        make_repository(fixtures, Path(folder) / "tree")
        tree = open_tree(str(Path(folder) / "tree"))
        for box in ("memcg-oom-v1.mbox", "memcg-oom-v2.mbox"):
            spent, results = 0.0, 0
            for number, mail in enumerate(read_mail([str(fixtures / "series" / box)])[0]):
                series = read_series(mail)
                scratch = Path(folder) / f"{box}-{number}"
                scratch.mkdir()
                applied = apply_series(series, tree, "HEAD", scratch)
                before = time.process_time()
                results += len(simulate_series(series, applied, scenarios))
                spent += time.process_time() - before
            print(f"{box}: {len(scenarios)} scenarios, {results} verdicts, {spent:.2f} s of processor time", flush=True)
            slowest = max(slowest, spent)
    return int(slowest >= MOST)


if __name__ == "__main__":
    sys.exit(main())
