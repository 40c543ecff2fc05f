# SPDX-License-Identifier: GPL-2.0-or-later
"""How silent the rules are on code that is taken to be right: every function of a real tree, as if it were new.

    python bench/rules_silence.py --tree LINUX [--rev HEAD] [--rules ID,ID] [--from DIR] [--list FILE] [DIR|FILE ...]
    python bench/rules_silence.py --judged bench/silence.json

Prints, for each rule, the findings and how many there are in 1,000 lines; `--list` writes each finding on a line of
its own, to be looked at by hand. `--judged` prints what a person said of each finding of such a
list: a finding is true when what its message says is so of the code, and whoever maintains it would want to know;
"deliberate" are the defects of tests for the very tools that catch them at run time, which are counted apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from reviewbot.checks.load import load_rules
from reviewbot.checks.rule import File, Rule
from reviewbot.csource.parse import parse
from reviewbot.resources import bundled
from reviewbot.tree.repository import open_tree

DIRECTORIES = ("mm", "kernel", "block", "fs", "ipc", "lib")
Row = tuple[str, str, int, str, str]


def rules_named(names: str | None, directory: Path | None) -> Sequence[Rule]:
    """Return the rules of a directory (default: the bundled ones), or those of them in a comma-separated list."""
    rules = load_rules(directory or bundled("rules"))
    return [rule for rule in rules if names is None or rule.id in names.split(",")]


def check(job: tuple[str, str, str | None, Path | None, list[str]]) -> tuple[int, int, dict[str, float], list[Row]]:
    """Run rules over some files; return lines, functions, seconds a rule, and (rule, path, line, function, message)."""
    path, rev, names, directory, files = job
    rules, snapshot = rules_named(names, directory), open_tree(path).snapshot(rev)
    lines = functions = 0
    seconds: Counter[str] = Counter()
    rows: list[Row] = []
    for name in files:
        source = snapshot.read(name)
        if source is None:
            continue
        started = time.perf_counter()
        unit = parse(source)
        file = File(unit)
        lines += source.data.count(b"\n")
        functions += len(unit.functions)
        seconds["parse"] += time.perf_counter() - started
        for rule in rules:
            started = time.perf_counter()
            for problem in rule.problems(file, unit.functions):
                where = problem.function.name if problem.function else ""
                rows.append((rule.id, name, problem.line, where, problem.message))
            seconds[rule.id] += time.perf_counter() - started
    return lines, functions, dict(seconds), rows


def chunks(names: list[str], size: int) -> Iterator[list[str]]:
    """Cut a list into pieces."""
    for start in range(0, len(names), size):
        yield names[start : start + size]


def judged(record: Path) -> int:
    """Print the precision of what was looked at; 1 if it is under 70 % in all, or under 50 % for a rule."""
    rows: list[dict[str, Any]] = json.loads(record.read_text())["findings"]
    good = Counter(row["rule"] for row in rows if row["true"])
    for rule, count in sorted(Counter(row["rule"] for row in rows).items()):
        print(f"{rule:40} {good[rule]:3} of {count:3} true")
    total = sum(good.values())
    print(f"{'all':40} {total:3} of {len(rows):3} true: {total / len(rows):.0%}")
    meant = [row for row in rows if not row.get("deliberate")]
    rest = sum(row["true"] for row in meant)
    print(f"{'without what tests do on purpose':40} {rest:3} of {len(meant):3} true: {rest / len(meant):.0%}")
    poor = [rule for rule, count in Counter(row["rule"] for row in rows).items() if good[rule] < count / 2]
    print(f"under half true: {', '.join(sorted(poor)) or 'none'}")
    return int(bool(poor) or rest < 0.7 * len(meant))


def main() -> int:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree")
    parser.add_argument("--judged", type=Path, metavar="FILE")
    parser.add_argument("--rev", default="HEAD")
    parser.add_argument("--rules")
    parser.add_argument("--from", type=Path, dest="rules_from")
    parser.add_argument("--list", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("directories", nargs="*", default=DIRECTORIES)
    given = parser.parse_args()
    if given.judged:
        return judged(given.judged)
    if not given.tree:
        parser.error("--tree is needed: the repository of a kernel")
    snapshot = open_tree(given.tree).snapshot(given.rev)
    names = []
    for where in given.directories:
        paths = [where] if where.endswith(".c") else snapshot.paths(where)
        names += [path for path in paths if path.endswith((".c", ".h")) and not path.endswith(".mod.c")]
    jobs = [(given.tree, given.rev, given.rules, given.rules_from, piece) for piece in chunks(names, 25)]
    lines = functions = 0
    seconds: Counter[str] = Counter()
    rows: list[Row] = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for some_lines, some_functions, spent, found in pool.map(check, jobs):
            lines, functions = lines + some_lines, functions + some_functions
            seconds.update(spent)
            rows += found
    count = Counter(row[0] for row in rows)
    print(f"{len(names)} files, {functions} functions, {lines} lines; parsing {seconds.pop('parse', 0):.0f} s")
    print(f"{'rule':40} {'findings':>8} {'a thousand lines':>17} {'seconds':>8}")
    for rule in rules_named(given.rules, given.rules_from):
        print(f"{rule.id:40} {count[rule.id]:8} {1000 * count[rule.id] / lines:17.4f} {seconds[rule.id]:8.1f}")
    total = sum(count.values())
    print(f"{'all':40} {total:8} {1000 * total / lines:17.4f}   one in {lines // max(total, 1)} lines")
    if given.list:
        given.list.write_text("".join(f"{p}:{n}: {rule} {fn}: {text}\n" for rule, p, n, fn, text in sorted(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
