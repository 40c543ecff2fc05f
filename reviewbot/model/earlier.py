# SPDX-License-Identifier: GPL-2.0-or-later
"""An earlier version of a series as it was reviewed: what a later version is compared with."""

from __future__ import annotations

from dataclasses import dataclass

from reviewbot.model.diff import Series
from reviewbot.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A version of a series with what was found in it: from the mailbox under review, or from memory.

    `series` holds its modelled patches and the anchored remarks of people (`series.comments`); `findings` are the ones
    that it brought, notes included.
    """

    series: Series
    findings: tuple[Finding, ...]
