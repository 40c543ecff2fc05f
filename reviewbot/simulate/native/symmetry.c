/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Turning states: symmetry.py in C. What is turned is kept by the number of a block or of how a task stands; the blocks
 * in which cells change places are turned together, and kept so.
 */
#include "symmetry.h"

#define TOGETHER (1 << 14) /* places for blocks that were turned together */

struct known { uint32_t *turned; int64_t room; }; /* by number: 1 more than that of the turned one; 0: not known */

int turn_count = 1, turn_pays, task_turn[MOST_TURNS][MOST_TASKS], turn_inverse[MOST_TURNS];
int turn_product[MOST_TURNS][MOST_TURNS], quiet;
static int32_t *moved[MOST_TURNS]; /* by cell: the cell whose address replaces its own */
static unsigned char frozen[MOST_CELLS_ALL];
static int *special, special_count, *plain, plain_count; /* blocks in which cells change places or stay; the others */
static struct known blocks[MOST_TURNS], locals[MOST_TURNS];
static uint32_t *together[MOST_TURNS]; /* blocks before, blocks after; the first is 1 more than its number */
static unsigned char *tight; /* by how a task stands: a bit for each task that it is a tight place of */
static int64_t tight_room;

static void *zeroed(int64_t count, size_t size)
{
	void *made = calloc((size_t)count + 1, size);

	if (!made)
		end_step(F_MEMORY, 0);
	return made;
}

static uint32_t *known_at(struct known *known, uint32_t number)
{
	int64_t old = known->room;

	known->turned = more(known->turned, (int64_t)number + 1, &known->room, sizeof(*known->turned));
	if (known->room > old)
		memset(known->turned + old, 0, (size_t)(known->room - old) * sizeof(*known->turned));
	return &known->turned[number];
}

int is_frozen(int64_t cell)
{
	return cell >= 0 && cell < cell_count && frozen[cell];
}

int64_t turn_address(int turn, int64_t address)
{
	if (address >= BASE && address < BASE + cell_count)
		return BASE + moved[turn][address - BASE];
	int owner = owner_of(address);

	if (owner < 0 || owner >= task_count || (address - STACK) % SPAN >= STACK_CELLS)
		return address;
	return address + (int64_t)(task_turn[turn][owner] - owner) * SPAN;
}

int64_t turn_cell(int turn, int64_t cell)
{
	return is_frozen(cell) ? cell : turn_address(turn, cell + BASE) - BASE;
}

V turn_value(int turn, V value)
{
	if (WORD(value) == W_QUEUE) {
		int count;
		const int64_t *queue = queue_entries((uint32_t)value, &count);
		int64_t entries[MOST_WAITERS];

		for (int i = 0; i < count; i++)
			entries[i] = turn_address(turn, queue[i]);
		return MADE(W_QUEUE, intern_queue(entries, count));
	}
	return value >= BASE && value < STACK + 64 * SPAN ? turn_address(turn, (int64_t)value) : value;
}

static int before(const V *one, const V *other)
{
	for (int i = 0; i < 3; i++)
		if (one[i] != other[i])
			return one[i] < other[i];
	return 0;
}

static uint32_t turn_local(int turn, uint32_t local)
{
	uint32_t *known = known_at(&locals[turn], local);

	if (*known)
		return *known - 1;
	int count, at = 1;
	const V *values = local_values(local, &count);
	V made[REGISTERS * 2];

	for (int i = 0; i < count; i++)
		made[i] = turn_value(turn, values[i]);
	for (int frame = 0; frame < (int)values[0]; frame++)
		at += 3 + (int)values[at + 2];
	at += 1 + (int)values[at];
	for (V *first = made + at + 1, *lock = first + 3; lock < made + count; lock += 3)
		for (V *here = lock; here > first && before(here, here - 3); here -= 3)
			for (int i = 0; i < 3; i++) {
				V kept = here[i];

				here[i] = here[i - 3];
				here[i - 3] = kept;
			}
	*known = intern_local(made, count) + 1;
	return *known - 1;
}

static uint32_t turn_block(int turn, uint32_t block)
{
	uint32_t *known = known_at(&blocks[turn], block);

	if (!*known) {
		const V *values = block_cells(block);
		V made[BLOCK];

		for (int i = 0; i < BLOCK; i++)
			made[i] = turn_value(turn, values[i]);
		*known = intern_block(made) + 1;
	}
	return *known - 1;
}

static void turn_special(int turn, const uint32_t *state, uint32_t *turned)
{
	static V cells[MOST_CELLS_ALL + BLOCK];
	uint64_t hash = 0;

	for (int i = 0; i < special_count; i++)
		hash = (hash ^ state[special[i]]) * 0x9e3779b97f4a7c15u;
	uint32_t *place = together[turn] + (hash >> 40 & (TOGETHER - 1)) * (uint64_t)(2 * special_count);
	int same = place[0] == state[special[0]] + 1;

	for (int i = 1; i < special_count && same; i++)
		same = place[i] == state[special[i]];
	if (!same) {
		for (int i = 0; i < special_count; i++) {
			const V *values = block_cells(state[special[i]]);

			place[i] = state[special[i]] + !i;
			for (int j = 0; j < BLOCK; j++) {
				int64_t cell = (int64_t)special[i] * BLOCK + j;

				cells[turn_cell(turn, cell)] = is_frozen(cell) ? values[j] : turn_value(turn, values[j]);
			}
		}
		for (int i = 0; i < special_count; i++)
			place[special_count + i] = intern_block(cells + (int64_t)special[i] * BLOCK);
	}
	for (int i = 0; i < special_count; i++)
		turned[special[i]] = place[special_count + i];
}

void turn_state(int turn, const uint32_t *state, uint32_t *turned)
{
	if (!turn) {
		memcpy(turned, state, (size_t)words * sizeof(*turned));
		return;
	}
	for (int i = 0; i < plain_count; i++)
		turned[plain[i]] = turn_block(turn, state[plain[i]]);
	if (special_count)
		turn_special(turn, state, turned);
	for (int task = 0; task < task_count; task++)
		turned[block_count + task_turn[turn][task]] = turn_local(turn, state[block_count + task]);
	turned[block_count + task_count] = state[block_count + task_count];
}

int is_tight_place(uint32_t local, int task)
{
	return local < tight_room / 2 && (tight[2 * local + task / 8] >> task % 8 & 1);
}

/* Tell whether a frozen cell differs in two states. */
int frozen_differs(const uint32_t *one, const uint32_t *other)
{
	for (int i = 0; i < special_count; i++) {
		int block = special[i];

		if (one[block] == other[block])
			continue;
		for (int j = 0; j < BLOCK; j++)
			if (is_frozen((int64_t)block * BLOCK + j) &&
			    block_cells(one[block])[j] != block_cells(other[block])[j])
				return 1;
	}
	return 0;
}

static void work_out_product(void)
{
	for (int one = 0; one < turn_count; one++)
		for (int other = 0; other < turn_count; other++)
			for (int third = 0; third < turn_count; third++) {
				int same = 1;

				for (int task = 0; task < task_count; task++)
					same &= task_turn[third][task] == task_turn[one][task_turn[other][task]];
				if (!same)
					continue;
				turn_product[one][other] = third;
				if (!third)
					turn_inverse[one] = other;
			}
}

static void sort_blocks(void)
{
	special = zeroed(block_count, sizeof(*special));
	plain = zeroed(block_count, sizeof(*plain));
	for (int block = 0; block < block_count; block++) {
		int any = 0;

		for (int64_t cell = (int64_t)block * BLOCK; cell < (int64_t)(block + 1) * BLOCK; cell++)
			for (int turn = 0; turn < turn_count; turn++)
				any |= is_frozen(cell) || turn_cell(turn, cell) != cell;
		if (any)
			special[special_count++] = block;
		else
			plain[plain_count++] = block;
	}
	for (int turn = 1; turn < turn_count; turn++)
		together[turn] = zeroed((int64_t)TOGETHER * 2 * special_count, sizeof(uint32_t));
}

static void read_tight(void)
{
	V values[REGISTERS];

	for (int64_t n = in(); n > 0; n--) {
		int task = (int)within(0, task_count - 1), count = (int)within(1, REGISTERS);

		for (int i = 0; i < count; i++)
			values[i] = in_value();
		uint32_t local = intern_local(values, count);
		int64_t old = tight_room;

		tight = more(tight, 2 * (int64_t)local + 2, &tight_room, sizeof(*tight));
		if (tight_room > old)
			memset(tight + old, 0, (size_t)(tight_room - old));
		tight[2 * local + task / 8] |= (unsigned char)(1 << task % 8);
	}
}

/* Read the permutations of equal tasks; comes after the first state. */
void read_symmetry(void)
{
	turn_count = (int)within(1, MOST_TURNS);
	if (turn_count == 1)
		return;
	turn_pays = (int)in();
	for (int turn = 0; turn < turn_count; turn++) {
		for (int task = 0; task < task_count; task++)
			task_turn[turn][task] = (int)within(0, task_count - 1);
		moved[turn] = zeroed(cell_count, sizeof(*moved[turn]));
		for (int cell = 0; cell < cell_count; cell++)
			moved[turn][cell] = cell;
		for (int64_t n = in(); n > 0; n--) {
			int64_t cell = within(0, cell_count - 1);

			moved[turn][cell] = (int32_t)within(0, cell_count - 1);
		}
	}
	for (int64_t n = in(); n > 0; n--)
		frozen[within(0, cell_count - 1)] = 1;
	read_tight();
	work_out_product();
	sort_blocks();
}
