# SPDX-License-Identifier: GPL-2.0-or-later
"""What is written is what real git accepts, and does the same as what was posted."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewbot.model.diff import Patch
from reviewbot.patch.write import write_diff
from tests.patch_builder import POOL_DIFF, read_diff
from tests.patch_mailers import MAILERS, source_lines, unified

BLOCK = "literal 3\nKcmYdfNCE%>hycU@\n\nliteral 0\nHcmV?d00001\n\n"
NONE, FULL = "0" * 40, "20b5be91886d0b6f26dc98a225c0dac05fe2c86e"
NO_NEWLINE = "\\ No newline at end of file"
CASES = {
    "modified": POOL_DIFF,
    "quilt": "Index: l/mm/x.c\n====\n--- l.orig/mm/x.c\n+++ l/mm/x.c\n@@ -1 +1,2 @@\n a\n+b\n",
    "added": f"diff --git a/x b/x\nnew file mode 100644\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n{NO_NEWLINE}\n",
    "deleted": "diff --git a/x.c b/x.c\ndeleted file mode 100755\n--- a/x.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
    "renamed": "diff --git a/x b/y z\nsimilarity index 100%\nrename from x\nrename to y z\n",
    "copied": "diff --git a/x b/y\ncopy from x\ncopy to y\n--- a/x\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n",
    "mode": "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n",
    "mode and text": "diff --git a/x b/x\nold mode 100644\nnew mode 100755\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    "quoted name": '--- "a/t\\303\\266 \\"x"\n+++ "b/t\\303\\266 \\"x"\n@@ -1 +1 @@\n-a\n+b\n',
    "name with blanks": "--- a/x y\t\n+++ b/x y\t\n@@ -1 +1 @@\n-a\n+b\n",
    "carriage returns": "--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\r\n+b\r\n c\r\n",
    "binary": f"diff --git a/b b/b\nnew file mode 100644\nindex {NONE}..{FULL}\nGIT binary patch\n{BLOCK}",
    "two files": "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-a\n+b\n",
}


def git_apply(diff: bytes, *options: str, cwd: Path | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run `git apply` on a diff."""
    return subprocess.run(["git", "apply", *options, "-"], input=diff, capture_output=True, cwd=cwd, check=False)


def stat(patch: Patch) -> list[tuple[bytes, bytes]]:
    """What `git apply --numstat` has to say of a patch, names left out."""
    return [
        (b"-", b"-") if file.kind == "binary" else (b"%d" % file.added, b"%d" % file.removed) for file in patch.files
    ]


@pytest.mark.parametrize("name", CASES)
def test_a_written_diff_says_the_same_to_git_and_to_us(name: str, tmp_path: Path) -> None:
    patch = read_diff(CASES[name])
    written = write_diff(patch)
    done = git_apply(written, "--numstat", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [tuple(line.split(b"\t")[:2]) for line in done.stdout.splitlines()] == stat(patch)
    assert read_diff(written).files == patch.files
    assert write_diff(read_diff(written)) == written


def test_an_intact_diff_is_handed_on_as_posted_and_a_repaired_one_as_repaired() -> None:
    assert read_diff(POOL_DIFF).diff == POOL_DIFF.encode()
    for mailer in ("quoted", "escaped", "crlf", "trailing stripped"):
        patch = read_diff(MAILERS[mailer](POOL_DIFF))
        assert patch.diff == write_diff(read_diff(POOL_DIFF))
    assert read_diff(CASES["quilt"].replace("l/mm", "mm").replace("l.orig/mm", "mm")).diff.startswith(
        b"diff --git a/mm/x.c"
    )


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(source_lines(), min_size=1, max_size=30),
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 3), st.lists(source_lines(), max_size=3)), min_size=1, max_size=3
    ),
    st.sampled_from(["none", "trailing stripped", "quoted", "escaped", "stuffed", "crlf"]),
)
def test_git_makes_the_new_file_of_every_diff_that_is_whole_or_repaired(
    tmp_path: Path, old: list[str], edits: list[tuple[int, int, list[str]]], mailer: str
) -> None:
    new = list(old)
    for at, count, lines in edits:
        new[at : at + count] = lines
    diff = unified(old, new, "f.c")
    patch = read_diff(MAILERS[mailer](diff) if mailer != "none" else diff)
    if not diff or not new or not (patch.repaired or mailer == "none"):
        return
    (tmp_path / "f.c").write_text("".join(line + "\n" for line in old))
    done = git_apply(write_diff(patch), "--unidiff-zero", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "f.c").read_text() == "".join(line + "\n" for line in new)
