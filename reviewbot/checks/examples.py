# SPDX-License-Identifier: GPL-2.0-or-later
"""Running the examples of a rule.

An example is C, in which these comments mean something:

    /* finding */       at the end of a line: the rule reports this line (in BAD only)
    /* unseen */        as a line of its own: code that nobody has seen stands here, which makes it a fragment;
    /* unseen: head */  the same, and `head` is what a hunk's `@@` line says of the function that goes on after it
    /* added */         at the end of a line: the patch under review brings this line, and the names that it declares

The examples of a rule over a whole series, or over a change, are written as `reviewbot.checks.series_examples` says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.checks.change_run import Changes
from reviewbot.checks.introduced import declared_on
from reviewbot.checks.rule import File, Rule
from reviewbot.checks.series import CheckSeries
from reviewbot.checks.series_examples import expected_lines, series_example
from reviewbot.csource.parse import parse
from reviewbot.model.tree import SourceFile

_UNSEEN = re.compile(r"[ \t]*/\* unseen(?:: ([^\n]*?))? \*/[ \t]*")
_FINDING = "/* finding */"
_ADDED = "/* added */"


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """How an example went: the lines where findings are expected, those where some were made, and what they say."""

    rule: str
    kind: str
    number: int
    expected: tuple[int, ...]
    found: tuple[int, ...]
    messages: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the rule found what the example says; a BAD example expects something."""
        return self.expected == self.found and bool(self.expected) == (self.kind == "BAD")


def run_examples(rule: Rule) -> tuple[ExampleResult, ...]:
    """Run the rule on its own examples."""
    return tuple(_results(rule))


def _results(rule: Rule) -> Iterator[ExampleResult]:
    for kind, texts in (("GOOD", rule.good), ("BAD", rule.bad)):
        for number, text in enumerate(texts, 1):
            if rule.check_series is not None:
                yield _series_result(rule, rule.check_series, kind, number, text)
                continue
            if rule.check_change is not None:
                yield _change_result(rule, kind, number, text)
                continue
            file = example_file(text)
            problems = sorted(rule.problems(file, file.unit.functions), key=lambda problem: problem.line)
            expected = tuple(n for n, line in enumerate(text.split("\n"), 1) if _FINDING in line)
            found = tuple(problem.line for problem in problems)
            yield ExampleResult(rule.id, kind, number, expected, found, tuple(p.message for p in problems))


def _series_result(rule: Rule, check: CheckSeries, kind: str, number: int, text: str) -> ExampleResult:
    example = series_example(text)
    problems = [(example.places[p.patch, p.path, p.line], p.message) for p in check(example.code)]
    found = sorted(problems)
    lines = tuple(line for line, _ in found)
    return ExampleResult(rule.id, kind, number, expected_lines(text), lines, tuple(message for _, message in found))


def _change_result(rule: Rule, kind: str, number: int, text: str) -> ExampleResult:
    example = series_example(text)
    found = sorted(
        (example.places[patch, spot.path, spot.problem.line], spot.problem.message)
        for spot, patch, mended in Changes(example.code).check(rule)
        if mended is None
    )
    lines = tuple(line for line, _ in found)
    return ExampleResult(rule.id, kind, number, expected_lines(text), lines, tuple(message for _, message in found))


def example_file(text: str) -> File:
    """Make the file that an example stands for."""
    lines: list[str] = []
    seen: list[int] = []
    sections: dict[int, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        unseen = _UNSEEN.fullmatch(line)
        if unseen is None:
            seen.append(number)
        elif unseen.group(1):
            sections[number + 1] = unseen.group(1)
        lines.append("" if unseen else line)
    known = None if len(seen) == len(lines) else _ranges(seen)
    source = SourceFile("example.c", "\n".join(lines).encode(), f"example-{text}", known)
    unit = parse(source, sections)
    added = frozenset(n for n, line in enumerate(lines, 1) if _ADDED in line)
    return File(unit, declared_on(unit, added) if known is not None else frozenset())


def _ranges(numbers: list[int]) -> tuple[tuple[int, int], ...]:
    found: list[tuple[int, int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)
