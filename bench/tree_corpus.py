# SPDX-License-Identifier: GPL-2.0-or-later
"""Every series of the corpus, applied by reviewbot and by `git am`: the same trees and the same commits?

    python bench/tree_corpus.py CORPUS 6.1=KERNEL-TREE 6.12=KERNEL-TREE

CORPUS has `series.jsonl` and `series/*.mbox`; each series names the tree that it is measured on, and those without a
tree on the command line are left out. git works in sparse clones, and gets the mails without the cover letter. Where
`git am` refuses a series, what reviewbot makes of it is printed.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from reviewbot.mail.read import read_mail
from reviewbot.model.tree import Applied
from reviewbot.patch.read import read_series
from reviewbot.tree.apply import apply_series
from reviewbot.tree.message import Identity
from reviewbot.tree.repository import ObjectSnapshot, Tree, open_tree
from reviewbot.tree.scratch import scratch_directory

COMMITTER = Identity("bench", "bench@example.org", datetime(2025, 1, 1, tzinfo=UTC))
ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_COMMITTER_NAME": COMMITTER.name,
    "GIT_COMMITTER_EMAIL": COMMITTER.email,
    "GIT_COMMITTER_DATE": "2025-01-01T00:00:00+0000",
}


def git(place: Path, *arguments: str, check: bool = True) -> str:
    """Run git in `place`; return what it printed, or "" when it failed and that is allowed."""
    done = subprocess.run(
        ["git", *arguments], cwd=place, capture_output=True, env=os.environ | ENVIRONMENT, check=False
    )
    if check and done.returncode:
        raise SystemExit(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return "" if done.returncode else done.stdout.decode("utf-8", "surrogateescape").strip() or "done"


def sparse_clone(tree: Tree, place: Path) -> Path:
    """Make a clone of the tree's objects whose worktree has next to no files."""
    git(place.parent, "clone", "-q", "--shared", "--no-checkout", str(Path(tree.path).absolute()), str(place))
    git(place, "sparse-checkout", "set", "--no-cone", "/none")
    git(place, "checkout", "-q", "--detach", tree.resolve("HEAD"))
    return place


def by_git(clone: Path, mbox: Path, base: str) -> tuple[str, str] | None:
    """What `git am`, else `git am -3` makes of the series: commit and tree; None when both refuse it."""
    with tempfile.TemporaryDirectory() as folder:
        git(clone, "mailsplit", "--mboxrd", f"-o{folder}", str(mbox.absolute()))
        mails = [str(mail) for mail in sorted(Path(folder).iterdir()) if b"\n@@ -" in mail.read_bytes()]
        for option in ([], ["-3"]):
            well = git(clone, "am", "-q", *option, *mails, check=False)
            if not well:
                git(clone, "am", "--abort", check=False)
            commit, root = git(clone, "rev-parse", "HEAD"), git(clone, "rev-parse", "HEAD^{tree}")
            git(clone, "checkout", "-q", "--detach", base)
            if well:
                return commit, root
    return None


def by_reviewbot(tree: Tree, mbox: Path, base: str, scratch: Path) -> Applied:
    """What reviewbot makes of the series in the file."""
    (mail,), _ = read_mail([str(mbox)])
    return apply_series(read_series(mail), tree, base, scratch, COMMITTER)


def compare(applied: Applied, expected: tuple[str, str] | None) -> str:
    """Put into words how the two agree."""
    last = applied.snapshots[-1]
    if expected is None:
        counts = collections.Counter(a.status for a in applied.applications)
        return "both refuse it" if applied.reconstructed else f"only reviewbot takes it: {dict(counts)}"
    if applied.reconstructed or not isinstance(last, ObjectSnapshot):
        return "ONLY GIT TAKES IT"
    if last.root != expected[1]:
        return "ANOTHER TREE"
    return "same commits" if applied.applications[-1].commit == expected[0] else "same tree, other commits"


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("trees", nargs="+", metavar="NAME=PATH")
    options = parser.parse_args()
    trees = {name: open_tree(path) for name, path in (tree.split("=", 1) for tree in options.trees)}
    records = map(json.loads, (options.corpus / "series.jsonl").read_text().splitlines())
    counts: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        clones = {name: sparse_clone(tree, Path(folder) / name) for name, tree in trees.items()}
        for record in records:
            tree = trees.get(record["tree"])
            if tree is None:
                continue
            mbox, base = options.corpus / "series" / f"{record['slug']}.mbox", tree.resolve("HEAD")
            with scratch_directory() as scratch:
                applied = by_reviewbot(tree, mbox, base, scratch)
                verdict = compare(applied, by_git(clones[record["tree"]], mbox, base))
            counts[verdict.split(":")[0]] += 1
            print(f"{verdict}: {record['slug']}")
            for application in applied.applications:
                if application.reason:
                    print(f"    {application.reason}")
    print(dict(counts))
    raise SystemExit(bool(counts["ONLY GIT TAKES IT"] or counts["ANOTHER TREE"]))


if __name__ == "__main__":
    main()
