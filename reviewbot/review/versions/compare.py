# SPDX-License-Identifier: GPL-2.0-or-later
"""A new version of a series against the ones before it."""

from __future__ import annotations

from collections.abc import Sequence

from reviewbot.model.comparison import Comparison, PatchPair
from reviewbot.model.diff import Patch, Series
from reviewbot.model.earlier import Reviewed
from reviewbot.model.finding import Finding
from reviewbot.review.versions.changes import changed_spots
from reviewbot.review.versions.findings import follow_findings
from reviewbot.review.versions.rangediff import range_diff
from reviewbot.review.versions.remarks import follow_remarks
from reviewbot.review.versions.tags import carried_tags


def compare(earlier: Sequence[Reviewed], new: Series, findings: Sequence[Finding]) -> Comparison:
    """Compare a version with the last of `earlier` (at least one, oldest first); the others tell what came back.

    `findings` are those of `new`. In the result the changes of these come first, in their order.
    """
    old = earlier[-1].series
    pairs = range_diff(old.patches, new.patches)
    partner = successors(pairs, old.patches, new.patches)
    spots = changed_spots(partner, pairs, old.patches, new.patches)
    return Comparison(
        old=old,
        version=new.mail.version,
        pairs=pairs,
        findings=follow_findings(earlier, findings, partner, new.mail.missing),
        remarks=follow_remarks(old, new, partner, spots),
        carried=carried_tags(partner, old.patches, new.patches),
    )


def successors(pairs: Sequence[PatchPair], old: Sequence[Patch], new: Sequence[Patch]) -> dict[int, int]:
    """Return which patch (by number) of the new version each patch of the old one became.

    That is what the range-diff matches and, since git gives up on a patch that was written anew, those left over on
    both sides that have the same title, or that are the only ones left.
    """
    found = {pair.old: pair.new for pair in pairs if pair.old is not None and pair.new is not None}
    lost = [one for one in old if one.number not in found]
    fresh = [one for one in new if one.number not in found.values()]
    for patch in list(lost):
        twin = next((one for one in fresh if one.subject.lower() == patch.subject.lower()), None)
        if twin is not None:
            found[patch.number] = twin.number
            lost.remove(patch)
            fresh.remove(twin)
    if len(lost) == len(fresh) == 1:
        found[lost[0].number] = fresh[0].number
    return found
