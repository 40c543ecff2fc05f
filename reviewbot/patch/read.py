# SPDX-License-Identifier: GPL-2.0-or-later
"""A series as mailed, read: diffs modelled, damage named and undone where that is proven, remarks anchored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reviewbot.model.diff import FileDiff, Patch, Series
from reviewbot.model.mail import MailSeries, PatchMail
from reviewbot.patch.anchor import anchor_remarks
from reviewbot.patch.copies import Copies, from_copy, read_copies
from reviewbot.patch.damage import in_order, is_collapsed, is_detabbed, lost_trailing
from reviewbot.patch.filehead import diff_level, read_head, refuse_head
from reviewbot.patch.hostile import refuse_bytes
from reviewbot.patch.modelled import Solved, model_file
from reviewbot.patch.repair import undo_all
from reviewbot.patch.scan import RawFile, is_combined, scan
from reviewbot.patch.solve import Habits, read_habits, solve
from reviewbot.patch.write import write_diff


def _unread(mail: PatchMail) -> Patch:
    """The patch before its diff is looked at."""
    return Patch(
        number=mail.number,
        total=mail.total,
        message_id=mail.message_id,
        subject=mail.subject,
        author=mail.author,
        sender=mail.sender,
        date=mail.date,
        log=mail.log,
        notes=mail.notes,
        trailers=mail.trailers,
        files=(),
        diff=mail.diff,
    )


def _solve_hunks(files: Sequence[RawFile], copies: Copies) -> tuple[list[list[Solved]], set[str], Habits]:
    """Every file's hunks with their marks, and the damage that was seen on the way."""
    hunks = [hunk for file in files for hunk in file.hunks]
    habits = read_habits(hunks)
    damage: set[str] = set()
    solved = []
    for file in files:
        solutions = [solve(hunk, habits) for hunk in file.hunks]
        damage.update(*(solution.damage for solution in solutions))
        solved.append(
            [
                solution.hunk if hunk.exact else from_copy(hunk, solution.hunk, copies) or solution.hunk
                for hunk, solution in zip(file.hunks, solutions, strict=True)
            ]
        )
    if lost_trailing(hunks) and not habits.stripped:
        damage.add("trailing-whitespace-stripped")
    return solved, damage, habits


def _restore_text(files: Sequence[RawFile], solved: list[list[Solved]], copies: Copies) -> list[list[Solved]]:
    """Hunks that add up, with the white space that a quoted copy kept and the posted one did not."""
    return [
        [from_copy(raw, hunk, copies) or hunk for raw, hunk in zip(file.hunks, hunks, strict=True)]
        for file, hunks in zip(files, solved, strict=True)
    ]


def _model(files: Sequence[RawFile], solved: Sequence[Sequence[Solved]], level: int) -> tuple[FileDiff, ...]:
    return tuple(
        model_file(read_head(file, level), hunks, file.binary) for file, hunks in zip(files, solved, strict=True)
    )


def _refuse(files: Sequence[RawFile], level: int) -> str | None:
    for file in files:
        if reason := refuse_head(file, read_head(file, level)):
            return reason
        if any(line[1:].startswith("Subproject commit ") for hunk in file.hunks for line in hunk.body[:2]):
            return "a submodule change, which names a commit and no content"
    return None


def read_patch(mail: PatchMail, copies: Copies) -> Patch:
    """Model the diff of one patch; `copies` are the hunks that replies quote. Never raises on bad input.

    What may not or cannot be used is `refused` with a reason and has no files. `damage` names what a mailer did,
    also what could be undone. `repaired` means that there was damage and that the structure of every hunk is proven:
    each line's side and number. White space that was lost within lines comes back only from a copy that kept it;
    without one the lines stay as posted, and `damage` keeps telling so.
    """
    patch = _unread(mail)
    reason = refuse_bytes(mail.diff)
    if reason:
        return replace(patch, refused=reason, diff=b"", damage=mail.damage)
    text = mail.diff.decode("utf-8", "surrogateescape").removesuffix("\n")
    lines, kinds = undo_all(text.split("\n") if text else [])
    damage = set(kinds) | set(mail.damage)
    if is_combined(lines):
        return replace(patch, refused="a combined diff, a merge's against several parents", damage=in_order(damage))
    cut = scan(lines)
    files = cut.files
    level = diff_level(files)
    if reason := _refuse(files, level):
        return replace(patch, refused=reason, damage=in_order(damage))
    solved, seen, _ = _solve_hunks(files, copies)
    modelled = _model(files, solved, level)
    damage |= seen
    damage |= {"headless-hunks"} if cut.headless else set()
    damage |= {"collapsed-whitespace"} if is_collapsed(modelled) else set()
    damage |= {"tabs-to-spaces"} if is_detabbed(modelled) else set()
    if damage & {"collapsed-whitespace", "tabs-to-spaces", "stripped-whitespace"} and copies:
        modelled = _model(files, _restore_text(files, solved, copies), level)
    whole = (
        bool(modelled)
        and not cut.headless
        and not cut.frayed
        and all(hunk.complete for file in modelled for hunk in file.hunks)
    )
    patch = replace(patch, files=modelled, damage=in_order(damage), repaired=bool(damage) and whole)
    return replace(patch, diff=write_diff(patch)) if patch.repaired or level != 1 else patch


def read_series(mail: MailSeries) -> Series:
    """Model every patch of a mailed series and anchor what people answered. Pure; never raises on bad input."""
    copies = read_copies(text for _, text in mail.other_copies)
    patches = tuple(read_patch(patch, copies) for patch in mail.patches)
    return Series(mail=mail, patches=patches, comments=anchor_remarks(mail, patches))
