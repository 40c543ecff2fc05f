# SPDX-License-Identifier: GPL-2.0-or-later
"""A file on one side of a patch, parsed and judged no further than it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from reviewbot.cache import NO_CACHE, Cache
from reviewbot.checks.fingerprint import Spot, spots
from reviewbot.checks.kept import side_key, spots_from_plain, spots_to_plain
from reviewbot.checks.rule import File, Rule
from reviewbot.checks.touched import touched
from reviewbot.csource.functions import Function
from reviewbot.csource.parse import parse
from reviewbot.model.tree import SourceFile

# what stands beside the digests of rules in an entry
_NAMES = "names of functions"


class Side:
    """One state of a file. `path` is the name that people call it by; `other` is the file on the patch's other side."""

    def __init__(
        self,
        path: str,
        source: SourceFile,
        sections: Mapping[int, str],
        introduced: frozenset[str] = frozenset(),
        cache: Cache = NO_CACHE,
    ) -> None:
        self.path = path
        self.source = source
        self.sections = sections
        self.introduced = introduced
        self.other: Side | None = None
        self._cache = cache
        self._spots: dict[str, tuple[Spot, ...]] = {}
        self._asked = False

    @cached_property
    def file(self) -> File:
        """The file as rules see it."""
        return File(parse(self.source, self.sections), self.introduced)

    @property
    def function_names(self) -> frozenset[str]:
        """The names of the functions of the file."""
        known = self._kept.get(_NAMES)
        if isinstance(known, list) and "file" not in self.__dict__:
            return frozenset(map(str, known))
        return frozenset(function.name for function in self.file.unit.functions)

    @property
    def known_lines(self) -> int:
        """How many lines of the file are known; of use only where not all of them are."""
        return sum(last - first + 1 for first, last in self.source.known or ())

    @cached_property
    def _functions(self) -> tuple[Function, ...]:
        """The functions that the patch has a part in."""
        return touched(self.file.unit, self.other.file.unit if self.other is not None else None)

    def spots(self, rule: Rule) -> tuple[Spot, ...]:
        """Return what a rule finds in the file, as far as the patch can have a part in it."""
        found = self._spots.get(rule.id)
        if found is None and rule.digest in self._kept:
            found = spots_from_plain(rule.id, self.path, self._kept[rule.digest])
        if found is None:
            problems = rule.problems(self.file, self._functions)
            found = tuple(spots(rule.id, self.path, self.source.data, problems))
            if rule.digest:
                self._kept[rule.digest] = spots_to_plain(found)
                self._asked = True
        self._spots[rule.id] = found
        return found

    @cached_property
    def _key(self) -> str | None:
        if self.introduced:
            return None
        return side_key(self.path, self.source, self.other.source if self.other is not None else None)

    @cached_property
    def _kept(self) -> dict[str, object]:
        """What was found in the same file beside the same other one before, by the digests of the rules."""
        found = self._cache.get(self._key) if self._key is not None else None
        return found if isinstance(found, dict) else {}

    def keep(self) -> None:
        """Let what the rules found be known the next time."""
        if self._asked and self._key is not None:
            self._kept[_NAMES] = sorted(self.function_names)
            self._cache.put(self._key, self._kept)
