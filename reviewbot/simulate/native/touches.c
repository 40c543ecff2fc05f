/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When primitives can go on and which cells they touch: the `ready` and `touches` of the models in kernel/. */
#include "explorer.h"
#include "kernel.h"

static int count;
static int64_t *the_cells;
static int *the_kinds;

static void add(V cell, int kind)
{
	if (count >= MOST_TOUCHES)
		end_step(F_UNSUPPORTED, 8);
	the_cells[count] = (int64_t)cell;
	the_kinds[count++] = kind;
}

static void touch_wake(const V *values)
{
	int entries;
	const int64_t *queue = queue_at(values[0], &entries);

	add(values[0], entries ? WRITE : READ);
	for (int i = 0; i < entries; i++)
		add(number(get(queue[i] + ENTRY_PRIVATE)) + state_offset, WRITE);
}

int touch(const struct primitive *what, const V *v, int64_t *cells, int *kinds)
{
	int64_t size;

	count = 0;
	the_cells = cells;
	the_kinds = kinds;
	switch (what->kind) {
	case K_ATOMIC:
		add(v[ATOMIC_PLACE(what->parameter)], ATOMIC_TOUCH(what->parameter));
		break;
	case K_PUT: add(v[0], number(get(v[0])) > v[1] ? ADD : WRITE); break;
	case K_GET:
	case K_TRYGET: add(v[0], number(get(v[0])) > 0 ? ADD : WRITE); break;
	case K_TAKE: case K_TRY: case K_IS_LOCKED: case K_MUTEX_TRY: case K_DOWN: case K_UP: case K_SEMA_INIT:
	case K_ZERO: case K_ADD_WAITER: case K_REMOVE_WAITER: case K_WAKE_DONE: case K_QUEUE_INIT:
		add(v[0], WRITE);
		break;
	case K_READ_TAKE: case K_DOWN_READ: add(v[0], ADD); break;
	case K_DROP: add(v[0], number(get(v[0])) > 0 ? ADD : WRITE); break;
	case K_MUTEX_TAKE: case K_MUTEX_OR_SIGNAL:
		add(v[0], WRITE);
		if (number(get(own_state())))
			add(own_state(), WRITE);
		break;
	case K_RCU_LOCK: case K_RCU_UNLOCK: add(BASE, READ); break;
	case K_RCU_WAIT: add(BASE, WRITE); break;
	case K_FREE:
		if (!v[0])
			break;
		size = object_size((int64_t)v[0]);
		for (int64_t i = 0; i < (size ? size : 1); i++)
			add(v[0] + i, WRITE);
		break;
	case K_AWAIT: case K_AWAIT_ZERO: case K_AFTER: case K_ACTIVE: add(v[0], READ); break;
	case K_SCHEDULE: case K_TIMEOUT: case K_SLEEP_UNLESS:
		add(own_state(), WRITE);
		add(own_signals(), READ);
		break;
	case K_SLEEP: case K_SET_STATE: add(own_state(), WRITE); break;
	case K_PENDING: add(v[0] + signal_offset, READ); break;
	case K_SEND:
		add(v[1] + signal_offset, WRITE);
		add(v[1] + state_offset, WRITE);
		break;
	case K_TEST_OWN_FLAG: add(task_address[m.task] + flags_offset, READ); break;
	case K_TEST_FLAG: add(v[0] + flags_offset, READ); break;
	case K_SET_FLAG: case K_CLEAR_FLAG: add(v[0] + flags_offset, WRITE); break;
	case K_UNTIL_KILLED: add(own_signals(), READ); break;
	case K_PREPARE: case K_FINISH:
		add(v[0], WRITE);
		add(own_state(), WRITE);
		break;
	case K_WAKE: touch_wake(v); break;
	case K_DEFAULT_WAKE: case K_AUTOREMOVE:
		add(number(get(v[0] + ENTRY_PRIVATE)) + state_offset, WRITE);
		add(number(get(v[0] + ENTRY_QUEUE)), WRITE);
		break;
	case K_WAKE_PROCESS: add(v[0] + state_offset, WRITE); break;
	}
	return count;
}

static int free_or_prepared(const V *v)
{
	return number(get(v[0])) == 0 || number(get(own_state())) != 0;
}

int interrupted(V state)
{
	V signals = number(get(own_signals()));

	return (signals && (state & INTERRUPTIBLE)) || ((signals & 2) && (state & WAKEKILL));
}

static int goes_on(void)
{
	V state = number(get(own_state()));

	return state == 0 || interrupted(state);
}

int ready(const struct primitive *what, const V *v)
{
	V signals;

	switch (what->kind) {
	case K_TAKE: return number(get(v[0])) == 0;
	case K_READ_TAKE: case K_DOWN_READ: return number(get(v[0])) >= 0;
	case K_MUTEX_TAKE: return free_or_prepared(v);
	case K_MUTEX_OR_SIGNAL:
		signals = number(get(own_signals()));
		return free_or_prepared(v) || (signals & what->parameter);
	case K_PREPARE: case K_FINISH: case K_ADD_WAITER: case K_REMOVE_WAITER: case K_WAKE:
		return queue_ready(what, v);
	case K_DOWN: return number(get(v[0])) > 0;
	case K_RCU_WAIT: return !held_elsewhere(BASE);
	case K_CHOOSE: return v[0] > 1 ? (int)v[0] : 1;
	case K_AWAIT: return number(get(v[0])) != 0;
	case K_AWAIT_ZERO: return number(get(v[0])) == 0;
	case K_SCHEDULE: return goes_on();
	case K_TIMEOUT: return v[0] == INT64_MAX ? goes_on() : 1;
	case K_UNTIL_KILLED: return (number(get(own_signals())) & 2) != 0;
	}
	return 1;
}
