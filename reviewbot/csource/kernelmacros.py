# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of kernel macros that a C grammar cannot know.

Only what cannot be told from the shape of the code is listed: annotations that stand beside a declaration, macros that
declare something, and the few iterators that are used without braces.
"""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    """Return the words of a table that is written as text."""
    return frozenset(text.split())


ANNOTATIONS = words(
    """
    asmlinkage forceinline noinline noinline_for_stack notrace noinstr nokprobe_inline fastcall
    randomized_struct_fields_start randomized_struct_fields_end
    __force __user __kernel __iomem __percpu __rcu __nocast __bitwise __private
    __init __exit __initdata __exitdata __initconst __exitconst __init_or_module __initdata_or_module
    __initconst_or_module __net_init __net_exit __net_initdata __meminit __meminitdata __memexit __memexitdata
    __cpuinit __cpuinitdata __devinit __devinitdata __devexit __devexitdata __init_memblock
    __initdata_memblock __ref __refdata __refconst __read_mostly __ro_after_init __cold __hot __must_check
    __maybe_unused __always_unused __used __packed __pure __weak __visible __deprecated __sched __cpuidle __kprobes
    __always_inline __attribute_const__ __cacheline_aligned __cacheline_aligned_in_smp ____cacheline_aligned
    ____cacheline_aligned_in_smp ____cacheline_internodealigned_in_smp
    __randomize_layout __no_randomize_layout __designated_init __latent_entropy __lockfunc __flatten
    __noreturn __noclone __no_kcsan __no_kasan_or_inline __no_kcsan_or_inline __no_sanitize_or_inline __malloc
    __nocfi __noscs __noendbr __bpf_kfunc __naked __irq_entry __exception_irq_entry __softirq_entry
    __no_sanitize_address __no_sanitize_undefined __no_sanitize_thread __no_sanitize_memory __no_sanitize_coverage
    __no_stack_protector __no_context_analysis __no_profile __signed_wrap
    __may_alias __extension__ __data_racy __nonstring __page_aligned_bss
    __page_aligned_data __bss_decrypted __noinitretpoline __retain
    __ksym __kconfig __lsm_ro_after_init __nosavedata
    __restrict __restrict__ restrict __inline __inline__ __volatile __const
    """
)
ANNOTATIONS_WITH_ARGUMENTS = words(
    """
    __attribute__ __attribute __aligned __printf __scanf __section __acquires __releases __must_hold
    __must_hold_shared __cond_acquires __releases_shared __acquires_shared __free __cleanup
    __alloc_size __assume_aligned __counted_by __counted_by_le __counted_by_be __counted_by_ptr __guarded_by
    __pt_guarded_by __alias __no_sanitize __copy __compiletime_error
    __compiletime_warning __diagnose_as __mode __realloc_size
    __nonnull
    """
)
# types that begin like annotations
TYPE_NAME = re.compile(
    r"(?:__)?(?:[usb]|be|le)\d{1,3}$|__(?:kernel|u?int\d+|s?size|compat|poll|w?sum\w*)\w*$|\w+_t$"
    r"|__(?:poll|wsum|sum16|virtio\d+|fs\d+|hc\d+|be\d+|le\d+|builtin_va_list)$"
)
SCALAR_TYPES = words(
    """
    u8 u16 u32 u64 s8 s16 s32 s64 __u8 __u16 __u32 __u64 __s8 __s16 __s32 __s64 __le16 __le32 __le64 __be16 __be32
    __be64 uint ulong ushort uchar unchar bool __wsum __sum16 __poll_t
    """
)

ITERATOR_NAME = re.compile(r"\w*(?:for_?each|foreach|FOR_?EACH|_for_each_|for_all|FOR_ALL|walk_each)\w*$|scoped_guard$")
SCOPED = frozenset({"scoped_guard", "scoped_cond_guard", "scoped_user_access", "scoped_with_creds"})

# macro that declares a variable -> (type, position of the name among its arguments)
DECLARING: dict[str, tuple[str, int]] = {
    "DEFINE_MUTEX": ("struct mutex", 0),
    "DEFINE_RT_MUTEX": ("struct rt_mutex", 0),
    "DEFINE_WW_MUTEX": ("struct ww_mutex", 0),
    "DEFINE_SPINLOCK": ("spinlock_t", 0),
    "DEFINE_RAW_SPINLOCK": ("raw_spinlock_t", 0),
    "DEFINE_RWLOCK": ("rwlock_t", 0),
    "DEFINE_SEQLOCK": ("seqlock_t", 0),
    "DEFINE_SEMAPHORE": ("struct semaphore", 0),
    "DECLARE_MUTEX": ("struct semaphore", 0),
    "DECLARE_RWSEM": ("struct rw_semaphore", 0),
    "DEFINE_STATIC_PERCPU_RWSEM": ("struct percpu_rw_semaphore", 0),
    "DEFINE_PERCPU_RWSEM": ("struct percpu_rw_semaphore", 0),
    "DECLARE_WAIT_QUEUE_HEAD": ("wait_queue_head_t", 0),
    "DECLARE_WAIT_QUEUE_HEAD_ONSTACK": ("wait_queue_head_t", 0),
    "DECLARE_SWAIT_QUEUE_HEAD": ("struct swait_queue_head", 0),
    "DECLARE_SWAIT_QUEUE_HEAD_ONSTACK": ("struct swait_queue_head", 0),
    "DECLARE_SWAITQUEUE": ("struct swait_queue", 0),
    "DECLARE_WAITQUEUE": ("wait_queue_entry_t", 0),
    "DEFINE_WAIT": ("wait_queue_entry_t", 0),
    "DEFINE_WAIT_FUNC": ("wait_queue_entry_t", 0),
    "DEFINE_WAIT_BIT": ("struct wait_bit_queue_entry", 0),
    "DEFINE_WAIT_OVERRIDE": ("wait_queue_entry_t", 0),
    "DECLARE_COMPLETION": ("struct completion", 0),
    "DECLARE_COMPLETION_ONSTACK": ("struct completion", 0),
    "LIST_HEAD": ("struct list_head", 0),
    "HLIST_HEAD": ("struct hlist_head", 0),
    "LLIST_HEAD": ("struct llist_head", 0),
    "PLIST_HEAD": ("struct plist_head", 0),
    "DECLARE_BITMAP": ("unsigned long", 0),
    "DEFINE_IDR": ("struct idr", 0),
    "DEFINE_IDA": ("struct ida", 0),
    "DEFINE_XARRAY": ("struct xarray", 0),
    "DEFINE_XARRAY_ALLOC": ("struct xarray", 0),
    "DEFINE_XARRAY_FLAGS": ("struct xarray", 0),
    "DEFINE_TIMER": ("struct timer_list", 0),
    "DECLARE_WORK": ("struct work_struct", 0),
    "DECLARE_DELAYED_WORK": ("struct delayed_work", 0),
    "DECLARE_DEFERRABLE_WORK": ("struct delayed_work", 0),
    "DECLARE_TASKLET": ("struct tasklet_struct", 0),
    "DEFINE_RATELIMIT_STATE": ("struct ratelimit_state", 0),
    "DEFINE_HASHTABLE": ("struct hlist_head", 0),
    "DECLARE_HASHTABLE": ("struct hlist_head", 0),
    "DEFINE_READ_MOSTLY_HASHTABLE": ("struct hlist_head", 0),
    "DEFINE_STATIC_KEY_FALSE": ("struct static_key_false", 0),
    "DEFINE_STATIC_KEY_TRUE": ("struct static_key_true", 0),
    "DEFINE_STATIC_SRCU": ("struct srcu_struct", 0),
    "DEFINE_SRCU": ("struct srcu_struct", 0),
    "BLOCKING_NOTIFIER_HEAD": ("struct blocking_notifier_head", 0),
    "ATOMIC_NOTIFIER_HEAD": ("struct atomic_notifier_head", 0),
    "RAW_NOTIFIER_HEAD": ("struct raw_notifier_head", 0),
    "SRCU_NOTIFIER_HEAD": ("struct srcu_notifier_head", 0),
    "DEFINE_PER_CPU": ("", 1),
    "DEFINE_PER_CPU_ALIGNED": ("", 1),
    "DEFINE_PER_CPU_SHARED_ALIGNED": ("", 1),
    "DEFINE_PER_CPU_READ_MOSTLY": ("", 1),
    "DEFINE_PER_CPU_PAGE_ALIGNED": ("", 1),
    "DECLARE_PER_CPU": ("", 1),
    "DECLARE_FLEX_ARRAY": ("", 1),
    "DECLARE_KFIFO": ("struct kfifo", 0),
    "DECLARE_KFIFO_PTR": ("struct kfifo", 0),
    "DEFINE_KFIFO": ("struct kfifo", 0),
    "DEFINE_DELAYED_CALL": ("struct delayed_call", 0),
    "DEFINE_WAIT_EXCLUSIVE": ("wait_queue_entry_t", 0),
    "DEFINE_FOLIO_BATCH": ("struct folio_batch", 0),
}
# macros that open a declaration of several names: type position 0, names after it
DEFINING_FUNCTION = re.compile(r"\w*(?:DEFINE|CALL_|CALL)(\d)x?$")
# operators and type words whose argument may be a type: (what to write in their place, are they types themselves)
TYPE_OPERATORS: dict[str, str] = {
    "offsetof": "Offsetof",
    "__builtin_offsetof": "__builtin_Offsetof",
    "__alignof__": "__Alignof__",
    "_Alignof": "_AlignoF",
    "alignof": "alignoF",
}
TYPE_OF = frozenset({"typeof", "__typeof__", "__typeof", "typeof_unqual", "typeof_member"})
KEYWORDS = words(
    """
    if while for switch return sizeof asm __asm__ __asm volatile __volatile__ do else case defined
    goto _Generic __auto_type _Static_assert
    """
)
