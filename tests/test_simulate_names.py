# SPDX-License-Identifier: GPL-2.0-or-later
"""Names mean nothing, statements do: renaming what a patch brings changes no verdict, editing it does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reviewbot.mail.read import read_mail
from reviewbot.patch.read import read_series
from reviewbot.simulate.run import simulate_series
from reviewbot.simulate.scenario import load_scenarios
from reviewbot.tree.apply import apply_series

# the kernel's own vocabulary in the mail: what the model, the world and the tree around the patch know by name
KERNEL = frozenset(
    [
        "asm",
        "auto",
        "bool",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "false",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "true",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
        "atomic_t",
        "atomic_add",
        "atomic_set",
        "atomic_read",
        "atomic_inc",
        "atomic_dec",
        "atomic_inc_return",
        "atomic_dec_return",
        "atomic_dec_and_test",
        "gfp_t",
        "mutex",
        "DEFINE_MUTEX",
        "mutex_lock",
        "mutex_unlock",
        "mutex_is_locked",
        "wait_queue_head_t",
        "DECLARE_WAIT_QUEUE_HEAD",
        "DEFINE_WAIT",
        "prepare_to_wait",
        "finish_wait",
        "schedule",
        "schedule_timeout",
        "wake_up_all",
        "TASK_INTERRUPTIBLE",
        "TASK_UNINTERRUPTIBLE",
        "TASK_KILLABLE",
        "test_thread_flag",
        "TIF_MEMDIE",
        "fatal_signal_pending",
        "signal_pending",
        "current",
        "NULL",
        "EINTR",
        "ENOMEM",
        "EBUSY",
        "GFP_KERNEL",
        "u64",
        "mem_cgroup",
        "mem_cgroup_walk_tree",
        "mem_cgroup_out_of_memory",
        "mem_cgroup_check_under_limit",
        "css_put",
        "css_get",
        "res_counter_uncharge",
        "mem_cgroup_uncharge_swap",
        "res_counter_read_u64",
        "RES_LIMIT",
        "refcnt",
        "counter",
        "entries",
        "eventfd_signal",
        "cgroup_lock",
        "cgroup_unlock",
        "cgroup",
        "cftype",
        "KERN_WARNING",
        "kzalloc",
        "printk",
        "rcu_assign_pointer",
        "rcu_dereference",
        "strcmp",
        "schedule_timeout_uninterruptible",
        "mem_cgroup_from_cont",
    ]
)
_WORD = re.compile(r"(?<![\w./<#-])[A-Za-z_]\w{2,}(?![\w./])")
_MARKED = re.compile(r"^\+(?!\+\+ )(?P<text>.*)$")


def names_brought(mail: str) -> frozenset[str]:
    """Return the names that added lines bring and no line before them shows, but for the kernel's own.

    They are those of functions, variables, fields, records and labels alike.
    """
    brought: set[str] = set()
    known: set[str] = set(KERNEL)
    for line in mail.split("\n"):
        found = _MARKED.match(line)
        if re.match(r"\+\s+\*|[^ +-]|$", line):
            continue
        code = (found["text"] if found else line[1:]).partition("/*")[0]
        words = set(_WORD.findall(re.sub(r'"[^"]*"', "", code)))
        if found:
            brought |= words - known
        else:
            known |= words - brought
    return frozenset(brought)


def renamed(text: str) -> str:
    """Give every name that the series brings another one of the same length, wherever it stands."""
    brought = names_brought(text)
    letters = str.maketrans("abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
    new = {name: name.translate(letters) for name in brought}
    return _WORD.sub(lambda found: new.get(found[0], found[0]), text)


def woken(text: str) -> str:
    """Add a wake-up after the walk that clears the flags, and its line to the count of the hunk."""
    lines = text.split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith("+") and "unset_memcg_oom_cb);" in line)
    indent = re.match(r"\+(\s*)", lines[at])
    assert indent
    lines.insert(at + 1, "+" + indent[1] + "wake_up_all(&memcg_oom_queue);")
    head = max(i for i in range(at) if lines[i].startswith("@@"))
    counts = re.fullmatch(r"@@ -(\d+),(\d+) \+(\d+),(\d+) @@(.*)", lines[head])
    assert counts
    lines[head] = f"@@ -{counts[1]},{counts[2]} +{counts[3]},{int(counts[4]) + 1} @@{counts[5]}"
    return "\n".join(lines)


def verdict(mailbox: Path, fixtures: Path, scratch: Path) -> tuple[str, list[tuple[str, int | None]]]:
    """Return the verdict on lost wake-ups after the first patch, with no tree, and where its schedule goes."""
    found, _ = read_mail([str(mailbox)])
    series = read_series(found[0])
    applied = apply_series(series, None, None, scratch)
    chosen = [s for s in load_scenarios(fixtures / "scenarios") if s.name == "two-chargers-one-victim"]
    results = simulate_series(series, applied, chosen)
    result = next(r for r in results if r.property == "no-lost-wakeup")
    return result.verdict, [(step.task, step.line) for step in result.schedule]


@pytest.fixture
def first_version(fixtures: Path) -> str:
    """The mailbox of the first version."""
    return (fixtures / "series/memcg-oom-v1.mbox").read_text()


def test_renaming_everything_that_a_patch_brings_changes_no_verdict(
    first_version: str, fixtures: Path, tmp_path: Path
) -> None:
    other = tmp_path / "renamed.mbox"
    other.write_text(renamed(first_version))
    assert "memcg_handle_oom" not in other.read_text()
    before = verdict(fixtures / "series/memcg-oom-v1.mbox", fixtures, tmp_path)
    assert before[0] == "violated"
    assert verdict(other, fixtures, tmp_path) == before


def test_renaming_everything_that_a_real_posting_brings_changes_no_verdict(
    shared: Path, fixtures: Path, tmp_path: Path
) -> None:
    posted = shared / "corpus/seed-thread.txt"
    other = tmp_path / "renamed.txt"
    other.write_text(renamed(posted.read_text()))
    assert "memcg_handle_oom" not in other.read_text()
    before = verdict(posted, fixtures, tmp_path)
    assert before[0] == "violated"
    assert verdict(other, fixtures, tmp_path) == before


def test_adding_the_missing_wake_up_changes_the_verdict(first_version: str, fixtures: Path, tmp_path: Path) -> None:
    other = tmp_path / "woken.mbox"
    other.write_text(woken(first_version))
    assert verdict(other, fixtures, tmp_path)[0] != "violated"
