# SPDX-License-Identifier: GPL-2.0-or-later
"""What the rules on waits, locks and retries find does not hang on what people call their functions and fields."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from reviewbot.checks.engine import run_checks
from reviewbot.checks.load import load_rules
from reviewbot.csource.parse import parse
from reviewbot.mail.read import read_mail
from reviewbot.model.tree import SourceFile
from reviewbot.patch.read import read_series
from reviewbot.tree.apply import apply_series
from reviewbot.tree.importing import import_directory
from reviewbot.tree.repository import open_tree
from tests.conftest import ROOT

FIXTURES = ROOT / "fixtures"
NAMES = {
    "condition-write-without-wake",
    "counter-reset-instead-of-decrement",
    "interruptible-sleep-ignores-signal",
    "loop-without-progress",
    "memdie-without-fatal-signal",
    "missing-unlock-on-exit",
    "nofail-flag-bypassed",
    "retry-without-exit",
    "schedule-without-state",
    "sleep-in-atomic",
    "unbalanced-counter",
    "uninitialized-use",
    "wait-without-wake",
    "waitqueue-protocol",
}
WORD = re.compile(r"[A-Za-z_]\w*")
Found = list[tuple[int, str, int | None, int | None]]


def own_names() -> set[str]:
    """The identifiers that the memory controller of the fixture tree and the series for it declare themselves."""
    texts = [(FIXTURES / "tree" / "mm" / "memcontrol.c").read_text()]
    texts.append("\n".join(added(FIXTURES / "series" / "memcg-oom-v1.mbox")))
    headers = " ".join(p.read_text() for p in (FIXTURES / "tree" / "include").rglob("*.h"))
    found: set[str] = set()
    for number, text in enumerate(texts):
        unit = parse(SourceFile("own.c", text.encode(), f"own-{number}"))
        for function in unit.functions:
            found |= {function.name, *function.labels} | {v.name for v in (*function.params, *function.locals)}
        found |= {field.name for struct in unit.structs.values() for field in struct.fields}
        found |= {variable.name for variable in unit.globals} | set(re.findall(r"\batomic_t (\w+);", text))
    return {name for name in found if name} - set(WORD.findall(headers))


def added(mailbox: Path) -> list[str]:
    """The lines that the patches of a mailbox add."""
    return [line[1:] for line in mailbox.read_text().split("\n") if line.startswith("+") and line[1:2] != "+"]


def review(tree: Path | None, mailbox: Path, scratch: Path) -> Found:
    """Run the rules on a mailbox, on a tree or on what it shows itself."""
    rules = [rule for rule in load_rules(ROOT / "rules") if rule.id in NAMES]
    found: Found = []
    series, _ = read_mail([str(mailbox)])
    for number, mail in enumerate(series):
        place = scratch / f"{mailbox.stem}-{number}-{tree is None}"
        place.mkdir(parents=True)
        one = read_series(mail)
        applied = apply_series(one, open_tree(str(tree)) if tree else None, "HEAD" if tree else None, place)
        found += [(number, f.rule, f.patch, f.line) for f in run_checks(one, applied, rules)]
    return sorted(found, key=str)


@pytest.mark.parametrize("on_tree", [True, False], ids=["tree", "no-tree"])
def test_the_findings_are_the_same_when_every_name_is_another(on_tree: bool, tmp_path: Path) -> None:
    renamed = {name: f"zz{number}q" for number, name in enumerate(sorted(own_names()))}
    assert len(renamed) > 100

    def rename(text: str) -> str:
        return WORD.sub(lambda word: renamed.get(word.group(), word.group()), text)

    shutil.copytree(FIXTURES / "tree", tmp_path / "files")
    mailbox = FIXTURES / "series" / "memcg-oom-v1.mbox"
    import_directory(FIXTURES / "tree", tmp_path / "before")
    for file in (tmp_path / "files").rglob("*.[ch]"):
        file.write_text(rename(file.read_text()))
    import_directory(tmp_path / "files", tmp_path / "after")
    (tmp_path / "renamed.mbox").write_text(rename(mailbox.read_text()))
    before = review(tmp_path / "before" if on_tree else None, mailbox, tmp_path / "scratch")
    after = review(tmp_path / "after" if on_tree else None, tmp_path / "renamed.mbox", tmp_path / "scratch")
    assert len(before) >= 10
    assert after == before
