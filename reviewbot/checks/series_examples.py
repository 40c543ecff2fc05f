# SPDX-License-Identifier: GPL-2.0-or-later
"""Examples of rules that look at a whole series: a short text that stands for mails, diffs and a tree.

    == commit 1234abcd1234 box: Add the box (mm/box.c)   a commit of the history, and the files that it touches
    == cover: box: make it larger                        the cover letter; its text follows
    == patch: box: fill it up                            a patch; From:, log, trailers follow, after `---` the diffstat
    == mm/box.c                                          a file of the patch: the whole of it as a diff without `@@`,
     one line a line of C, behind " ", "+" or "-"

A file with neither "+" nor "-" is one of the tree that the patch leaves alone. `/* finding */` at the end of a line of
C is a finding there, at the end of a `== patch:` or `== cover:` line one in the mail.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from reviewbot.checks.series import SeriesCode
from reviewbot.model.diff import DiffLine, FileDiff, Hunk, Patch, Series
from reviewbot.model.mail import MailSeries, Message, Person, Trailer
from reviewbot.model.tree import PastCommit, SourceFile

_MARK = "/* finding */"
_COMMIT = re.compile(r"== commit ([0-9a-f]+) ([^(]*)\(([^)]*)\)")
_TRAILER = re.compile(r"([A-Z][\w-]+): (\S[^\n]*)")
_AUTHOR = Person("Ada Boxer", "ada@example.org")


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """The files of an example after some of its patches."""

    files: dict[str, str]
    complete: bool = True

    def read(self, path: str) -> SourceFile | None:
        text = self.files.get(path)
        if text is None:
            return None
        data = text.encode()
        return SourceFile(path, data, hashlib.sha256(data).hexdigest())

    def paths(self, under: str = "") -> Iterator[str]:
        return iter(sorted(path for path in self.files if path.startswith(under)))


@dataclass(frozen=True, slots=True)
class _History:
    """The commits that an example names."""

    commits: dict[PastCommit, tuple[str, ...]]
    complete: bool = True

    def commit(self, prefix: str) -> PastCommit | None:
        return next((one for one in self.commits if one.id.startswith(prefix)), None)

    def touches(self, commit: PastCommit, path: str) -> bool | None:
        return path in self.commits[commit]


@dataclass
class _Block:
    """What stands under a `==` line; `line` is that line's number in the example."""

    head: str
    line: int
    text: list[str] = field(default_factory=list)
    files: list[_Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SeriesExample:
    """An example as read: the series, and the line of the example for each place that a finding can be at."""

    code: SeriesCode
    places: dict[tuple[int, str | None, int | None], int]


def series_example(text: str) -> SeriesExample:
    """Read an example; see the head of this module."""
    blocks = list(_blocks(text))
    for diff in (diff for block in blocks for diff in block.files):
        _fill(diff.text)
    places: dict[tuple[int, str | None, int | None], int] = {}
    commits = {}
    cover: Message | None = None
    patches: list[Patch] = []
    heads = [block for block in blocks if block.head.startswith("== patch:")]
    trees = [_tree(heads)]
    for block in blocks:
        if (past := _COMMIT.match(block.head)) is not None:
            commits[PastCommit(past.group(1), past.group(2).strip())] = tuple(past.group(3).split())
        elif block.head.startswith("== cover:"):
            places[0, None, None] = block.line
            cover = Message(
                None, block.head[9:].strip(), _AUTHOR, None, None, (), "\n".join(block.text), b"", "example"
            )
        else:
            patches.append(_patch(block, len(patches) + 1, len(heads), places))
            changed = {diff.head[3:]: _side(diff, "+") for diff in block.files}
            trees.append({**trees[-1], **changed})
    subject = cover.subject if cover else patches[0].subject
    mail = MailSeries(None, subject, 1, len(patches), _AUTHOR, None, cover, (), (), ())
    snapshots = tuple(_Snapshot(files) for files in trees)
    return SeriesExample(SeriesCode(Series(mail, tuple(patches)), snapshots, _History(commits)), places)


def _tree(patches: list[_Block]) -> dict[str, str]:
    """Return the files before the first patch: each as the first patch that shows it has it."""
    files: dict[str, str] = {}
    for diff in (diff for patch in patches for diff in patch.files):
        if any(line[:1] in (" ", "-") for line in diff.text):
            files.setdefault(diff.head[3:], _side(diff, "-"))
    return files


def expected_lines(text: str) -> tuple[int, ...]:
    """Return the 1-based lines of an example that are marked."""
    return tuple(number for number, line in enumerate(text.split("\n"), 1) if _MARK in line)


def _blocks(text: str) -> Iterator[_Block]:
    """Yield the parts of an example in order; files are in their patch's."""
    top: _Block | None = None
    into: _Block | None = None
    for number, line in enumerate(text.split("\n"), 1):
        line = line.replace(_MARK, "").rstrip()
        if not line.startswith("== "):
            if into is not None:
                into.text.append(line)
            continue
        into = _Block(line, number)
        if top is not None and not line.startswith(("== commit ", "== cover:", "== patch:")):
            top.files.append(into)
            continue
        if top is not None:
            yield top
        top = into
    if top is not None:
        yield top


def _fill(lines: list[str]) -> None:
    """Make the empty lines between those of a file empty lines of that file, and drop those at its end."""
    while lines and not lines[-1]:
        lines.pop()
    lines[:] = [line or " " for line in lines]


def _changes(diff: _Block) -> bool:
    return any(line[:1] in ("+", "-") for line in diff.text)


def _side(diff: _Block, mark: str) -> str:
    """Return a file before ("-") or after ("+") its patch."""
    return "".join(line[1:] + "\n" for line in diff.text if line[:1] in (" ", mark))


def _patch(block: _Block, number: int, total: int, places: dict[tuple[int, str | None, int | None], int]) -> Patch:
    places[number, None, None] = block.line
    author = _AUTHOR
    words = block.text
    if words and words[0].startswith("From: "):
        name, _, address = words[0][6:].partition(" <")
        author, words = Person(name, address.rstrip(">")), words[1:]
    cut = words.index("---") if "---" in words else len(words)
    log, notes = "\n".join(words[:cut]), "\n".join(words[cut + 1 :])
    trailers = tuple(
        Trailer(found.group(1), found.group(2)) for line in words[:cut] if (found := _TRAILER.fullmatch(line))
    )
    files = tuple(_diff(one, number, places) for one in block.files if _changes(one))
    subject = block.head[9:].strip()
    return Patch(number, total, None, subject, author, author, None, log, notes, trailers, files, b"")


def _diff(block: _Block, number: int, places: dict[tuple[int, str | None, int | None], int]) -> FileDiff:
    path = block.head[3:]
    lines: list[DiffLine] = []
    old = new = 0
    for offset, line in enumerate(block.text, 1):
        mark = line[:1]
        if mark not in ("+", "-", " ") or not mark:
            continue
        old, new = old + (mark != "+"), new + (mark != "-")
        lines.append(DiffLine(mark, line[1:], old if mark != "+" else None, new if mark != "-" else None))  # type: ignore[arg-type]
        if mark != "-":
            places[number, path, new] = block.line + offset
    added, removed = (sum(line.mark == mark for line in lines) for mark in "+-")
    hunk = Hunk(int(old > 0), old, int(new > 0), new, "", tuple(lines))
    kind = "modify" if old and new else "add" if new else "delete"
    names = (path if old else None, path if new else None)
    return FileDiff(*names, kind, (hunk,), added, removed)  # type: ignore[arg-type]
