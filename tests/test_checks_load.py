# SPDX-License-Identifier: GPL-2.0-or-later
"""Loading rules: what is taken, and the one clear line for what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.checks.load import load_rules
from reviewbot.model.errors import UnusableInputError
from tests.conftest import ROOT

RULE = '''"""A call that is not wanted

To fix it, do not call it.
"""
from reviewbot.checks.rule import Problem
id = "no-such-call"
severity = "warning"
GOOD = ["void f(void) { wanted(); }"]
BAD = ["void f(void) { unwanted(); } /* finding */"]
def check(code):
    return (Problem(call.line, "Not wanted.") for call in code.function.calls if call.name == "unwanted")
'''


def test_the_bundled_rules_come_ordered_by_id() -> None:
    ids = [rule.id for rule in load_rules(ROOT / "rules")]
    assert ids == sorted(ids)
    assert {"uninitialized-use", "wait-without-wake", "schedule-without-state", "loop-without-progress"} <= set(ids)


def test_rules_of_a_user_come_on_top(tmp_path: Path) -> None:
    (tmp_path / "no_such_call.py").write_text(RULE)
    (tmp_path / "_shared.py").write_text("raise RuntimeError")
    ids = {rule.id for rule in load_rules(ROOT / "rules", tmp_path)}
    assert "no-such-call" in ids


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def check(:\n", "SyntaxError"),
        ("import no_such_module_at_all\n", "no_such_module_at_all"),
        ("raise SystemError('out of order')\n", "out of order"),
        (RULE.replace('id = "no-such-call"', ""), "needs id"),
        (RULE.replace("no-such-call", "No Such Call"), "No Such Call"),
        (RULE.replace('"warning"', '"terrible"'), "terrible"),
        (RULE.replace("def check(", "def chek("), "check(code)"),
        (RULE.replace("GOOD = [", "GOOD = 3 # ["), "GOOD"),
        (RULE[RULE.index("from reviewbot") :], "docstring"),
    ],
)
def test_a_broken_rule_file_is_refused_with_its_name_and_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    file = tmp_path / "broken.py"
    file.write_text(text)
    with pytest.raises(UnusableInputError) as caught:
        load_rules(tmp_path)
    assert str(file) in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_two_rules_of_one_id_are_refused(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text(RULE)
    (tmp_path / "two.py").write_text(RULE)
    with pytest.raises(UnusableInputError, match="no-such-call"):
        load_rules(tmp_path)


def test_a_directory_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="no such directory"):
        load_rules(tmp_path / "nowhere")
