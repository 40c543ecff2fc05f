# SPDX-License-Identifier: GPL-2.0-or-later
"""Rules that look at what a patch takes away: each change once, and put right by later patches."""

from __future__ import annotations

from reviewbot.checks.change_run import Changes
from reviewbot.checks.load import load_rules
from reviewbot.checks.series_examples import series_example
from tests.conftest import ROOT

RULES = [rule for rule in load_rules(ROOT / "rules") if rule.check_change is not None]
DROPPED = """
== patch: box: shorten add()
== mm/box.c
 int add(struct box *box, int n)
 {
 \tmutex_lock(&box->lock);
 \tbox->n += n;
-\tmutex_unlock(&box->lock);
 \treturn 0;
 }
"""


def found(text: str) -> list[tuple[str, int, int | None]]:
    changes = Changes(series_example(text).code)
    return [(spot.rule, patch, mended) for rule in RULES for spot, patch, mended in changes.check(rule)]


def test_a_dropped_release_is_found_in_the_patch_that_drops_it() -> None:
    assert found(DROPPED) == [("dropped-release", 1, None)]


def test_a_later_patch_that_brings_the_release_back_puts_it_right() -> None:
    back = DROPPED.replace("-\t", " \t").replace("== patch: box: shorten", "== patch: box: mend")
    later = back.replace(" \tmutex_unlock", "+\tmutex_unlock")
    assert found(DROPPED + later.lstrip("\n")) == [("dropped-release", 1, 2)]


def test_a_later_patch_elsewhere_in_the_function_leaves_it() -> None:
    later = DROPPED.replace("-\tmutex_unlock(&box->lock);\n", "+\tbox->seen = 1;\n")
    assert found(DROPPED + later.lstrip("\n")) == [("dropped-release", 1, None)]


def test_a_function_that_stays_as_it_was_has_no_findings() -> None:
    assert found(DROPPED.replace("-\t", " \t").replace(" int add", "+int other;\n int add")) == []


def test_a_variable_of_the_same_name_in_an_inner_block_is_another_one() -> None:
    text = """
== patch: box: one of its own for the loop
== mm/box.c
 int look(struct box *box, int slot)
 {
 \tdo {
-\t\tint n = 0, slot = box->first;
+\t\tint n = 0, slot;
 \t\tfor_each_slot(slot, box)
 \t\t\tn++;
 \t\tbox_count(box, n);
 \t} while (box->more);
 \treturn slot;
 }
"""
    assert found(text) == []
