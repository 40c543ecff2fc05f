# SPDX-License-Identifier: GPL-2.0-or-later
"""When a series is ready to be reviewed: pure functions over the mails that came and a clock that is passed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reviewbot.mail.entry import Entry
from reviewbot.mail.threads import Group, group_series


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait after a series' newest mail: when it is complete (`settle`: copies, corrections), when not."""

    settle: timedelta
    quiet: timedelta


@dataclass(frozen=True, slots=True)
class Candidate:
    """A series that is not answered yet.

    `pending` are the keys of its mails that wait, `complete` tells whether every announced mail is there, and from
    `ready` on there is nothing more to wait for.
    """

    group: Group
    pending: tuple[int, ...]
    complete: bool
    posted: datetime
    ready: datetime


def candidates(
    entries: Sequence[Entry], arrived: Mapping[int, datetime], waiting: frozenset[int], patience: Patience
) -> tuple[tuple[Candidate, ...], tuple[Group, ...]]:
    """Group mails into series and return those that wait for an answer, and all groups.

    `entries` are in order of arrival, `arrived` tells when by their keys, `waiting` are the keys not answered yet.
    """
    groups = tuple(group_series(entries))
    found = []
    for group in groups:
        keys = [member.key for member in group.members]
        pending = tuple(key for key in keys if key in waiting)
        if not pending or not group.patches:
            continue
        complete = is_complete(group)
        newest = max(arrived[key] for key in keys)
        wait = patience.settle if complete else patience.quiet
        found.append(Candidate(group, pending, complete, min(arrived[key] for key in keys), newest + wait))
    return tuple(found), groups


def is_complete(group: Group) -> bool:
    """Tell whether a series has every patch that it announces, and its cover where its patches answer one.

    A patch that answers a mail outside of the series (an older version, say) may have a cover that is still to come.
    """
    if group.lone:
        return True
    if not group.totals or any(number not in group.patches for number in range(1, max(group.totals) + 1)):
        return False
    return group.cover is not None or not group.parents - group.ids
