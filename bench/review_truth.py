# SPDX-License-Identifier: GPL-2.0-or-later
"""How many of the defects that people found in real series the rules find too.

    python -m bench.review_truth CORPUS --tree 6.1=LINUX --tree 6.12=LINUX [--jobs N] [--list FILE] [--only TEXT]

CORPUS holds `review_truth.jsonl` (a defect a line: series, patch, file, line, what is wrong), `series.jsonl` (which
tree a series is for) and the series themselves. A defect counts as found when one of our findings is in the same patch
and file, stands (or shows a line as evidence) within five lines of it or is in the same function, and is of a rule
that says the same (`bench.review_facts`). Findings at the place that say something else are printed and do not count.
`--list` writes all findings; `--only` takes the series with a text in their names. Many series were made for trees
that neither is, so that their patches do not apply: the state of each is printed ("conflict" and "not-tried" are
reviewed by what the mails show). What is missed so is asked once more of the patch without its series, where that
applies ("alone", which does not count as found).

`means` tells what could find a defect: a rule that reads the code as ours do, the simulator, or only someone with
knowledge of what the subsystem's functions and counters stand for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from bench.review_facts import FACTS, Fact
from reviewbot.checks.engine import run_checks
from reviewbot.checks.load import load_rules
from reviewbot.checks.rule import Rule
from reviewbot.csource.parse import parse
from reviewbot.csource.sections import sections
from reviewbot.model.diff import Series
from reviewbot.model.finding import Finding, SeriesReview
from reviewbot.model.tree import Applied
from reviewbot.resources import bundled
from reviewbot.review.pipeline import Judges, Progress, judge, review_sources
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import Tree, open_tree
from reviewbot.tree.scratch import scratch_directory

NEAR = 5
"""How many lines a finding may be away from where the reviewer put the remark."""

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a defect is, in the source as its patch leaves it; `status` is how the patch went on."""

    patch: int
    path: str
    lines: tuple[int, ...]
    functions: frozenset[str]
    status: str

    def has(self, finding: Finding) -> bool:
        """Tell whether a finding is at the place."""
        if finding.patch != self.patch or finding.path != self.path:
            return False
        # a finding may show why where the reviewer saw it, and stand where that goes wrong
        shown = [finding.line, *(one.line for one in finding.evidence if one.path == self.path)]
        near = any(at is not None and abs(at - line) <= NEAR for at in shown for line in self.lines)
        return near or finding.function in self.functions


@dataclass(frozen=True, slots=True)
class Result:
    """What was found for a defect: the findings at its place that say the same, and the others there.

    `by_itself` are those that say the same when a patch that does not apply with its series is reviewed alone.
    """

    row: Row
    fact: Fact
    place: Place | None
    found: tuple[Finding, ...]
    other: tuple[Finding, ...]
    by_itself: tuple[Finding, ...] = ()


def place_of(row: Row, series: Series, applied: Applied, position: int) -> Place | None:
    """Return where a defect is that the patch at `position` brings, None where the patched file lacks its line."""
    path, posted = str(row["file"]), row["line_new"]
    source = applied.snapshots[position + 1].read(path)
    if source is None or not isinstance(posted, int):
        return None
    anchor = str(row["anchor_line"])[1:].strip()
    text = source.data.decode("utf-8", "replace").split("\n")
    equal = [number for number, line in enumerate(text, 1) if line.strip() == anchor]
    wanted = [posted, *(int(str(one["line_new"])) for one in _others(row) if one["file"] == path)]
    # the patch may have gone on some lines away
    lines = {_nearest(equal, line) for line in wanted}
    unit = parse(source, sections(series, path, position + 1))
    around = {function.name for line in lines if (function := unit.function_at(line)) is not None}
    status = applied.applications[position].status
    return Place(series.patches[position].number, path, tuple(sorted(lines)), frozenset(around - {""}), status)


def _nearest(numbers: Sequence[int], wanted: int) -> int:
    return min(numbers, key=lambda number: abs(number - wanted), default=wanted)


def _others(row: Row) -> Sequence[Mapping[str, object]]:
    found = row["other_equal_lines"]
    return found if isinstance(found, list) else ()


def measure(job: tuple[str, str, str, list[Row]]) -> tuple[list[Result], tuple[Finding, ...]]:
    """Review one series on its tree, and hold the findings against the defects that people found in it."""
    slug, source, tree, rows = job
    rules: Sequence[Rule] = load_rules(bundled("rules"))
    results: list[Result] = []
    findings: list[Finding] = []

    def held_against(series: Series, applied: Applied, judges: Judges, progress: Progress) -> SeriesReview:
        review = judge(series, applied, judges, progress)
        findings.extend(review.findings)
        for row in rows:
            # a thread may hold other versions, too
            position = next((n for n, p in enumerate(series.patches) if p.message_id == row["patch_message_id"]), None)
            if position is None:
                continue
            place = place_of(row, series, applied, position)
            fact = FACTS[slug, int(str(row["line_new"]))]
            there = [one for one in review.findings if place is not None and place.has(one)]
            same = tuple(one for one in there if one.rule in fact.rules)
            other = tuple(one for one in there if one.rule not in fact.rules)
            again = () if same else by_itself(row, fact, series, position, opened, rules)
            results.append(Result(row, fact, place, same, other, again))
        return review

    opened = open_tree(tree)
    review_sources([source], opened, None, Judges(rules, ()), by=held_against)
    return results, tuple(findings)


def by_itself(
    row: Row, fact: Fact, series: Series, position: int, tree: Tree, rules: Sequence[Rule]
) -> tuple[Finding, ...]:
    """Review a patch without the others of its series if it applies so, and return what says the same as a person."""
    only = replace(series, patches=(series.patches[position],))
    with scratch_directory() as scratch:
        applied = apply_series(only, tree, None, scratch)
        place = None if applied.reconstructed else place_of(row, only, applied, 0)
        if place is None:
            return ()
        return tuple(one for one in run_checks(only, applied, rules) if place.has(one) and one.rule in fact.rules)


def jobs(corpus: Path, trees: Mapping[str, str]) -> list[tuple[str, str, str, list[Row]]]:
    """Return what to review: slug, mailbox, tree and defects of each series."""
    wanted = {row["slug"]: row["tree"] for row in _rows(corpus / "series.jsonl")}
    defects: dict[str, list[Row]] = {}
    for row in _rows(corpus / "review_truth.jsonl"):
        defects.setdefault(str(row["slug"]), []).append(row)
    found = []
    for slug, rows in defects.items():
        boxes = [corpus / kind / f"{slug}.mbox" for kind in ("threads", "series")]
        tree = trees[str(wanted[slug]).removeprefix("linux-")]
        found.append((slug, str(next(box for box in boxes if box.exists())), tree, rows))
    return found


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines() if line.strip()]


def show(result: Result) -> None:
    """Print a defect, and what was found at its place."""
    row, place = result.row, result.place
    state = place.status if place is not None else "not seen"
    verdict = "found" if result.found else "alone" if result.by_itself else "missed"
    print(f"{verdict:7} {result.fact.means:10} {row['category']:18} {state:14} {row['file']}:{row['line_new']}")
    for one in (*result.found, *result.by_itself, *result.other):
        says = "(something else) " if one in result.other else ""
        print(f"{'':8}{says}{one.rule} {one.path}:{one.line}: {one.message}")
    if verdict == "missed":
        print(f"{'':8}{result.fact.why}")


def main() -> int:
    """Review all series with known defects, and print each defect and the totals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--tree", action="append", required=True, metavar="VERSION=PATH")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--list", type=Path)
    parser.add_argument("--only", default="", metavar="TEXT")
    given = parser.parse_args()
    wanted = jobs(given.corpus, dict(one.split("=", 1) for one in given.tree))
    wanted = [job for job in wanted if given.only in job[0]]
    results: list[Result] = []
    lines = []
    with ProcessPoolExecutor(given.jobs) as pool:
        for done, (some, findings) in enumerate(pool.map(measure, wanted), 1):
            slug = wanted[done - 1][0]
            print(f"[{done}/{len(wanted)}] {slug}: {len(findings)} findings", file=sys.stderr, flush=True)
            results += some
            lines += [f"{slug}: {f.patch} {f.path}:{f.line} {f.function} {f.rule}: {f.message}\n" for f in findings]
    for result in results:
        show(result)
    if given.list:
        given.list.write_text("".join(lines))
    found = [result for result in results if result.found]
    means = Counter(result.fact.means for result in results)
    could = Counter(result.fact.means for result in found)
    alone = sum(bool(result.by_itself) for result in results)
    print(f"found {len(found)} of {len(results)}; {alone} more where the patch is reviewed without its series")
    for kind in ("rule", "simulator", "knowledge"):
        print(f"  {kind:10} {could[kind]} of {means[kind]}")
    print(f"within the means of rules and simulator: {means['rule'] + means['simulator']} of {len(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
