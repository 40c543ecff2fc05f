# SPDX-License-Identifier: GPL-2.0-or-later
"""The scenarios, for other rooms: what one is, and how some are loaded."""

from __future__ import annotations

from reviewbot.simulate.header import load_scenarios, read_scenario
from reviewbot.simulate.spec import Scenario

__all__ = ["Scenario", "load_scenarios", "read_scenario"]
