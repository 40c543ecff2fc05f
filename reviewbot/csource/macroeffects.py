# SPDX-License-Identifier: GPL-2.0-or-later
"""The table of kernel macros that treat their arguments in another way than a function could."""

from __future__ import annotations

import re

from reviewbot.csource.kernelmacros import words

# macros that evaluate nothing
UNEVALUATED = words(
    "sizeof_field offsetof offsetofend typeof typeof_member BUILD_BUG_ON BUILD_BUG_ON_MSG ARRAY_SIZE __alignof__ "
    "_Alignof alignof"
)
# and those that drivers make of sizeof, named so
SIZE_ONLY = re.compile(r"\w*(?:SIZEOF|OFFSETOF)\w*$")
# macros that write the variables whose names they are given: positions from 0, or -1 for the last argument
WRITES_ARGUMENT: dict[str, tuple[int, ...]] = {
    "get_user": (0,),
    "__get_user": (0,),
    "unsafe_get_user": (0,),
    "va_start": (0,),
    "va_copy": (0,),
    "local_irq_save": (0,),
    "local_save_flags": (0,),
    "raw_local_irq_save": (0,),
    "raw_local_save_flags": (0,),
    "hard_local_irq_save": (0,),
    "get_kernel_nofault": (0,),
    "__get_kernel_nofault": (0,),
    "probe_kernel_address": (0,),
    "kdb_getarea": (0,),
    "trace_assign_type": (0,),
    "rdmsrl": (1,),
    "rdmsr": (1, 2),
    "cpuid": (1, 2, 3, 4),
}
READS_AND_WRITES: dict[str, tuple[int, ...]] = {"swap": (0, 1), "do_div": (0,)}
# the last argument of these is written
SAVES_FLAGS = re.compile(r"\w*_irqsave\w*$")
# macros that evaluate only the arguments at these positions
EVALUATES_SOME: dict[str, tuple[int, ...]] = {"struct_size": (2,), "flex_array_size": (2,), "struct_size_t": (2,)}
# scalar types among those whose name ends in _t; a variable of another one is a structure
SCALAR = re.compile(
    r"(?:u?int\d*|size|ssize|loff|off|pid|uid|gid|gfp|fmode|umode|dev|ino|sector|pgoff|dma_addr|phys_addr|resource_size"
    r"|time64|ktime|cycles|blkcnt|blk_status|blk_opf|vm_fault|pgprot|irqreturn|netdev_tx|key_serial|bool|uintptr"
    r"|intptr|ptrdiff|nlink|mode|clockid|timer|sigset|__kernel_\w+|\w*block|\w*fsblock|\w*ino|\w*off|\w*len)_t$"
)
# declaring macros that leave what they declare without a value
NO_VALUE = words("DECLARE_BITMAP DECLARE_KFIFO DECLARE_KFIFO_PTR DECLARE_FLEX_ARRAY DECLARE_HASHTABLE")
