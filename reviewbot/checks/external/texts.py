# SPDX-License-Identifier: GPL-2.0-or-later
"""Checkers of what a patch writes: checkpatch.pl of the pinned tree, and codespell on new comments and changelogs.

Both look only at lines that a patch adds and at what its mail says, so that nothing that was there before is reported.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from reviewbot.checks.external.process import ToolError, run, version
from reviewbot.checks.external.tool import Report, Troubles, external_rule, said, write
from reviewbot.checks.introduced import added_lines
from reviewbot.checks.rule import Rule
from reviewbot.checks.series import PatchCode, SeriesCode, SeriesProblem
from reviewbot.model.tree import Snapshot
from reviewbot.patch.write import write_diff

SECONDS = 30
"""Processor time for one patch."""

CHECKPATCH = "checkpatch"
CODESPELL = "codespell"
_PARTS = ("scripts/checkpatch.pl", "scripts/spelling.txt", "scripts/const_structs.checkpatch")
# what it can only ask a checked-out tree with its history
_IGNORED = "UNKNOWN_COMMIT_ID,FILE_PATH_CHANGES"
_SAID = re.compile(r"([^:\n]{0,400}):(\d{1,8}): (?:ERROR|WARNING):([A-Z0-9_]{1,60}): ([^\n]{1,1000})")
_VERSION = re.compile(rb"\$V\s{0,8}=\s{0,8}'([\d.]{1,20})'")
_WORD = re.compile(r"(\d{1,8}): [^\n]{0,2000}\n\t([^\n]{1,200}) ==> ([^\n]{1,200})")
_COMMENT = re.compile(r"/\*.*?(?:\*/|$)|//.*$|^\s*\*.*$")

Look = Callable[[PatchCode], Iterator[tuple[str | None, Report]]]


def checkpatch(base: Snapshot, scratch: Path, troubles: Troubles) -> Rule | None:
    """Return the rule that runs the tree's checkpatch.pl, None without perl or where the tree has none.

    The script and its lists are those of `base`, never of the patched tree, and it runs in an empty directory, as it
    takes options from a file in the one where it is called.
    """
    script = base.read(_PARTS[0])
    if script is None or shutil.which("perl") is None:
        return None
    for name in _PARTS:
        part = base.read(name)
        if part is not None:
            write(part, scratch)
    empty = scratch / "empty"
    empty.mkdir(exist_ok=True)
    command = ["perl", str((scratch / _PARTS[0]).resolve()), "--no-tree", "--terse", "--showfile", "--show-types"]
    command += ["--no-summary", "-q", "--ignore", _IGNORED, "-"]

    def look(patch: PatchCode) -> Iterator[tuple[str | None, Report]]:
        done = run(command, seconds=SECONDS, cwd=empty, stdin=_mail(patch))
        if done.status not in (0, 1):
            raise ToolError(f"failed ({' '.join(done.err.split())[-200:]})")
        for line in done.out.split("\n"):
            match = _SAID.fullmatch(line)
            if match:
                yield match[1] or None, Report(int(match[2]), match[3], match[4])

    match = _VERSION.search(script.data)
    return _rule(CHECKPATCH, match[1].decode() if match else "", look, troubles)


def _mail(patch: PatchCode) -> bytes:
    """Write a patch as a mail: its author, subject, log and diff."""
    mail = patch.patch
    author = f"{mail.author.name} <{mail.author.email}>"
    head = f"From: {author}\nSubject: [PATCH] {mail.subject}\n\n{mail.log.strip()}\n---\n"
    return head.encode("utf-8", "surrogateescape") + write_diff(mail)


def codespell(troubles: Troubles) -> Rule | None:
    """Return the rule that runs codespell on what a patch writes for people, None where it is not installed."""
    number = version(CODESPELL)
    if number is None:
        return None

    def look(patch: PatchCode) -> Iterator[tuple[str | None, Report]]:
        written = [*((None, 1, line) for line in patch.text.split("\n")), *_comments(patch)]
        text = "\n".join(line for _, _, line in written) + "\n"
        done = run([CODESPELL, "-"], seconds=SECONDS, stdin=text.encode("utf-8", "replace"))
        for match in _WORD.finditer(done.out):
            path, line, _ = written[int(match[1]) - 1]
            yield path, Report(line, "spelling", f"“{match[2]}” is misspelt for {match[3]}")

    return _rule(CODESPELL, number, look, troubles)


def _comments(patch: PatchCode) -> Iterator[tuple[str | None, int, str]]:
    """Yield path, line and text of the comments in the lines that a patch adds."""
    for file in patch.files:
        source = file.new.data.decode("utf-8", "replace").split("\n") if file.new is not None else []
        for line in sorted(added_lines(patch.patch, file.path)):
            words = " ".join(_COMMENT.findall(source[line - 1])) if line <= len(source) else ""
            if words:
                yield file.path, line, words


def _rule(tool: str, number: str, look: Look, troubles: Troubles) -> Rule:
    """Make the rule of a tool that looks at a patch with its mail."""

    def check_series(series: SeriesCode) -> Iterator[SeriesProblem]:
        for patch in series.patches:
            if tool in troubles:
                return
            try:
                found = list(look(patch))
            except ToolError as error:
                troubles.say(tool, str(error))
                return
            for path, one in found:
                words = said(one, tool, number)
                about = f"{one.kind} {one.text}"
                yield SeriesProblem(patch.number, words, about, path, one.line if path else None, "medium")

    return external_rule(tool, number, "note", check_series=check_series)
