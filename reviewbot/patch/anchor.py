# SPDX-License-Identifier: GPL-2.0-or-later
"""Which line of which patch each remark is about, by the quote above it or by what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reviewbot.model.diff import HumanComment, Patch, Side
from reviewbot.model.mail import MailSeries, Remark
from reviewbot.patch.matcher import Anchor, Matcher, quote_keys
from reviewbot.patch.places import list_places


def _answered(remark: Remark, parents: Mapping[str, str | None]) -> list[str]:
    """The messages above a remark's, nearest first."""
    chain: list[str] = []
    parent = remark.in_reply_to
    while parent is not None and parent not in chain:
        chain.append(parent)
        parent = parents.get(parent)
    return chain


def _comment(remark: Remark, anchor: Anchor) -> HumanComment:
    place = anchor.place
    line: int | None = None
    side: Side | None = None
    if place is not None and place.line is not None:
        side = "old" if place.line.mark == "-" else "new"
        line = place.line.old if side == "old" else place.line.new
    return HumanComment(
        message_id=remark.message_id,
        author=remark.author,
        date=remark.date,
        patch=anchor.patch,
        path=place.path if place is not None else None,
        line=line,
        side=side,
        quoted=place.quoted if place is not None else "",
        text=remark.text,
    )


def anchor_remarks(mail: MailSeries, patches: Sequence[Patch]) -> tuple[HumanComment, ...]:
    """A comment for each remark, hung on the line that it is about.

    Under a quoted diff line: that line, on the old side when it was removed (the last changed line where the quote ends
    with a hunk's last context lines). Under a quoted commit message, or a diff's header: the patch (and file). Under a
    quoted remark: what that hangs on. With no quote that is known: the patch that the reply answers, over other
    replies; the whole series (`patch` None) when that is the cover or unknown.
    """
    matcher = Matcher(list_places(mail, patches))
    numbers = {patch.message_id: patch.number for patch in patches if patch.message_id is not None}
    parents = {remark.message_id: remark.in_reply_to for remark in mail.remarks if remark.message_id is not None}
    comments = []
    for remark in mail.remarks:
        chain = _answered(remark, parents)
        anchor = matcher.find(quote_keys(remark), chain)
        if anchor is None:
            anchor = Anchor(None, next((numbers[answered] for answered in chain if answered in numbers), None))
        matcher.learn(remark.text, anchor)
        comments.append(_comment(remark, anchor))
    return tuple(comments)
