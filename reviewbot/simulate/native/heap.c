/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Objects that are allocated and freed, and the locks that a task holds: the rest of workspace.py in C. */
#include "explorer.h"

static int among(const V *values, int count, int64_t address)
{
	for (int i = 0; i < count; i++)
		if (values[i] == address)
			return 1;
	return 0;
}

static int pointed_at(int64_t address)
{
	int count;

	for (int cell = 0; cell < cell_count; cell++)
		if (peek(cell) == address)
			return 1;
	if (among(m.stack, m.stack_size, address))
		return 1;
	for (int depth = 0; depth < m.frames; depth++)
		if (among(m.frame[depth].registers, functions[m.frame[depth].function].registers, address))
			return 1;
	for (int task = 0; task <= task_count; task++) {
		if (task == m.task)
			continue;
		const V *values = local_values(m.local[task], &count);
		int at = 1;

		for (int frame = 0; frame < (int)values[0]; frame++) {
			if (among(values + at + 3, (int)values[at + 2], address))
				return 1;
			at += 3 + (int)values[at + 2];
		}
		if (among(values + at + 1, (int)values[at], address))
			return 1;
	}
	return 0;
}

int64_t allocate(int64_t size, V value)
{
	int64_t need = size + 1, found = 0;

	memo_not_local();
	for (int cell = 0; cell < cell_count; cell++) {
		found = peek(cell) == FREED && !pointed_at(BASE + cell) ? found + 1 : 0;
		if (found < need)
			continue;
		int start = (int)(cell - size);

		*poke(start) = MADE(W_OBJECT, size);
		for (int i = 1; i <= size; i++)
			*poke(start + i) = value;
		return BASE + start + 1;
	}
	end_step(F_TOO_BIG, -1);
}

int64_t object_size(int64_t address)
{
	int64_t cell = address - BASE - 1;

	memo_not_local();
	if (cell < 0 || cell >= cell_count)
		return 0;
	V header = peek((int)cell);

	return WORD(header) == W_OBJECT ? (int64_t)(header - MADE(W_OBJECT, 0)) : 0;
}

void release(int64_t address)
{
	int64_t size = object_size(address);

	if (!size)
		end_step(F_VIOLATION, P_USE_AFTER_FREE);
	for (int64_t i = -1; i < size; i++)
		*poke((int)(address - BASE + i)) = FREED;
}

static int after(const struct held *one, int64_t lock, int exclusive, int sleeps)
{
	if (one->lock != lock)
		return one->lock > lock;
	if (one->exclusive != exclusive)
		return one->exclusive > exclusive;
	return one->sleeps > sleeps;
}

void hold(int64_t lock, int exclusive, int sleeps)
{
	int at = m.held_count;

	if (at >= MOST_HELD)
		end_step(F_UNSUPPORTED, 3);
	for (; at > 0 && after(&m.held[at - 1], lock, exclusive, sleeps); at--)
		m.held[at] = m.held[at - 1];
	m.held[at] = (struct held){ lock, exclusive, sleeps };
	m.held_count++;
}

int unhold(int64_t lock)
{
	for (int i = 0; i < m.held_count; i++) {
		if (m.held[i].lock != lock)
			continue;
		memmove(&m.held[i], &m.held[i + 1], (size_t)(--m.held_count - i) * sizeof(m.held[0]));
		return 1;
	}
	return 0;
}

int held_elsewhere(int64_t lock)
{
	int count;

	memo_not_local();
	for (int task = 0; task <= task_count; task++) {
		if (task == m.task)
			continue;
		const V *values = local_values(m.local[task], &count);
		int at = 1;

		for (int frame = 0; frame < (int)values[0]; frame++)
			at += 3 + (int)values[at + 2];
		at += 1 + (int)values[at];
		for (int i = 0; i < (int)values[at]; i++)
			if (values[at + 1 + 3 * i] == lock)
				return 1;
	}
	return 0;
}

int atomic_context(void)
{
	for (int i = 0; i < m.held_count; i++)
		if (!m.held[i].sleeps)
			return 1;
	return 0;
}
