# SPDX-License-Identifier: GPL-2.0-or-later
"""What a changelog says that its patch does: "Add foo()", "Take foo_lock"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_VERBS = "add|introduce|implement|remove|delete|drop|rename|export|unexport|call|use|convert|take|grab|acquire|replace"
_FILLERS = "a|an|the|new|old|helper|function|static|inline|wrapper|macro|and|unused|obsolete|missing|also|to|both"
# a sentence in the imperative: at the start of a paragraph or after a full stop, or as an item of a list
_CLAIM = re.compile(
    rf"(?:^|\.\s|^[-*+]\s)\s*(?:then\s|so\s|also\s|therefore,?\s)?({_VERBS})\s+((?:(?:{_FILLERS})\s+){{0,4}})"
    r"`?([A-Za-z_]\w{3,})(\(\))?[`'\"]?(?!\w|[(/:*-]|\.\w)",
    re.IGNORECASE,
)
_LOCK = re.compile(r"[a-z]\w*_(?:lock|mutex|sem|rwsem)")
# such a sentence is about another change, or about what should not be done
_ELSEWHERE = re.compile(
    r"\b(?:patch|patches|commit|series|later|future|follow\w*|next|previous\w*|earlier|will|would|could|should|might"
    r"|not|never|instead of|without|like|similar|same|v\d+|if|when|tree|upstream|already)\b",
    re.IGNORECASE,
)
_LONGEST = 20_000
_QUOTED = re.compile(r"^(?:\s{2,}|\t|>|\||#|\[|\d)")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that says what is done to a function or a lock, and that name."""

    sentence: str
    verb: str
    name: str


def claims(log: str) -> Iterator[Claim]:
    """Yield what a log says that its patch does to functions, written `name()`, and to locks."""
    for sentence in _sentences(log[:_LONGEST]):
        found = _CLAIM.match(sentence)
        if found is None or _ELSEWHERE.search(sentence):
            continue
        verb, _, name, call = found.groups()
        if call or (verb.lower() in ("take", "grab", "acquire") and _LOCK.fullmatch(name)):
            yield Claim(sentence, verb.lower(), name)


def _sentences(log: str) -> Iterator[str]:
    """Yield the sentences of a log; quoted output, code and what stands behind the trailers' `---` are none."""
    for paragraph in log.partition("\n---")[0].split("\n\n"):
        lines = paragraph.strip("\n").split("\n")
        if any(_QUOTED.match(line) for line in lines):
            continue
        items: list[list[str]] = [[]]
        for line in lines:
            if line.startswith(("- ", "* ", "+ ")):
                items.append([])
            items[-1].append(line)
        for item in items:
            text = " ".join(" ".join(item).split())
            yield from (part for part in re.split(r"(?<=[.;])\s+(?=[A-Z])", text) if part)
