# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot rules`: what is listed, shown, tested and started."""

from __future__ import annotations

from pathlib import Path

from tests.commands import reviewbot


def test_every_bundled_rule_is_listed_and_shown() -> None:
    listed = reviewbot("rules", "list").out.splitlines()
    assert any(line.startswith("wait-without-wake ") for line in listed)
    shown = reviewbot("rules", "show", "wait-without-wake").out
    assert "Reported:" in shown
    assert "Not reported:" in shown


def test_an_unknown_rule_is_one_clear_line() -> None:
    done = reviewbot("rules", "show", "no-such-rule")
    assert (done.status, done.out) == (2, "")
    assert "rules list" in done.err


def test_a_new_rule_passes_its_own_examples_and_finds_what_it_names(tmp_path: Path) -> None:
    assert reviewbot("rules", "new", "no-forbidden-call", tmp_path).status == 0
    assert reviewbot("rules", "test", tmp_path).out.strip() == "2 examples, 0 failed"
    again = reviewbot("rules", "new", "no-forbidden-call", tmp_path)
    assert again.status == 2
    assert "there already" in again.err


def test_a_rule_that_fails_its_examples_fails_the_test(tmp_path: Path) -> None:
    reviewbot("rules", "new", "no-forbidden-call", tmp_path)
    file = tmp_path / "no_forbidden_call.py"
    file.write_text(file.read_text().replace('"forbidden":', '"permitted":'))
    done = reviewbot("rules", "test", tmp_path)
    assert done.status == 1
    assert "BAD 1: expected lines [4], found []" in done.out
    assert "GOOD 1: expected lines [], found [4]" in done.out


def test_a_broken_rule_file_is_named_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("id = 'x'\nimport no_such_module\n")
    done = reviewbot("rules", "test", tmp_path)
    assert done.status == 2
    assert "broken.py" in done.err
    assert "no_such_module" in done.err
