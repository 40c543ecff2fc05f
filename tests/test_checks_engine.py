# SPDX-License-Identifier: GPL-2.0-or-later
"""What is reported: what a patch brings, once, by the patch that brings it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.checks.engine import run_checks
from tests.checkskit import FILE, RULES, check_states, spots
from tests.treekit import diff_of, patch_of, series_of

PADDING = "\n".join(f"int padding_{n}(void)\n{{\n\treturn {n};\n}}\n" for n in range(4))
CLEAN = """
int grow(struct box *box, int size)
{
	int grown = 0;

	if (size > box->size)
		grown = 1;
	box->size = size;
	return grown;
}
"""
BAD = CLEAN.replace("int grown = 0;", "int grown;")
RULE = "uninitialized-use"


@pytest.mark.parametrize("whole", [True, False])
def test_a_defect_is_reported_at_its_line_by_the_patch_that_brings_it(tmp_path: Path, whole: bool) -> None:
    added = PADDING + BAD
    found = check_states(tmp_path, PADDING, PADDING + "\n", added, whole=whole)
    assert spots(found) == [(RULE, 2, added.split("\n").index("\treturn grown;") + 1)]
    assert found[0].path == FILE
    assert found[0].function == "grow"


def test_what_was_there_before_is_not_reported(tmp_path: Path) -> None:
    assert check_states(tmp_path, BAD, BAD.replace("box->size = size;", "box->size = size + 1;")) == ()


def test_lines_that_move_are_not_new(tmp_path: Path) -> None:
    assert check_states(tmp_path, BAD, PADDING + BAD) == ()


def test_a_defect_that_persists_is_reported_once(tmp_path: Path) -> None:
    found = check_states(tmp_path, CLEAN, BAD, PADDING + BAD, BAD.replace("= 1", "= 2"))
    assert [(f.rule, f.patch) for f in found] == [(RULE, 1)]
    assert found[0].severity == "error"


def test_a_defect_that_a_later_patch_puts_right_is_a_note(tmp_path: Path) -> None:
    (found,) = check_states(tmp_path, CLEAN, BAD, CLEAN)
    assert (found.patch, found.severity) == (1, "note")
    assert "Patch 2/" in found.message


def test_a_defect_whose_statement_is_reworded_is_the_same(tmp_path: Path) -> None:
    reworded = BAD.replace("return grown;", "return grown ? 1 : 0;")
    assert check_states(tmp_path, BAD, reworded) == ()


def test_a_defect_whose_function_is_renamed_is_the_same(tmp_path: Path) -> None:
    assert check_states(tmp_path, BAD, BAD.replace("int grow(", "int box_grow(")) == ()


def test_a_defect_that_moves_to_another_file_is_the_same(tmp_path: Path) -> None:
    assert check_states(tmp_path, BAD, BAD, names=(FILE, "mm/crate.c")) == ()


def test_one_defect_in_the_place_of_another_is_new(tmp_path: Path) -> None:
    other = CLEAN.replace("grow(", "shrink(")
    found = check_states(tmp_path, BAD + other, CLEAN + BAD.replace("grow(", "shrink("))
    assert [(f.rule, f.function) for f in found] == [(RULE, "shrink")]


def test_the_fingerprint_holds_no_line(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (one,) = check_states(tmp_path / "a", CLEAN, BAD)
    (two,) = check_states(tmp_path / "b", PADDING + CLEAN, PADDING + BAD)
    assert one.fingerprint == two.fingerprint
    assert one.line != two.line


def test_a_fragment_proves_nothing(tmp_path: Path) -> None:
    body = "".join(f"\tbox_step(box, {n});\n" for n in range(12))
    before = f"int grow(struct box *box, int size)\n{{\n\tint err = 0;\n\n{body}\treturn err;\n}}\n"
    after = before.replace("err = 0;\n", "err = 0;\n\tint grown;\n\n\tbox->size = grown + size;\n")
    (tmp_path / "part").mkdir()
    (tmp_path / "whole").mkdir()
    (part,) = check_states(tmp_path / "part", before, after, whole=False)
    (whole,) = check_states(tmp_path / "whole", before, after)
    assert (part.rule, part.confidence) == (RULE, "high")
    assert (whole.rule, whole.confidence) == (RULE, "proved")


def test_a_defect_in_a_file_that_is_not_c_is_none_of_ours(tmp_path: Path) -> None:
    assert check_states(tmp_path, CLEAN, BAD, names=("box.txt", "box.txt")) == ()


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=2, max_size=5))
def test_the_same_state_again_brings_nothing(tmp_path_factory: pytest.TempPathFactory, steps: list[int]) -> None:
    """Whatever the order of states, a patch is charged only with defects that the state before it lacks."""
    states = [CLEAN, BAD, PADDING + BAD, PADDING + CLEAN]
    texts = [states[0], *(states[step] for step in steps)]
    brought = [n for n, (old, new) in enumerate(pairwise(texts), 1) if "int grown;" in new and "int grown;" not in old]
    found = check_states(tmp_path_factory.mktemp("states"), *texts)
    assert [f.patch for f in found] == brought


def test_an_empty_series_finds_nothing(tmp_path: Path) -> None:
    from reviewbot.tree.apply import apply_series

    series = series_of(patch_of(1, diff_of("a.txt", b"", b"text\n")))
    assert run_checks(series, apply_series(series, None, None, tmp_path), RULES) == ()
