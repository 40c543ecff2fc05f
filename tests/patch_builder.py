# SPDX-License-Identifier: GPL-2.0-or-later
"""Mailed series made by hand, for the tests of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence

from reviewbot.model.diff import Hunk, Patch
from reviewbot.model.mail import MailSeries, PatchMail, Person, Remark
from reviewbot.patch.read import read_series

SOMEBODY = Person("Some Body", "some@body.example")


def _tabbed(text: str) -> str:
    """The text with tabs for tildes, which keeps tabs out of this file."""
    return text.replace("~", "\t")


POOL_DIFF = _tabbed("""diff --git a/mm/pool.c b/mm/pool.c
--- a/mm/pool.c
+++ b/mm/pool.c
@@ -20,7 +20,9 @@ static int pool_fill(struct pool *pool)
 ~for (i = 0; i < pool->size; i++) {
 ~~item = item_alloc(pool);
 ~~if (!item)
-~~~return -ENOMEM;
+~~~goto undo;
+~~if (pool_add(pool, item))
+~~~goto undo;
 ~}
 ~return 0;
 }
@@ -80,4 +82,5 @@ static void pool_drain(struct pool *pool)
 ~if (!pool)
 ~~return;
+~mutex_lock(&pool->lock);
 ~drain(pool);
 }
""")
SLOT_DIFF = _tabbed("""--- a/mm/slot.c
+++ b/mm/slot.c
@@ -5,3 +5,4 @@ void slot_free(struct slot *slot)
 {
+~mutex_lock(&pool->lock);
 ~free(slot);
 }
""")


def patch_mail(
    diff: str | bytes, number: int = 1, total: int = 1, log: str = "", damage: tuple[str, ...] = ()
) -> PatchMail:
    """A patch mail with this diff; its message-id is `patch<number>@example`."""
    raw = diff if isinstance(diff, bytes) else diff.encode("utf-8", "surrogateescape")
    return PatchMail(
        number=number,
        total=total,
        message_id=f"patch{number}@example",
        subject=f"subject of patch {number}",
        author=SOMEBODY,
        sender=SOMEBODY,
        date=None,
        log=log,
        notes="",
        diff=raw,
        diff_line=1,
        damage=damage,
    )


def remark(
    quoted: str, text: str, before: str = "", to: str | None = "patch1@example", id: str = "reply@example"
) -> Remark:
    """A remark under a quoted block, both given without the quote marks of this reply."""
    return Remark(
        message_id=id,
        author=SOMEBODY,
        date=None,
        quoted=tuple(quoted.splitlines()),
        quoted_before=tuple(before.splitlines()),
        text=text,
        in_reply_to=to,
    )


def mail_series(patches: Sequence[PatchMail], remarks: Sequence[Remark] = (), copies: Sequence[str] = ()) -> MailSeries:
    """A mailed series of these patches, with remarks and quoted copies."""
    return MailSeries(
        id="patch1@example",
        subject="a series",
        version=1,
        total=len(patches),
        author=SOMEBODY,
        date=None,
        cover=None,
        patches=tuple(patches),
        missing=(),
        messages=(),
        remarks=tuple(remarks),
        other_copies=tuple(("copy@example", text) for text in copies),
    )


def read_diff(diff: str | bytes, copies: Sequence[str] = ()) -> Patch:
    """The only patch of a series that has this diff."""
    return read_series(mail_series([patch_mail(diff)], copies=copies)).patches[0]


def hunks_of(patch: Patch) -> list[Hunk]:
    """All hunks of all files."""
    return [hunk for file in patch.files for hunk in file.hunks]
