/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Expressions and instructions: machine.py and lower/compile.py in C. */
#include "explorer.h"

struct node *nodes;
struct primitive *primitives;
struct function *functions;
int function_count, task_count, cell_count, block_count, words, everything;
int64_t task_address[MOST_TASKS], state_offset, signal_offset, flags_offset;

V number(V value)
{
	if (WORD(value) == W_NONE)
		end_step(F_VIOLATION, P_UNINITIALISED);
	if (!IS_NUMBER(value))
		end_step(F_UNSUPPORTED, 4);
	return value;
}

static V wrapped(V value, int bits, int sign)
{
	if (!bits)
		return value;
	if (bits == 1)
		return value != 0;
	unsigned __int128 low = (unsigned __int128)value & (((unsigned __int128)1 << bits) - 1);

	if (sign && (low >> (bits - 1)))
		return (V)low - ((V)1 << bits);
	return (V)low;
}

static V quotient(V left, V right)
{
	if (WORD(right) != W_NONE && number(right) == 0)
		end_step(F_VIOLATION, P_DIVISION);
	return number(left) / number(right);
}

static V binary(const struct node *node, V left, V right)
{
	if (node->op == O_DIV)
		return quotient(left, right);
	if (node->op == O_MOD)
		return left - right * quotient(left, right);
	left = number(left);
	right = number(right);
	switch (node->op) {
	case O_ADD: return left + right;
	case O_SUB: return left - right;
	case O_MUL: return (V)((unsigned __int128)left * (unsigned __int128)right);
	case O_AND: return left & right;
	case O_OR: return left | right;
	case O_XOR: return left ^ right;
	case O_SHL: return (V)((unsigned __int128)left << (int)(right & 63));
	case O_SHR: return left >> (int)(right & 63);
	case O_EQ: return left == right;
	case O_NE: return left != right;
	case O_LT: return left < right;
	case O_GT: return left > right;
	case O_LE: return left <= right;
	case O_GE: return left >= right;
	}
	end_step(F_UNSUPPORTED, 5);
}

V evaluate(int at, const V *registers)
{
	const struct node *node = &nodes[at];

	switch (node->op) {
	case O_CONST: return node->value;
	case O_REG: return registers[node->a];
	case O_NOT: return !number(evaluate(node->a, registers));
	case O_CAST: return wrapped(number(evaluate(node->a, registers)), node->bits, node->sign);
	case O_NEG: return wrapped(-number(evaluate(node->a, registers)), node->bits, node->sign);
	case O_INV: return wrapped(~number(evaluate(node->a, registers)), node->bits, node->sign);
	}
	V left = evaluate(node->a, registers), right = evaluate(node->b, registers);
	V value = wrapped(binary(node, left, right), node->bits, node->sign);

	if (!IS_NUMBER(value))
		end_step(F_UNSUPPORTED, 6);
	return value;
}

/* Count a jump or a call; a task that goes on and on without a visible operation gets one. */
static void spend(void)
{
	if (--m.budget >= 0)
		return;
	if (!m.spun)
		end_step(F_VIOLATION, P_LIVELOCK);
	sharing_spin();
}

static int primitive_stops(const struct primitive *what, const V *values)
{
	int64_t cells[MOST_TOUCHES];
	int kinds[MOST_TOUCHES], count = touch(what, values, cells, kinds), stops = 0, any = 0;

	if (what->moves_left && !everything) {
		for (int i = 0; i < count; i++)
			any |= is_asked(cells[i]);
		if (!any)
			return 0;
	}
	for (int i = 0; i < count; i++)
		stops |= sharing_stops(cells[i], kinds[i]);
	if (m.budget < LAST_JUMPS)
		for (int i = 0; i < count; i++)
			if (cells[i] < STACK && (!m.spun || what->blocks > m.spin_blocks ||
						 (what->blocks == m.spin_blocks && cells[i] > m.spin_cell))) {
				m.spun = 1;
				m.spin_blocks = what->blocks;
				m.spin_cell = cells[i];
			}
	return stops;
}

static int do_primitive(const struct instruction *item, V *registers, int *way)
{
	const struct primitive *what = &primitives[item->primitive];
	V values[MOST_ARGUMENTS] = { 0 }, result = NONE;

	for (int i = 0; i < item->count; i++)
		values[i] = evaluate(item->arguments[i], registers);
	for (int i = 0; i < item->count; i++)
		if (WORD(values[i]) == W_NONE)
			end_step(F_VIOLATION, P_UNINITIALISED);
	if (*way < 0 && (primitive_stops(what, values) || ready(what, values) != 1))
		return 0;
	if (!perform(what, values, *way < 0 ? 0 : *way, &result))
		return 0;
	if (item->into >= 0)
		registers[item->into] = result;
	return 1;
}

/* Return the function that a call calls. */
static int callee_of(const struct instruction *item, const V *registers)
{
	if (item->op == I_CALL)
		return item->target;
	V address = number(evaluate(item->a, registers)) - FUNCTION;

	if (address < 0 || address >= function_count)
		end_step(F_VIOLATION, P_WILD_ACCESS);
	return (int)address;
}

/* Run the task to just before its next visible operation; `way` -1: do not do a visible one first. */
void run(int way)
{
	m.budget = MOST_JUMPS;
	m.spun = 0;
	while (m.frames) {
		struct frame *frame = &m.frame[m.frames - 1];
		const struct instruction *item = &functions[frame->function].code[frame->at];
		V *registers = frame->registers, address;

		switch (item->op) {
		case I_SET:
			registers[item->into] = evaluate(item->a, registers);
			frame->at++;
			break;
		case I_BRANCH:
			frame->at = number(evaluate(item->a, registers)) ? frame->at + 1 : item->target;
			break;
		case I_JUMP:
			frame->at = item->target;
			spend();
			break;
		case I_LOAD:
			address = evaluate(item->a, registers);
			if (way < 0 && sharing_stops(address, READ))
				return;
			way = -1;
			registers[item->into] = get(address);
			frame->at++;
			break;
		case I_STORE: {
			address = evaluate(item->a, registers);
			if (way < 0 && sharing_stops(address, WRITE))
				return;
			way = -1;
			V value = evaluate(item->b, registers);

			if (IS_NUMBER(value) && value >= STACK && address < STACK && owner_of((int64_t)value) == m.task)
				sharing_escape();
			put(address, value);
			frame->at++;
			break;
		}
		case I_PRIMITIVE:
			if (!do_primitive(item, registers, &way))
				return;
			way = -1;
			frame->at++;
			break;
		case I_CALL:
		case I_CALL_POINTER: {
			int callee = callee_of(item, registers);
			V arguments[MOST_ARGUMENTS];

			spend();
			for (int i = 0; i < item->count; i++)
				arguments[i] = evaluate(item->arguments[i], registers);
			frame->at++;
			enter(callee, arguments, item->count);
			break;
		}
		case I_RETURN:
			if (!leave(item->a < 0 ? NONE : evaluate(item->a, registers)))
				return;
			break;
		case I_READS:
			end_step(F_READ, item->target);
		default:
			end_step(F_UNKNOWN, item->target);
		}
	}
}

void step(int way)
{
	int starts = m.frames == 1 && m.frame[0].at == 0;

	run(starts ? -1 : way);
}

/* Return in how many ways a task can go on if that depends on where it stands alone, -1 if not. */
int ways_at(uint32_t local)
{
	int count, at = 1, last = 1;
	const V *values = local_values(local, &count);

	if (!values[0])
		return 0;
	for (int frame = 0; frame < (int)values[0]; frame++) {
		last = at;
		at += 3 + (int)values[at + 2];
	}
	const struct instruction *item = &functions[(int)values[last]].code[(int)values[last + 1]];

	return item->op != I_PRIMITIVE || primitives[item->primitive].always ? 1 : -1;
}

/* Return in how many ways the task of the opened state can go on. */
int alternatives(void)
{
	V values[MOST_ARGUMENTS] = { 0 };

	if (!m.frames)
		return 0;
	const struct frame *frame = &m.frame[m.frames - 1];
	const struct instruction *item = &functions[frame->function].code[frame->at];

	if (item->op != I_PRIMITIVE || primitives[item->primitive].always)
		return 1;
	for (int i = 0; i < item->count; i++)
		values[i] = evaluate(item->arguments[i], frame->registers);
	return ready(&primitives[item->primitive], values);
}

void complain(int64_t what)
{
	if (m.complaints >= 16)
		end_step(F_UNSUPPORTED, 7);
	m.complaint[m.complaints++] = what;
}
