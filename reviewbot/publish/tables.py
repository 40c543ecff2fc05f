# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables of `reviewbot.toml`, read with their types; what is wrong is said with the file and the key."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reviewbot.model.errors import UnusableInputError


class Table:
    """A table of the file. Each method takes a key and gives its value; `finish` refuses the keys nobody asked for."""

    def __init__(self, file: Path, name: str, content: object) -> None:
        """Take the table `name`; UnusableInputError where `content` is no table."""
        self.file = file
        self.name = name
        if not isinstance(content, dict):
            raise UnusableInputError(f"{file}: {name or 'the file'} is not a table")
        self._content: dict[str, object] = content
        self._asked: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._content

    def fail(self, key: str, wrong: str) -> UnusableInputError:
        """Return the error that says what is wrong with a key."""
        return UnusableInputError(f"{self.file}: {self._called(key)} {wrong}")

    def _called(self, key: str) -> str:
        return f"{self.name}.{key}" if self.name else key

    def _take(self, key: str) -> object:
        self._asked.add(key)
        return self._content.get(key)

    def text(self, key: str, default: str | None = None) -> str | None:
        """Return a string that is not empty."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, str) or not value:
            raise self.fail(key, "is not a string")
        return value

    def needed(self, key: str) -> str:
        """Return a string that has to be there."""
        value = self.text(key)
        if value is None:
            raise self.fail(key, "is missing")
        return value

    def path(self, key: str) -> Path | None:
        """Return a path, taken relative to the file."""
        value = self.text(key)
        return None if value is None else self.file.parent / Path(value).expanduser()

    def choice(self, key: str, options: Sequence[str], default: str) -> str:
        """Return one of some words."""
        value = self.text(key, default)
        if value not in options:
            raise self.fail(key, f"is none of {', '.join(options)}: {value!r}")
        return str(value)

    def number(self, key: str, default: float, least: float = 0, most: float = 1e6) -> float:
        """Return a number within bounds."""
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fail(key, "is not a number")
        if not least <= value <= most:
            raise self.fail(key, f"is not between {least:g} and {most:g}: {value:g}")
        return value

    def integer(self, key: str, default: int, least: int = 0, most: int = 1_000_000) -> int:
        """Return a whole number within bounds."""
        value = self.number(key, default, least, most)
        if value != int(value):
            raise self.fail(key, "is not a whole number")
        return int(value)

    def flag(self, key: str, default: bool) -> bool:
        """Return true or false."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.fail(key, "is neither true nor false")
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, () where the key is not there."""
        value = self._take(key)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise self.fail(key, "is not a list of strings")
        return tuple(value)

    def table(self, key: str) -> Table:
        """Return a table within this one, an empty one where the key is not there."""
        value = self._take(key)
        return Table(self.file, self._called(key), {} if value is None else value)

    def tables(self, key: str) -> dict[str, Table]:
        """Return the tables within the table `key`, by name."""
        inner = self.table(key)
        return {name: inner.table(name) for name in inner._content}

    def finish(self) -> None:
        """Refuse keys that nobody asked for: a misspelt policy must not pass for the default."""
        unknown = sorted(set(self._content) - self._asked)
        if unknown:
            raise self.fail(unknown[0], f"is not known (known: {', '.join(sorted(self._asked))})")
