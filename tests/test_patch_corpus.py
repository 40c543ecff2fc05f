# SPDX-License-Identifier: GPL-2.0-or-later
"""Real patch mails: the files and counts that are read are those that `git apply --numstat` tells."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.model.diff import Patch
from reviewbot.model.errors import UnusableInputError
from reviewbot.patch.read import read_series
from reviewbot.patch.write import write_diff

Stat = list[tuple[str, str, str]]

DIFFERENCES = {
    "odd/damaged-1.eml": "git calls a wrapped hunk header corrupt, it is repaired here",
    "odd/nbsp-1.eml": "git knows no no-break spaces, they are repaired here",
    "odd/version-glued-1.eml": "git knows no no-break spaces, they are repaired here",
    "peers/git/t5100/quoted-cr-patch": "no mail but a test's expectation, with % for carriage returns in the mode",
    "peers/patchwork/fuzz/charset.mbox": "noise from a fuzzer: counts that no lines stand for",
    "peers/patchwork/fuzz/date.mbox": "noise from a fuzzer: git refuses a diff without a file, here it has none",
    "peers/patchwork/fuzz/email-len.mbox": "noise from a fuzzer: a hunk whose marks were lost",
    "peers/patchwork/fuzz/msgid-len.mbox": "noise from a fuzzer: counts that no lines stand for",
    "peers/patchwork/fuzz/msgid-len2.mbox": "noise from a fuzzer: lines are missing",
    "peers/patchwork/fuzz/msgidheader.mbox": "noise from a fuzzer: counts that no lines stand for",
    "peers/patchwork/fuzz/refshdr.mbox": "noise from a fuzzer: a path that ends in a slash is refused here",
    "peers/patchwork/fuzz/unknown-encoding.mbox": "noise from a fuzzer: counts that no lines stand for",
    "peers/patchwork/mail/0009-git-rename-with-diff.mbox": "a hunk under a rename without ---/+++: no file is named",
    "peers/patchwork/mail/0025-git-add-binary-file.mbox": "no a/ and b/ before the names: git wants to be told -p0",
    "peers/patchwork/mail/0026-git-add-mixed-binary-text-files.mbox": "no a/ and b/ before the names, too",
    "peers/patchwork/mail/0027-git-modify-binary-file.mbox": "no a/ and b/ before the names, too",
    "peers/patchwork/series/base-extra-patches.mbox": "a test's diff turned around by hand, its counts were not",
    "peers/patchwork/series/dependency-multi-2.mbox.template": "the blanks that mark context were stripped",
    "peers/patchwork/series/dependency-multi.mbox.template": "the blanks that mark context were stripped",
    "threads/20221130-linan122-iocost-bugfix-v2.mbox": "pasted hunks, one without its file's header: left out here",
    "threads/20241217-chenridong-memcg-fix-soft-lockup-in-the-oom-process-v1.mbox": "wrapped, repaired here",
    "threads/20250310-jurilelli-fix-sched-deadline-bandwidth-accounting-duri-v3.mbox": "wrapped, repaired here",
    "threads/20250404-inwardvessel-cgroup-separate-rstat-trees-v4.mbox": "marks stripped, repaired here",
}
"""Sources of which a patch differs, and why; all other patches of the corpus agree."""

SOURCES = ("odd/*.eml", "series/*.mbox", "threads/*.mbox", "peers/*/*/*")


def numstat(diff: bytes, place: Path) -> Stat | str:
    """What git says of a diff: lines added and removed and the path of each file; or its complaint.

    An empty line is put behind, which git's binary data end with and a diff cut from a mail may not have.
    """
    command = ["git", "apply", "--numstat", "-z", "-"]
    done = subprocess.run(command, input=diff + b"\n", capture_output=True, cwd=place, check=False)
    if done.returncode:
        return done.stderr.decode(errors="replace")
    stat, fields = [], iter(done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1])
    for field in fields:
        added, removed, path = field.split("\t", 2)
        if not path:
            next(fields)
            path = next(fields)
        stat.append((added, removed, path))
    return sorted(stat)


def read(patch: Patch) -> Stat | str:
    """The same of a patch that was read; the reason when it is refused."""
    if patch.refused:
        return patch.refused
    return sorted(
        ("-", "-", file.path) if file.kind == "binary" else (str(file.added), str(file.removed), file.path)
        for file in patch.files
    )


def patches(corpus: Path) -> Iterator[tuple[str, bytes, Patch]]:
    """Every patch of the corpus: its source, its diff as posted, and what was read."""
    for pattern in SOURCES:
        for path in sorted(corpus.glob(pattern)):
            try:
                found, _ = read_mail([str(path)])
            except UnusableInputError:
                continue
            for mail in found:
                for posted, patch in zip(mail.patches, read_series(mail).patches, strict=True):
                    yield str(path.relative_to(corpus)), posted.diff, patch


@pytest.mark.slow
def test_every_patch_of_the_corpus_has_the_files_and_counts_that_git_sees(shared: Path, tmp_path: Path) -> None:
    differing, total = set(), 0
    for source, posted, patch in patches(shared / "corpus"):
        total += 1
        ours = read(patch)
        if numstat(posted, tmp_path) != ours:
            differing.add(source)
        if patch.files and all(hunk.complete for file in patch.files for hunk in file.hunks):
            assert numstat(write_diff(patch), tmp_path) == ours, source
    assert total > 700
    assert differing == set(DIFFERENCES)
