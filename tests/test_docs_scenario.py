# SPDX-License-Identifier: GPL-2.0-or-later
"""The example of the scenario guide runs as it stands there, on a ring buffer: nothing of memory groups is built in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviewbot.tree.importing import import_directory
from tests.commands import reviewbot

RING = """
struct ring { int full; int value; };
static DECLARE_WAIT_QUEUE_HEAD(ring_waitq);

static void ring_wait(struct ring *ring, int full)
{
	DEFINE_WAIT(wait);

	while (1) {
		prepare_to_wait(&ring_waitq, &wait, TASK_UNINTERRUPTIBLE);
		if (ring->full == full)
			break;
		schedule();
	}
	finish_wait(&ring_waitq, &wait);
}

void ring_put(struct ring *ring, int value)
{
	ring_wait(ring, 0);
	ring->value = value;
	ring->full = 1;
	wake_up_all(&ring_waitq);
}

int ring_get(struct ring *ring)
{
	int value;

	ring_wait(ring, 1);
	value = ring->value;
	ring->full = 0;
	wake_up_all(&ring_waitq);
	return value;
}
"""
WAKES_WRITER = "ring->full = 0;\n\twake_up_all(&ring_waitq);"


@pytest.mark.parametrize(
    ("source", "status", "verdict"),
    [
        (RING, 0, "no-lost-wakeup: holds"),
        (RING.replace(WAKES_WRITER, "ring->full = 0;"), 1, "no-lost-wakeup: violated"),
    ],
    ids=["as it should be", "nobody wakes the writer"],
)
def test_the_documented_scenario_tells_a_right_ring_from_a_wrong_one(
    source: str, status: int, verdict: str, root: Path, tmp_path: Path
) -> None:
    example = re.search(r"```c\n(.*?)```", (root / "docs" / "scenarios.md").read_text(), re.DOTALL)
    assert example is not None
    scenario = tmp_path / "ring-full.c"
    scenario.write_text(example[1])
    (tmp_path / "plain" / "lib").mkdir(parents=True)
    (tmp_path / "plain" / "lib" / "ring.c").write_text(source)
    import_directory(tmp_path / "plain", tmp_path / "tree")
    done = reviewbot("simulate", scenario, "--tree", tmp_path / "tree")
    assert (done.status, verdict in done.out) == (status, True), done


def test_a_scenario_that_is_written_wrongly_is_refused_with_its_line(tmp_path: Path) -> None:
    scenario = tmp_path / "wrong.c"
    scenario.write_text("/* scenario: wrong\n * tasks: nobody()\n * expect: no-deadlock\n */\n")
    done = reviewbot("simulate", scenario, "--list")
    assert done.status == 2
    assert "wrong.c:2:" in done.err
