# SPDX-License-Identifier: GPL-2.0-or-later
"""How many of the defects that reviewers found in real series hang on the line that they are about.

    python bench/patch_anchors.py SHARED

prints one line for each remark of `review_truth.jsonl` that is not on its line, then how many are. Three measures,
each stricter than the one before: a comment of that reply is on the right patch and file; it is at most `NEAR` lines
from the truth's line; it is on exactly that line. The truth's line was chosen by a person from the whole quote, so that
the last measure counts differences of taste too; where a quote is one line that the patch has twice, either is right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reviewbot.mail.read import read_mail
from reviewbot.model.diff import HumanComment, Series
from reviewbot.patch.read import read_series

NEAR = 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """One remark of the truth: where it is, the reply's comments on that file, and the three measures."""

    slug: str
    patch: int
    path: str
    lines: tuple[int, ...]
    reply: str
    comments: tuple[HumanComment, ...]

    @property
    def file(self) -> bool:
        return any((comment.patch, comment.path) == (self.patch, self.path) for comment in self.comments)

    def _distance(self) -> int:
        here = [c for c in self.comments if (c.patch, c.path) == (self.patch, self.path) and c.line is not None]
        return min((abs((comment.line or 0) - line) for comment in here for line in self.lines), default=10**9)

    @property
    def near(self) -> bool:
        return self._distance() <= NEAR

    @property
    def exact(self) -> bool:
        return self._distance() == 0


def outcomes(shared: Path) -> Iterator[Outcome]:
    """Anchor every thread that the truth speaks of."""
    read: dict[str, tuple[Series, ...]] = {}
    for line in (shared / "corpus" / "review_truth.jsonl").read_text().splitlines():
        truth = json.loads(line)
        slug = truth["slug"]
        if slug not in read:
            mails, _ = read_mail([str(shared / "corpus" / "threads" / f"{slug}.mbox")])
            read[slug] = tuple(read_series(mail) for mail in mails)
        comments = tuple(
            comment
            for series in read[slug]
            for comment in series.comments
            if comment.message_id is not None and comment.message_id.strip("<>") == truth["reply_message_id"]
        )
        numbers = [p.number for s in read[slug] for p in s.patches if p.message_id == truth["patch_message_id"]]
        where = [truth["line_new"] or truth["line_old"]]
        where += [other["line_new"] for other in truth["other_equal_lines"] if other["file"] == truth["file"]]
        yield Outcome(slug, numbers[0], truth["file"], tuple(where), truth["reply_message_id"], comments)


def main(shared: str) -> None:
    """Print what misses, and the three counts."""
    found = list(outcomes(Path(shared)))
    for one in found:
        if not one.exact:
            places = [(c.patch, c.path, c.line, c.quoted[:40]) for c in one.comments]
            word = "near" if one.near else "file" if one.file else "MISS"
            print(f"{word} {one.slug[:40]} {one.reply[:40]}: {one.patch} {one.path}:{one.lines}; comments {places}")
    total = len(found)
    print(f"patch and file: {sum(one.file for one in found)} of {total}")
    print(f"within {NEAR} lines: {sum(one.near for one in found)} of {total}")
    print(f"exactly the line: {sum(one.exact for one in found)} of {total}")


if __name__ == "__main__":
    main(sys.argv[1])
