# SPDX-License-Identifier: GPL-2.0-or-later
"""The interface of a rule: what it is given, what it yields, and what its file says about it.

A rule is one Python file. Its docstring is the explanation that people read: a title line, what is wrong and why it
matters, how to fix it. It defines

    id = "kebab-case-name"
    severity = "error" | "warning" | "note"
    GOOD = ["C …"]   examples in which it finds nothing
    BAD = ["C …"]    examples with `/* finding */` on each line that it reports (see `reviewbot.checks.examples`)

and one of

    def check(code: Code) -> Iterator[Problem]             called for each function
    def check_file(file: File) -> Iterator[Problem]        called once a file, for what involves several functions
    def check_series(series: SeriesCode) -> Iterator[SeriesProblem]      called once a series, for what its mails say
                                                           and what goes across patches; see `reviewbot.checks.series`.
                                                           With BY_FILE = True what it finds in a file follows from the
                                                           states of that file and the text of others: it is called
                                                           for each file of the series, so that several may be at once
    def check_change(change: Change) -> Iterator[Problem]  called for each function that a patch changes, with both
                                                           states; see `reviewbot.checks.change`

All are pure. The engine calls the first two before and after a patch, and reports what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from reviewbot.csource.cfg import Cfg, build_cfg
from reviewbot.csource.functions import Function
from reviewbot.csource.parse import Unit
from reviewbot.model.finding import Confidence, Severity

if TYPE_CHECKING:
    # a series and a change are made of files and functions as rules see them
    from reviewbot.checks.change import CheckChange
    from reviewbot.checks.series import CheckSeries


@dataclass(frozen=True, slots=True)
class File:
    """A parsed file under check.

    `introduced` are the names that were declared by the patches under review and stood in no known line before: code
    that nobody has seen cannot use them. It is empty for a file that is known from end to end, where it says nothing.
    """

    unit: Unit
    introduced: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether every line of the file is known."""
        return self.unit.source.known is None

    def code(self, function: Function) -> Code:
        """Return one of the functions as a rule sees it."""
        return Code(self, function)


@dataclass(frozen=True, slots=True)
class Code:
    """A function under check, in its file."""

    file: File
    function: Function

    @property
    def cfg(self) -> Cfg:
        """The control-flow graph of the function."""
        return build_cfg(self.function)

    @property
    def unit(self) -> Unit:
        """The file that the function is in."""
        return self.file.unit

    @property
    def introduced(self) -> frozenset[str]:
        """The names that unseen code cannot use; see `File`."""
        return self.file.introduced


@dataclass(frozen=True, slots=True)
class Problem:
    """A defect as a rule sees it.

    `line` is the line of the statement to put the comment on, `function` the function that it is in (None: what
    `check` was called for, or no function). `about` names what the defect concerns (a variable, a lock): the same
    defect has the same `about` when its statement is reworded. `evidence` are (line, note) in the same file.
    "proved" is for a sound argument on a whole function; in a fragment the engine lowers it to "high".
    """

    line: int
    message: str
    confidence: Confidence = "high"
    evidence: tuple[tuple[int, str], ...] = ()
    about: str = ""
    end_line: int | None = None
    function: Function | None = None


Check = Callable[[Code], Iterable[Problem]]
CheckFile = Callable[[File], Iterable[Problem]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as loaded: exactly one of its checks is given. `source` is that of its findings (see `Finding`).

    `by_file`: what a check of the series finds in a file follows from the states of this file and the text of others.
    `digest` is that of its file: what it found may be kept and told again. It is "" for what answers for somebody
    else's tool, which may change without a trace.
    """

    id: str
    severity: Severity
    explanation: str
    good: tuple[str, ...]
    bad: tuple[str, ...]
    path: Path = field(compare=False)
    check: Check | None = None
    check_file: CheckFile | None = None
    check_series: CheckSeries | None = None
    check_change: CheckChange | None = None
    by_file: bool = False
    source: str = "rule"
    digest: str = field(default="", compare=False)

    def problems(self, file: File, functions: Iterable[Function]) -> Iterable[Problem]:
        """Yield what the rule finds: in each of `functions`, or in the whole file where that is what it looks at."""
        if self.check_file is not None:
            yield from self.check_file(file)
        elif self.check is not None:
            for function in functions:
                for problem in self.check(file.code(function)):
                    yield problem if problem.function is not None else _placed(problem, function)


def _placed(problem: Problem, function: Function) -> Problem:
    return Problem(
        problem.line,
        problem.message,
        problem.confidence,
        problem.evidence,
        problem.about,
        problem.end_line,
        function,
    )
