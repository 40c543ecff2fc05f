# SPDX-License-Identifier: GPL-2.0-or-later
"""Loading rules from directories of Python files."""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from reviewbot.cache import digest
from reviewbot.checks.rule import Rule
from reviewbot.model.errors import UnusableInputError
from reviewbot.model.finding import SEVERITIES

_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_MISSING = object()


def load_rules(*directories: Path) -> tuple[Rule, ...]:
    """Load the rules of all `*.py` files (those that begin with `_` aside) of the directories, ordered by id.

    Loading runs the files: a directory of rules is trusted as the program is. Raises UnusableInputError naming the
    file and the reason when a directory is missing, a file cannot be run or does not define a rule (see
    `reviewbot.checks.rule`), or two files have the same id.
    """
    rules: dict[str, Rule] = {}
    for directory in directories:
        if not directory.is_dir():
            raise UnusableInputError(f"{directory}: no such directory of rules")
        for path in sorted(directory.glob("*.py")):
            if path.name.startswith("_"):
                continue
            rule = load_rule(path)
            if rule.id in rules:
                raise UnusableInputError(f"{path}: the id {rule.id!r} is that of {rules[rule.id].path} already")
            rules[rule.id] = rule
    return tuple(rules[name] for name in sorted(rules))


def load_rule(path: Path) -> Rule:
    """Load the rule of one file; UnusableInputError as for `load_rules`."""
    module = _run(path)
    given = {name: getattr(module, name, _MISSING) for name in ("id", "severity", "GOOD", "BAD")}
    missing = [name for name, value in given.items() if value is _MISSING]
    if missing:
        raise UnusableInputError(f"{path}: a rule needs {', '.join(missing)}")
    if not isinstance(given["id"], str) or not _ID.fullmatch(given["id"]):
        raise UnusableInputError(f"{path}: id is {given['id']!r}, not a name like wait-without-wake")
    if given["severity"] not in SEVERITIES:
        raise UnusableInputError(f"{path}: severity is {given['severity']!r}, not one of {', '.join(SEVERITIES)}")
    explanation = (module.__doc__ or "").strip()
    if not explanation:
        raise UnusableInputError(f"{path}: a rule needs a docstring that explains it")
    checks = [getattr(module, name, None) for name in ("check", "check_file", "check_series", "check_change")]
    if sum(callable(one) for one in checks) != 1:
        kinds = "check(code), check_file(file), check_series(series) and check_change(change)"
        raise UnusableInputError(f"{path}: a rule defines one of {kinds}")
    good, bad = (_examples(path, name, given[name]) for name in ("GOOD", "BAD"))
    made = Rule(given["id"], cast("Any", given["severity"]), explanation, good, bad, path, *cast("Any", checks))
    made = replace(made, by_file=checks[2] is not None and getattr(module, "BY_FILE", False) is True)
    return replace(made, digest=digest(path.name, path.read_bytes()))


def _examples(path: Path, name: str, value: object) -> tuple[str, ...]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise UnusableInputError(f"{path}: {name} is not a list of C examples")
    texts = tuple(value)
    if not all(isinstance(text, str) for text in texts):
        raise UnusableInputError(f"{path}: {name} is not a list of C examples")
    return texts


def _run(path: Path) -> ModuleType:
    """Run the file as a module; it is in `sys.modules` only while it runs, as dataclasses in it ask for that."""
    name = f"reviewbot_rule_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UnusableInputError(f"{path}: cannot be loaded as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # whatever a file of somebody else's raises, the answer is the same clear line
        line = f" (line {error.lineno})" if isinstance(error, SyntaxError) and error.lineno else ""
        reason = " ".join(str(getattr(error, "msg", error)).split())
        raise UnusableInputError(f"{path}: {type(error).__name__}: {reason}{line}") from error
    finally:
        del sys.modules[name]
    return module
