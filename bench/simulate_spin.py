# SPDX-License-Identifier: GPL-2.0-or-later
"""The simulator beside Spin: the same scenarios from the C of the fixture series, and hand-written in Promela.

    python bench/simulate_spin.py [--rounds N] [--shortest] [--command] [CASE …]

Needs Debian's `spin` and a C compiler. A case is a bundled scenario on the code that the first version of the fixture
series leaves (v1, where it is violated) or the corrected one (v2, where it holds); `bench/promela` has its model.

What is measured, in wall time, round by round one after the other, so that both see the same load:

- ours: from the text of the C files to the verdicts. Each round is a process of its own that has parsed and lowered
  nothing; the clock starts when the interpreter has started and its modules are imported, before the first file is
  read. The compiled explorer is what a user has after the first run: built, in the cache. "first" stops at the first
  violation; a case that holds is searched to the end.
- Spin: `spin -a`, `cc -O2 -DSAFETY`, and `pan`, which is depth-first, with partial-order reduction, to its first error
  or to the end. With `--shortest` the time for a shortest error (`-DBFS`) is shown too: ours is one with the fewest
  preemptions and the shortest of these in any case.

`--command` shows the wall time of the whole command `reviewbot simulate SCENARIO`, interpreter and git included.

The verdicts of both must agree on every property that the models know. Prints a table: medians (and least) of the
seconds, states, and memory (the most that was resident: our process with its explorer, pan without the compiler).
Exits 1 when verdicts differ, or when our median is more than 1/10 of Spin's with two tasks, or more than Spin's with
three and four.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.simulate_mutations import corrected

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
MODELS = Path(__file__).resolve().parent / "promela"
WORKER = Path(__file__).resolve().parent / "simulate_once.py"
COMPILE = ("cc", "-w", "-DSAFETY", "-o", "pan", "pan.c")
KNOWN = ("no-lost-wakeup", "no-warning", "one-kill-at-a-time", "charges-balance", "references-balance")
_TOLD = re.compile(r"^violated: (\S+)$", re.MULTILINE)
_STATES = re.compile(r"^\s*(\d+) states, stored", re.MULTILINE)
_DEADLOCK = "invalid end state ("


@dataclass(frozen=True, slots=True)
class Case:
    """A scenario on a version of the code: its file below the scenarios, its model, and what the model is given."""

    scenario: str
    tasks: int
    version: str
    model: str
    defines: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The scenario and the version."""
        return f"{Path(self.scenario).stem}/{self.version}"


def _both(scenario: str, tasks: int, model: str = "", *defines: str) -> tuple[Case, ...]:
    model = model or Path(scenario).stem
    return tuple(
        Case(scenario, tasks, version, model, (*defines, *(("-DV1",) if version == "v1" else ())))
        for version in ("v1", "v2")
    )


CASES = (
    *_both("two-chargers-one-victim", 2),
    *_both("one-kill-at-a-time", 2, "two-chargers-one-victim", "-DWATCH"),
    *_both("room-by-exit", 2),
    *_both("room-by-limit", 2),
    *_both("large/three-chargers", 3),
    *_both("large/full-parent-and-children", 3),
    *_both("large/greedy-and-modest", 3),
    *_both("large/victim-without-pages", 3),
    *_both("large/room-for-two", 4),
)


@dataclass(frozen=True, slots=True)
class Round:
    """One run of one of the two: seconds of wall time, states, bytes of memory, and the properties that broke."""

    seconds: float
    states: int
    memory: int
    broken: frozenset[str]


def ours(case: Case, trees: Path, *, first: bool) -> Round:
    """Run a case in a process of its own."""
    command = [
        sys.executable,
        str(WORKER),
        str(FIXTURES / "scenarios" / f"{case.scenario}.c"),
        str(trees / case.version),
    ]
    done = subprocess.run([*command, *(["--first"] if first else [])], check=True, capture_output=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return Round(told["seconds"], told["states"], told["memory"], frozenset(told["broken"]))


def spin(case: Case, place: Path, *flags: str) -> tuple[Round, float]:
    """Generate, compile and run a model, up to its first error; return the seconds of pan alone, too."""
    started = time.perf_counter()
    compiled(case, place, "-O2", *flags)
    found = pan(case, place)
    return replace(found, seconds=time.perf_counter() - started), found.seconds


def compiled(case: Case, place: Path, *flags: str) -> None:
    """Make `pan` of a model, in a folder that is made anew."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(MODELS, place)
    for command in (["spin", "-a", *case.defines, f"{case.model}.pml"], [*COMPILE, *flags]):
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: {done.stdout}{done.stderr}")


def pan(case: Case, place: Path, *arguments: str) -> Round:
    """Run what a model was compiled to: to the first error, with `-c0` to the end."""
    table = {2: "-w18", 3: "-w22"}.get(case.tasks, "-w24")
    started = time.perf_counter()
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen(["./pan", table, "-m1000000", *arguments], cwd=place, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        out.seek(0)
        text = out.read()
    broken = set(_TOLD.findall(text)) | ({"no-lost-wakeup"} if _DEADLOCK in text else set())
    states = _STATES.search(text)
    if states is None:
        raise SystemExit(f"{case.name}: pan says\n{text}")
    return Round(seconds, int(states.group(1)), usage.ru_maxrss * 1024, frozenset(broken))


def verdict(broken: frozenset[str]) -> str:
    """Return a verdict in a word."""
    return "violated" if broken else "holds"


def measure(case: Case, trees: Path, rounds: int, shortest: bool, command: bool) -> bool:
    """Run a case, print its line, and tell whether verdicts agree and the ratio is what it has to be."""
    place = trees / "spin"
    mine, theirs, pans = [], [], []
    first = case.version == "v1"
    for _ in range(rounds):
        mine.append(ours(case, trees, first=first))
        found, seconds = spin(case, place)
        theirs.append(found)
        pans.append(seconds)
    everything = ours(case, trees, first=False) if first else mine[0]
    everything_of_spin = pan(case, place, "-c0")
    agree = everything.broken & set(KNOWN) == everything_of_spin.broken
    agree = agree and all(verdict(one.broken) == verdict(everything.broken) for one in (*mine, *theirs))
    own, other = (median(one.seconds for one in some) for some in (mine, theirs))
    fast = own * (10 if case.tasks == 2 else 1) <= other
    print(
        f"{case.name:28} {case.tasks}  {verdict(everything.broken):8} "
        f"{own:6.3f} ({min(one.seconds for one in mine):.3f})  {other:6.3f} ({min(one.seconds for one in theirs):.3f})"
        f"  pan {median(pans):6.3f}  1/{other / own:<5.1f} {'' if fast else 'TOO SLOW'}"
        f"  states {mine[0].states:7} {theirs[0].states:8}, all {everything.states:7} {everything_of_spin.states:8}"
        f"  MiB {mine[0].memory >> 20:4} {theirs[0].memory >> 20:4}"
        f"{'' if agree else f'  VERDICTS DIFFER: {sorted(everything.broken)}, {sorted(everything_of_spin.broken)}'}",
        flush=True,
    )  # fmt: skip
    if shortest and everything.broken:
        found, seconds = spin(case, place, "-DBFS")
        print(
            f"{'':28}    shortest by Spin: {found.seconds:.3f} (pan {seconds:.3f}), {found.states} states", flush=True
        )
    if command:
        print(f"{'':28}    the whole command: {_whole_command(case, trees):.3f}", flush=True)
    return agree and fast


def _whole_command(case: Case, trees: Path) -> float:
    started = time.perf_counter()
    scenario = str(FIXTURES / "scenarios" / f"{case.scenario}.c")
    arguments = [sys.executable, "-m", "reviewbot", "simulate", scenario, "--tree", str(trees / case.version)]
    subprocess.run(arguments, capture_output=True, check=False, cwd=FIXTURES.parent)
    return time.perf_counter() - started


def make_trees(place: Path) -> None:
    """Make the repositories v1 and v2: the fixture tree with a version of the series on it."""
    for version in ("v1", "v2"):
        (place / f"made-{version}").mkdir()
        corrected(place / f"made-{version}", f"memcg-oom-{version}.mbox").rename(place / version)


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Compare the simulator with Spin.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--shortest", action="store_true", help="show Spin's breadth-first search, too")
    parser.add_argument("--command", action="store_true", help="show the whole command's time, too")
    parser.add_argument("names", nargs="*", metavar="CASE", help="scenario, or scenario/version")
    chosen = parser.parse_args()
    cases = [case for case in CASES if not chosen.names or {case.name, case.name.split("/")[0]} & set(chosen.names)]
    with tempfile.TemporaryDirectory() as folder:
        trees = Path(folder)
        for version in ("v1", "v2"):
            (trees / f"made-{version}").mkdir()
            corrected(trees / f"made-{version}", f"memcg-oom-{version}.mbox").rename(trees / version)
        print(
            "scenario, tasks, verdict; seconds of ours and of Spin, median (least); ratio; states of ours and of Spin"
        )
        good = [measure(case, trees, chosen.rounds, chosen.shortest, chosen.command) for case in cases]
    print(f"load {os.getloadavg()[0]:.1f}; {sum(good)} of {len(good)} as demanded")
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
