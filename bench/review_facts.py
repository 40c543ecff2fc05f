# SPDX-License-Identifier: GPL-2.0-or-later
"""What is known of each defect in `bench.review_truth`: what could find it, and which rules say the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Means = Literal["rule", "simulator", "knowledge"]


@dataclass(frozen=True, slots=True)
class Fact:
    """`means` is what could find a defect, `why` what it takes, `rules` are the ids of the rules that say the same.

    "rule": to be seen in the files that the series changes; "simulator": an interleaving; "knowledge": what functions
    and counters stand for, or the locks and calls of files that the series does not touch.
    """

    means: Means
    why: str
    rules: frozenset[str] = frozenset()


def _rule(why: str, *rules: str) -> Fact:
    return Fact("rule", why, frozenset(rules))


def _knowledge(why: str) -> Fact:
    return Fact("knowledge", why)


FACTS: dict[tuple[str, int], Fact] = {
    ("20221130-linan122-iocost-bugfix-v2", 3416): _rule("types of a value and of what it passes", "narrowed-result"),
    ("20230124-apopple-mm-introduce-a-cgroup-to-limit-the-amount-of-v1", 177): _rule(
        "a label that undoes what failed", "wrong-error-label"
    ),
    ("20230206-apopple-mm-introduce-a-cgroup-to-limit-the-amount-of-v1", 159): _knowledge(
        "which of two charging functions keeps to the limit"
    ),
    ("20230224-leitao-blk-iocost-initialize-rqos-before-accessing-v1", 2893): _knowledge(
        "that requests come as soon as the policy is registered"
    ),
    ("20230301-surenb-psi-remove-500ms-min-window-size-limitation-v1", 1280): _rule(
        "an unsigned type", "unsigned-range-from-zero", "unsigned-below-zero"
    ),
    ("20230315-jurilelli-sched-deadline-cpuset-rework-deadline-bandwi-v1", 2497): _rule(
        "counters moved in a loop that may still fail", "unbalanced-counter"
    ),
    ("20230323-yosryahmed-make-rstat-flushing-irq-and-sleep-friendly-v1", 647): _rule(
        "that a function of another file of the series sleeps when its argument says so", "sleep-in-atomic"
    ),
    ("20230403-ziyan-split-a-folio-to-any-lower-order-folios-v3", 2801): _knowledge(
        "that both counters mean the same for two kinds of pages"
    ),
    ("20230329-jurilelli-sched-deadline-cpuset-rework-deadline-bandwi-v1", 2650): Fact(
        "simulator", "two tasks that change a plain counter under different locks"
    ),
    ("20240916-costashul-genirq-cpuhotplug-adjust-managed-interrupts-v3", 307): _knowledge(
        "that a device still has requests"
    ),
    ("20240916-costashul-genirq-cpuhotplug-adjust-managed-interrupts-v3", 342): _knowledge(
        "which lock the function's other callers hold"
    ),
    ("20241017-joshuahahnjy-memcg-hugetlb-adding-hugetlb-counters-to-mem-v1", 1930): _knowledge(
        "which group was charged"
    ),
    ("20241023-joshuahahnjy-memcg-hugetlb-adding-hugetlb-counters-to-mem-v2", 220): _knowledge(
        "what the suffix of a counter's name stands for"
    ),
    ("20241025-shakeelbutt-memcg-v1-fully-deprecate-charge-moving-v1", 3663): _rule(
        "that nothing reads a variable any more", "unused-variable"
    ),
    ("20241102-viro-net-socket-c-switch-to-class-fd-v3", 2907): _rule(
        "a way on which nothing sets a variable any more", "dropped-assignment", "uninitialized-use"
    ),
    ("20241106-joshuahahnjy-memcg-hugetlb-rework-memcg-hugetlb-charging-v1", 3047): _rule(
        "that a function of another file of the series may sleep", "sleep-in-atomic"
    ),
    ("20241106-joshuahahnjy-memcg-hugetlb-rework-memcg-hugetlb-charging-v1", 4510): _rule(
        "a reference that an exit does not put", "missing-free-on-exit", "missing-put-on-exit"
    ),
    ("20241108-joshuahahnjy-memcg-hugetlb-rework-memcg-hugetlb-charging-v1", 3086): _knowledge(
        "that freeing takes from a counter to which only success adds"
    ),
    ("20241014-ryanroberts-mm-memcontrol-fix-seq-buf-size-to-save-memor-v1", 2934): _rule(
        "the length of an array in a header of the series", "off-by-one-bound"
    ),
    ("20241127-yuanchu-mm-workingset-reporting-v4", 28): _rule(
        "which headers user space has", "uapi-includes-internal-header"
    ),
    ("20241217-chenridong-memcg-fix-soft-lockup-in-the-oom-process-v1", 393): _rule(
        "that a caller of the file holds the RCU lock", "sleep-in-atomic"
    ),
    ("20250224-david-mm-mm-owner-tracking-for-large-folios-hugetl-v2", 2870): _knowledge(
        "that the smaller of the two is not what is meant"
    ),
    ("20250227-inwardvessel-cgroup-separate-rstat-trees-v2", 5460): _knowledge("which controllers lack a callback"),
    ("20250227-inwardvessel-cgroup-separate-rstat-trees-v2", 327): _knowledge("for which of them a hook is meant"),
    ("20250310-jurilelli-fix-sched-deadline-bandwidth-accounting-duri-v3", 2794): _knowledge(
        "which locks are held on the ways there through other files"
    ),
    ("20250411-gourry-promotion-of-unmapped-page-cache-folios-v4", 2759): _knowledge(
        "which counters a function that does the same for many should change"
    ),
    ("20250303-david-mm-mm-owner-tracking-for-large-folios-hugetl-v3", 3778): _knowledge(
        "which of two counts may be above the other"
    ),
    ("20250404-inwardvessel-cgroup-separate-rstat-trees-v4", 5725): _rule(
        "a label that undoes what failed", "wrong-error-label"
    ),
}
