/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading a program and its first state; everything that is read is checked before it is used as an index. */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "explorer.h"

struct text { int64_t address, property; };
static struct text *texts;
static int64_t text_count;
static int node_count, primitive_count;

int64_t in(void)
{
	int64_t word;

	if (fread(&word, sizeof(word), 1, stdin) != 1)
		_exit(EXIT_INPUT);
	return word;
}

int64_t within(int64_t low, int64_t high)
{
	int64_t word = in();

	if (word < low || word > high)
		_exit(EXIT_INPUT);
	return word;
}

V in_value(void)
{
	uint64_t low = (uint64_t)in();
	int64_t high = in();

	return (V)(((unsigned __int128)(uint64_t)high << 64) | low);
}

static void *array(int64_t count, size_t size)
{
	void *made = calloc((size_t)count + 1, size);

	if (!made)
		_exit(EXIT_MEMORY);
	return made;
}

static void read_expressions(void)
{
	node_count = (int)within(0, 10000000);
	nodes = array(node_count, sizeof(*nodes));
	for (int i = 0; i < node_count; i++) {
		struct node *node = &nodes[i];

		node->op = (int)in();
		if (node->op == O_CONST) {
			node->value = in_value();
			continue;
		}
		/* operands stand before what uses them */
		node->a = (int)within(0, node->op == O_REG ? REGISTERS - 1 : i - 1);
		node->b = (int)within(0, i);
		node->bits = (int)within(0, 64);
		node->sign = (int)within(0, 1);
	}
}

static void read_primitives(void)
{
	primitive_count = (int)within(0, 100000);
	primitives = array(primitive_count, sizeof(*primitives));
	for (int i = 0; i < primitive_count; i++) {
		struct primitive *one = &primitives[i];

		one->kind = (int)in();
		one->parameter = (int)in();
		one->moves_left = (int)within(0, 1);
		one->blocks = (int)within(0, 1);
		one->always = (int)within(0, 1);
	}
}

static void check_registers(int node, int registers)
{
	const struct node *at = &nodes[node];

	if (at->op == O_CONST)
		return;
	if (at->op == O_REG) {
		if (at->a >= registers)
			_exit(EXIT_INPUT);
		return;
	}
	check_registers(at->a, registers);
	if (at->op < O_NOT)
		check_registers(at->b, registers);
}

static int expression(int registers)
{
	int node = (int)within(-1, node_count - 1);

	if (node >= 0)
		check_registers(node, registers);
	return node;
}

static void read_instruction(struct instruction *item, const struct function *in_function)
{
	item->op = (int)in();
	item->into = (int)within(-1, in_function->registers - 1);
	item->a = expression(in_function->registers);
	item->b = expression(in_function->registers);
	item->target = (int)in();
	if ((item->op == I_JUMP || item->op == I_BRANCH) && (item->target < 0 || item->target >= in_function->length))
		_exit(EXIT_INPUT);
	if (item->op == I_CALL && (item->target < 0 || item->target >= function_count))
		_exit(EXIT_INPUT);
	item->primitive = (int)within(-1, primitive_count - 1);
	item->count = (int)within(0, MOST_ARGUMENTS);
	item->arguments = array(item->count, sizeof(int));
	for (int i = 0; i < item->count; i++)
		item->arguments[i] = expression(in_function->registers);
}

static void read_function(struct function *one)
{
	one->registers = (int)within(1, REGISTERS);
	one->cells = (int)within(0, 1 << 20);
	one->wake = (int)within(0, 2);
	one->parameters = (int)within(0, MOST_ARGUMENTS);
	one->into = array(one->parameters, sizeof(int));
	for (int i = 0; i < one->parameters; i++)
		one->into[i] = (int)within(0, one->registers - 1);
	one->length = (int)within(1, 1000000);
	one->code = array(one->length, sizeof(*one->code));
	one->live = array(one->length, sizeof(*one->live));
	one->kept = array(one->length, sizeof(int));
	for (int at = 0; at < one->length; at++) {
		read_instruction(&one->code[at], one);
		one->kept[at] = (int)within(0, one->registers);
		one->live[at] = array(one->kept[at], sizeof(int));
		for (int i = 0; i < one->kept[at]; i++)
			one->live[at][i] = (int)within(0, one->registers - 1);
	}
}

int property_of_text(int64_t address)
{
	for (int64_t i = 0; i < text_count; i++)
		if (texts[i].address == address)
			return (int)texts[i].property;
	return P_NO_TEXT;
}

static void limit(int what, int64_t most)
{
	struct rlimit limit = { (rlim_t)most, (rlim_t)most };

	if (setrlimit(what, &limit))
		_exit(EXIT_INPUT);
}

/* Return the most states to expand. */
void read_program(void)
{
	limit(RLIMIT_AS, in());
	limit(RLIMIT_CPU, in());
	limit(RLIMIT_CORE, 0);
	task_count = (int)within(1, MOST_TASKS - 1);
	everything = (int)within(0, 1);
	for (int i = 0; i <= task_count; i++)
		task_address[i] = in();
	state_offset = in();
	signal_offset = in();
	flags_offset = in();
	text_count = within(0, 1000000);
	texts = array(text_count, sizeof(*texts));
	for (int64_t i = 0; i < text_count; i++) {
		texts[i].address = in();
		texts[i].property = in();
	}
	read_sharing();
	read_expressions();
	read_primitives();
	function_count = (int)within(0, 100000);
	functions = array(function_count, sizeof(*functions));
	for (int i = 0; i < function_count; i++)
		read_function(&functions[i]);
}

/* Read the first state; return the most states to expand. */
int64_t read_state(uint32_t *state)
{
	V cells[BLOCK], local[REGISTERS];
	int64_t entries[64];

	for (int64_t n = within(0, 100000); n > 0; n--) {
		int count = (int)within(0, 64);

		for (int i = 0; i < count; i++)
			entries[i] = in();
		intern_queue(entries, count);
	}
	cell_count = (int)within(1, MOST_CELLS_ALL);
	block_count = (cell_count + BLOCK - 1) / BLOCK;
	words = block_count + task_count + 1;
	for (int block = 0; block < block_count; block++) {
		for (int i = 0; i < BLOCK; i++)
			cells[i] = block * BLOCK + i < cell_count ? in_value() : MADE(W_GUARD, 0);
		state[block] = intern_block(cells);
	}
	for (int task = 0; task <= task_count; task++) {
		int count = (int)within(1, REGISTERS);

		for (int i = 0; i < count; i++)
			local[i] = in_value();
		state[block_count + task] = intern_local(local, count);
	}
	return in();
}
