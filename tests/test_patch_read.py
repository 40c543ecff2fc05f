# SPDX-License-Identifier: GPL-2.0-or-later
"""Diffs as they are posted, modelled: headers of all makes, paths, line numbers, refusals."""

from __future__ import annotations

import pytest

from tests.patch_builder import hunks_of, read_diff

BODY = "@@ -10,3 +10,4 @@ static int probe(void)\n \tint a;\n+\tint b;\n \n \treturn a;\n"


def git_diff(path: str, extended: str = "", body: str = BODY) -> str:
    return f"diff --git a/{path} b/{path}\n{extended}--- a/{path}\n+++ b/{path}\n{body}"


def test_lines_carry_their_numbers_on_both_sides() -> None:
    (hunk,) = hunks_of(read_diff(git_diff("mm/x.c")))
    assert [(line.mark, line.text, line.old, line.new) for line in hunk.lines] == [
        (" ", "\tint a;", 10, 10),
        ("+", "\tint b;", None, 11),
        (" ", "", 11, 12),
        (" ", "\treturn a;", 12, 13),
    ]
    assert (hunk.section, hunk.complete, hunk.slack) == ("static int probe(void)", True, 0)


def test_a_removed_line_that_looks_like_a_signature_belongs_to_the_hunk() -> None:
    patch = read_diff("--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,1 @@\n a\n-- \n-- \n2.43.0\n")
    assert [(line.mark, line.text) for line in hunks_of(patch)[0].lines] == [(" ", "a"), ("-", "- ")]
    assert (patch.files[0].added, patch.files[0].removed, patch.damage) == (0, 1, ())


STAMP = "2010-02-11 10:00:00.000000000 +0900"
ODD = '"a/f\\303\\266 \\"q\\".c"'
HEADERS: dict[str, tuple[str, str | None, str | None, str]] = {
    "new file": ("diff --git a/n.c b/n.c|new file mode 100755|--- /dev/null|+++ b/n.c", None, "n.c", "add"),
    "deleted file": ("diff --git a/n.c b/n.c|deleted file mode 100644|--- a/n.c|+++ /dev/null", "n.c", None, "delete"),
    "renamed": ("diff --git a/o b/n|rename from o|rename to n|--- a/o|+++ b/n", "o", "n", "rename"),
    "copied": ("diff --git a/o b/n|copy from o|copy to n|--- a/o|+++ b/n", "o", "n", "copy"),
    "quilt -p1": ("Index: linux/mm/x.c|=====|--- linux.orig/mm/x.c|+++ linux/mm/x.c", "mm/x.c", "mm/x.c", "modify"),
    "quilt -p0": ("Index: mm/x.c|=====|--- mm/x.c.orig|+++ mm/x.c", "mm/x.c", "mm/x.c", "modify"),
    "diff -urN": (f"diff -urN l.old/a/x l/a/x|--- l.old/a/x\t{STAMP}|+++ l/a/x\t{STAMP}", "a/x", "a/x", "modify"),
    "no tabs": (f"--- l.old/mm/x.c {STAMP}|+++ l/mm/x.c {STAMP}", "mm/x.c", "mm/x.c", "modify"),
    "no prefix": ("--- mm/x.c|+++ mm/x.c", "mm/x.c", "mm/x.c", "modify"),
    "no directory": ("--- Makefile|+++ Makefile", "Makefile", "Makefile", "modify"),
    "git, no prefix": ("diff --git mm/x.c mm/x.c|--- mm/x.c|+++ mm/x.c", "mm/x.c", "mm/x.c", "modify"),
    "names differ": ("diff --git a/a.c b/a.c|--- a/other.c|+++ b/other.c", "other.c", "other.c", "modify"),
    "quoted": (f"diff --git {ODD} {ODD}|--- {ODD}|+++ {ODD}", 'fö "q".c', 'fö "q".c', "modify"),
    "blanks": ("diff --git a/t w b/t w|--- a/t w\t|+++ b/t w\t", "t w", "t w", "modify"),
}  # fmt: skip
BODIES = {"add": "@@ -0,0 +1 @@\n+x\n", "delete": "@@ -1 +0,0 @@\n-x\n"}


@pytest.mark.parametrize("name", HEADERS)
def test_paths_and_kinds_come_from_headers_of_every_make(name: str) -> None:
    headers, old, new, kind = HEADERS[name]
    body = BODIES.get(kind, "@@ -1 +1 @@\n-x\n+y\n")
    (file,) = read_diff(headers.replace("|", "\n") + "\n" + body).files
    assert (file.old_path, file.new_path, file.kind) == (old, new, kind)
    assert len(file.hunks) == 1


def test_modes_blobs_and_similarity_are_kept() -> None:
    diff = "diff --git a/o b/n\nold mode 100644\nnew mode 100755\nsimilarity index 100%\nrename from o\nrename to n\n"
    (file,) = read_diff(diff).files
    assert (file.kind, file.old_mode, file.new_mode, file.similarity) == ("rename", "100644", "100755", 100)
    (file,) = read_diff(git_diff("mm/x.c", "index 0123abc..456789d 100644\n")).files
    assert (file.old_blob, file.new_blob, file.old_mode, file.new_mode) == ("0123abc", "456789d", "100644", "100644")
    (file,) = read_diff("diff --git a/s b/s\nold mode 100644\nnew mode 100755\n").files
    assert (file.kind, file.path, file.hunks) == ("mode", "s", ())


def test_binary_patches_keep_their_raw_lines() -> None:
    block = "literal 3\nKcmZQzWMT#Y01f~L\n\nliteral 0\nHcmV?d00001\n\n"
    diff = f"diff --git a/b.bin b/b.bin\nnew file mode 100644\nGIT binary patch\n{block}-- \n2.43\n"
    (file,) = read_diff(diff).files
    assert (file.kind, file.old_path, file.new_path, file.binary) == ("binary", None, "b.bin", block.encode())
    (file,) = read_diff("diff --git a/b.bin b/b.bin\nindex 1..2\nBinary files a/b.bin and b/b.bin differ\n").files
    assert (file.kind, file.path, file.binary) == ("binary", "b.bin", None)


def test_a_missing_newline_is_said_of_its_line_only() -> None:
    marker = "\\ No newline at end of file\n"
    (hunk,) = hunks_of(read_diff(f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n{marker}+b\n"))
    assert [(line.mark, line.no_newline) for line in hunk.lines] == [("-", True), ("+", False)]
    (hunk,) = hunks_of(read_diff(f"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n{marker}"))
    assert [(line.mark, line.no_newline) for line in hunk.lines] == [("-", False), ("+", True)]


def test_carriage_returns_nul_and_odd_bytes_stay_in_the_text() -> None:
    patch = read_diff(b"--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\r\n+b\x00\xff\r\n c\r\n")
    assert [line.text.encode("utf-8", "surrogateescape") for line in hunks_of(patch)[0].lines] == [
        b"a\r",
        b"b\x00\xff\r",
        b"c\r",
    ]
    assert patch.damage == ()


SUBMODULE = "@@ -1 +1 @@\n-Subproject commit 1\n+Subproject commit 2\n"
REFUSED = {
    "combined": "diff --cc x.c\nindex 1,2..3\n--- a/x.c\n+++ b/x.c\n@@@ -1,1 -1,1 +1,2 @@@\n++x\n  y\n",
    "submodule": f"diff --git a/s b/s\nindex 1111111..2222222 160000\n--- a/s\n+++ b/s\n{SUBMODULE}",
    "submodule change": f"--- a/s\n+++ b/s\n{SUBMODULE}",
    "submodules": git_diff(".gitmodules"),
    "symbolic link": "diff --git a/l b/l\nold mode 100644\nnew mode 120000\n",
}


@pytest.mark.parametrize("word", REFUSED)
def test_what_is_no_change_of_files_is_refused_with_a_reason(word: str) -> None:
    patch = read_diff(REFUSED[word])
    assert patch.refused is not None and word in patch.refused
    assert patch.files == ()
