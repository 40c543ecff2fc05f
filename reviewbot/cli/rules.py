# SPDX-License-Identifier: GPL-2.0-or-later
"""`reviewbot rules`: what the rules are, and help with writing one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from reviewbot.model.errors import UnusableInputError

if TYPE_CHECKING:
    from reviewbot.checks.rule import Rule

OWN = click.option(
    "--rules", "directories", multiple=True, metavar="DIR", help="Rules of your own, besides the bundled."
)

START = '''# SPDX-License-Identifier: GPL-2.0-or-later
"""{title}

Say here what is wrong with the code that the rule reports, why it matters, and how to fix it: this text is shown
with each finding's explanation.
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewbot.checks.rule import Code, Problem
from reviewbot.csource.events import CallEvent, events

id = "{name}"
severity = "warning"

GOOD = [
    """
void good(void)
{{
	permitted();
}}
""",
]

BAD = [
    """
void bad(void)
{{
	forbidden(); /* finding */
}}
""",
]


def check(code: Code) -> Iterator[Problem]:
    """Report each call of forbidden() that can be reached: replace this by what your rule is about."""
    for node in code.cfg.nodes:
        for event in events(code.cfg, node.id):
            if isinstance(event, CallEvent) and event.name == "forbidden":
                yield Problem(event.line, "Is forbidden() meant here? permitted() does the same without harm.")
'''


def _load(directories: tuple[str, ...]) -> tuple[Rule, ...]:
    from reviewbot.checks.load import load_rules
    from reviewbot.resources import bundled

    return load_rules(bundled("rules"), *(Path(one) for one in directories))


@click.group("rules")
def command() -> None:
    """List, show, test and start rules.

    \b
    Examples:
      reviewbot rules list
      reviewbot rules show wait-without-wake
      reviewbot rules new no-forbidden-call my-rules/
      reviewbot rules test my-rules/
    """


@command.command("list")
@OWN
def list_rules(directories: tuple[str, ...]) -> None:
    """Print the rules, one a line: id, severity, title.

    \b
    Example:
      reviewbot rules list
    """
    for rule in _load(directories):
        click.echo(f"{rule.id:36} {rule.severity:8} {rule.explanation.splitlines()[0]}")


@command.command("show")
@click.argument("name")
@OWN
def show_rule(name: str, directories: tuple[str, ...]) -> None:
    """Print what a rule is about, with its examples.

    \b
    Example:
      reviewbot rules show uninitialized-use
    """
    rules = {rule.id: rule for rule in _load(directories)}
    if name not in rules:
        raise UnusableInputError(f"there is no rule {name}; `reviewbot rules list` prints them")
    rule = rules[name]
    click.echo(f"{rule.id} ({rule.severity})\n\n{rule.explanation}")
    for kind, examples in (("Reported", rule.bad), ("Not reported", rule.good)):
        for example in examples:
            click.echo(f"\n{kind}:\n{example.rstrip()}")


@command.command("test")
@click.argument("directory")
def test_rules(directory: str) -> int:
    """Run the rules of DIRECTORY on their own GOOD and BAD examples; exits with 1 when one fails.

    \b
    Example:
      reviewbot rules test my-rules/
    """
    from reviewbot.checks.examples import run_examples
    from reviewbot.checks.load import load_rules

    failed = total = 0
    for rule in load_rules(Path(directory)):
        for result in run_examples(rule):
            total += 1
            if not result.passed:
                failed += 1
                place = f"{rule.id}: {result.kind} {result.number}"
                click.echo(f"{place}: expected lines {list(result.expected)}, found {list(result.found)}")
    click.echo(f"{total} examples, {failed} failed")
    return int(failed > 0)


@command.command("new")
@click.argument("name")
@click.argument("directory")
def new_rule(name: str, directory: str) -> None:
    """Write a rule to start from, which passes its own examples, into DIRECTORY.

    \b
    Example:
      reviewbot rules new no-forbidden-call my-rules/
    """
    file = Path(directory) / f"{name.replace('-', '_')}.py"
    if not name.replace("-", "").isalnum() or name != name.lower():
        raise UnusableInputError(f"{name!r} is no name for a rule: small letters, digits and hyphens")
    if file.exists():
        raise UnusableInputError(f"{file} is there already")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(START.format(name=name, title=name.replace("-", " ").capitalize() + "."))
    click.echo(f"{file}: edit it, then run `reviewbot rules test {directory}`")
