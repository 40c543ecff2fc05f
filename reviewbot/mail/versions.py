# SPDX-License-Identifier: GPL-2.0-or-later
"""Which series are versions of one: by author and title, change-id, links of the cover, and In-Reply-To.

The order is that of how much each finds on real lists: two thirds of all later versions have the author and title of
an earlier one; covers link to earlier ones; few use a change-id; fewer are sent in reply. What is left was retitled.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from reviewbot.mail.threads import Group

APART = timedelta(days=90)
"""Versions of a series that was retitled come within this time."""

MAX_OLDER = 100
"""A version is told of this many older ones; the most that a real series has had is about 50."""

RECENT = 20
"""How many of a sender's last series a retitled one is compared with."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)


def link_versions(groups: Sequence[Group]) -> dict[int, tuple[str, ...]]:
    """Return, by the place of a series in `groups`, the message-ids of its older versions, oldest first.

    Links to series that are not among the groups count as older ones too, before all others.
    """
    forest = list(range(len(groups)))
    owners = {one: number for number, group in enumerate(groups) for one in group.ids}
    keys: dict[tuple[str, str], int] = {}
    for number, group in enumerate(groups):
        for key in _keys(group):
            _tie(forest, keys.setdefault(key, number), number)
        for target in _targets(group):
            if target in owners:
                _tie(forest, owners[target], number)
    _tie_partial(forest, groups)
    _tie_retitled(forest, groups)
    families: dict[int, list[int]] = {}
    for number in range(len(groups)):
        families.setdefault(_root(forest, number), []).append(number)
    found: dict[int, tuple[str, ...]] = {}
    for members in families.values():
        members.sort(key=lambda number: (groups[number].version, _date(groups[number])))
        older: list[str] = []
        for number in members:
            linked = [one for entry in groups[number].members for one in entry.links if one not in owners]
            if older or linked:
                found[number] = tuple(dict.fromkeys([*linked, *older[-MAX_OLDER:]]))
            if identity := groups[number].first.message_id:
                older.append(identity)
    return found


def _tie_partial(forest: list[int], groups: Sequence[Group]) -> None:
    """Tie rerolls of some patches (`[PATCH v2 3/7]` alone) to the series that has a patch of that title."""
    patches: dict[tuple[str, str], int] = {}
    for number, group in enumerate(groups):
        for entry in group.patches.values():
            key = (entry.sender, entry.subject.key)
            if group.version > 1 and 1 not in group.patches and key in patches:
                _tie(forest, patches[key], number)
            patches.setdefault(key, number)


def _tie_retitled(forest: list[int], groups: Sequence[Group]) -> None:
    """Tie later versions that nothing else ties: to the sender's last series of the version before.

    It must change the same files for the most part; after an RFC, which has no version, it must share words too.
    """
    last: dict[str, list[int]] = {}
    for number, group in enumerate(groups):
        older = last.setdefault(group.first.sender, [])
        if not any(_root(forest, one) == _root(forest, number) for one in older):
            found = next((one for one in reversed(older) if _succeeds(group, groups[one])), None)
            if found is not None:
                _tie(forest, found, number)
        older.append(number)
        del older[:-RECENT]


def _succeeds(group: Group, older: Group) -> bool:
    """Tell whether a series can be the next version of another by the same sender, retitled."""
    if group.first.subject.is_reply or older.first.subject.is_reply or not _near(group, older):
        return False
    mine, theirs = _files(group), _files(older)
    if 2 * len(mine & theirs) < max(len(mine), len(theirs)):
        return False
    if group.version > 1:
        return older.version == group.version - 1
    words, others = set(group.first.subject.key.split()), set(older.first.subject.key.split())
    return _is_rfc(older) and not _is_rfc(group) and 2 * len(words & others) > len(words | others)


def _near(group: Group, older: Group) -> bool:
    return abs(_date(group) - _date(older)) <= APART


def _files(group: Group) -> set[str]:
    """Return the files that a series changes, as its diffs name them."""
    return {file.new for entry in group.patches.values() for file in entry.files}


def _is_rfc(group: Group) -> bool:
    return any(tag.upper() == "RFC" for tag in group.first.subject.tags)


def _keys(group: Group) -> list[tuple[str, str]]:
    """Return what versions of a series share: the sender with the cover's or first patch's title, the change-id."""
    first = group.first
    if first.subject.is_reply:
        return []
    titles = {first.subject.key}
    if group.patches:
        titles.add(group.patches[min(group.patches)].subject.key)
    keys = [(first.sender, title) for title in titles if title]
    return keys + [("change-id", entry.change_id) for entry in group.members if entry.change_id]


def _targets(group: Group) -> list[str]:
    """Return the ids of mails that a series links to, or was sent in reply to when it is a later version."""
    found = [one for entry in group.members for one in entry.links]
    if group.first.parent and group.version > 1 and not group.first.subject.is_reply:
        found.append(group.first.parent)
    return found


def _date(group: Group) -> datetime:
    return group.first.date or _BEGINNING


def _root(forest: list[int], one: int) -> int:
    while forest[one] != one:
        forest[one] = forest[forest[one]]
        one = forest[one]
    return one


def _tie(forest: list[int], one: int, other: int) -> None:
    forest[_root(forest, other)] = _root(forest, one)
