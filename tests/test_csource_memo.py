# SPDX-License-Identifier: GPL-2.0-or-later
"""What analyses remember goes away with what it is about."""

from __future__ import annotations

import gc
import weakref

from reviewbot.checks.load import load_rules
from reviewbot.checks.rule import File
from reviewbot.csource.parse import parse
from reviewbot.model.tree import SourceFile
from reviewbot.resources import bundled

SOURCE = b"""
static int fill(struct box *box)
{
	int err;

	spin_lock(&box->lock);
	while (box->used < 3)
		box->used++;
	err = box_put(box);
	wait_event(box->queue, box->used);
	spin_unlock(&box->lock);
	return err;
}
"""


def test_nothing_that_the_rules_remember_keeps_a_file_alive() -> None:
    unit = parse(SourceFile("box.c", SOURCE, "kept"))
    for rule in load_rules(bundled("rules")):
        list(rule.problems(File(unit), unit.functions))
    gone = [weakref.ref(unit), weakref.ref(unit.functions[0])]
    del unit
    # other files push it out of what was parsed last
    for number in range(8):
        parse(SourceFile("other.c", b"/*" + b" " * (1 << 20) + b"*/", f"other {number}"))
    gc.collect()
    assert [one() for one in gone] == [None, None]
