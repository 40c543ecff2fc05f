# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the tree room share: running git, and making diffs as values and as text from two contents."""

from __future__ import annotations

import difflib
import os
import subprocess
from pathlib import Path

from reviewbot.mail.read import read_mail
from reviewbot.model.diff import DiffLine, FileDiff, Hunk, Patch, Series
from reviewbot.model.mail import MailSeries, Person
from reviewbot.patch.read import read_series
from reviewbot.tree.match import Image

NOBODY = Person("A. Hacker", "hacker@example.org")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "A. Hacker",
    "GIT_AUTHOR_EMAIL": "hacker@example.org",
    "GIT_AUTHOR_DATE": "2024-03-01T12:00:00+0100",
    "GIT_COMMITTER_NAME": "C. Maintainer",
    "GIT_COMMITTER_EMAIL": "maintainer@example.org",
    "GIT_COMMITTER_DATE": "2024-03-02T12:00:00+0000",
}


def git(place: Path, *arguments: str, stdin: bytes = b"", check: bool = True) -> str:
    """Run git in `place` with nobody's configuration; return what it printed, without the last line end."""
    done = subprocess.run(["git", *arguments], cwd=place, input=stdin, capture_output=True, env=ENVIRONMENT)
    if check and done.returncode:
        raise AssertionError(f"git {arguments} failed: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")


def repository(place: Path, files: dict[str, bytes]) -> Path:
    """Make a git repository at `place` with one commit of `files`."""
    place.mkdir(parents=True, exist_ok=True)
    git(place, "init", "-q", "-b", "main")
    return commit(place, files, "base")


def commit(place: Path, files: dict[str, bytes | None], message: str) -> Path:
    """Write (None: remove) files and commit all."""
    for name, data in files.items():
        file = place / name
        if data is None:
            file.unlink()
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
    git(place, "add", "-A")
    git(place, "commit", "-q", "--allow-empty", "-m", message)
    return place


def _line(mark: str, data: bytes, old: int | None, new: int | None) -> DiffLine:
    text = data.decode("utf-8", "surrogateescape")
    return DiffLine(mark, text.removesuffix("\n"), old, new, not text.endswith("\n"))  # type: ignore[arg-type]


def hunk_of(group: list[tuple[str, int, int, int, int]], old: list[bytes], new: list[bytes]) -> Hunk:
    """Make a hunk of a group of difflib's opcodes."""
    lines: list[DiffLine] = []
    for tag, first, last, start, stop in group:
        if tag == "equal":
            lines += [_line(" ", old[i], i + 1, start + i - first + 1) for i in range(first, last)]
            continue
        lines += [_line("-", old[i], i + 1, None) for i in range(first, last)]
        lines += [_line("+", new[i], None, i + 1) for i in range(start, stop)]
    first, last, start, stop = group[0][1], group[-1][2], group[0][3], group[-1][4]
    old_start = first + 1 if last > first else first
    new_start = start + 1 if stop > start else start
    return Hunk(old_start, last - first, new_start, stop - start, "", tuple(lines))


def diff_of(path: str, before: bytes | None, after: bytes | None, context: int = 3) -> FileDiff:
    """Make the diff of one file between two contents; None is "no such file"."""
    old, new = Image.of(before or b"").lines, Image.of(after or b"").lines
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(context)
    hunks = tuple(hunk_of(group, old, new) for group in groups)
    marks = [line.mark for hunk in hunks for line in hunk.lines]
    kind = "add" if before is None else "delete" if after is None else "modify"
    old_path, new_path = (None if before is None else path), (None if after is None else path)
    mode = None if kind == "modify" else "100644"
    return FileDiff(
        old_path,
        new_path,
        kind,  # type: ignore[arg-type]
        hunks,
        marks.count("+"),
        marks.count("-"),
        old_mode=mode if before is not None else None,
        new_mode=mode if after is not None else None,
    )


def text_of(diff: FileDiff) -> bytes:
    """Write a file diff as git does."""
    name = diff.path
    out = [f"diff --git a/{name} b/{name}"]
    out += [f"new file mode {diff.new_mode}"] * (diff.kind == "add")
    out += [f"deleted file mode {diff.old_mode}"] * (diff.kind == "delete")
    if diff.hunks:
        out += [
            f"--- {'a/' + name if diff.old_path else '/dev/null'}",
            f"+++ {'b/' + name if diff.new_path else '/dev/null'}",
        ]
    for hunk in diff.hunks:
        out.append(f"@@ -{hunk.old_start},{hunk.old_count} +{hunk.new_start},{hunk.new_count} @@")
        for line in hunk.lines:
            out.append(line.mark + line.text)
            out += ["\\ No newline at end of file"] * line.no_newline
    return ("\n".join(out) + "\n").encode("utf-8", "surrogateescape")


def patch_of(number: int, *files: FileDiff, refused: str | None = None) -> Patch:
    """Make a patch of file diffs."""
    subject, log = f"change {number}", f"What change {number} does.\n"
    diff = b"".join(text_of(file) for file in files)
    return Patch(number, 0, None, subject, NOBODY, NOBODY, None, log, "", (), files, diff, refused=refused)


def series_of(*patches: Patch) -> Series:
    """Make a series of patches."""
    mail = MailSeries("id@example.org", "a series", 1, len(patches), NOBODY, None, None, (), (), ())
    return Series(mail, patches)


def mail_of(place: Path, revisions: str, file: Path, *options: str) -> Series:
    """Mail commits to `file` as git does, and read them back."""
    command = ["git", "format-patch", "--stdout", "--thread=shallow", "-M", "-C", "--find-copies-harder"]
    mails = subprocess.run(
        [*command, *options, revisions],
        cwd=place,
        env=ENVIRONMENT,
        capture_output=True,
        check=True,
    )
    file.write_bytes(mails.stdout)
    return read_file(file)


def read_file(file: Path) -> Series:
    """Read the one series of a file."""
    (mail,), _ = read_mail([str(file)])
    return read_series(mail)


def git_am(place: Path, base: str, mails: Path, *options: str) -> str:
    """Let `git am` apply mails to `base` in the repository at `place`; return the commit that comes out."""
    git(place, "checkout", "-q", "--detach", base)
    git(place, "am", "-q", "--keep-cr", *options, str(mails))
    return git(place, "rev-parse", "HEAD")
