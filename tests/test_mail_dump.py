# SPDX-License-Identifier: GPL-2.0-or-later
"""Text dumps of threads: no header fields, mails one after the other, white space stripped, empty lines lost."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from reviewbot.mail.dump import read_dump
from reviewbot.mail.read import read_mail
from reviewbot.model.mail import MailSeries

COVER = """Two patches for the pool, to show the idea.
Not tested yet.
==
"""
ONE = """From: Ada Writer <ada@example.org>
The pool forgets its waiters.
Count them.
Signed-off-by: Ada Writer <ada@example.org>
---
mm/pool.c | 4 ++--
Index: linux/mm/pool.c
===================================================================
--- linux.orig/mm/pool.c
+++ linux/mm/pool.c
@@ -10,7 +10,7 @@ static int pool_wait(struct pool *pool)
int left = pool->size;
- pool->waiters = 0;
+ pool->waiters++;
while (pool_is_empty(pool))
pool_sleep(pool);
return left;
"""
TWO = """From: Ada Writer <ada@example.org>
Tell people about waiters.
Signed-off-by: Ada Writer <ada@example.org>
---
Index: linux/mm/report.c
===================================================================
--- linux.orig/mm/report.c
+++ linux/mm/report.c
@@ -1,4 +1,5 @@
static void pool_report(void)
{
+ print_waiters();
print_size();
}
"""
REPLY = """On Tue, 3 Mar 2020 10:00:00 +0100, Ada Writer <ada@example.org> wrote:
> The pool forgets its waiters.
> @@ -10,7 +10,7 @@ static int pool_wait(struct pool *pool)
> int left = pool->size;
>
> - pool->waiters = 0;
> + pool->waiters++;
>
> while (pool_is_empty(pool))
Who decrements the waiters again?
Thanks,
Rob Reader.
"""
FIX = """On Wed, 4 Mar 2020 11:00:00 +0000
Rob Reader <rob@example.org> wrote:
> > + pool->waiters++;
> Who decrements the waiters again?
Nobody. Until there is a better one, please take this quick fix.
==
From: Ada Writer <ada@example.org>
Forget waiters no more.
Signed-off-by: Ada Writer <ada@example.org>
---
Index: linux/mm/pool.c
===================================================================
--- linux.orig/mm/pool.c
+++ linux/mm/pool.c
@@ -30,3 +30,4 @@ void pool_put(struct pool *pool)
pool->size++;
+ pool->waiters--;
pool_wake(pool);
}
"""
LAST = """On Thu, 5 Mar 2020 12:00:00 +0100
Ada Writer <ada@example.org> wrote:
> Forget waiters no more.
> pool->size++;
> + pool->waiters--;
This is racy without the lock.
-Rob
"""
THREAD = COVER + ONE + TWO + REPLY + FIX + LAST


@pytest.fixture(scope="module")
def series() -> tuple[MailSeries, ...]:
    """The thread above, read."""
    return read_dump(THREAD.encode(), "dump")


def test_the_series_and_the_fix_posted_in_a_reply_are_two(series: tuple[MailSeries, ...]) -> None:
    assert [(one.total, [(p.number, p.total) for p in one.patches]) for one in series] == [
        (2, [(1, 2), (2, 2)]),
        (1, [(1, 1)]),
    ]
    assert [one.author.name for one in series] == ["Ada Writer"] * 2
    assert series[0].cover is not None
    assert series[0].cover.body.startswith("Two patches for the pool")


def test_diffs_end_where_the_next_mail_begins(series: tuple[MailSeries, ...]) -> None:
    ends = [patch.diff.splitlines()[-1] for one in series for patch in one.patches]
    assert ends == [b"return left;", b"}", b"}"]
    first = series[0].patches[0]
    assert THREAD.splitlines()[first.diff_line - 1].encode() == first.diff.splitlines()[0]


def test_titles_come_from_the_log_where_there_is_no_subject(series: tuple[MailSeries, ...]) -> None:
    titles = [patch.subject for one in series for patch in one.patches]
    assert titles == ["The pool forgets its waiters", "Tell people about waiters", "Forget waiters no more"]
    assert [t.value for t in series[0].patches[0].trailers] == ["Ada Writer <ada@example.org>"]


def test_remarks_have_their_writers_and_stand_with_the_series_that_they_quote(series: tuple[MailSeries, ...]) -> None:
    assert [(r.author.name, r.text) for r in series[0].remarks] == [
        ("Rob Reader", "Who decrements the waiters again?"),
        ("Ada Writer", "Nobody. Until there is a better one, please take this quick fix."),
    ]
    assert [(r.author.name, r.text) for r in series[1].remarks] == [("Rob Reader", "This is racy without the lock.")]
    assert series[0].remarks[0].quoted[-1] == "while (pool_is_empty(pool))"
    assert str(series[0].remarks[0].date) == "2020-03-04 11:00:00+00:00"


def test_quoted_copies_keep_the_empty_lines_that_the_posted_diff_lost(series: tuple[MailSeries, ...]) -> None:
    copy = series[0].other_copies[0][1]
    assert "int left = pool->size;\n\n- pool->waiters = 0;" in copy


def test_a_diff_with_a_log_above_it_is_one_patch(tmp_path: Path) -> None:
    file = tmp_path / "one.diff"
    file.write_text("Make it two.\n\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n")
    ((series,), skipped) = read_mail([str(file)])
    assert (series.id, series.subject, series.patches[0].diff.count(b"\n"), skipped) == (None, "Make it two", 5, ())


def test_a_bare_diff_is_named_by_its_files() -> None:
    data = io.BytesIO(b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n")
    ((series,), _) = read_mail(["-"], data)
    assert (series.id, series.subject, series.patches[0].log) == (None, "b/x", "")


def test_subjects_in_a_dump_number_the_patches() -> None:
    header = "From: Ada Writer <ada@example.org>\nSubject: [PATCH v2 {}/3] part {}\n\nLog.\n---\n"
    diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n"
    text = "".join(header.format(n, n) + diff for n in (1, 3))
    (series,) = read_dump(text.encode(), "dump")
    assert [(p.number, p.subject) for p in series.patches] == [(1, "part 1"), (3, "part 3")]
    assert (series.version, series.missing) == (2, (2,))


def test_mails_with_a_header_in_the_text_keep_their_writers() -> None:
    reply = "From: Rob Reader <rob@example.org>\nDate: Wed, 4 Mar 2020 11:00:00 +0000\n\n" + REPLY
    (series,) = read_dump((ONE + reply).encode(), "dump")
    (remark,) = series.remarks
    assert (remark.author.name, str(remark.date)) == ("Rob Reader", "2020-03-04 11:00:00+00:00")


def test_header_blocks_copied_with_the_text_open_mails(tmp_path: Path) -> None:
    blocks = [
        "Subject: [PATCH 0/1] all\nFrom: Ada Writer <ada@example.org>\nDate: Tue, 3 Mar 2020 10:00:00 +0100\n\nWhy.\n",
        "From: Ada Writer <ada@example.org>\nSubject: [PATCH 1/1] pool: count\n\n" + ONE.partition("\n")[2],
        "From: Rob Reader <rob@example.org>\nSubject: Re: [PATCH 1/1] pool: count\n\n> + pool->waiters++;\nAnd --?\n",
    ]
    file = tmp_path / "copied.txt"
    file.write_text("\n".join(blocks))
    ((series,), _) = read_mail([str(file)])
    assert (series.subject, series.total, series.patches[0].subject) == ("all", 1, "pool: count")
    assert [(r.author.name, r.text) for r in series.remarks] == [("Rob Reader", "And --?")]


def test_patches_with_no_from_line_are_told_apart_by_their_sign_offs() -> None:
    parts = [text.partition("\n")[2] + "--\n2.39.5\n" for text in (ONE, TWO)]
    (series,) = read_dump("".join(parts).encode(), "dump")
    assert [p.subject for p in series.patches] == ["The pool forgets its waiters", "Tell people about waiters"]
    assert not series.patches[1].log.startswith("--")


def test_text_without_a_diff_has_no_series() -> None:
    assert read_dump(REPLY.encode(), "dump") == ()


def test_the_first_thread_is_two_series_with_the_reviewers_remarks(shared: Path) -> None:
    series, skipped = read_mail([str(shared / "corpus" / "seed-thread.txt")])
    assert [(one.total, len(one.patches), one.id) for one in series] == [(2, 2, None), (1, 1, None)]
    assert skipped == ()
    by = [[r for r in one.remarks if r.author.name == "Daisuke Nishimura"] for one in series]
    assert [len(one) for one in by] == [4, 4]
    assert any("need call memcg_oom_wake() here" in r.text for r in by[0])
    assert any("fatal_signal_pending" in r.text for r in by[1])
    assert all(one.author.name.startswith("KAMEZAWA") for one in series)
