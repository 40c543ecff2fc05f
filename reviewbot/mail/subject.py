# SPDX-License-Identifier: GPL-2.0-or-later
"""What a subject line says: `[RFC PATCH net-next v2 3/7] title`, and the ways in which people write that.

The shapes are those of the lists (field notes: `[PATCHSET]`, `[-next v2 3/4]`, `[PATHC]`, `v2.1`, `PATCHv2`, `n of m`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_SUBJECT = 2000
"""Longer subjects are cut: no mailer writes them."""

_REPLY = re.compile(
    r"(?:re|aw|antw|antwort|fwd?|sv|vs|tr|rv|res|enc|wg|odp|ref|答复|回复|转发|回覆|答覆|返信)"
    r"(?:\[\d{1,4}\]|\(\d{1,4}\)|\^\d{1,4})?[ \t]{0,4}[:：][ \t]*",
    re.I,
)
_SPACED_COUNTER = re.compile(r"(?<=\d) ?/ ?(?=\d)|(?<=\d) of (?=\d)")
_SPLIT = re.compile(r"[ \t,;:]+")
_COUNTER = re.compile(r"(\d{1,4})/(\d{1,4}|[nNxXmM])")
_GLUED = re.compile(r"(patch(?:es|set)?|rfc|resend)[-_.]?(v\d{1,3}(?:\.\d{1,2})?|\d{1,4}/\d{1,4})", re.I)
_VERSION = re.compile(r"-?v\.?(\d{1,3})(?:\.(\d{1,2}))?", re.I)
_PATCH_WORDS = frozenset({"patch", "patches", "patchset", "patchs", "patch-set", "pachset", "pathset"})
_SQUEEZE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject taken apart.

    `version`, `number` and `total` are None where the subject does not give them (`3/n` has a number and no total).
    `tags` are the other words in the brackets. `says_patch` tells that a bracket has the word PATCH, however misspelt.
    """

    title: str
    version: int | None = None
    number: int | None = None
    total: int | None = None
    tags: tuple[str, ...] = ()
    is_reply: bool = False
    says_patch: bool = False

    @property
    def is_submission(self) -> bool:
        """Whether the subject alone announces a patch or a cover: not a reply, with PATCH or an n/m counter."""
        return not self.is_reply and (self.says_patch or self.number is not None)

    @property
    def key(self) -> str:
        """The title as versions of a series share it: no case, no punctuation at the end, single spaces."""
        return self.title.casefold().rstrip(" .!")


def parse_subject(text: str) -> Subject:
    """Take a decoded subject apart; every text has a result."""
    rest = _SQUEEZE.sub(" ", text[:MAX_SUBJECT]).strip()
    is_reply = False
    words: list[str] = []
    while True:
        if match := _REPLY.match(rest):
            # a marker after the brackets ("[list] Re: …") makes a reply too
            is_reply = True
            rest = rest[match.end() :]
        elif group := _bracket(rest):
            words += _words(group.replace("[", " ").replace("]", " "))
            rest = rest[len(group) :].lstrip()
        else:
            return _assemble(rest, words, is_reply)


def _bracket(text: str) -> str:
    """Return the bracketed group that a text begins with, brackets within it included; "" where there is none."""
    depth = 0
    for at, char in enumerate(text):
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        if depth == 0:
            return text[: at + 1] if at else ""
    return ""


def _words(group: str) -> list[str]:
    """Split the inside of a bracket into words, what is glued together taken apart."""
    words = []
    for word in _SPLIT.split(_SPACED_COUNTER.sub("/", group).strip()):
        if glued := _GLUED.fullmatch(word):
            words += [glued[1], glued[2]]
        elif "/" in word and not _COUNTER.fullmatch(word) and any(_says_patch(part) for part in word.split("/")):
            words += word.split("/")
        elif word:
            words.append(word)
    return words


def _assemble(title: str, words: list[str], is_reply: bool) -> Subject:
    """Tell a bracket's words apart: PATCH, a version, a counter, tags."""
    version = number = total = None
    says_patch = False
    tags = []
    for word in words:
        if _says_patch(word):
            says_patch = True
        elif version is None and (match := _VERSION.fullmatch(word)) and _is_revision(match):
            version = int(match[1])
        elif number is None and (match := _COUNTER.fullmatch(word)):
            number = int(match[1])
            total = int(match[2]) if match[2].isdigit() else None
        else:
            tags.append(word)
    return Subject(title, version, number, total, tuple(tags), is_reply, says_patch)


def _is_revision(match: re.Match[str]) -> bool:
    """Tell `v2.1`, a corrected second version, from `v5.10`, the kernel that a backport is for."""
    return match[2] is None or (int(match[1]) < 4 and int(match[2]) < 4)


def _says_patch(word: str) -> bool:
    """Tell whether a word is PATCH with at most one letter lost, doubled or swapped with its neighbour."""
    word = word.strip("-_.").casefold()
    if word in _PATCH_WORDS:
        return True
    return word in _MISSPELT


def _misspellings(word: str) -> frozenset[str]:
    dropped = {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    doubled = {word[:i] + word[i] + word[i:] for i in range(len(word))}
    swapped = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    return frozenset(dropped | doubled | swapped)


_MISSPELT = _misspellings("patch")
