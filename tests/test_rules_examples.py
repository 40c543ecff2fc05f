# SPDX-License-Identifier: GPL-2.0-or-later
"""Every bundled rule finds what its bad examples say, on the line they say, and nothing in the good ones."""

from __future__ import annotations

import pytest

from reviewbot.checks.examples import ExampleResult, run_examples
from reviewbot.checks.load import load_rules
from reviewbot.checks.rule import Rule
from tests.conftest import ROOT

RULES = load_rules(ROOT / "rules")
RESULTS = [result for rule in RULES for result in run_examples(rule)]


@pytest.mark.parametrize("result", RESULTS, ids=lambda r: f"{r.rule}-{r.kind}-{r.number}")
def test_a_rule_agrees_with_its_example(result: ExampleResult) -> None:
    assert result.found == result.expected, result.messages
    assert result.passed


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.id)
def test_a_rule_has_three_examples_of_each_kind_and_explains_itself(rule: Rule) -> None:
    assert min(len(rule.good), len(rule.bad)) >= 3
    title, _, rest = rule.explanation.partition("\n")
    assert title
    assert "To fix it" in rest
    assert rule.path.stem == rule.id.replace("-", "_")


@pytest.mark.parametrize("result", [r for r in RESULTS if r.kind == "BAD"], ids=lambda r: f"{r.rule}-{r.number}")
def test_a_message_is_one_or_two_sentences(result: ExampleResult) -> None:
    for message in result.messages:
        assert message[-1] in ".?"
        assert len(message) <= 420
        assert "\n" not in message
