# SPDX-License-Identifier: GPL-2.0-or-later
"""A long patch queue (a quilt directory) applied whole by reviewbot and by `git am`: the same tree, and how fast.

    python bench/tree_queue.py KERNEL-TREE QUILT-DIRECTORY

The queue's `series` file names its patches; git works in a sparse clone of the tree, which is faster than a full one.
"""

from __future__ import annotations

import argparse
import collections
import tempfile
import time
from pathlib import Path

from tree_corpus import by_reviewbot, git, sparse_clone

from reviewbot.tree.repository import ObjectSnapshot, open_tree
from reviewbot.tree.scratch import scratch_directory


def main() -> None:
    """Compare and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree")
    parser.add_argument("queue", type=Path)
    options = parser.parse_args()
    tree = open_tree(options.tree)
    base = tree.resolve("HEAD")
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, scratch_directory() as scratch:
        begin = time.perf_counter()
        applied = by_reviewbot(tree, options.queue, base, scratch)
        ours = time.perf_counter() - begin
        last = applied.snapshots[-1]
        root = last.root if isinstance(last, ObjectSnapshot) else "none"
        clone = sparse_clone(tree, Path(folder) / "clone")
        names = [line.split("#")[0].strip() for line in (options.queue / "series").read_text().splitlines()]
        begin = time.perf_counter()
        git(clone, "am", "-q", *[str((options.queue / name).absolute()) for name in names if name])
        theirs = time.perf_counter() - begin
        expected = git(clone, "rev-parse", "HEAD^{tree}")
    counts = collections.Counter(application.status for application in applied.applications)
    print(f"{len(applied.applications)} patches: {dict(counts)}")
    print(f"reviewbot {ours:.2f} s, git am {theirs:.2f} s, ratio 1/{theirs / ours:.0f}")
    print(f"tree {root}: {'the same' if root == expected else f'git am has {expected}'}")
    raise SystemExit(root != expected)


if __name__ == "__main__":
    main()
