# SPDX-License-Identifier: GPL-2.0-or-later
"""Quilt directories: order, headers as people write them, what is missing or hostile."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries, Skipped
from tests.mailkit import diff

MAIL = "From: Ada Writer <ada@example.org>\nDate: Tue, 3 Mar 2020 10:00:00 +0100\nSubject: [PATCH {}] {}\nOrigin: x\n\n"
DEP3 = "Description: Make it two\n It was one.\nAuthor: Zoe Other <zoe@example.org>\nForwarded: no\n\n"


def quilt(home: Path, **files: str) -> tuple[tuple[MailSeries, ...], tuple[Skipped, ...]]:
    """Write a quilt directory (names' underscores are dashes) and read it."""
    names = {name.replace("_", "-") + ".patch": text for name, text in files.items()}
    for name, text in names.items():
        (home / name).write_text(text)
    (home / "series").write_text("# queue\n" + "".join(f"{name} -p1 # why\n" for name in names))
    return read_mail([str(home)])


def test_patches_come_in_the_order_of_the_series_file(tmp_path: Path) -> None:
    ((series,), skipped) = quilt(
        tmp_path,
        zz_first=MAIL.format("1/2", "pool: one") + "Why.\n\nSigned-off-by: A <a@x>\n---\n" + diff(),
        aa_second=MAIL.format("2/2", "pool: two") + diff(),
    )
    assert [(p.number, p.total, p.subject, p.author.name) for p in series.patches] == [
        (1, 2, "pool: one", "Ada Writer"),
        (2, 2, "pool: two", "Ada Writer"),
    ]
    assert (series.id, series.patches[0].log, skipped) == (None, "Why.\n\nSigned-off-by: A <a@x>", ())


def test_counters_of_the_subjects_show_gaps(tmp_path: Path) -> None:
    files = {f"p{n}": MAIL.format(f"{n}/4", f"number {n}") + diff() for n in (1, 4)}
    ((series,), _) = quilt(tmp_path, **files)
    assert (series.total, series.missing, [p.number for p in series.patches]) == (4, (2, 3), [1, 4])


def test_all_kinds_of_headers_are_read(tmp_path: Path) -> None:
    ((series,), _) = quilt(
        tmp_path,
        dep3=DEP3 + diff(),
        glued=DEP3.strip() + "\n" + diff(),
        text="Some words.\n\n" + diff(),
        bare=diff(),
        plain=diff().partition("100644\n")[2],
    )
    assert [(p.subject, p.author.name) for p in series.patches] == [
        ("Make it two", "Zoe Other"),
        ("Make it two", "Zoe Other"),
        ("Some words", ""),
        ("bare.patch", ""),
        ("plain.patch", ""),
    ]
    assert [p.number for p in series.patches] == [1, 2, 3, 4, 5]
    assert (series.patches[0].diff.decode(), series.patches[0].log) == (diff(), "It was one.")


def test_the_diff_line_counts_from_the_top_of_the_file(tmp_path: Path) -> None:
    text = MAIL.format("", "x") + "Why.\n---\n" + diff()
    ((series,), _) = quilt(tmp_path, one=text)
    assert text.split("\n")[series.patches[0].diff_line - 1] == diff().split("\n")[0]


def test_files_that_are_missing_or_outside_or_no_patches_are_named(tmp_path: Path) -> None:
    home = tmp_path / "queue"
    home.mkdir()
    (tmp_path / "outside.patch").write_text(diff())
    (home / "good.patch").write_text(diff())
    (home / "words.patch").write_text("Nothing here.\n")
    (home / "series").write_text("good.patch\n../outside.patch\nlost.patch\nwords.patch\n")
    ((series,), skipped) = read_mail([str(home)])
    assert len(series.patches) == 1
    assert [s.reason for s in skipped] == [
        "../outside.patch: outside of the quilt directory",
        "lost.patch: no such file or directory",
        "words.patch: no diff in it",
    ]


def test_an_empty_queue_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="no patch in"):
        quilt(tmp_path)
