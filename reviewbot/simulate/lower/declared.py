# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernel's macros that declare a variable."""

from __future__ import annotations

# What the kernel's declaring macros declare, and which argument is the name.
DECLARED = {
    "DEFINE_WAIT": "struct __wait_queue",
    "DEFINE_WAIT_FUNC": "struct __wait_queue",
    "DECLARE_WAITQUEUE": "struct __wait_queue",
    "DECLARE_WAIT_QUEUE_HEAD": "wait_queue_head_t",
    "DECLARE_WAIT_QUEUE_HEAD_ONSTACK": "wait_queue_head_t",
    "DEFINE_MUTEX": "struct mutex",
    "DEFINE_SPINLOCK": "spinlock_t",
    "DEFINE_RWLOCK": "rwlock_t",
    "DEFINE_SEMAPHORE": "struct semaphore",
    "DECLARE_RWSEM": "struct rw_semaphore",
    "DECLARE_COMPLETION": "struct completion",
    "DECLARE_COMPLETION_ONSTACK": "struct completion",
    "DEFINE_RAW_SPINLOCK": "raw_spinlock_t",
    "LIST_HEAD": "struct list_head",
}
