# SPDX-License-Identifier: GPL-2.0-or-later
"""Coccinelle with the semantic patches of the pinned tree (Documentation/dev-tools/coccinelle.rst) and of a user."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from reviewbot.checks.external.process import ToolError, run, sandbox, sandboxed, version
from reviewbot.checks.external.tool import Report, Troubles, file_rule, write
from reviewbot.checks.rule import Rule
from reviewbot.model.tree import Snapshot, SourceFile

TOOL = "coccinelle"
FOLDER = "scripts/coccinelle"
SECONDS = 20
"""Processor time of one semantic patch on one file; some of the kernel's take minutes on a large file."""

_REPORT = re.compile(r"([^:\n]{1,400}):(\d{1,8}):\d{1,8}-\d{1,8}:[ \t]{0,8}(\S[^\n]{0,1000})")
_OPTIONS = re.compile(r"^//[/#]?[ \t]{0,8}Options:[ \t]{0,8}([^\n]{0,400})", re.MULTILINE)
_SAFE = re.compile(r"--(?:no-includes|include-headers|all-includes|local-includes|recursive-includes|no-loops)")


@dataclass(frozen=True, slots=True)
class Script:
    """A semantic patch: where it lies, the options that it asks for, and whether it has a report mode."""

    path: Path
    options: tuple[str, ...]
    reports: bool


def coccinelle(base: Snapshot, directories: Sequence[Path], scratch: Path, troubles: Troubles) -> Rule | None:
    """Return the rule that runs Coccinelle, None if it is not installed or there is nothing to run.

    `base` is the tree that the semantic patches come from (never the patched one), `directories` hold the user's.
    """
    number = version("spatch")
    if number is None:
        return None
    scripts = (*_of_tree(base, scratch / "scripts"), *_of_user(directories))
    work = (scratch / "files").resolve()

    def look(source: SourceFile) -> Iterator[Report]:
        write(source, work)
        for script in scripts:
            name = f"{TOOL} {script.path.name}"
            try:
                yield from () if name in troubles else _reports(script, source, work)
            except ToolError as error:
                troubles.say(name, f"{error} on {source.path}, and is not run any more")

    return file_rule(TOOL, number, "warning", look, troubles) if scripts else None


def _of_tree(base: Snapshot, place: Path) -> Iterator[Script]:
    """Write the tree's semantic patches that have a report mode."""
    for name in base.paths(FOLDER):
        source = base.read(name) if name.endswith(".cocci") else None
        if source is not None and b"virtual report" in source.data:
            yield _script(write(source, place), source.data)


def _of_user(directories: Sequence[Path]) -> Iterator[Script]:
    for directory in directories:
        for path in sorted(directory.glob("*.cocci")):
            yield _script(path, path.read_bytes())


def _script(path: Path, data: bytes) -> Script:
    """Read the options that a semantic patch asks for; only those that change what is read are taken."""
    match = _OPTIONS.search(data.decode("utf-8", "replace"))
    words = shlex.split(match[1]) if match and match[1].count('"') % 2 == match[1].count("'") % 2 == 0 else []
    return Script(path, tuple(word for word in words if _SAFE.fullmatch(word)), b"virtual report" in data)


def _reports(script: Script, source: SourceFile, work: Path) -> Iterator[Report]:
    """Run one semantic patch over one file: its own reports, or what its diff marks."""
    mode = ["-D", "report", "--no-show-diff"] if script.reports else []
    path = script.path.resolve()
    command = ["spatch", *mode, "--very-quiet", *script.options, "--cocci-file", str(path), source.path]
    # a semantic patch may hold Python, which has no business outside of these two places
    if sandbox():
        command = sandboxed(command, shown=[path.parent, work], at=work)
    done = run(command, seconds=SECONDS, cwd=work)
    if done.status:
        raise ToolError(f"failed ({' '.join(done.err.split())[-200:]})")
    for line in done.out.split("\n"):
        match = _REPORT.match(line)
        if match and Path(match[1]).name == Path(source.path).name:
            yield Report(int(match[2]), script.path.name, match[3])
    if not script.reports:
        yield from _marked(script, done.out)


def _marked(script: Script, out: str) -> Iterator[Report]:
    """Read the lines that a `*` or `-` of a semantic patch marks, which come as a diff."""
    try:
        diff = PatchSet(out)
    except UnidiffParseError:
        return
    for file in diff:
        for hunk in file:
            for line in hunk:
                if line.is_removed and line.source_line_no is not None:
                    yield Report(line.source_line_no, script.path.name, "matches a semantic patch")
