# SPDX-License-Identifier: GPL-2.0-or-later
"""Defects to put into today's memory controller (Linux 6.1), each one statement."""

from __future__ import annotations

from bench.statements import Edit

CONTROLLER, COUNTER = "mm/memcontrol.c", "mm/page_counter.c"

EDITS = (
    Edit(CONTROLLER, "memcg_oom_recover", "drop", "__wake_up"),
    Edit(CONTROLLER, "memcg_oom_recover", "replace", "TASK_NORMAL", "TASK_INTERRUPTIBLE"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "drop", "mem_cgroup_mark_under_oom"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "before", "prepare_to_wait", "schedule"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "after", "mem_cgroup_mark_under_oom", "mem_cgroup_oom_notify"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "replace", "TASK_KILLABLE", "TASK_UNINTERRUPTIBLE"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "replace", "TASK_KILLABLE", "TASK_RUNNING"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "drop", "prepare_to_wait"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "drop", "finish_wait"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "drop", "mem_cgroup_oom_notify"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "drop", "mem_cgroup_oom_unlock"),
    Edit(CONTROLLER, "mem_cgroup_oom_synchronize", "drop", "css_put"),
    Edit(CONTROLLER, "mem_cgroup_oom", "drop", "css_get"),
    Edit(CONTROLLER, "mem_cgroup_oom", "replace", "oom_kill_disable", "oom_group"),
    Edit(CONTROLLER, "mem_cgroup_out_of_memory", "drop", "mutex_unlock"),
    Edit(CONTROLLER, "mem_cgroup_oom_trylock", "drop", "spin_unlock"),
    Edit(CONTROLLER, "mem_cgroup_oom_unlock", "drop", "spin_lock"),
    Edit(CONTROLLER, "mem_cgroup_resize_max", "drop", "memcg_oom_recover"),
    Edit(CONTROLLER, "mem_cgroup_resize_max", "drop", "mutex_unlock"),
    Edit(CONTROLLER, "uncharge_batch", "drop", "memcg_oom_recover"),
    Edit(CONTROLLER, "uncharge_batch", "after", "page_counter_uncharge", "memcg_oom_recover"),
    Edit(CONTROLLER, "uncharge_batch", "drop", "css_put"),
    Edit(CONTROLLER, "mem_cgroup_oom_control_write", "drop", "memcg_oom_recover"),
    Edit(COUNTER, "page_counter_try_charge", "drop", "page_counter_cancel"),
)
"""The last is the undoing of a charge that a group above refuses."""
