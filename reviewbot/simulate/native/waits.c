/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wait queues: kernel/waitqueues.py in C. */
#include "explorer.h"
#include "kernel.h"

static void set_queue(V head, const int64_t *entries, int count)
{
	put(head, count ? MADE(W_QUEUE, intern_queue(entries, count)) : 0);
}

static void enqueue(V head, V entry, int last)
{
	int count;
	const int64_t *queue = queue_at(head, &count);
	int64_t made[MOST_WAITERS];

	for (int i = 0; i < count; i++)
		if (queue[i] == entry)
			return;
	if (count + 1 > MOST_WAITERS)
		end_step(F_UNSUPPORTED, 9);
	for (int i = 0; i < count; i++)
		made[last ? i : i + 1] = queue[i];
	made[last ? count : 0] = (int64_t)entry;
	put(entry + ENTRY_QUEUE, head);
	set_queue(head, made, count + 1);
}

static void dequeue(V head, V entry)
{
	int count, left = 0;
	const int64_t *queue = queue_at(head, &count);
	int64_t made[MOST_WAITERS];

	for (int i = 0; i < count; i++)
		if (queue[i] != entry)
			made[left++] = queue[i];
	set_queue(head, made, left);
}

static int wake_task(V task, V mode)
{
	V cell = task + state_offset;

	if (!(number(get(cell)) & mode))
		return 0;
	put(cell, 0);
	return 1;
}

static int wakes_as(V entry)
{
	V function = number(get(entry + ENTRY_FUNCTION)) - FUNCTION;

	return function >= 0 && function < function_count ? functions[(int)function].wake : 0;
}

static V wake(V head, V mode, V left)
{
	int count;
	const int64_t *queue = queue_at(head, &count);
	int64_t entries[MOST_WAITERS];

	memcpy(entries, queue, (size_t)count * sizeof(*entries));
	for (int i = 0; i < count; i++)
		if (!wakes_as(entries[i]))
			return 1;
	for (int i = 0; i < count; i++) {
		V exclusive = number(get(entries[i] + ENTRY_FLAGS)) & EXCLUSIVE;
		int woken = wake_task(number(get(entries[i] + ENTRY_PRIVATE)), mode);

		if (woken && wakes_as(entries[i]) == WAKE_AUTOREMOVE)
			dequeue(head, entries[i]);
		if (woken && exclusive && --left == 0)
			break;
	}
	return 0;
}

static V entry_after(V head, V entry)
{
	int count;
	const int64_t *queue = queue_at(head, &count);

	for (int i = 0; i < count; i++)
		if (queue[i] == entry)
			return i + 1 < count ? queue[i + 1] : 0;
	return entry == 0 && count ? queue[0] : 0;
}

static int queued(V head, V entry)
{
	int count;
	const int64_t *queue = queue_at(head, &count);

	for (int i = 0; i < count; i++)
		if (queue[i] == entry)
			return 1;
	return 0;
}

int queue_ready(const struct primitive *what, const V *v)
{
	return !number(get(v[0] + HEAD_WAKING)) || (what->kind == K_FINISH && !queued(v[0], v[1]));
}

int wait_primitive(const struct primitive *what, const V *v, V *result)
{
	int count;

	switch (what->kind) {
	case K_PREPARE: {
		V flags = number(get(v[1] + ENTRY_FLAGS));

		put(v[1] + ENTRY_FLAGS, what->parameter ? flags | EXCLUSIVE : flags & ~(V)EXCLUSIVE);
		enqueue(v[0], v[1], what->parameter);
		put(own_state(), v[2]);
		return 1;
	}
	case K_FINISH:
		put(own_state(), 0);
		dequeue(v[0], v[1]);
		return 1;
	case K_ADD_WAITER: enqueue(v[0], v[1], 0); return 1;
	case K_REMOVE_WAITER: dequeue(v[0], v[1]); return 1;
	case K_WAKE:
		*result = wake(v[0], v[1], v[2]);
		if (*result)
			put(v[0] + HEAD_WAKING, 1);
		return 1;
	case K_QUEUE_INIT:
		put(v[0] + HEAD_ENTRIES, 0);
		put(v[0] + HEAD_WAKING, 0);
		return 1;
	case K_WAKE_DONE: put(v[0] + HEAD_WAKING, 0); return 1;
	case K_AFTER: *result = entry_after(v[0], v[1]); return 1;
	case K_DEFAULT_WAKE: *result = wake_task(number(get(v[0] + ENTRY_PRIVATE)), v[1]); return 1;
	case K_AUTOREMOVE:
		*result = wake_task(number(get(v[0] + ENTRY_PRIVATE)), v[1]);
		if (*result)
			dequeue(number(get(v[0] + ENTRY_QUEUE)), v[0]);
		return 1;
	case K_WAKE_PROCESS: *result = wake_task(v[0], 3); return 1;
	case K_ACTIVE:
		queue_at(v[0], &count);
		*result = count > 0;
		return 1;
	}
	end_step(F_UNSUPPORTED, 10);
}
