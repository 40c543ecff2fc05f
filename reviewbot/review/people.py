# SPDX-License-Identifier: GPL-2.0-or-later
"""Which findings people have raised already."""

from __future__ import annotations

import re

from reviewbot.model.diff import HumanComment
from reviewbot.model.finding import Finding
from reviewbot.model.mail import Person

NEAR = 3
"""How many lines a remark may hang above or below a finding's line and still be about the same spot."""

WORDS = 3
"""So many words in common count as much as the name of the kind."""

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# begun at a word's beginning only, and never gone back into: linear on any text
_IDENTIFIER = re.compile(r"(?<![A-Za-z0-9_])(?:[A-Za-z_][A-Za-z0-9]*+_[A-Za-z0-9_]*+|[A-Za-z_][A-Za-z0-9_]*+(?=\(\)))")
# words of rule names that say nothing about the kind of defect
_EMPTY = {"without", "with", "and", "for", "not", "use", "new", "the", "while"}


def _kinds(finding: Finding) -> set[str]:
    """Return the stems that name the kind of the defect: those of the rule's own name."""
    return {_stem(word) for word in finding.rule.split("-") if len(word) > 2 and word not in _EMPTY}


def stems(text: str) -> set[str]:
    """Return the stems of a text's words; an identifier counts by its parts too, as people name things by them."""
    return {_stem(part.lower()) for word in _WORD.findall(text) for part in word.split("_") if len(part) > 2}


def _stem(word: str) -> str:
    """Return the beginning of a word without the endings that its use gives it."""
    for ending in ("ing", "ed", "es", "s"):
        if len(word) > len(ending) + 3 and word.endswith(ending):
            word = word.removesuffix(ending)
            break
    # what is unchecked, unbalanced or uninitialised is asked for by the word itself
    if word.startswith("un") and len(word) > 6:
        word = word.removeprefix("un")
    return word[:5]


# what any remark may say, whatever it is about
_COMMON = stems(
    "the and for not but you this that these those with without when where which what while will would should could can"
    " may might must need needs here there then than they them their its only also just one two same other another any"
    " all some more most such very too have has had does done did are was were been being from into out over under"
    " about after before again between because since how why who use used using make made take taken get got give given"
    " set line lines code patch function call called calls comes come goes added add new old way case think see say"
    " look every each change changed want like even still now first last next never always really actually"
    " please thanks"
)


def names(text: str) -> set[str]:
    """Return the identifiers that a text names: words with an underscore, and calls."""
    return set(_IDENTIFIER.findall(text))


def says_the_same(comment: HumanComment, finding: Finding) -> bool:
    """Tell whether a remark is about the defect of a finding.

    It must hang on the same patch and file. Right at the finding it is enough to name one thing that the finding names
    or its kind, or to share WORDS words with what is said of it; elsewhere in the patch it must name a thing, and
    the kind or share WORDS words.
    """
    if comment.patch is None or comment.patch != finding.patch or comment.path is None or comment.path != finding.path:
        return False
    told = f"{finding.message} {finding.snippet}"
    said = stems(comment.text)
    kind = bool(said & _kinds(finding))
    shared = len((said & stems(told)) - _COMMON)
    named = bool(names(comment.text) & names(told))
    near = (
        finding.line is not None
        and comment.line is not None
        and comment.side != "old"
        and abs(finding.line - comment.line) <= NEAR
    )
    if near:
        return kind or named or shared >= WORDS
    return named and (kind or shared >= WORDS)


def reference(comment: HumanComment) -> str:
    """Return what to call a remark's message by: its id, or who and when where it has none (a text dump)."""
    if comment.message_id:
        return comment.message_id
    return f"{comment.author.name}, {comment.date.isoformat()}" if comment.date else comment.author.name


def raised_by(finding: Finding, comments: tuple[HumanComment, ...], author: Person) -> tuple[str, ...]:
    """Return the references of the remarks, not the series' author's own, that say what the finding says."""
    found = [reference(c) for c in comments if c.author != author and says_the_same(c, finding)]
    return tuple(dict.fromkeys(found))
