# SPDX-License-Identifier: GPL-2.0-or-later
"""External checkers: really run, before and after, and only what is new reported."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewbot.checks.engine import run_checks
from reviewbot.checks.external import coccinelle
from reviewbot.checks.external.found import External, external_rules
from reviewbot.checks.external.process import ToolError, run, sandboxed
from reviewbot.model.finding import Finding
from reviewbot.tree.apply import apply_series
from reviewbot.tree.repository import open_tree
from tests.treekit import diff_of, patch_of, repository, series_of

FILE = "mm/box.c"
SCRIPT = b"""virtual report
@r@
expression E;
position p;
@@
if (E != NULL) kfree@p(E);
@script:python depends on report@
p << r.p;
@@
coccilib.report.print_report(p[0], "kfree() takes NULL")
"""
OLD = b"""struct box { int used; };
void kfree(const void *);
#define NULL ((void *)0)
void box_put(struct box *b)
{
\tif (b != NULL)
\t\tkfree(b);
}
"""
NEW = (
    OLD
    + b"""int box_take(struct box *b, struct box *c)
{
	/* teh box */
\tint left;
\tif (c != NULL)
\t\tkfree(c);
\tif (b->used)
\t\tleft = 1;
\treturn left;
}
"""
)


def needs(*programs: str) -> None:
    """Skip the test where a program is not installed."""
    missing = [one for one in programs if shutil.which(one) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")


def built_tree(place: Path, *, configured: bool = True) -> Path:
    """Make a repository with a semantic patch and a file, and what kbuild leaves when it has built that."""
    tree = repository(place, {FILE: OLD, "scripts/coccinelle/free/box.cocci": SCRIPT})
    if configured:
        (tree / ".config").write_text("")
        command = f"gcc -Wp,-MMD,mm/.box.o.d -O2 -Wall -c -o mm/box.o {FILE} "
        (tree / "mm/.box.o.cmd").write_text(f"cmd_mm/box.o := {command}; ./tools/objtool mm/box.o\n\nsource_x := y\n")
    return tree


def externals(place: Path, tree: Path, *directories: Path) -> tuple[tuple[Finding, ...], External]:
    """Run all installed tools on a series that turns OLD into NEW."""
    series = series_of(replace(patch_of(1, diff_of(FILE, OLD, NEW)), log="Take a box, if it is there. Recieve it.\n"))
    (place / "scratch").mkdir()
    (place / "tools").mkdir()
    opened = open_tree(str(tree))
    applied = apply_series(series, opened, "HEAD", place / "scratch")
    found = external_rules(series, applied, place / "tools", tree=opened, directories=directories)
    return run_checks(series, applied, found.rules), found


def lines_of(findings: tuple[Finding, ...], tool: str) -> list[int | None]:
    return [one.line for one in findings if one.source == f"external:{tool}"]


def test_semantic_patches_of_the_tree_report_what_is_new(tmp_path: Path) -> None:
    needs("spatch")
    findings, _ = externals(tmp_path, built_tree(tmp_path / "tree"))
    (one,) = (f for f in findings if f.source == "external:coccinelle")
    assert (one.line, one.patch, one.confidence) == (14, 1, "medium")
    assert one.message.startswith("kfree() takes NULL (box.cocci, coccinelle 1.")


def test_semantic_patches_of_a_user_run_without_a_report_mode_too(tmp_path: Path) -> None:
    needs("spatch")
    own = tmp_path / "own"
    own.mkdir()
    (own / "used.cocci").write_text("@@\nexpression B;\n@@\n* B->used\n")
    findings, _ = externals(tmp_path, built_tree(tmp_path / "tree"), own)
    assert 15 in lines_of(findings, "coccinelle")


def test_the_compiler_warns_of_what_is_new_and_leaves_the_work_tree_alone(tmp_path: Path) -> None:
    needs("bwrap", "gcc")
    tree = built_tree(tmp_path / "tree")
    before = sorted(str(path) for path in tree.rglob("*"))
    findings, found = externals(tmp_path, tree)
    assert found.troubles.notes() == ()
    gcc = [f for f in findings if f.source == "external:gcc-W1"]
    assert [f.message.split(" (")[0] for f in gcc if f.line == 9] == ["no previous prototype for ‘box_take’"]
    assert len(gcc) == 1
    assert sorted(str(path) for path in tree.rglob("*")) == before
    assert (tree / FILE).read_bytes() == OLD


def test_sparse_reports_what_is_new(tmp_path: Path) -> None:
    needs("bwrap", "sparse")
    findings, _ = externals(tmp_path, built_tree(tmp_path / "tree"))
    assert lines_of(findings, "sparse") == [9]


CHECKPATCH = b"""#!/usr/bin/env perl
our $V = '0.32';
my ($path, $line) = ('', 0);
while (<STDIN>) {
	$path = $1 if m,^\\+\\+\\+ b/(.*),;
	$line = $1 - 1 if /^@@ -\\S+ \\+(\\d+)/;
	$line++ if /^[ +]/;
	print "$path:$line: WARNING:LEFT_OVER: what is left of it\n" if /^\\+.*left = /;
	print ":0: ERROR:SIGN_OFF: nobody signed this: @ARGV\n" if /^---$/;
}
exit(-e '.checkpatch.conf');
"""


def test_the_trees_checkpatch_reads_the_mail_in_an_empty_directory(tmp_path: Path) -> None:
    needs("perl")
    files = {FILE: OLD, "scripts/checkpatch.pl": CHECKPATCH, ".checkpatch.conf": b"--ignore SIGN_OFF\n"}
    findings, found = externals(tmp_path, repository(tmp_path / "tree", files))
    said = [(f.path, f.line, f.message) for f in findings if f.source == "external:checkpatch"]
    assert (FILE, 16, "what is left of it (LEFT_OVER, checkpatch 0.32)") in said
    assert [path for path, _, message in said if "nobody signed this" in message] == [None]
    assert "checkpatch" not in found.troubles


def test_new_words_in_comments_and_changelogs_are_spelt(tmp_path: Path) -> None:
    needs("codespell")
    findings, _ = externals(tmp_path, repository(tmp_path / "tree", {FILE: OLD}))
    said = [(f.path, f.line, f.message) for f in findings if f.source == "external:codespell"]
    assert [(path, line) for path, line, _ in said] == [(None, None), (FILE, 11)]
    assert said[0][2].startswith("“Recieve” is misspelt for Receive (spelling, codespell ")


def test_a_tree_that_is_not_configured_is_said_once(tmp_path: Path) -> None:
    _, found = externals(tmp_path, built_tree(tmp_path / "tree", configured=False))
    assert [note for note in found.troubles.notes() if "not configured" in note] != []


def test_a_semantic_patch_that_does_not_end_is_said_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    needs("spatch")
    monkeypatch.setattr(coccinelle, "SECONDS", 1)
    endless = SCRIPT.replace(b"coccilib", b"while True: pass\ncoccilib")
    tree = repository(tmp_path / "tree", {FILE: OLD, "scripts/coccinelle/endless.cocci": endless})
    findings, found = externals(tmp_path, tree)
    assert lines_of(findings, "coccinelle") == []
    assert len([note for note in found.troubles.notes() if "endless.cocci" in note]) == 1


@pytest.fixture
def secret() -> Iterator[Path]:
    """A file of the user's that a patch must not get at."""
    place = Path.home() / ".reviewbot-test-secret"
    place.write_text("#error secret\n")
    yield place
    place.unlink()


def test_the_sandbox_shows_nothing_of_the_machine(tmp_path: Path, secret: Path) -> None:
    needs("bwrap", "gcc")
    (tmp_path / "spy.c").write_text(f'#include "{secret}"\n#include "/etc/passwd"\n')
    done = run(sandboxed(["gcc", "-c", "-o", "/dev/null", "spy.c"], shown=[tmp_path], at=tmp_path), seconds=10)
    assert "No such file" in done.err
    assert "secret\n" not in done.err.replace(str(secret), "")


def test_a_tool_is_stopped_with_all_that_it_started() -> None:
    with pytest.raises(ToolError, match="sh did not end within 3 s"):
        run(["sh", "-c", "sleep 100 & sleep 100"], seconds=1)
    left = subprocess.run(["pgrep", "-f", "sleep 100"], capture_output=True, text=True, check=False)
    assert left.stdout == ""
