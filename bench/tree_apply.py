# SPDX-License-Identifier: GPL-2.0-or-later
"""How long a series takes from mail to tree id on a full kernel tree, against `git am` in a worktree.

    python bench/tree_apply.py KERNEL-TREE SERIES.mbox [--worktree-add]

KERNEL-TREE is a git repository of the kernel; it is only read. All ways run in turns in one run, on the same commit,
and must give the same tree id. git gets the mails split and without the cover letter, at which it would stop.
`--worktree-add` also times `git worktree add` + `git am` (half a minute a turn).
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from reviewbot.mail.read import read_mail
from reviewbot.patch.read import read_series
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import ObjectSnapshot, open_tree
from reviewbot.tree.scratch import scratch_directory

GIT_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_COMMITTER_NAME": "bench",
    "GIT_COMMITTER_EMAIL": "bench@example.org",
}


def git(place: Path, *arguments: str, stdin: bytes = b"") -> str:
    """Run git in `place` and return what it printed; a failure ends the benchmark."""
    done = subprocess.run(
        ["git", *arguments], cwd=place, input=stdin, capture_output=True, env=os.environ | GIT_ENVIRONMENT, check=True
    )
    return done.stdout.decode().strip()


def timed(what: Callable[[], str]) -> tuple[float, str]:
    """Run and return the seconds it took and what it returned."""
    begin = time.perf_counter()
    result = what()
    return time.perf_counter() - begin, result


def by_reviewbot(tree: Path, mbox: Path, base: str) -> str:
    """Mail to tree id, from a closed repository and an unread file on."""
    with scratch_directory() as scratch:
        (mail,), _ = read_mail([str(mbox)])
        applied = apply_series(read_series(mail), open_tree(str(tree)), base, scratch)
        last = applied.snapshots[-1]
        if applied.reconstructed or not isinstance(last, ObjectSnapshot):
            raise SystemExit(f"the series does not apply: {[a.reason for a in applied.applications if a.reason]}")
        return last.root


def patch_mails(mbox: Path, folder: Path) -> list[str]:
    """Split the mails of an mbox into `folder` and return the files of those with a diff."""
    folder.mkdir()
    git(folder, "mailsplit", "--mboxrd", f"-o{folder}", str(mbox.absolute()))
    return [str(mail) for mail in sorted(folder.iterdir()) if b"\n@@ -" in mail.read_bytes()]


def by_git_am(worktree: Path, mails: list[str]) -> str:
    """The same by `git am` in a worktree that is there."""
    git(worktree, "am", "-q", *mails)
    return git(worktree, "rev-parse", "HEAD^{tree}")


def by_new_worktree(clone: Path, mails: list[str], base: str) -> str:
    """The same, with the worktree made first."""
    place = clone.parent / "new-worktree"
    git(clone, "worktree", "add", "-q", "--detach", str(place), base)
    return by_git_am(place, mails)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("mbox", type=Path)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--worktree-add", action="store_true")
    options = parser.parse_args()
    base = open_tree(str(options.tree)).resolve("HEAD")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        clone = Path(folder) / "clone"
        git(Path(folder), "clone", "-q", "--shared", "--no-checkout", str(options.tree.absolute()), str(clone))
        git(clone, "checkout", "-q", "--detach", base)
        mails = patch_mails(options.mbox, Path(folder) / "mails")
        ours, theirs, ids = [], [], set()
        for _ in range(options.turns):
            git(clone, "reset", "-q", "--hard", base)
            for times, way in (
                (theirs, lambda: by_git_am(clone, mails)),
                (ours, lambda: by_reviewbot(options.tree, options.mbox, base)),
            ):
                seconds, identity = timed(way)
                times.append(seconds)
                ids.add(identity)
        mine, am = statistics.median(ours), statistics.median(theirs)
        print(f"reviewbot             {mine * 1000:9.1f} ms (best {min(ours) * 1000:.1f})")
        print(f"git am, worktree there{am * 1000:9.1f} ms (best {min(theirs) * 1000:.1f})  ratio 1/{am / mine:.0f}")
        if options.worktree_add:
            seconds, identity = timed(lambda: by_new_worktree(clone, mails, base))
            ids.add(identity)
            print(f"git worktree add + am {seconds * 1000:9.1f} ms  ratio 1/{seconds / mine:.0f}")
            shutil.rmtree(Path(folder) / "new-worktree")
    print(f"tree ids: {'the same' if len(ids) == 1 else 'DIFFERENT'} {' '.join(sorted(ids))}")
    raise SystemExit(len(ids) != 1)


if __name__ == "__main__":
    main()
