/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A state opened for one task to work on, and closed again: workspace.py and frames.py in C. */
#include "explorer.h"

struct machine m;

int owner_of(int64_t address)
{
	int64_t owner = address >= STACK ? (address - STACK) / SPAN : -1;

	return owner >= 0 && owner < 64 ? (int)owner : -1;
}

V peek(int cell)
{
	int block = cell / BLOCK;
	const V *cells = m.dirty[block] ? m.dirty[block] : block_cells(m.state[block]);

	return cells[cell % BLOCK];
}

V *poke(int cell)
{
	int block = cell / BLOCK;

	if (!m.dirty[block]) {
		memcpy(m.copies[block], block_cells(m.state[block]), sizeof(m.copies[block]));
		m.dirty[block] = m.copies[block];
		m.touched[m.touched_count++] = block;
	}
	return &m.dirty[block][cell % BLOCK];
}

static int fault_of(V word)
{
	return WORD(word) == W_FREED ? P_USE_AFTER_FREE : P_WILD_ACCESS;
}

static int is_word(V value)
{
	return WORD(value) == W_FREED || WORD(value) == W_GUARD || WORD(value) == W_OBJECT;
}

/* Where the stack cells of a task's local values begin; their number through `size`. */
static int stack_start(const V *values, int *size)
{
	int at = 1;

	for (int frame = 0; frame < (int)values[0]; frame++)
		at += 3 + (int)values[at + 2];
	*size = (int)values[at];
	return at + 1;
}

static int stack_place(int64_t address, int *cell)
{
	int owner = owner_of(address), size, count;

	if (address >= 0 && address < NULL_PAGE)
		end_step(F_VIOLATION, P_NULL_DEREFERENCE);
	if (owner < 0 || owner > task_count)
		end_step(F_VIOLATION, P_WILD_ACCESS);
	*cell = (int)((address - STACK) % SPAN);
	if (owner != m.task)
		memo_not_local();
	if (owner == m.task)
		size = m.stack_size;
	else
		stack_start(local_values(m.local[owner], &count), &size);
	if (*cell >= size)
		end_step(F_VIOLATION, P_USE_AFTER_FREE);
	return owner;
}

static int64_t address_of(V address)
{
	if (!IS_NUMBER(address))
		end_step(F_VIOLATION, P_UNINITIALISED);
	if (address > INT64_MAX || address < INT64_MIN)
		end_step(F_VIOLATION, P_WILD_ACCESS);
	return (int64_t)address;
}

V get(V where)
{
	int64_t address = address_of(where);
	int cell, size, count;

	if (address >= BASE && address < BASE + cell_count) {
		V value = peek((int)(address - BASE));

		memo_read((int)(address - BASE), value);
		if (is_word(value))
			end_step(F_VIOLATION, fault_of(value));
		return value;
	}
	int owner = stack_place(address, &cell);

	if (owner == m.task)
		return m.stack[cell];
	const V *values = local_values(m.local[owner], &count);

	return values[stack_start(values, &size) + cell];
}

void put(V where, V value)
{
	int64_t address = address_of(where);
	int cell, size, count;

	if (address >= BASE && address < BASE + cell_count) {
		V *place = poke((int)(address - BASE));

		memo_read((int)(address - BASE), *place); /* that it may be written depends on it */
		memo_write((int)(address - BASE));
		if (is_word(*place))
			end_step(F_VIOLATION, fault_of(*place));
		*place = value;
		return;
	}
	int owner = stack_place(address, &cell);

	if (owner == m.task) {
		m.stack[cell] = value;
		return;
	}
	const V *values = local_values(m.local[owner], &count);
	V copy[REGISTERS];

	if (count > REGISTERS)
		end_step(F_UNSUPPORTED, 1);
	memcpy(copy, values, (size_t)count * sizeof(V));
	copy[stack_start(values, &size) + cell] = value;
	m.local[owner] = intern_local(copy, count);
}

static V *frame_registers(int function)
{
	int count = functions[function].registers;
	V *registers = m.registers + m.register_top;

	if (m.register_top + count > REGISTERS)
		end_step(F_UNSUPPORTED, 2);
	m.register_top += count;
	for (int i = 0; i < count; i++)
		registers[i] = NONE;
	return registers;
}

void open_cells(const uint32_t *state)
{
	while (m.touched_count)
		m.dirty[m.touched[--m.touched_count]] = NULL;
	m.state = state;
}

void close_cells(uint32_t *after)
{
	for (int i = 0; i < m.touched_count; i++)
		after[m.touched[i]] = intern_block(m.dirty[m.touched[i]]);
}

void open_state(const uint32_t *state, int task)
{
	int count, at = 1, cells = 0;

	open_cells(state);
	memo_begin();
	memcpy(m.local, state + block_count, (size_t)(task_count + 1) * sizeof(*m.local));
	m.task = task;
	m.slept = m.complaints = m.register_top = 0;
	const V *values = local_values(m.local[task], &count);

	m.frames = (int)values[0];
	for (int depth = 0; depth < m.frames; depth++) {
		struct frame *frame = &m.frame[depth];

		frame->function = (int)values[at];
		frame->at = (int)values[at + 1];
		frame->registers = frame_registers(frame->function);
		frame->registers[0] = STACK + (int64_t)task * SPAN + cells;
		cells += functions[frame->function].cells;
		for (int i = 0; i < (int)values[at + 2]; i++)
			frame->registers[functions[frame->function].live[frame->at][i]] = values[at + 3 + i];
		at += 3 + (int)values[at + 2];
	}
	m.stack_size = (int)values[at++];
	memcpy(m.stack, values + at, (size_t)m.stack_size * sizeof(V));
	at += m.stack_size;
	m.held_count = (int)values[at++];
	for (int i = 0; i < m.held_count; i++, at += 3)
		m.held[i] = (struct held){ (int64_t)values[at], (int)values[at + 1], (int)values[at + 2] };
}

void close_state(uint32_t *after)
{
	static V values[REGISTERS * 2];
	int at = 0;

	values[at++] = m.frames;
	for (int depth = 0; depth < m.frames; depth++) {
		const struct frame *frame = &m.frame[depth];
		const struct function *function = &functions[frame->function];
		int count = function->kept[frame->at];

		values[at++] = frame->function;
		values[at++] = frame->at;
		values[at++] = count;
		for (int i = 0; i < count; i++)
			values[at++] = frame->registers[function->live[frame->at][i]];
	}
	values[at++] = m.stack_size;
	memcpy(values + at, m.stack, (size_t)m.stack_size * sizeof(V));
	at += m.stack_size;
	values[at++] = m.held_count;
	for (int i = 0; i < m.held_count; i++) {
		values[at++] = m.held[i].lock;
		values[at++] = m.held[i].exclusive;
		values[at++] = m.held[i].sleeps;
	}
	memcpy(after, m.state, (size_t)block_count * sizeof(*after));
	close_cells(after);
	m.local[m.task] = intern_local(values, at);
	memcpy(after + block_count, m.local, (size_t)(task_count + 1) * sizeof(*after));
}

void enter(int number, const V *arguments, int count)
{
	const struct function *function = &functions[number];

	if (m.stack_size + function->cells > STACK_CELLS || m.frames > MOST_FRAMES)
		end_step(F_TOO_BIG, number);
	struct frame *frame = &m.frame[m.frames++];

	frame->function = number;
	frame->at = 0;
	frame->registers = frame_registers(number);
	frame->registers[0] = STACK + (int64_t)m.task * SPAN + m.stack_size;
	for (int i = 0; i < function->cells; i++)
		m.stack[m.stack_size++] = NONE;
	for (int i = 0; i < count && i < function->parameters; i++)
		frame->registers[function->into[i]] = arguments[i];
}

int leave(V value)
{
	const struct frame *gone = &m.frame[--m.frames];

	m.stack_size -= functions[gone->function].cells;
	m.register_top = (int)(gone->registers - m.registers);
	if (!m.frames)
		return 0;
	struct frame *frame = &m.frame[m.frames - 1];
	int into = functions[frame->function].code[frame->at - 1].into;

	if (into >= 0)
		frame->registers[into] = value;
	return 1;
}
