# SPDX-License-Identifier: GPL-2.0-or-later
"""The numbers that both sides of the compiled explorer share, and the C header that is generated from them."""

from __future__ import annotations

from reviewbot.simulate import machine, memory
from reviewbot.simulate.frames import MOST_FRAMES
from reviewbot.simulate.frontier import ORDERS
from reviewbot.simulate.sharing import ADD, READ, WRITE
from reviewbot.simulate.symmetry import MOST_TURNS, PAYS_AT

EXIT_MEMORY, EXIT_INPUT = 3, 4
MOST_CELLS = 8192

# what a fault breaks; what scenarios assert is numbered after these
PROPERTIES = {
    "P_USE_AFTER_FREE": "no-use-after-free",
    "P_WILD_ACCESS": "no-wild-access",
    "P_UNINITIALISED": memory.UNINITIALISED,
    "P_NULL_DEREFERENCE": "no-null-dereference",
    "P_LIVELOCK": "no-livelock",
    "P_LOCKS_BALANCE": "locks-balance",
    "P_SLEEP_IN_ATOMIC": "no-sleep-in-atomic",
    "P_REFERENCES_BALANCE": "references-balance",
    "P_BUG": "no-bug",
    "P_WARNING": "no-warning",
    "P_PANIC": "no-panic",
    "P_NO_TEXT": "",
}
# operators with two operands, then those with one, then the leaves
OPERATORS = {
    "+": "O_ADD", "-": "O_SUB", "*": "O_MUL", "/": "O_DIV", "%": "O_MOD", "&": "O_AND", "|": "O_OR", "^": "O_XOR",
    "<<": "O_SHL", ">>": "O_SHR", "==": "O_EQ", "!=": "O_NE", "<": "O_LT", ">": "O_GT", "<=": "O_LE", ">=": "O_GE",
    "not": "O_NOT", "cast": "O_CAST", "neg": "O_NEG", "~": "O_INV", "const": "O_CONST", "reg": "O_REG",
}  # fmt: skip
INSTRUCTIONS = (
    "I_SET", "I_LOAD", "I_STORE", "I_JUMP", "I_BRANCH", "I_CALL", "I_CALL_POINTER", "I_RETURN", "I_PRIMITIVE",
    "I_UNKNOWN", "I_READS",
)  # fmt: skip
ATOMICS = (
    "read", "set", "inc", "dec", "add", "sub", "inc_return", "dec_return", "add_return", "sub_return", "dec_and_test",
    "inc_and_test", "sub_and_test", "inc_not_zero", "add_unless", "dec_if_positive", "xchg", "cmpxchg",
)  # fmt: skip
AMOUNT_FIRST = ("add", "sub", "add_return", "sub_return", "sub_and_test")
COMMUTE = ("inc", "dec", "add", "sub")

# kind: the primitives that it does, each with its parameter
_KINDS: dict[str, dict[str, int]] = {
    "K_PUT": {"sim_put": 0},
    "K_GET": {"sim_get": 0},
    "K_TRYGET": {"sim_tryget": 0},
    "K_TAKE": {"spin_lock": 0, "write_lock": 0},
    "K_READ_TAKE": {"read_lock": 0},
    "K_DROP": dict.fromkeys(
        ("spin_unlock", "write_unlock", "read_unlock", "mutex_unlock", "up_read", "up_write"), 0
    ),
    "K_TRY": {"spin_trylock": 0},
    "K_IS_LOCKED": {"spin_is_locked": 0, "mutex_is_locked": 0},
    "K_MUTEX_TRY": {"mutex_trylock": 0},
    "K_MUTEX_TAKE": {"mutex_lock": 0, "down_write": 0},
    "K_MUTEX_OR_SIGNAL": {"mutex_lock_killable": 2, "mutex_lock_interruptible": 3},
    "K_DOWN_READ": {"down_read": 0},
    "K_DOWN": {"down": 0},
    "K_UP": {"up": 0},
    "K_SEMA_INIT": {"sema_init": 0},
    "K_ZERO": dict.fromkeys(
        ("spin_lock_init", "rwlock_init", "mutex_init", "init_rwsem"), 0
    ),
    "K_RCU_LOCK": {"rcu_read_lock": 0, "srcu_read_lock": 0},
    "K_RCU_UNLOCK": {"rcu_read_unlock": 0, "srcu_read_unlock": 0},
    "K_RCU_WAIT": {"synchronize_rcu": 0},
    "K_ALLOCATE": {"kmalloc": 0, "vmalloc": 0, "kzalloc": 1, "vzalloc": 1},
    "K_FREE": {"kfree": 0, "vfree": 0},
    "K_BUG": {"BUG_ON": 0, "VM_BUG_ON": 0},
    "K_WARN": {"WARN_ON": 0, "WARN_ON_ONCE": 0, "VM_WARN_ON_ONCE": 0},
    "K_PANIC": {"sim_panic": 0},
    "K_CURRENT": {"sim_current": 0},
    "K_CHOOSE": {"choose": 0},
    "K_ASSERT": {"assert_that": 0},
    "K_COUNTS": {"sim_counts": 0},
    "K_AWAIT": {"sim_await": 0},
    "K_AWAIT_ZERO": {"sim_await_zero": 0},
    "K_NOTHING": dict.fromkeys(
        ("smp_mb", "smp_rmb", "smp_wmb", "barrier", "mb", "rmb", "wmb", "smp_mb__before_atomic",
         "smp_mb__after_atomic", "preempt_disable", "preempt_enable", "cond_resched", "cpu_relax", "might_sleep"), 0
    ),
    "K_SCHEDULE": {"schedule": 0, "io_schedule": 0},
    "K_TIMEOUT": {"schedule_timeout": 0},
    "K_SLEEP": {"schedule_timeout_uninterruptible": 0, "msleep": 0, "ssleep": 0},
    "K_SLEEP_UNLESS": {"schedule_timeout_killable": 2, "schedule_timeout_interruptible": 3},
    "K_SET_STATE": {"set_current_state": 0, "__set_current_state": 0},
    "K_PENDING": {"signal_pending": 3, "fatal_signal_pending": 2, "__fatal_signal_pending": 2},
    "K_SEND": {"send_sig": 0, "force_sig": 0},
    "K_TEST_OWN_FLAG": {"test_thread_flag": 0},
    "K_TEST_FLAG": {"test_tsk_thread_flag": 0},
    "K_SET_FLAG": {"set_tsk_thread_flag": 0, "test_and_set_tsk_thread_flag": 0},
    "K_CLEAR_FLAG": {"clear_tsk_thread_flag": 0},
    "K_UNTIL_KILLED": {"sim_until_killed": 0},
    "K_PREPARE": {"prepare_to_wait": 0, "prepare_to_wait_exclusive": 1},
    "K_FINISH": {"finish_wait": 0},
    "K_ADD_WAITER": {"add_wait_queue": 0, "__add_wait_queue": 0},
    "K_REMOVE_WAITER": {"remove_wait_queue": 0, "__remove_wait_queue": 0},
    "K_WAKE": {"sim_wake": 0},
    "K_QUEUE_INIT": {"init_waitqueue_head": 0},
    "K_WAKE_DONE": {"sim_wake_done": 0},
    "K_AFTER": {"sim_queue_after": 0},
    "K_DEFAULT_WAKE": {"default_wake_function": 0},
    "K_AUTOREMOVE": {"autoremove_wake_function": 0},
    "K_WAKE_PROCESS": {"wake_up_process": 0},
    "K_ACTIVE": {"waitqueue_active": 0},
}  # fmt: skip


def _atomic(prefix: str, name: str) -> int:
    """Return the parameter of an atomic operation, in the parts that kernel.h takes it apart into."""
    touch = READ if name == "read" else ADD if name in COMMUTE else WRITE
    wraps = prefix == "atomic_"
    return ATOMICS.index(name) | (name in AMOUNT_FIRST) << 5 | touch << 6 | wraps << 8


KINDS = {name: number for number, name in enumerate(("K_ATOMIC", *_KINDS))}
PRIMITIVES: dict[str, tuple[int, int]] = {
    **{name: (KINDS[kind], parameter) for kind, names in _KINDS.items() for name, parameter in names.items()},
    **{
        prefix + name: (KINDS["K_ATOMIC"], _atomic(prefix, name))
        for prefix in ("atomic_", "atomic64_", "atomic_long_")
        for name in ATOMICS
    },
}
WAKE = {"autoremove_wake_function": 1, "default_wake_function": 2}


def header() -> str:
    """Return generated.h."""
    numbers = {
        "BASE": memory.BASE, "STACK": memory.STACK, "SPAN": memory.SPAN, "FUNCTION": memory.FUNCTION,
        "NULL_PAGE": memory.NULL_PAGE, "STACK_CELLS": memory.STACK_CELLS, "MOST_FRAMES": MOST_FRAMES,
        "MOST_JUMPS": machine.MOST_JUMPS, "LAST_JUMPS": machine.LAST_JUMPS, "MOST_CELLS_ALL": MOST_CELLS,
        "MOST_TURNS": MOST_TURNS, "PAYS_AT": PAYS_AT,
        "READ": READ, "WRITE": WRITE, "ADD": ADD, "EXIT_MEMORY": EXIT_MEMORY, "EXIT_INPUT": EXIT_INPUT,
        "WAKE_AUTOREMOVE": 1, "P_DIVISION": "P_WILD_ACCESS",
    }  # fmt: skip
    lists = (
        tuple(PROPERTIES), tuple(OPERATORS.values()), INSTRUCTIONS, tuple(KINDS),
        tuple("A_" + name.upper() for name in ATOMICS), tuple("BY_" + name.upper() for name in ORDERS),
    )  # fmt: skip
    lines = [
        f"#define {name} {value}LL" if isinstance(value, int) and value > 2**31 - 1 else f"#define {name} {value}"
        for name, value in numbers.items()
    ]
    lines += [f"enum {{ {', '.join(names)} }};" for names in lists]
    return "\n".join(lines) + "\n"
