# SPDX-License-Identifier: GPL-2.0-or-later
"""The record of what was found in a real tree and looked at by hand."""

from __future__ import annotations

import json
import subprocess
import sys

from reviewbot.checks.load import load_rules
from tests.conftest import ROOT

RECORD = ROOT / "bench" / "silence.json"


def test_the_record_judges_at_least_sixty_findings_of_rules_that_exist_each_with_a_reason() -> None:
    rows = json.loads(RECORD.read_text())["findings"]
    assert len(rows) >= 60
    assert {row["rule"] for row in rows} <= {rule.id for rule in load_rules(ROOT / "rules")}
    assert all(isinstance(row["true"], bool) and row["reason"] for row in rows)


def test_what_was_judged_reaches_the_precision_that_is_asked_for() -> None:
    command = [sys.executable, "bench/rules_silence.py", "--judged", str(RECORD)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "under half true: none" in done.stdout
