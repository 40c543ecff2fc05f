# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rules say of a planted defect, sent as a patch of one hunk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.mutate.lines import Plant
from reviewbot.checks.engine import run_checks
from reviewbot.checks.rule import Rule
from reviewbot.model.finding import Finding
from reviewbot.model.mail import MailSeries, PatchMail, Person
from reviewbot.model.tree import Application, Applied, Base, SourceFile
from reviewbot.patch.read import read_series

CONTEXT = 3
_NOBODY = Person("", "")


class OneFile:
    """A snapshot in which one file is of interest."""

    complete = True

    def __init__(self, file: SourceFile) -> None:
        self.file = file

    def read(self, path: str) -> SourceFile | None:
        return self.file if path == self.file.path else None

    def paths(self, under: str = "") -> Iterator[str]:
        yield from [self.file.path] if self.file.path.startswith(under) else []


def diff_of(plant: Plant, data: bytes) -> bytes:
    """Return the plant as a git diff."""
    lines = data.split(b"\n")
    above = lines[max(0, plant.first - 1 - CONTEXT) : plant.first - 1]
    old = lines[plant.first - 1 : plant.last]
    below = lines[plant.last : plant.last + CONTEXT]
    new = [line.encode("utf-8", "surrogateescape") for line in plant.lines]
    start, rest = plant.first - len(above), len(above) + len(below)
    path = plant.path.encode()
    head = b"diff --git a/%s b/%s\n--- a/%s\n+++ b/%s\n" % (path, path, path, path)
    head += b"@@ -%d,%d +%d,%d @@\n" % (start, len(old) + rest, start, len(new) + rest)
    marked = [(b" ", above), (b"-", old), (b"+", new), (b" ", below)]
    return head + b"".join(mark + line + b"\n" for mark, some in marked for line in some)


def findings(plant: Plant, before: SourceFile, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """Return what the rules report of the patch that plants the defect."""
    after = SourceFile(plant.path, plant.apply(before.data), f"{before.key}+{plant.kind}:{plant.first}")
    mail = PatchMail(1, 1, None, "plant", _NOBODY, _NOBODY, None, "", "", diff_of(plant, before.data), 1)
    series = read_series(MailSeries(None, "plant", 1, 1, _NOBODY, None, None, (mail,), (), ()))
    snapshots = (OneFile(before), OneFile(after))
    applied = Applied(Base("pinned", "bench", None), (Application(1, "clean"),), snapshots, False)
    return run_checks(series, applied, rules)
