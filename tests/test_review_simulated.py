# SPDX-License-Identifier: GPL-2.0-or-later
"""A violated property supports what a rule found, or becomes a finding of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from reviewbot.checks.load import load_rules
from reviewbot.review.simulated import EXPLAINED_BY, WORDS, simulation_findings
from tests.reviews import FINDING, PATH, VIOLATED


def test_a_schedule_through_the_function_of_a_finding_supports_it() -> None:
    assert simulation_findings((VIOLATED,), (FINDING,)) == ()


def test_a_regression_that_no_rule_found_hangs_on_the_patchs_last_line_in_the_schedule() -> None:
    (made,) = simulation_findings((VIOLATED,), ())
    assert (made.source, made.confidence, made.patch, made.path, made.line) == ("simulation", "proved", 1, PATH, 13)
    assert "ring" in made.message


def test_a_finding_elsewhere_does_not_stand_for_the_regression() -> None:
    assert len(simulation_findings((VIOLATED,), (replace(FINDING, function="ring_get"),))) == 1


def test_what_was_violated_before_is_not_the_series_doing() -> None:
    before = replace(VIOLATED, baseline="violated", regression=False)
    assert simulation_findings((before,), ()) == ()


def test_what_could_not_be_run_before_is_not_called_proved() -> None:
    (made,) = simulation_findings((replace(VIOLATED, baseline="not-applicable"),), ())
    assert made.confidence == "high"


def test_what_one_line_leads_to_is_one_finding_that_names_the_rest() -> None:
    longer = replace(VIOLATED, property="references-balance", schedule=(*VIOLATED.schedule, VIOLATED.schedule[-1]))
    (made,) = simulation_findings((longer, VIOLATED), ())
    assert made.rule == "simulation-no-lost-wakeup"
    assert made.message.endswith("Violated there too: references-balance.")


def test_two_scenarios_with_the_same_fault_make_one_finding() -> None:
    assert len(simulation_findings((VIOLATED, replace(VIOLATED, scenario="other")), ())) == 1


def test_what_explains_a_violation_are_rules_that_there_are(root: Path) -> None:
    known = {rule.id for rule in load_rules(root / "rules")}
    assert set(EXPLAINED_BY) <= set(WORDS)
    assert {rule for rules in EXPLAINED_BY.values() for rule in rules} <= known


def test_a_step_that_does_something_is_blamed_before_one_that_looks() -> None:
    looks = replace(VIOLATED.schedule[-1], line=12, event="r->used gives 0", source="return r->used;")
    (made,) = simulation_findings((replace(VIOLATED, schedule=(*VIOLATED.schedule, looks)),), ())
    assert made.line == 13
