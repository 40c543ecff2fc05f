/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the primitives of the kernel share. */
#ifndef KERNEL_H
#define KERNEL_H

/* struct __wait_queue in kernel/model.h */
enum { ENTRY_FLAGS, ENTRY_PRIVATE, ENTRY_FUNCTION, ENTRY_QUEUE };
enum { HEAD_ENTRIES, HEAD_WAKING };
#define EXCLUSIVE 1
#define INTERRUPTIBLE 1
#define WAKEKILL 128
#define MOST_REFERENCES 20

/* An atomic's parameter: its operation, the place of the cell, how it is touched, whether it wraps at 32 bits. */
#define ATOMIC_OPERATION(parameter) ((parameter) & 31)
#define ATOMIC_PLACE(parameter) ((parameter) >> 5 & 1)
#define ATOMIC_TOUCH(parameter) ((parameter) >> 6 & 3)
#define ATOMIC_WRAPS(parameter) ((parameter) >> 8 & 1)

static inline V own_state(void)
{
	return task_address[m.task] + state_offset;
}

static inline V own_signals(void)
{
	return task_address[m.task] + signal_offset;
}

static inline const int64_t *queue_at(V head, int *count)
{
	V value = get(head);

	*count = 0;
	return WORD(value) == W_QUEUE ? queue_entries((uint32_t)value, count) : NULL;
}

int interrupted(V state);
int queue_ready(const struct primitive *what, const V *values);
int wait_primitive(const struct primitive *what, const V *values, V *result);
#endif
