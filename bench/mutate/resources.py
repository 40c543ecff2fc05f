# SPDX-License-Identifier: GPL-2.0-or-later
"""Planting defects of what is taken and must be given back: locks, memory, references."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bench.mutate.lines import ALLOCATES, LEAVES, Body, Plant


def dropped_unlock(body: Body) -> Iterator[Plant]:
    """One of several unlocks is missing."""
    for at, match in body.find(r"((?:mutex|spin|raw_spin|read|write)_unlock\w*)\((&?[\w>.\[\]-]+)(?:, flags)?\);"):
        lock = match[1].replace("unlock", "lock").replace("irqrestore", "irqsave")
        if body.text.count(f"{match[1]}({match[2]}") > 1 and f"{lock}({match[2]}" in body.text and body.alone(at):
            yield body.plant("dropped-unlock", at, at)


def dropped_lock(body: Body) -> Iterator[Plant]:
    """What is unlocked was never locked."""
    for at, match in body.find(r"((?:mutex|spin|raw_spin)_lock(?:_irq|_bh)?)\((&?[\w>.\[\]-]+)\);"):
        unlock = f"{match[1].replace('lock', 'unlock')}({match[2]})"
        if body.text.count(f"{match[1]}({match[2]})") == 1 and unlock in body.text and body.alone(at):
            yield body.plant("dropped-lock", at, at)


def double_unlock(body: Body) -> Iterator[Plant]:
    """A lock is released before a jump to a label that releases it."""
    for at, match in body.find(r"goto (\w+);"):
        for line in body.after_label(match[1], 2):
            if re.fullmatch(r"(?:mutex|spin)_unlock\w*\(.*\);", line) and body.alone(at):
                yield body.plant("double-unlock", at, at, body.indent(at) + line, body.lines[at])
                break


def wrong_irq_unlock(body: Body) -> Iterator[Plant]:
    """Interrupts are switched on where the saved state is to be restored."""
    for at, match in body.find(r"spin_unlock_irqrestore\((.*), flags\);"):
        yield body.plant("wrong-irq-unlock", at, at, f"{body.indent(at)}spin_unlock_irq({match[1]});")


def sleeping_allocation(body: Body) -> Iterator[Plant]:
    """Memory is asked for with GFP_KERNEL under a spinlock."""
    held = False
    for at, line in enumerate(body.lines):
        if re.search(r"\bspin_lock\w*\(|rcu_read_lock\(", line):
            held = True
        elif re.search(r"\bspin_unlock\w*\(|rcu_read_unlock\(", line):
            held = False
        elif held and re.search(r"alloc\w*\(.*\bGFP_ATOMIC\b", line):
            yield body.plant("sleeping-allocation", at, at, line.replace("GFP_ATOMIC", "GFP_KERNEL"))


def dropped_free(body: Body) -> Iterator[Plant]:
    """What was allocated is not freed on the way out with an error."""
    for at, match in body.find(r"(?:kv?free|vfree|kmem_cache_free)\((?:\w+, )?(\w+)\);"):
        got = re.search(rf"\b{match[1]} = (?:{ALLOCATES})\(", body.text)
        leaves = any(
            re.match(r"return (?:-E\w+|ret|err|error|rc|ERR_PTR\(.*\)|NULL)\b", line.strip())
            or line.strip().startswith("goto ")
            for line in body.lines[at + 1 : at + 4]
        )
        if got and leaves and body.alone(at) and body.text.count(f"free({match[1]})") == 1:
            yield body.plant("dropped-free", at, at)


def dropped_put(body: Body) -> Iterator[Plant]:
    """A reference is not dropped on the way out with an error."""
    for at, match in body.find(r"(\w+_put|put_\w+|fput|iput|dput|css_put)\((?:&?)([\w>.-]+)\);"):
        what = re.escape(match[2])
        name = match[1].replace("_put", "").replace("put_", "")
        got = re.search(
            rf"\b{what} = \w*(?:get|find|lookup|grab|{name})\w*\(|(?:get_\w+|\w+_get\w*|igrab|fget)\(&?{what}\)",
            body.text,
        )
        leaves = any(LEAVES.fullmatch(line) for line in body.lines[at + 1 : at + 3])
        if got and leaves and body.alone(at) and len(re.findall(rf"put\w*\(&?{what}\)", body.text)) > 1:
            yield body.plant("dropped-put", at, at)


def use_after_free(body: Body) -> Iterator[Plant]:
    """An object is freed a statement too early."""
    for at, match in body.find(r"(?:kv?free|\w+_put|put_\w+)\((\w+)\);"):
        above = body.line(at - 1)
        if above.rstrip().endswith(";") and re.search(rf"\b{match[1]}->", above) and body.alone(at - 1):
            yield body.plant("use-after-free", at - 1, at, body.lines[at], above)


def double_free(body: Body) -> Iterator[Plant]:
    """An object is freed before a jump to a label that frees it."""
    for at, match in body.find(r"goto (\w+);"):
        for line in body.after_label(match[1], 3):
            freed = re.fullmatch(r"kv?free\((\w+)\);", line)
            got = freed and re.search(rf"\b{freed[1]} = (?:{ALLOCATES})\(", "\n".join(body.lines[: at - 2]))
            if got and body.alone(at):
                yield body.plant("double-free", at, at, body.indent(at) + line, body.lines[at])
                break


def unlocked_dereference(body: Body) -> Iterator[Plant]:
    """What RCU protects is looked at after the read side is over."""
    for at, match in body.find(r"rcu_read_unlock\(\);"):
        above = body.line(at - 1)
        for name in re.findall(r"\b(\w+)->", above):
            taken = re.search(
                rf"\b{name} = (?:rcu_dereference\w*|mem_cgroup_from_task|find_\w+|\w+_lookup\w*)\(", body.text
            )
            if taken and above.rstrip().endswith(";") and body.alone(at - 1) and match:
                yield body.plant("unlocked-dereference", at - 1, at, body.lines[at], above)
                break


PLANTERS = (
    dropped_unlock, dropped_lock, double_unlock, wrong_irq_unlock, sleeping_allocation, dropped_free, dropped_put,
    use_after_free, double_free, unlocked_dereference,
)  # fmt: skip
