# SPDX-License-Identifier: GPL-2.0-or-later
"""Nothing that a fuzzer makes raises; what once did stays here."""

from __future__ import annotations

import pytest

from bench.patch_fuzz import fuzz
from reviewbot.patch.write import write_diff
from tests.patch_builder import hunks_of, read_diff

MARKER = "\\ No newline at end of file\n"
ONCE_WRONG = {
    "a hunk that begins with the marker of a missing line end": f"--- a/o\n+++ b/n\n@@ -1 +1 @@\n{MARKER}-a\n+b\n",
    "a plain diff under a binary one": "diff --git a/b b/b\nnew file mode 100644\nGIT binary patch\nliteral 3\n"
    "KcmYdfNCE%>hycU@\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
    "a name that ends with a blank": '--- "a/x "\n+++ "b/x "\n@@ -1 +1 @@\n-a\n+b\n',
    "half a change of mode": "diff --git a/o b/n\nold mode 100644\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
}


@pytest.mark.parametrize("name", ONCE_WRONG)
def test_inputs_that_a_fuzzer_found_are_read_and_written(name: str) -> None:
    patch = read_diff(ONCE_WRONG[name])
    assert [(line.mark, line.text) for line in hunks_of(patch)[-1].lines] == [("-", "a"), ("+", "b")]
    assert write_diff(read_diff(write_diff(patch))) == write_diff(patch)


def test_nothing_is_raised_by_mutated_diffs() -> None:
    ran, failed = fuzz(seconds=60, inputs=3000)
    assert failed == []
    assert ran == 3000
