# SPDX-License-Identifier: GPL-2.0-or-later
"""What replies say: one to each patch with something to say, and one to the cover with the whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import jinja2

from reviewbot.model.diff import Patch
from reviewbot.model.finding import Finding, SeriesReview
from reviewbot.model.mail import Person
from reviewbot.model.tree import Application
from reviewbot.render.environment import environment, harmless
from reviewbot.render.quote import in_diff, quote
from reviewbot.render.text import applied, failed_hunks, shown, verdicts, who
from reviewbot.render.versions import finding_state, heads, open_lines

FINDINGS_A_PATCH = 5
LINES_A_MAIL = 150
ROLLED_UP = 20
OPEN = 10
"""Things open from earlier versions that a mail lists."""
HEADS = 30
"""Lines of a range-diff in a mail."""
VERDICTS = 6
COLUMNS = 70
"""Width of a schedule in a mail."""
FEWEST_ROWS = 12
"""Lines that a schedule keeps, however long the rest of the mail is."""


class Declined(Exception):  # noqa: N818 - a template's wish, no error
    """A template does not want its mail sent; the text is its reason."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, and by which templates (a user's own before the bundled ones).

    `commands` says that replies are read for commands, which the mails then tell of.
    """

    person: Person
    templates: Sequence[Path] = ()
    commands: bool = False

    def environment(self) -> jinja2.Environment:
        """Return the environment of mails: besides what all templates have, `decline("reason")` stops the mail."""
        env = environment(directories=self.templates)
        env.globals["decline"] = _decline
        env.globals["commands"] = self.commands
        return env


def _decline(reason: object = "no reason given") -> NoReturn:
    raise Declined(harmless(reason))


def carries_whole(patch: Patch, review: SeriesReview) -> bool:
    """Tell whether the reply to a patch is the one with the whole: the first one's of a series without a cover."""
    return review.series.mail.cover is None and patch.number == review.series.patches[0].number


def told_findings(review: SeriesReview, number: int) -> list[Finding]:
    """Return a patch's findings worth a mail: what people have raised is repeated only with a schedule to add."""
    own = [f for f in review.findings if f.patch == number]
    return [f for f in own if not f.raised_by or shown(f, review).result]


def _of_series(review: SeriesReview) -> list[Finding]:
    """Return the findings on no patch that is there: on the cover, say."""
    numbers = {patch.number for patch in review.series.patches}
    return [f for f in review.findings if f.patch not in numbers and not f.raised_by]


def _concerns(patch: Patch, review: SeriesReview) -> bool:
    """Tell whether there is something to say of a patch itself."""
    application = applied(review, patch.number)
    failed = application is not None and application.status == "conflict"
    return failed or bool(patch.refused) or bool(told_findings(review, patch.number))


def _speaks(review: SeriesReview) -> bool:
    """Tell whether there is something to say of a series at all."""
    opened = review.comparison is not None and bool(open_lines(review.comparison))
    return opened or bool(_of_series(review)) or any(_concerns(patch, review) for patch in review.series.patches)


def cover_text(review: SeriesReview, voice: Voice) -> str:
    """Return the text of the reply to the cover, "" when there is nothing to say. Raises Declined."""
    if review.series.mail.cover is None or not _speaks(review):
        return ""
    env = voice.environment()
    return env.get_template("cover.j2").render(review=review, whole=_whole(review, env), sender=voice.person)


def patch_text(patch: Patch, review: SeriesReview, voice: Voice) -> str:
    """Return the text of the reply to one patch, "" when there is nothing to say. Raises Declined.

    At most FINDINGS_A_PATCH findings are told in full, in their order, each only if the mail stays within LINES_A_MAIL;
    the rest is rolled up. The first is told in any case, the middle of its schedule left out where that is too long.
    """
    with_whole = carries_whole(patch, review) and _speaks(review)
    if not with_whole and not _concerns(patch, review):
        return ""
    findings = told_findings(review, patch.number)
    env = voice.environment()
    whole = _whole(review, env) if with_whole else ""

    def text(told: list[Finding], most: int | None = None) -> str:
        return _text(patch, review, voice, whole, told, [f for f in findings if f not in told], most)

    told = findings[:1]
    over = len(text(told).splitlines()) - LINES_A_MAIL
    if over > 0 and told:
        rows = len(shown(told[0], review, COLUMNS).columns.splitlines())
        return text(told, max(rows - over, FEWEST_ROWS))
    for finding in findings[1:]:
        if len(told) < FINDINGS_A_PATCH and len(text([*told, finding]).splitlines()) <= LINES_A_MAIL:
            told.append(finding)
    return text(told)


def _text(
    patch: Patch,
    review: SeriesReview,
    voice: Voice,
    whole: str,
    told: list[Finding],
    rest: list[Finding],
    most: int | None,
) -> str:
    env = voice.environment()
    comments: dict[tuple[str, int], str] = {}
    elsewhere = []
    for finding in told:
        text = _comment(finding, review, env, most)
        anchor = (finding.path or "", finding.line or 0)
        if in_diff(patch, anchor):
            comments[anchor] = "\n\n".join(filter(None, (comments.get(anchor), text)))
        else:
            elsewhere.append((finding, text))
    application = applied(review, patch.number)
    failed = application is not None and application.status == "conflict"
    return env.get_template("reply.j2").render(
        patch=patch,
        review=review,
        whole=whole,
        quoted=quote(patch, comments),
        elsewhere=elsewhere,
        rest=rest[:ROLLED_UP],
        more=max(0, len(rest) - ROLLED_UP),
        reason=_reason(application) if application is not None and failed else "",
        author=patch.sender,
        sender=voice.person,
    )


def _comment(finding: Finding, review: SeriesReview, env: jinja2.Environment, most: int | None) -> str:
    comparison = review.comparison
    changes = [one for one in comparison.findings if one.new == finding] if comparison else []
    template = env.get_template("comment.j2")
    text = template.render(
        show=shown(finding, review, COLUMNS, most),
        finding=finding,
        raised=[who(r, review) for r in finding.raised_by],
        history=finding_state(changes[0], comparison) if comparison and changes else "",
    )
    return text.strip()


def _whole(review: SeriesReview, env: jinja2.Environment) -> str:
    """Return what is to be said of a series as a whole."""
    comparison = review.comparison
    opened = open_lines(comparison) if comparison else []
    violated = [line for line in verdicts(review, quiet=False) if line]
    return (
        env.get_template("whole.j2")
        .render(
            review=review,
            statuses=Counter(one.status for one in review.applications),
            failed=[one.number for one in review.applications if one.status == "conflict"],
            counts=[(patch, len(told_findings(review, patch.number))) for patch in review.series.patches],
            general=_of_series(review)[:FINDINGS_A_PATCH],
            verdicts=violated[:VERDICTS],
            more_verdicts=max(0, len(violated) - VERDICTS),
            heads=heads(comparison)[:HEADS] if comparison and len(comparison.pairs) > 1 else [],
            fixed=len(comparison.fixed) if comparison else 0,
            opened=opened[:OPEN],
            more_opened=max(0, len(opened) - OPEN),
        )
        .rstrip()
    )


def _reason(application: Application) -> str:
    """Return why a patch does not apply, a line a hunk."""
    return harmless("\n".join(filter(None, (application.reason, *failed_hunks(application)))))
