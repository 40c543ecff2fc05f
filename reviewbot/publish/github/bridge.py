# SPDX-License-Identifier: GPL-2.0-or-later
"""A mailed series as a pull request: what to push, open and say. Pure.

A later version of a series goes to the same branch and the same pull request, as the kernel's CI bridges do it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote

from reviewbot.model.diff import Series
from reviewbot.model.mail import MailSeries
from reviewbot.publish.github.facts import Action, Pull
from reviewbot.publish.github.marks import mark, read_series_mark, series_mark
from reviewbot.publish.github.settings import Limits
from reviewbot.publish.github.text import cut
from reviewbot.render.environment import harmless
from reviewbot.render.pages import fenced

PREFIX = "series/"
TITLE = 250
_ODD = re.compile(r"[^a-z0-9]{1,100}")


@dataclass(frozen=True, slots=True)
class Landed:
    """A series that was applied: its last commit (full id), the commit below it, and the range-diff to what the pull
    request showed before ("" where there is none). `there` is the commit that its branch has at GitHub by now.
    """

    series: Series
    commit: str
    base: str
    range_diff: str = ""
    there: str | None = None


def ids(mail: MailSeries) -> tuple[str, ...]:
    """Return the message-ids by which a series, or a later version of it, is known."""
    own = (mail.id, mail.cover.message_id if mail.cover else None, *(one.message_id for one in mail.patches))
    return tuple(dict.fromkeys(one for one in (*own, *mail.previous) if one))


def branch_name(mail: MailSeries) -> str:
    """Return the branch for a series: the same for every version with its author and subject, or its change-id."""
    mark_ = mail.change_id or f"{mail.author.email.lower()}\0{mail.subject.casefold()}"
    words = _ODD.sub("-", mail.subject.lower())[:40].strip("-") or "patches"
    return f"{PREFIX}{words}-{hashlib.sha256(mark_.encode('utf-8', 'replace')).hexdigest()[:10]}"


def shown_by(mail: MailSeries, pulls: Iterable[Pull], own: str) -> Pull | None:
    """Return the bot's pull request that shows this series or an earlier version of it, None where there is none."""
    wanted = frozenset(ids(mail))
    name = branch_name(mail)
    mine = [p for p in pulls if p.author.removesuffix("[bot]") == own.removesuffix("[bot]")]
    named = [p for p in mine if p.head_ref == name]
    linked = [p for p in mine if p.head_ref.startswith(PREFIX) and read_series_mark(p.body)[1] & wanted]
    return next(iter(named + linked), None)


def refused(series: Series) -> str | None:
    """Return why a series must not become a branch, None where it may.

    Workflows of a pushed branch run with the repository's own rights: no mail may bring any.
    """
    paths = {
        path for patch in series.patches for file in patch.files for path in (file.old_path, file.new_path) if path
    }
    touched = sorted(path for path in paths if path.casefold().startswith(".github/"))
    return f"it touches {touched[0]}: what is in .github runs with the repository's rights" if touched else None


def title(mail: MailSeries) -> str:
    """Return the pull request's title."""
    tag = "".join(f"[{one}] " for one in mail.tags[:3])
    version = f" (v{mail.version})" if mail.version > 1 else ""
    return harmless(f"{tag}{mail.subject}").replace("\t", " ")[:TITLE] + version


def body(mail: MailSeries, archive: str, known: Iterable[str], limits: Limits) -> str:
    """Return the pull request's text: the cover letter as it was posted, where to read it, and the marker."""
    first = mail.patches[0]
    letter = mail.cover.body if mail.cover is not None else first.log
    who = harmless(mail.author.name or mail.author.email).replace("@", "@\u200b")
    lines = [f"Version {mail.version} of a series of {len(mail.patches)} patches that {who} mailed."]
    lines[0] = lines[0].replace("1 patches", "1 patch") if len(mail.patches) == 1 else lines[0]
    if mail.id:
        lines.append(archive.replace("{id}", quote(mail.id, safe="@.+-_=~")))
    if mail.missing:
        lines.append(f"Patches that did not come: {', '.join(map(str, mail.missing))}.")
    lines.append("Comments made here do not reach the author: please answer the mail.")
    text = "\n\n".join(lines) + "\n\n" + fenced(harmless(letter.strip()))
    seen = dict.fromkeys((*ids(mail), *known))
    return cut(text, limits.characters, "\n\n" + series_mark(mail.version, list(seen)[:40]))


def plan_series(
    landed: Landed, pull: Pull | None, onto: str, archive: str, key_of: Callable[..., str], limits: Limits
) -> tuple[Action, ...]:
    """Return what to do for a series: push its branch; open the pull request, or bring it to this version.

    `pull` is what shows the series by now, `onto` the branch that it is for. Nothing is done for a version that the
    pull request shows already, or that is older. Whoever dies on the way finds the rest still to be done: the
    range-diff is said while the branch has the old version, and the text names the new one when all else is done.
    """
    mail = landed.series.mail
    version, known = read_series_mark(pull.body) if pull is not None else (0, frozenset())
    if pull is not None and (mail.version < version or (mail.version == version and pull.head == landed.commit)):
        return ()
    branch = pull.head_ref if pull is not None else branch_name(mail)
    number = pull.number if pull is not None else 0
    expected = pull.head if pull is not None else landed.there
    data = {"branch": branch, "commit": landed.commit, "expected": expected}
    push = Action("push", number, key_of("push", branch, landed.commit), data)
    text = body(mail, archive, sorted(known), limits)
    if pull is None:
        fresh = {"branch": branch, "base": onto, "title": title(mail), "body": text, "draft": False}
        return push, Action("open", 0, key_of("open", branch, landed.commit), fresh)
    key = key_of("retitle", branch, landed.commit)
    retitle = Action("retitle", number, key, {"title": title(mail), "body": text})
    if not landed.range_diff:
        return push, retitle
    key = key_of("range-diff", branch, landed.commit)
    changes = fenced(harmless(landed.range_diff.rstrip()))
    said = f"Version {mail.version}, against version {version or '?'}:\n\n{changes}"
    return Action("comment", number, key, {"body": cut(said, limits.characters, f"\n\n{mark(key)}")}), push, retitle
