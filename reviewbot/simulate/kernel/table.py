# SPDX-License-Identifier: GPL-2.0-or-later
"""All primitives by name, and the calls that are left out because they only log or count."""

from __future__ import annotations

from collections.abc import Mapping

from reviewbot.simulate.kernel import atomics, locks, others, sched, signals, waitqueues
from reviewbot.simulate.kernel.interface import PrimitiveModel

PRIMITIVES: Mapping[str, PrimitiveModel] = {
    model.name: model for module in (atomics, locks, others, sched, signals, waitqueues) for model in module.PRIMITIVES
}

IGNORED = frozenset(
    (
        "printk", "pr_emerg", "pr_alert", "pr_crit", "pr_err", "pr_warn", "pr_warning", "pr_notice", "pr_info",
        "pr_cont", "pr_debug", "dump_stack", "dump_header", "show_mem", "print_oom_info", "mem_cgroup_print_oom_info",
        "trace_printk", "lockdep_assert_held", "count_vm_event", "count_memcg_events", "lockdep_off", "lockdep_on",
    )
)  # fmt: skip
