# SPDX-License-Identifier: GPL-2.0-or-later
"""What a new version says that it changed: its changelog, entry by entry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reviewbot.model.diff import HumanComment, Series
from reviewbot.review.people import names, stems

MAX_LINES = 2000
SHORTEST_NAME = 4
WORDS = 3
"""So many words of a remark make an entry one about it, where they share no identifier."""

_HEADING = re.compile(
    r"\s{0,8}[-*=\[(]{0,3}\s?(?:(?:the )?(?:main |major )?(?:changes?|changelog|change log|history|revision history)\b"
    r"|(?:RFC )?v\d{1,2}\b|since (?:v|RFC)|(?:patch )?v\d{1,2} ?(?:->|=>|to)|differences? )",
    re.I,
)
_END = re.compile(r" .* \| +\d+ [+-]*$| \d+ files? changed|-- ?$|diff --git ")
# what any changelog and any remark may say, as `stems` has it
_COMMON = stems(
    "change patch version series commit since added remove fixed with that this from when about into have also should"
    " would could there their which other after before make using used update adjust comment suggest review thanks"
)


@dataclass(frozen=True, slots=True)
class Changelog:
    """The lines of a changelog."""

    entries: tuple[str, ...]

    def naming(self, comment: HumanComment, asks: bool) -> str | None:
        """Return the first entry about a remark: it names an identifier of it, enough of its words, or its writer.

        The writer's name counts only for a remark that asks for something: thanks to a person answer no praise.
        """
        parts = re.findall(r"\w+", comment.author.name) if asks else []
        who = {part.lower() for part in parts if len(part) >= SHORTEST_NAME}
        called = names(comment.text) | names(comment.quoted)
        words = stems(comment.text) - _COMMON
        for entry in self.entries:
            said = {word.lower() for word in re.findall(r"\w+", entry)}
            if who & said or called & names(entry) or len(words & stems(entry)) >= WORDS:
                return entry
        return None


def read_changelog(series: Series) -> Changelog:
    """Return the changelog of a series: what stands under `---` in its patches, and under a heading elsewhere."""
    texts = [series.mail.cover.body] if series.mail.cover else []
    found = [entry for text in (*texts, *(patch.log for patch in series.patches)) for entry in _under_heading(text)]
    for patch in series.patches:
        found += [line.strip() for line in patch.notes.split("\n")[:MAX_LINES] if line.strip() and not _END.match(line)]
    return Changelog(tuple(dict.fromkeys(found)))


def _under_heading(text: str) -> Iterator[str]:
    inside = False
    for line in text.split("\n")[:MAX_LINES]:
        if _END.match(line):
            inside = False
        elif _HEADING.match(line):
            inside = True
        if inside and line.strip():
            yield line.strip()
