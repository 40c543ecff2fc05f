# SPDX-License-Identifier: GPL-2.0-or-later
"""The commit object that `git am` makes of a patch, byte for byte."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from reviewbot.model.diff import Patch

# what git takes off both ends of a name or address (crud() in git's ident.c): control characters, space and these
CRUD = "".join(map(chr, range(33))) + ".,:;<>\"\\'"
# white space of C's isspace, which is what git strips at the end of a line
BLANK = " \t\n\v\f\r"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who commits and when; without `date` each commit has the date of its author."""

    name: str
    email: str
    date: datetime | None = None


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REVIEWBOT = Identity("reviewbot", "reviewbot@localhost")


def clean_subject(subject: str) -> str:
    """Return a subject as `git am` takes it: without leading `Re:`, `[…]`, colons and blanks (cleanup_subject)."""
    at = 0
    while at < len(subject):
        character = subject[at]
        if character in "rR" and subject[at + 1 : at + 3].lower() == "e:":
            at += 3
        elif character in " \t:":
            at += 1
        elif character == "[" and (end := subject.find("]", at)) >= 0:
            at = end + 1
        else:
            break
    return re.sub(r"[ \t\n\v\f\r]+", " ", subject[at:]).strip(" ")


def strip_space(text: str) -> str:
    """Return a message as `git stripspace` does: no trailing blanks, no two empty lines in a row, one line end last."""
    lines: list[str] = []
    for line in text.split("\n"):
        line = line.rstrip(BLANK)
        if line or (lines and lines[-1]):
            lines.append(line)
    while lines and not lines[-1]:
        lines.pop()
    return "".join(line + "\n" for line in lines)


def clean_name(text: str) -> str:
    """Return a name or address as git writes it into a commit (strbuf_addstr_without_crud)."""
    return re.sub(r"[\n<>]", "", text.strip(CRUD))


def _stamp(date: datetime) -> str:
    """Seconds since 1970 and the zone as git writes them."""
    offset = date.utcoffset()
    minutes = int(offset.total_seconds() // 60) if offset is not None else 0
    sign = "-" if minutes < 0 else "+"
    seconds = date if offset is not None else date.replace(tzinfo=UTC)
    return f"{int(seconds.timestamp())} {sign}{abs(minutes) // 60:02}{abs(minutes) % 60:02}"


def committer_line(committer: Identity, written: datetime = EPOCH) -> str:
    """Return the `committer` line of a commit; `written` is for a committer without a date."""
    who = f"{clean_name(committer.name)} <{clean_name(committer.email)}>"
    return f"committer {who} {_stamp(committer.date or written)}"


def commit_object(patch: Patch, root: str, parent: str, committer: Identity) -> bytes:
    """Return the commit of `patch` with the tree `root` on top of `parent`."""
    written = patch.date or committer.date or EPOCH
    author = f"{clean_name(patch.author.name)} <{clean_name(patch.author.email)}> {_stamp(written)}"
    message = strip_space(f"{clean_subject(patch.subject)}\n\n{patch.log}")
    head = f"tree {root}\nparent {parent}\nauthor {author}\n{committer_line(committer, written)}\n\n"
    return (head + message).replace("\0", "").encode("utf-8", "surrogateescape")
