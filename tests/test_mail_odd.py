# SPDX-License-Identifier: GPL-2.0-or-later
"""Real mails of each odd kind: what is read of them, and where that differs from what git alone makes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from reviewbot.mail.entry import Entry, make_entry
from reviewbot.mail.message import parse_message
from reviewbot.mail.read import read_mail
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.mail import MailSeries

_KINDS = """added-to-tree attached-patch autosel bot-report charset-bogus charset-cp1252 charset-gbk charset-latin1
 cjk-re-prefix counter-over-total cover-unnumbered-patchset cte-base64-crlf cte-qp damaged diff-in-commit-log
 duplicate-msgid empty-context-lines equals-cut flowed-patch flowed-reply-diff from-line-in-body git-pull
 headers-raw-8bit inbody-from mode-change multipart-signed-patch nbsp no-diff-git patch-tag-no-diff quilt-index rename
 reply-unquoted-diff scissors-patch scissors-reply stable-queue tag-typo tag-without-patch three-digit-series
 tripledash-in-log two-brackets v0 version-after-counter version-fractional version-glued"""
KINDS = tuple(_KINDS.split())

DIFFERS: dict[tuple[str, str], str] = {
    ("added-to-tree", "author"): "git takes the tree's keeper for the author; the mail has the commit's own From below",
    ("added-to-tree", "subject"): "likewise: the commit's own Subject",
    ("damaged", "stat"): "git refuses a wrapped line; it is read with one hunk that is not as its counts say",
    ("nbsp", "stat"): "git refuses no-break spaces; they are read as the context that they stand for",
    ("version-glued", "stat"): "the same mailer's no-break spaces",
    ("flowed-patch", "stat"): "git joins lines that were only space-stuffed; the hunk counts tell the right reading",
    ("flowed-reply-diff", "stat"): "likewise",
    (
        "scissors-reply",
        "subject",
    ): "the in-body Subject below the scissors, which git leaves alone unless told otherwise",
    ("scissors-reply", "author"): "git repeats an address as the name where there is none",
    ("tripledash-in-log", "subject"): "the header of the patch pasted into the reply",
    ("version-fractional", "version"): "v5.10-v5.15 are the kernels that a backport is for, no revision",
}
"""Where the reading differs from what the corpus says of git and of one naive reader, and why."""


def expected(shared: Path, kind: str) -> dict[str, Any]:
    """Return what the corpus says of the first mail of a kind."""
    for line in (shared / "corpus" / "odd" / "odd.jsonl").read_text().splitlines():
        row: dict[str, Any] = json.loads(line)
        if row["file"] == f"odd/{kind}-1.eml":
            return row
    raise AssertionError(kind)


def stat(entry: Entry) -> list[list[str]]:
    """Return the files of an entry's diff as `git apply --numstat` prints them."""
    rows = []
    for file in entry.files:
        name = file.old if file.new == "/dev/null" else file.new
        rows.append([str(file.added), str(file.removed), name.partition("/")[2]])
    return sorted(rows)


def differences(row: dict[str, Any], entry: Entry, series: tuple[MailSeries, ...]) -> set[str]:
    """Return in which respects the reading of a mail is not what the corpus says."""
    version = entry.subject.version if entry.subject.version is not None else 1
    pairs = {
        "message_id": (entry.message_id, row["message_id"]),
        "counter": ((entry.subject.number, entry.subject.total), (row["n"], row["total"])),
        "version": (version, row["version_our_reading"]),
        "reply": (entry.subject.is_reply, row["is_reply"]),
        "stat": (stat(entry), sorted(row["git_numstat"] or [])),
        "series": (bool(series), bool(entry.files)),
    }
    if series:
        patch = series[0].patches[0]
        pairs["author"] = ((patch.author.name, patch.author.email), (row["author"], row["email"]))
        pairs["subject"] = (patch.subject, row["subject"])
    return {name for name, (mine, theirs) in pairs.items() if mine != theirs}


@pytest.mark.parametrize("kind", KINDS)
def test_a_real_mail_of_each_odd_kind_is_read_as_git_reads_it_or_better(shared: Path, kind: str) -> None:
    file = shared / "corpus" / "odd" / f"{kind}-1.eml"
    entry = make_entry(0, parse_message(file.read_bytes(), file.name), file.name)
    try:
        series, _ = read_mail([str(file)])
    except UnusableInputError:
        series = ()
    found = differences(expected(shared, kind), entry, series)
    assert found == {name for one, name in DIFFERS if one == kind}


def test_every_kind_of_the_corpus_is_in_the_table(shared: Path) -> None:
    files = {file.name.removesuffix("-1.eml") for file in (shared / "corpus" / "odd").glob("*-1.eml")}
    assert files == set(KINDS)


def test_bots_are_told_from_people(shared: Path) -> None:
    odd = shared / "corpus" / "odd"
    bots = {file.name for file in odd.glob("*.eml") if parse_message(file.read_bytes(), file.name).is_bot}
    assert bots == {"bot-report-1.eml"}
