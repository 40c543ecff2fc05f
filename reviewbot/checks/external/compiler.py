# SPDX-License-Identifier: GPL-2.0-or-later
"""sparse, and the compiler with the warnings of `make W=1`, by the commands that the tree's own build left.

kbuild writes the command of each object to `.NAME.o.cmd` (Documentation/kbuild/makefiles.rst). It is run again with the
series' files over those of the work tree, in a sandbox that can write nothing, so that the work tree stays as it is.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from reviewbot.checks.external.process import ToolError, run, sandbox, sandboxed, version
from reviewbot.checks.external.tool import Report, Troubles, file_rule, write
from reviewbot.checks.rule import Rule
from reviewbot.model.tree import Snapshot, SourceFile

SECONDS = 60
"""Processor time to compile one file."""

# what scripts/Makefile.extrawarn adds for W=1
EXTRA = (
    "-Wextra",
    "-Wunused",
    "-Wno-unused-parameter",
    "-Wmissing-declarations",
    "-Wmissing-prototypes",
    "-Wold-style-definition",
    "-Wmissing-format-attribute",
    "-Wmissing-include-dirs",
    "-Wunused-const-variable",
    "-Wno-missing-field-initializers",
    "-Wno-sign-compare",
    "-Wno-type-limits",
    "-Wno-shift-negative-value",
)
# CHECKFLAGS of the top Makefile
SPARSE = (
    *("-D__linux__", "-Dlinux", "-D__STDC__", "-Dunix", "-D__unix__"),
    *("-Wbitwise", "-Wno-return-void", "-Wno-unknown-attribute"),
)

_COMMAND = re.compile(r"^(?:saved)?cmd_[^\n ]{1,400} := ([^\n]{1,60000})$", re.MULTILINE)
_SAID = re.compile(
    r"(?:\./)?([^:\n]{1,400}):(\d{1,8}):\d{1,8}: (warning|error): ([^\n]{1,1000}?)(?: \[(-W[\w=+-]{1,80})\])?"
)
_COMPILERS = re.compile(r"(?:[\w.-]{0,60}-)?(?:gcc|clang)(?:-\d{1,3})?")
_NEW = Path("/new")


@dataclass(frozen=True, slots=True)
class Build:
    """A configured, built work tree, and the snapshots of the series that is on top of it."""

    root: Path
    snapshots: Sequence[Snapshot]
    paths: tuple[str, ...]
    """The files that the series changes."""

    def command(self, path: str) -> list[str]:
        """Return the words of the command that compiles a file; ToolError where the build left none."""
        place = self.root / Path(path).parent / f".{Path(path).stem}.o.cmd"
        try:
            match = _COMMAND.search(place.read_text("utf-8", "replace"))
        except OSError as error:
            raise ToolError(f"{path} has not been built in {self.root}, so how to compile it is not known") from error
        words = shlex.split(match[1]) if match else []
        words = words[: words.index(";")] if ";" in words else words
        if not words or not _COMPILERS.fullmatch(Path(words[0]).name) or path not in words[-1]:
            raise ToolError(f"the command that built {path} is not one of a compiler")
        return [word for word in words if not word.startswith("-Wp,")]


def compilers(build: Build, scratch: Path, troubles: Troubles) -> Iterator[Rule]:
    """Yield the rules of sparse and of the compiler, as far as they are installed; both need bwrap to run in."""
    if not sandbox():
        troubles.say("W=1 build", "not run: it needs bwrap (bubblewrap) as a sandbox")
        return
    sparse = version("sparse")
    if sparse is not None:
        yield _rule("sparse", sparse, ["sparse", *SPARSE], build, scratch, troubles)
    gcc = version("gcc")
    if gcc is not None:
        yield _rule("gcc-W1", gcc, [], build, scratch, troubles)


def _rule(tool: str, number: str, instead: list[str], build: Build, scratch: Path, troubles: Troubles) -> Rule:
    """Make the rule of a tool that is called `instead` of the compiler ([]: it is the compiler, with W=1)."""

    def look(source: SourceFile) -> Iterator[Report]:
        if not source.path.endswith(".c"):
            return
        words = build.command(source.path)
        words = [*instead, *words[1:]] if instead else [words[0], *EXTRA, *words[1:]]
        yield from _compile(words, source, build, scratch / tool)

    return file_rule(tool, number, "warning", look, troubles)


def _compile(words: list[str], source: SourceFile, build: Build, scratch: Path) -> Iterator[Report]:
    """Run a compiler on a file with the rest of the series as it is when the file has this content."""
    at = next(s for s in build.snapshots if (read := s.read(source.path)) is not None and read.key == source.key)
    over: dict[Path, Path] = {}
    for path in build.paths:
        other = source if path == source.path else at.read(path)
        if other is not None:
            there = (build.root / path).is_file()
            over[(build.root if there else _NEW) / path] = write(other, scratch)
    if "-o" in words:
        words[words.index("-o") + 1] = "/dev/null"
    words[1:1] = [f"-I{_NEW / 'include'}", f"-I{_NEW / Path(source.path).parent}"]
    git = build.root / ".git"
    command = sandboxed(words, shown=[build.root], at=build.root, hidden=[git] if git.is_dir() else [], over=over)
    done = run(command, seconds=SECONDS, cwd=scratch)
    if done.err.startswith("bwrap:"):
        raise ToolError(done.err.splitlines()[0])
    for line in done.err.split("\n"):
        match = _SAID.fullmatch(line)
        if match and match[1] == source.path:
            yield Report(int(match[2]), match[5] or match[3], match[4])
