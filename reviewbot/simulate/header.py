# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading scenario files: the header comment is data and checked as such; the C below it is checked to parse."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from reviewbot.csource.parse import parse
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.tree import SourceFile
from reviewbot.simulate.spec import BUILT_IN, DEFAULT_STATES, Group, Options, Scenario, TaskSpec, WorldFile

_KEY = re.compile(r"([a-z-]{1,20}):(?:\s+(\S.*))?")
_OPTIONS = r"(?:\{([^{}]{0,300})\})?"
_GROUP = re.compile(r"\s*(\w[\w/]{0,80})\s*" + _OPTIONS + r"\s*")
_TASK = re.compile(r"\s*(\w{1,60})\s*\(\s*(\w[\w/]{0,80})?\s*\)\s*" + _OPTIONS + r"\s*(?:x\s*([1-9]))?\s*")
_OPTION = re.compile(r"\s*(\w{1,40})\s*:\s*(-?\d{1,9})(?:\s+[a-z]{1,20})?\s*")
_PROPERTY = re.compile(r"[a-z][a-z-]{1,60}")
_PLAIN = re.compile(r"\w{1,80}")
_FILE = re.compile(r"[\w./-]{1,120}")
_REDIRECT = re.compile(r"\s*(\w{1,80})\s*=\s*(\w{1,80})\s*")
_CONSTANT = re.compile(r"\s*(\w{1,80})\s*=\s*(\d{1,9})\s*")
_SCENARIO_KEYS = ("scenario", "world", "groups", "tasks", "expect", "covers", "redirect", "files", "states")
_WORLD_KEYS = ("world", "needs", "files", "redirect", "group-type", "constants", "killer", "fragments")
MOST_BYTES = 200_000
MOST_TASKS = 6
Fields = dict[str, tuple[int, str]]


def load_scenarios(*directories: Path) -> tuple[Scenario, ...]:
    """Read the scenarios (`*.c`) of some directories, in order of their names.

    Raises UnusableInputError, with file and line, for one that is not written as it must be, and for two of one name.
    """
    found: dict[str, Scenario] = {}
    for directory in directories:
        if not directory.is_dir():
            raise UnusableInputError(f"{directory}: there is no such directory of scenarios")
        for file in sorted(directory.glob("*.c")):
            scenario = read_scenario(file)
            if scenario.name in found:
                raise UnusableInputError(
                    f"{file}:1: the scenario {scenario.name} is also in {found[scenario.name].path}"
                )
            found[scenario.name] = scenario
    return tuple(found[name] for name in sorted(found))


def read_scenario(file: Path) -> Scenario:
    """Read one scenario; UnusableInputError, with file and line, if it is not written as it must be."""
    text = _text(file)
    fields, about = _header(file, text, "scenario", _SCENARIO_KEYS)
    line, name = fields["scenario"]
    if not _PROPERTY.fullmatch(name):
        raise _wrong(file, line, f"{name!r} is no name for a scenario: small letters and hyphens")
    groups = tuple(_groups(file, fields))
    tasks = tuple(_tasks(file, fields, {group.name for group in groups}))
    expect = _words(file, fields, "expect", _PROPERTY)
    if not expect:
        raise _wrong(file, line, "no `expect:` line, so there is nothing to check")
    worlds = tuple(
        _world(file.parent / word, file, fields.get("world", (0, ""))[0])
        for word in _words(file, fields, "world", _FILE)
    )
    states = _number(file, fields, "states", DEFAULT_STATES)
    scenario = Scenario(
        name, str(file), text, about, groups, tasks, expect, _words(file, fields, "covers", _FILE), states, worlds,
        _redirect(file, fields), _words(file, fields, "files", _FILE),
    )  # fmt: skip
    _check_c(file, text, scenario, worlds, fields)
    return scenario


def _text(file: Path) -> str:
    data = file.read_bytes()
    if len(data) > MOST_BYTES:
        raise UnusableInputError(f"{file}:1: larger than {MOST_BYTES} bytes")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _wrong(file, line, "this is not UTF-8 text") from None


def _wrong(file: Path, line: int, text: str) -> UnusableInputError:
    return UnusableInputError(f"{file}:{line}: {text}")


def _header(file: Path, text: str, first: str, known: Sequence[str]) -> tuple[Fields, str]:
    """Return the fields of the first comment with their lines, and the sentences between them."""
    fields: Fields = {}
    about: list[str] = []
    last = ""
    for number, raw in _comment(file, text):
        found = _KEY.fullmatch(raw.strip())
        if found and (found[1] in known or (not about and not fields)):
            last = found[1]
            if last not in known:
                raise _wrong(file, number, f"the comment must begin with `{first}:`, not with `{last}:`")
            if last in fields:
                raise _wrong(file, number, f"`{last}:` is given twice")
            if not fields and last != first:
                raise _wrong(file, number, f"the comment must begin with `{first}:`")
            fields[last] = (number, found[2] or "")
        elif found and fields and found[2] and raw[:1] != " ":
            raise _wrong(file, number, f"`{found[1]}:` is no key that is known; there are {', '.join(known)}")
        elif raw[:1] == " " and raw.strip() and last:
            at, value = fields[last]
            fields[last] = (at, f"{value} {raw.strip()}")
        elif raw.strip():
            about.append(raw.strip())
    if first not in fields:
        raise _wrong(file, 1, f"the first comment has no `{first}:` line")
    return fields, " ".join(about)


def _comment(file: Path, text: str) -> Iterator[tuple[int, str]]:
    """Yield the lines of the first block comment that is no licence line, with their numbers, marks removed."""
    inside = False
    for number, line in enumerate(text.split("\n"), 1):
        if not inside:
            if not line.strip() or "SPDX-License-Identifier" in line:
                continue
            if not line.startswith("/*"):
                break
            inside, line = True, line[2:]
        body, end, _ = line.partition("*/")
        body = body.lstrip(" ")
        yield number, (body[1:] if body.startswith("*") else body).removeprefix(" ").rstrip()
        if end:
            return
    raise _wrong(file, 1, "the file must begin with a comment that states the scenario")


def _split(value: str) -> list[str]:
    """Split at commas outside of braces."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(value):
        depth += (char == "{") - (char == "}")
        if char == "," and depth == 0:
            parts.append(value[start:at])
            start = at + 1
    parts.append(value[start:])
    return [part.strip() for part in parts if part.strip()]


def _options(file: Path, line: int, text: str | None) -> Options:
    options = []
    for part in _split(text or ""):
        found = _OPTION.fullmatch(part)
        if not found:
            raise _wrong(file, line, f"{part!r} is no option; it must read `name: number`")
        options.append((found[1], int(found[2])))
    return tuple(options)


def _groups(file: Path, fields: Fields) -> Iterator[Group]:
    line, value = fields.get("groups", (0, ""))
    seen: set[str] = set()
    for part in _split(value):
        found = _GROUP.fullmatch(part)
        if not found:
            raise _wrong(file, line, f"{part!r} is no group; it must read `A/B{{limit: 1}}`")
        parent = found[1].rpartition("/")[0] or None
        if found[1] in seen or (parent is not None and parent not in seen):
            raise _wrong(file, line, f"the group {found[1]} is given twice or before its parent")
        seen.add(found[1])
        yield Group(found[1], parent, _options(file, line, found[2]))


def _tasks(file: Path, fields: Fields, groups: set[str]) -> Iterator[TaskSpec]:
    line, value = fields.get("tasks", (1, ""))
    made: list[TaskSpec] = []
    for part in _split(value):
        found = _TASK.fullmatch(part)
        if not found:
            raise _wrong(file, line, f"{part!r} is no task; it must read `function(group){{key: 1}} x2`")
        if found[2] is not None and found[2] not in groups:
            raise _wrong(file, line, f"the group {found[2]} of {found[1]} is not among `groups:`")
        made += [TaskSpec("", found[1], found[2], _options(file, line, found[3]))] * int(found[4] or 1)
    if not 1 <= len(made) <= MOST_TASKS:
        raise _wrong(file, line, f"{len(made)} tasks; there must be 1 to {MOST_TASKS}")
    for at, task in enumerate(made):
        same = [other for other in made if other.function == task.function]
        number = sum(other.function == task.function for other in made[: at + 1])
        name = task.function if len(same) == 1 else f"{task.function}-{number}"
        yield TaskSpec(name, task.function, task.group, task.options)


def _words(file: Path, fields: Fields, key: str, form: re.Pattern[str]) -> tuple[str, ...]:
    line, value = fields.get(key, (0, ""))
    words = _split(value)
    for word in words:
        if not form.fullmatch(word):
            raise _wrong(file, line, f"{word!r} cannot stand in `{key}:`")
    return tuple(words)


def _number(file: Path, fields: Fields, key: str, default: int) -> int:
    line, value = fields.get(key, (0, str(default)))
    if not value.isdigit() or len(value) > 8 or int(value) == 0:
        raise _wrong(file, line, f"`{key}:` must be a number above 0")
    return int(value)


def _redirect(file: Path, fields: Fields) -> tuple[tuple[str, str], ...]:
    line, value = fields.get("redirect", (0, ""))
    made = []
    for part in _split(value):
        found = _REDIRECT.fullmatch(part)
        if not found:
            raise _wrong(file, line, f"{part!r} is no redirection; it must read `theirs = ours`")
        made.append((found[1], found[2]))
    return tuple(made)


def _constants(file: Path, fields: Fields) -> tuple[tuple[str, int], ...]:
    line, value = fields.get("constants", (0, ""))
    made = []
    for part in _split(value):
        found = _CONSTANT.fullmatch(part)
        if not found:
            raise _wrong(file, line, f"{part!r} is no constant; it must read `NAME = number`")
        made.append((found[1], int(found[2])))
    return tuple(made)


def _world(path: Path, scenario: Path, line: int) -> WorldFile:
    if not path.is_file():
        raise _wrong(scenario, line, f"there is no {path.name} beside it")
    text = _text(path)
    fields, about = _header(path, text, "world", _WORLD_KEYS)
    return WorldFile(
        str(path), text, _words(path, fields, "needs", _PLAIN), _words(path, fields, "files", _FILE),
        _redirect(path, fields),
        fields.get("group-type", (0, ""))[1] or None, _constants(path, fields),
        fields.get("killer", (0, ""))[1] or None, fields.get("fragments", (0, "no"))[1] == "yes", about,
    )  # fmt: skip


def _check_c(file: Path, text: str, scenario: Scenario, worlds: Sequence[WorldFile], fields: Fields) -> None:
    unit = parse(SourceFile(str(file), text.encode(), scenario.key))
    for error in unit.errors:
        raise _wrong(file, error.line, f"this is no C that can be read: {error.text[:60]!r}")
    known = {function.name for function in unit.functions}
    for task in scenario.tasks:
        if task.function not in known:
            raise _wrong(file, fields["tasks"][0], f"there is no function {task.function} below for the task")
    everything = text + "".join(world.text for world in worlds)
    for prop in scenario.expect:
        if (
            prop not in BUILT_IN
            and f'"{prop}"' not in everything
            and f"holds_{prop.replace('-', '_')}(" not in everything
        ):
            raise _wrong(file, fields["expect"][0], f"nothing checks the property {prop}")
