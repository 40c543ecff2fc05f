# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile series are compared in time that grows with their size: twice the input, about twice the work."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from reviewbot.csource.tokens import line_tokens
from reviewbot.model.earlier import Reviewed
from reviewbot.review.people import names
from reviewbot.review.versions.compare import compare
from tests.reviews import remark
from tests.test_review_versions import code, patch, series

WORST = 3.2
"""Times the work for twice the input; a square would be four."""


def one_in_two(count: int) -> None:
    """A file of which every fourth line changes, with as many remarks as one mail in a hundred lines."""
    lines = [f"line({number});" for number in range(count)]
    other = [text if number % 4 else f"other({number});" for number, text in enumerate(lines)]
    old = series(patch(code(*lines)))
    comments = tuple(remark("Should this not be other()?", 12 + number) for number in range(0, count, count // 20))
    compare([Reviewed(replace(old, comments=comments), ())], series(patch(code(*other)), version=2), ())


WORK: dict[str, Callable[[int], object]] = {
    "many changes": lambda size: one_in_two(size * 2000),
    "one long name": lambda size: names("a" * size * 100_000),
    "names without end": lambda size: names("a_" * size * 50_000 + "("),
    "open comments": lambda size: line_tokens(["/*" * size * 20_000, "'" * size * 20_000, "//" * size * 20_000]),
}


def cost(work: Callable[[int], object], size: int) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work(size)
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize("name", WORK)
def test_twice_the_input_is_about_twice_the_work(name: str) -> None:
    small, large = cost(WORK[name], 2), cost(WORK[name], 4)
    assert large < WORST * small + 0.02
