# SPDX-License-Identifier: GPL-2.0-or-later
"""Findings that a later patch of the same series puts right."""

from __future__ import annotations

from dataclasses import replace

from reviewbot.model.diff import Patch
from reviewbot.model.finding import Finding


def put_right(finding: Finding, patch: Patch) -> Finding:
    """Make a note of a finding that is gone after `patch`: the history between the two is wrong all the same."""
    added = f" Patch {patch.number}/{patch.total} puts this right; in between the tree is wrong."
    return replace(finding, severity="note", message=finding.message + added, put_right_by=patch.number)
