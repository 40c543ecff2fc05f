# SPDX-License-Identifier: GPL-2.0-or-later
"""How long all rules take over a 5-patch mm/ series on a full tree, beside checkpatch.pl on the same patches.

    python bench/rules_speed.py --tree LINUX [--rev HEAD] [--rounds 5] [--series MBOX] [--keep FILE]

The series is made at run time out of the tree's own functions, or is what `--series` names (it must apply to `--rev`).
Each round is, one after the other: a fresh process with an empty cache (cold), another with the cache that this one
left (warm), the whole command `reviewbot review --no-simulate` in the same two ways, and one call of the tree's
checkpatch.pl with the five patches as files, with the tree at hand as kernel developers call it (and, for
comparison, with --no-tree, which leaves out what it looks up there). "rules" is from the applied series to the
findings; "started" is the interpreter's start with all imports and the loading of the rules.

Exits 1 when a demand is missed by the best of the rounds (other load on the machine can only add to a time): rules
under 2 s cold, under 0.5 s warm, and in less time than checkpatch.pl.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

COLD, WARM = 2.0, 0.5
ROOT = Path(__file__).resolve().parent.parent
# what checkpatch.pl looks for to know that it is in a tree
MARKS = ("COPYING", "CREDITS", "Kbuild", "MAINTAINERS", "Makefile", "README")
FOLDERS = ("Documentation", "arch", "include", "drivers", "fs", "init", "ipc", "kernel", "lib")
Times = dict[str, list[float]]


def git(repository: Path, *arguments: str) -> bytes:
    """Run git and return what it prints."""
    return subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True).stdout


def measured(mbox: str, tree: str, rev: str) -> dict[str, float]:
    """Run the rules in this process, which has done nothing yet; return seconds by stage and the number of findings."""
    from reviewbot.cache import user_cache
    from reviewbot.checks.engine import run_checks
    from reviewbot.checks.load import load_rules
    from reviewbot.cli.main import collect_seldom
    from reviewbot.mail.read import read_mail
    from reviewbot.patch.read import read_series
    from reviewbot.resources import bundled
    from reviewbot.tree.apply import apply_series
    from reviewbot.tree.repository import open_tree

    collect_seldom()
    rules = load_rules(bundled("rules"))
    started = time.clock_gettime(time.CLOCK_MONOTONIC) - float(os.environ["STARTED"])
    with tempfile.TemporaryDirectory() as scratch:
        series = read_series(read_mail([mbox])[0][0])
        applied = apply_series(series, open_tree(tree), rev, Path(scratch))
        if applied.reconstructed:
            sys.exit("the series does not apply")
        begun, processor = time.perf_counter(), time.process_time()
        findings = run_checks(series, applied, rules, user_cache())
        taken = time.perf_counter() - begun
        return {
            "started": started, "rules": taken, "processor": time.process_time() - processor,
            "findings": len(findings), "patches": len(series.patches), "count": len(rules),
        }  # fmt: skip


def timed(command: Sequence[str], where: Path, environment: dict[str, str], fine: Sequence[int] = (0, 1)) -> float:
    """Run a command to its end and return the seconds it takes."""
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, check=False)
    taken = time.perf_counter() - begun
    if done.returncode not in fine:
        sys.exit(f"{' '.join(command)}: {done.stderr.decode(errors='replace')[-2000:]}")
    return taken


def stage(mbox: Path, tree: Path, rev: str, environment: dict[str, str]) -> dict[str, float]:
    """Run `measured` in a fresh process."""
    environment = environment | {"STARTED": str(time.clock_gettime(time.CLOCK_MONOTONIC))}
    command = [sys.executable, __file__, "--measure", str(mbox), "--tree", str(tree), "--rev", rev]
    done = subprocess.run(command, env=environment, capture_output=True, check=False, text=True)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    return dict(json.loads(done.stdout))


def checkpatch_home(tree: Path, rev: str, place: Path) -> Path:
    """Lay out as much of the tree as checkpatch.pl asks for, its scripts and the files of mm/ included."""
    place.mkdir()
    packed = subprocess.run(
        ["git", "-C", str(tree), "archive", rev, "scripts", "mm", "include", "Documentation/process", *MARKS],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    subprocess.run(["tar", "-x", "-C", str(place)], input=packed, check=True)
    for folder in FOLDERS:
        (place / folder).mkdir(exist_ok=True)
    return place


def patch_files(mbox: Path, place: Path) -> list[str]:
    """Split a mailbox into one file a patch; a cover letter is left out."""
    place.mkdir()
    subprocess.run(["git", "mailsplit", "-b", f"-o{place}", str(mbox)], check=True, capture_output=True)
    return [str(one) for one in sorted(place.iterdir()) if b"\ndiff --git " in one.read_bytes()]


def rounds(given: argparse.Namespace, mbox: Path, work: Path) -> tuple[Times, dict[str, float]]:
    """Measure everything `--rounds` times; return the seconds by name, and what the last run of the rules told."""
    home, patches = checkpatch_home(given.tree, given.rev, work / "linux"), patch_files(mbox, work / "patches")
    script = str(home / "scripts" / "checkpatch.pl")
    times: Times = {}
    told: dict[str, float] = {}

    def note(name: str, seconds: float) -> None:
        times.setdefault(name, []).append(seconds)

    review = [sys.executable, "-m", "reviewbot", "review", str(mbox), "--tree", str(given.tree), "--base", given.rev]
    review += ["--no-simulate", "--memory", "none", "--format", "json"]
    for _ in range(given.rounds):
        for kind in ("stage", "command"):
            cache = work / "cache"
            shutil.rmtree(cache, ignore_errors=True)
            environment = os.environ | {"REVIEWBOT_CACHE": str(cache)}
            for state in ("cold", "warm"):
                if kind == "stage":
                    told = stage(mbox, given.tree, given.rev, environment)
                    for name in ("started", "rules", "processor"):
                        note(f"{state} {name}", told[name])
                else:
                    note(f"{state} command", timed(review, ROOT, environment))
        note("checkpatch", timed(["perl", script, *patches], home, dict(os.environ)))
        note("checkpatch --no-tree", timed(["perl", script, "--no-tree", *patches], home, dict(os.environ)))
    return times, told


def report(times: Times, told: dict[str, float]) -> int:
    """Print the table and the demands; return 1 if one of them is missed."""
    print(
        f"{told['patches']:.0f} patches, {told['count']:.0f} rules, {told['findings']:.0f} findings; "
        f"load {os.getloadavg()[0]:.1f}"
    )
    print(f"{'seconds':24} {'least':>8} {'median':>8}")
    for name, found in times.items():
        print(f"{name:24} {min(found):8.3f} {median(found):8.3f}")
    best = {name: min(found) for name, found in times.items()}
    demands = (
        ("rules cold", best["cold rules"], COLD),
        ("rules warm", best["warm rules"], WARM),
        ("rules cold beside checkpatch.pl", best["cold rules"], best["checkpatch"]),
        ("rules warm beside checkpatch.pl", best["warm rules"], best["checkpatch"]),
    )
    for name, found, limit in demands:
        verdict = "holds" if found < limit else "MISSED"
        print(f"{name:34} {found:.3f} s of {limit:.3f} s ({found / limit:.2f}): {verdict}")
    return int(any(found >= limit for _, found, limit in demands))


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", required=True, type=Path)
    parser.add_argument("--rev", default="HEAD")
    parser.add_argument("--series", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write the series there too")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        print(json.dumps(measured(given.measure, str(given.tree), given.rev)))
        return 0
    given.rev = git(given.tree, "rev-parse", given.rev).decode().strip()
    given.tree = given.tree.resolve()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        mbox = given.series.resolve() if given.series else work / "series.mbox"
        if given.series is None:
            from rules_speed_series import make_series

            mbox.write_bytes(make_series(given.tree, given.rev, work / "made"))
        if given.keep:
            shutil.copyfile(mbox, given.keep)
        return report(*rounds(given, mbox, work))


if __name__ == "__main__":
    sys.exit(main())
