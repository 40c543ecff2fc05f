# SPDX-License-Identifier: GPL-2.0-or-later
"""Which mails make a series, and which answer it.

People send series in reply to older ones, without references, twice, with counters that do not fit, and with a cover
of another version than the patches. So the place in the numbering decides first (a number can be had once), then
version and total, then how close the thread ties a mail to a series.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from reviewbot.mail.entry import Entry

APART = timedelta(days=1)
"""Mails of one series that no reference ties together are sent within this time."""

RECENT = 8
"""How many of an author's last series of one size are looked at for a mail that no reference ties to any."""

_DIRECT, _THREAD, _SIBLING, _LOOSE = 4, 3, 2, 1


@dataclass(slots=True)
class Group:
    """A series in the making: its cover, its patches by number, and what ties mails to it.

    `ids`, `parents` and `stems` are those of its mails, `totals` the totals that they state, `versions` those of its
    patches, `version` the highest stated; `lone` says that it is a single patch with no counter, which no other joins.
    """

    cover: Entry | None = None
    patches: dict[int, Entry] = field(default_factory=dict)
    replies: list[Entry] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    parents: set[str] = field(default_factory=set)
    stems: set[str] = field(default_factory=set)
    totals: set[int] = field(default_factory=set)
    versions: set[int] = field(default_factory=set)
    version: int = 1
    sender: str = ""
    lone: bool = False
    last: Entry | None = None

    @property
    def first(self) -> Entry:
        """The mail that stands for the series: its cover, else its first patch."""
        return self.cover or self.patches[min(self.patches)]

    @property
    def members(self) -> list[Entry]:
        """The cover and the patches, in order of their numbers."""
        return ([self.cover] if self.cover else []) + [self.patches[number] for number in sorted(self.patches)]

    def add(self, entry: Entry, number: int) -> None:
        """Take a mail in, as the cover (0) or as a patch."""
        if number == 0:
            self.cover = entry
        else:
            self.patches[number] = entry
            self.versions.add(entry.subject.version or 1)
            self.lone = self.lone or entry.subject.number is None
        self.version = max(self.version, entry.subject.version or 1)
        if entry.subject.total is not None:
            self.totals.add(entry.subject.total)
        if entry.message_id:
            self.ids.add(entry.message_id)
            self.stems.add(_stem(entry))
        if entry.parent:
            self.parents.add(entry.parent)
        self.sender = entry.sender if number == 0 or not self.sender else self.sender
        self.last = entry


@dataclass(slots=True)
class _Index:
    """Groups by what a mail may know of them."""

    groups: list[Group] = field(default_factory=list)
    by_id: dict[str, Group] = field(default_factory=dict)
    by_parent: dict[str, list[Group]] = field(default_factory=dict)
    by_stem: dict[str, list[Group]] = field(default_factory=dict)
    by_author: dict[str, list[Group]] = field(default_factory=dict)

    def put(self, group: Group, entry: Entry, number: int) -> None:
        group.add(entry, number)
        if entry.message_id:
            self.by_id[entry.message_id] = group
            _keep(self.by_stem, _stem(entry), group)
        if entry.parent:
            _keep(self.by_parent, entry.parent, group)
        _keep(self.by_author, entry.sender, group)

    def candidates(self, entry: Entry) -> list[Group]:
        found = [self.by_id[one] for one in reversed(entry.references) if one in self.by_id]
        found += self.by_parent.get(entry.parent or "", []) + self.by_parent.get(entry.message_id or "", [])
        found += self.by_stem.get(_stem(entry), []) + self.by_author.get(entry.sender, [])
        return list({id(group): group for group in found}.values())


def _keep(index: dict[str, list[Group]], key: str, group: Group) -> None:
    """Remember a group under a key, the last few of each."""
    groups = index.setdefault(key, [])
    if group in groups[-1:]:
        return
    groups.append(group)
    del groups[:-RECENT]


def _stem(entry: Entry) -> str:
    """Return what the ids of one `git send-email` run share: `<date.pid-`, without the number after the last dash."""
    local = (entry.message_id or "").partition("@")[0]
    stem, dash, number = local.partition("-")
    return stem if dash and number[:1].isdigit() and stem[:8].isdigit() else f"?{entry.key}"


def group_series(entries: Sequence[Entry]) -> list[Group]:
    """Group mails, given in order of arrival, into series with their replies; groups without a patch are included."""
    index = _Index()
    for entry in entries:
        if entry.is_cover or (entry.is_patch and entry.subject.number is not None):
            number = entry.subject.number or 0
            best = max(
                (
                    (score, at, group)
                    for at, group in enumerate(index.candidates(entry))
                    if (score := _fit(group, entry))
                ),
                key=lambda found: (found[0], found[2].last.key if found[2].last else 0),
                default=None,
            )
            group = best[2] if best else _new(index)
            index.put(group, entry, number)
        elif entry.is_patch or (entry.carries_patch and not entry.is_notice):
            index.put(_new(index), entry, 1)
    _attach_replies(index, entries)
    return index.groups


def _new(index: _Index) -> Group:
    group = Group()
    index.groups.append(group)
    return group


def _fit(group: Group, entry: Entry) -> int:
    """Return how well a numbered mail or a cover fits into a group, 0 where it cannot be of it."""
    number, total = entry.subject.number or 0, entry.subject.total
    taken = group.cover is not None if number == 0 else number in group.patches
    if taken or group.lone or (total is not None and group.totals and total not in group.totals):
        return 0
    tie = _tie(group, entry)
    same = group.sender == entry.sender
    if not _versions_fit(group, entry, tie, same):
        return 0
    if tie >= _SIBLING:
        return tie + same if same or tie >= _DIRECT else 0
    return _LOOSE if same and tie == _LOOSE else 0


def _versions_fit(group: Group, entry: Entry, tie: int, same: bool) -> bool:
    """Tell whether versions agree; cover and patches may differ where thread, author and total say one series."""
    mine = entry.subject.version or 1
    if mine in group.versions:
        return True
    if group.patches and not entry.is_cover:
        return False
    stated = group.cover is not None and (group.cover.subject.version or 1) == mine
    return stated or (same and tie >= _THREAD)


def _tie(group: Group, entry: Entry) -> int:
    """Return how closely references tie a mail to a group."""
    if entry.parent in group.ids or (entry.message_id and entry.message_id in group.parents):
        return _DIRECT
    if any(one in group.ids for one in entry.references):
        return _THREAD
    if entry.message_id and _stem(entry) in group.stems:
        return _THREAD
    if entry.parent and entry.parent in group.parents:
        return _SIBLING
    last = group.last
    if last is None or (entry.references and last.references):
        return 0
    if entry.message_id is None and last.message_id is None:
        return _LOOSE
    near = entry.date is None or last.date is None or abs(entry.date - last.date) <= APART
    return _LOOSE if near else 0


def _attach_replies(index: _Index, entries: Sequence[Entry]) -> None:
    """Attach each other mail to the series of the nearest mail that it answers."""
    by_id = {entry.message_id: entry for entry in entries if entry.message_id}
    titles: dict[str, Group] = {}
    for group in index.groups:
        for member in group.members:
            titles.setdefault(member.subject.key, group)
    keys = {member.key for group in index.groups for member in group.members}
    known: dict[str, Group | None] = {}
    for entry in entries:
        carried = entry.key in keys
        if carried and (entry.is_patch or entry.is_cover):
            continue
        owner = _owner(entry, index, by_id, known)
        if owner is None and entry.subject.is_reply and not carried:
            owner = titles.get(entry.subject.key)
        if owner is not None:
            owner.replies.append(entry)


def _owner(entry: Entry, index: _Index, by_id: dict[str, Entry], known: dict[str, Group | None]) -> Group | None:
    """Return the series of the nearest mail above a reply, through replies that name only the one they answer.

    `known` remembers what was found, so that a long chain of replies is walked once.
    """
    passed: list[str] = []
    here: Entry | None = entry
    found: Group | None = None
    while here is not None and found is None:
        above = [here.parent] if here.parent else []
        names = [one for one in [*above, *reversed(here.references)] if one != entry.message_id]
        found = next((index.by_id[one] for one in names if one in index.by_id), None)
        if found is not None or here.parent is None or here.parent in passed[-1:]:
            break
        if here.parent in known:
            found = known[here.parent]
            break
        known[here.parent] = None
        passed.append(here.parent)
        here = by_id.get(here.parent)
    known.update(dict.fromkeys(passed, found))
    return found
