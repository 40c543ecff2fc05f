# SPDX-License-Identifier: GPL-2.0-or-later
"""Which findings people have raised already."""

from __future__ import annotations

import re

from reviewbot.model.diff import HumanComment
from reviewbot.model.finding import Finding
from reviewbot.model.mail import Person

NEAR = 3
"""How many lines a remark may hang above or below a finding's line and still be about the same spot."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# begun at a word's beginning only, and never gone back into: linear on any text
_IDENTIFIER = re.compile(r"(?<![A-Za-z0-9_])(?:[A-Za-z_][A-Za-z0-9]*+_[A-Za-z0-9_]*+|[A-Za-z_][A-Za-z0-9_]*+(?=\(\)))")
# words of rule names that say nothing about the kind of defect
_EMPTY = {"without", "with", "and", "for", "not", "use", "new", "the", "while"}


def _kinds(finding: Finding) -> set[str]:
    """Return the stems that name the kind of the defect: those of the rule's own name."""
    return {word[:5] for word in finding.rule.split("-") if len(word) > 2 and word not in _EMPTY}


def stems(text: str) -> set[str]:
    """Return the stems of a text's words; an identifier counts by its parts too, as people name things by them."""
    return {part.lower()[:5] for word in _WORD.findall(text) for part in word.split("_") if len(part) > 2}


def names(text: str) -> set[str]:
    """Return the identifiers that a text names: words with an underscore, and calls."""
    return set(_IDENTIFIER.findall(text))


def says_the_same(comment: HumanComment, finding: Finding) -> bool:
    """Tell whether a remark is about the defect of a finding.

    It must hang on the same patch and file. Right at the finding (or a place of its evidence in the same file) it is
    enough to name one thing that the finding names or its kind; elsewhere in the patch it must do both.
    """
    if comment.patch is None or comment.patch != finding.patch or comment.path is None or comment.path != finding.path:
        return False
    kind = bool(stems(comment.text) & _kinds(finding))
    named = bool(names(comment.text) & names(finding.message + " " + finding.snippet))
    near = (
        finding.line is not None
        and comment.line is not None
        and comment.side != "old"
        and abs(finding.line - comment.line) <= NEAR
    )
    return (kind or named) if near else (kind and named)


def reference(comment: HumanComment) -> str:
    """Return what to call a remark's message by: its id, or who and when where it has none (a text dump)."""
    if comment.message_id:
        return comment.message_id
    return f"{comment.author.name}, {comment.date.isoformat()}" if comment.date else comment.author.name


def raised_by(finding: Finding, comments: tuple[HumanComment, ...], author: Person) -> tuple[str, ...]:
    """Return the references of the remarks, not the series' author's own, that say what the finding says."""
    found = [reference(c) for c in comments if c.author != author and says_the_same(c, finding)]
    return tuple(dict.fromkeys(found))
