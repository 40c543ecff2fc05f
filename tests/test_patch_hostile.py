# SPDX-License-Identifier: GPL-2.0-or-later
"""Patches that mean harm: refused with a reason, within bounded time and memory, and nothing is raised."""

from __future__ import annotations

import re
import time
import tracemalloc
from collections.abc import Callable

import pytest

from reviewbot.patch import damage, filehead, hostile, matcher, names, repair, scan
from reviewbot.patch.hostile import MAX_HUNKS, MAX_LINE, MAX_LINES, refuse_path
from tests.patch_builder import hunks_of, read_diff

HUNK = "@@ -1 +1 @@\n-a\n+b\n"
PATHS = [
    "../x",
    "a/../../x",
    "mm/./x",
    "mm//x",
    ".git/config",
    "mm/.GIT/hooks/post-checkout",
    ".g\u200cit/config",
    "\ufeff.git/config",
    ".gi\u200dt/config",
    ".ｇｉｔ/config",
    "git~1/config",
    "GIT~2/config",
    ".git. /config",
    ".git::$INDEX_ALLOCATION/config",
    "mm\\..\\x",
    "C:/x",
    "c:x",
    "~/x",
    "sub/.gitmodules",
    "a\x01b",
    "a\x9bb",
    "x" * 5000,
]


@pytest.mark.parametrize("path", PATHS)
def test_paths_out_of_the_tree_or_into_git_are_refused(path: str) -> None:
    patch = read_diff(f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{HUNK}")
    assert patch.refused is not None and patch.files == ()
    assert "\n" not in patch.refused and len(patch.refused) < 200
    assert not re.search("[\x00-\x1f\x7f-\x9f]", patch.refused)


@pytest.mark.parametrize(
    "headers",
    [
        "--- /etc/passwd\n+++ /etc/passwd",
        '--- "a/x\\ny"\n+++ "b/x\\ny"',
        '--- "a/x\\000y"\n+++ "b/x\\000y"',
        "--- a/x\n+++ b/../../x",
        "--- /dev/null\n+++ /dev/null",
        "diff --git a/x b/x\nnew file mode 040000\n--- /dev/null\n+++ b/x",
        "diff --git a/x b/x\nold mode 100644\nnew mode \n--- a/x\n+++ b/x",
        "diff --git a/o b/n\nrename from  \nrename to  \n--- a/o\n+++ b/n",
        "diff --git a/x b/.git/x\nrename from x\nrename to .git/x\n--- a/x\n+++ b/.git/x",
        "diff --git a/x b/y\ncopy from ../x\ncopy to y\n--- a/../x\n+++ b/y",
    ],
)
def test_headers_that_name_no_file_of_the_tree_are_refused(headers: str) -> None:
    assert read_diff(f"{headers}\n{HUNK}").refused is not None


@pytest.mark.parametrize(
    "path", ["drivers/gpu/aux.c", "tools/con/nul.c", ".gitignore", ".gitattributes", "a/.github/x", "ü.c"]
)
def test_honest_paths_are_not_refused(path: str) -> None:
    assert refuse_path(path) is None


def test_numbers_that_are_absurd_are_no_hunk() -> None:
    patch = read_diff(f"--- a/x\n+++ b/x\n@@ -{'9' * 5000},1 +1 @@\n-a\n+b\n")
    assert patch.files == ()
    (hunk,) = hunks_of(read_diff("--- a/x\n+++ b/x\n@@ -1,999999999 +1,999999999 @@\n a\n"))
    assert (hunk.complete, len(hunk.lines)) == (False, 1)


HUGE: dict[str, Callable[[], bytes]] = {
    "bytes": lambda: b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+" + b"b" * (100 << 20),
    "line": lambda: b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+" + b"b" * (MAX_LINE + 1),
    "hunks": lambda: b"--- a/x\n+++ b/x\n" + b"@@ -1 +1 @@\n-\n" * (MAX_HUNKS + 1),
    "lines": lambda: b"\n" * (MAX_LINES + 1),
    "files": lambda: b"".join(b"--- a/%d\n+++ b/%d\n@@ -1 +1 @@\n-a\n+b\n" % (n, n) for n in range(30_000)),
}


@pytest.mark.parametrize("what", HUGE)
def test_what_is_too_large_is_refused_at_once(what: str) -> None:
    diff = HUGE[what]()
    tracemalloc.start()
    begin = time.process_time()
    patch = read_diff(diff)
    spent, (_, peak) = time.process_time() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert patch.refused is not None and what.rstrip("s") in patch.refused
    assert (spent, peak) < (30, 400 << 20)


LINE = MAX_LINE - 100
SLOW = {
    "header": "diff --git " + "://" * (LINE // 4),
    "binary": "Binary files " + "a and b " * (LINE // 9),
    "binary stamps": "Binary files a\t" + "1 " * (LINE // 3),
    "name": '--- "' + "\\" * LINE,
    "blanks": "--- a" + " " * LINE,
    "dates": "--- " + " 2010-01-01" * (LINE // 12),
    "hunk": "@@ -1" + "1" * LINE,
    "section": "@@ -1 +1 @@" + " @@" * (LINE // 4),
    "entities": "&" * LINE,
    "quotes": "> " * (LINE // 2),
    "index": "index " + "0" * LINE,
}


@pytest.mark.parametrize("line", SLOW)
def test_long_lines_take_linear_time_wherever_they_stand(line: str) -> None:
    text = SLOW[line]
    begin = time.process_time()
    read_diff(
        f"{text}\n--- a/x.c\n+++ b/x.c\n{text}\n{HUNK}{text}\n@@ -9,3 +9,3 @@\n {text}\n-{text}\n",
        copies=[f"> {text}\n"],
    )
    assert time.process_time() - begin < 5


PATTERNS = {
    f"{module.__name__}.{name}": value
    for module in (damage, filehead, hostile, matcher, names, repair, scan)
    for name, value in vars(module).items()
    if isinstance(value, re.Pattern)
}
SEARCHED = {"_CONTROL", "_ENTITY", "_EPOCH", "_ESCAPE", "_NEEDS_QUOTES", "_STAMP", "_TABBED"}
"""The patterns that are looked for anywhere in a text; the others must match at its beginning."""
STUFF = ["a", " ", "0", "-", "@", "&#1", "1970-01-01 ", "--- ", "\\1", "Binary files a and ", ".c", "[...", "literal 1"]


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_is_linear(name: str) -> None:
    pattern = PATTERNS[name]
    apply = pattern.search if name.rpartition(".")[2] in SEARCHED else pattern.match
    for stuff in STUFF:
        text = stuff * ((1 << 20) // len(stuff)) + "\x00"
        begin = time.process_time()
        apply(text)
        assert time.process_time() - begin < 2, stuff
