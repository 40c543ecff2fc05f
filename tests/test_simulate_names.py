# SPDX-License-Identifier: GPL-2.0-or-later
"""Names mean nothing, statements do: renaming what a patch brings changes no verdict, editing it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.patch.read import read_series
from reviewbot.simulate.run import simulate_series
from reviewbot.simulate.scenario import load_scenarios
from reviewbot.tree.apply import apply_series

NEW = re.compile(r"\b(memcg_oom\w*|set_memcg\w*|unset_memcg\w*|memcg_under_oom|memcg_handle_oom|oom_count)\b")


def renamed(text: str) -> str:
    """Give every name that the series brings another one of the same length."""
    return NEW.sub(lambda found: "zz" + found[0][::-1][2:].replace("_", "q"), text)


def woken(text: str) -> str:
    """Add a wake-up after the walk that clears the flags, and its line to the count of the hunk."""
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("+") and "unset_memcg_oom_cb);" in line)
    indent = re.match(r"\+(\s*)", lines[at])
    assert indent
    lines.insert(at + 1, "+" + indent[1] + "wake_up_all(&memcg_oom_queue);")
    head = max(i for i in range(at) if lines[i].startswith("@@"))
    counts = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@(.*)", lines[head])
    assert counts
    lines[head] = f"@@ -{counts[1]},{counts[2]} +{counts[3]},{int(counts[4]) + 1} @@{counts[5]}"
    return "\n".join(lines)


def verdict(mailbox: Path, fixtures: Path, scratch: Path) -> tuple[str, list[tuple[str, int | None]]]:
    """Return the verdict on lost wake-ups after the first patch, with no tree, and where its schedule goes."""
    found, _ = read_mail([str(mailbox)])
    series = read_series(found[0])
    applied = apply_series(series, None, None, scratch)
    chosen = [s for s in load_scenarios(fixtures / "scenarios") if s.name == "two-chargers-one-victim"]
    results = simulate_series(series, applied, chosen)
    result = next(r for r in results if r.property == "no-lost-wakeup")
    return result.verdict, [(step.task, step.line) for step in result.schedule]


@pytest.fixture
def first_version(fixtures: Path) -> str:
    """The mailbox of the first version."""
    return (fixtures / "series/memcg-oom-v1.mbox").read_text()


def test_renaming_everything_that_a_patch_brings_changes_no_verdict(
    first_version: str, fixtures: Path, tmp_path: Path
) -> None:
    other = tmp_path / "renamed.mbox"
    other.write_text(renamed(first_version))
    assert "memcg_handle_oom" not in other.read_text()
    before = verdict(fixtures / "series/memcg-oom-v1.mbox", fixtures, tmp_path)
    assert before[0] == "violated"
    assert verdict(other, fixtures, tmp_path) == before


def test_adding_the_missing_wake_up_changes_the_verdict(first_version: str, fixtures: Path, tmp_path: Path) -> None:
    other = tmp_path / "woken.mbox"
    other.write_text(woken(first_version))
    assert verdict(other, fixtures, tmp_path)[0] != "violated"
