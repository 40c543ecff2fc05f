/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whether a step is the same for all equal tasks, and whether what a task waits for is: equals.py in C. */
#include "search.h"
#include "symmetry.h"

enum { UNKNOWN, SAME, OTHER };

static unsigned char *conditions; /* by how a task stands and its number */
static int64_t conditions_room;
static struct { uint32_t state[MOST_WORDS]; int task, way; } difference;

void forget_conditions(void)
{
	if (conditions)
		memset(conditions, UNKNOWN, (size_t)conditions_room);
}

/* Return the number of arguments that a task's primitive gets, -1 if working them out faults. */
static int arguments_of(const uint32_t *state, int task, V *values)
{
	jmp_buf outer;
	int count = -1;

	memcpy(outer, step_end, sizeof(outer));
	if (!setjmp(step_end)) {
		open_state(state, task);
		const struct frame *frame = &m.frame[m.frames - 1];
		const struct instruction *item = &functions[frame->function].code[frame->at];

		for (int i = 0; i < item->count; i++)
			values[i] = evaluate(item->arguments[i], frame->registers);
		count = item->count;
	}
	memcpy(step_end, outer, sizeof(outer));
	return count;
}

/* Tell whether an address is turned to where the contents of its cell go. */
static int moves(int turn, int64_t address)
{
	return turn_cell(turn, address - BASE) + BASE == turn_address(turn, address);
}

static int compare_condition(const uint32_t *state, int task)
{
	V values[MOST_ARGUMENTS], others[MOST_ARGUMENTS];
	uint32_t image[MOST_WORDS];
	int count = arguments_of(state, task, values);

	for (int turn = 1; turn < turn_count; turn++) {
		turn_state(turn, state, image);
		if (arguments_of(image, task_turn[turn][task], others) != count)
			return OTHER;
		for (int i = 0; i < count; i++) {
			if (others[i] != turn_value(turn, values[i]))
				return OTHER;
			if (values[i] >= BASE && values[i] < BASE + cell_count &&
			    !(moves(turn, (int64_t)values[i]) && moves(turn, (int64_t)values[i] + 1)))
				return OTHER;
		}
		if (!moves(turn, task_address[task] + state_offset) || !moves(turn, task_address[task] + signal_offset))
			return OTHER;
	}
	return SAME;
}

int same_condition(const uint32_t *state, int task)
{
	uint32_t local = state[block_count + task];
	int64_t at = (int64_t)local * MOST_TASKS + task, old = conditions_room;

	if (ways_at(local) >= 0)
		return 1;
	conditions = more(conditions, at + 1, &conditions_room, sizeof(*conditions));
	if (conditions_room > old)
		memset(conditions + old, UNKNOWN, (size_t)(conditions_room - old));
	if (conditions[at] == UNKNOWN)
		conditions[at] = (unsigned char)compare_condition(state, task);
	return conditions[at] == SAME;
}

/* Tell whether a task stands where equal tasks are told apart. */
int is_tight(const uint32_t *state)
{
	for (int task = 0; task < task_count; task++)
		if (is_tight_place(state[block_count + task], task))
			return 1;
	return 0;
}

static _Noreturn void differs(const uint32_t *state, int task, int way)
{
	memcpy(difference.state, state, (size_t)words * sizeof(*state));
	difference.task = task;
	difference.way = way;
	end_kind = F_DIFFERS;
	end_code = 0;
	longjmp(s.search_end, 1);
}

void check_condition(const uint32_t *state, int task)
{
	if (!is_tight_place(state[block_count + task], task) && !same_condition(state, task))
		differs(state, task, -1);
}

/* What a step came to. */
struct tried {
	uint32_t after[MOST_WORDS];
	int ended, slept, complaints, local, reads;
	int64_t code, complaint[16];
	int32_t cells[MOST_CELLS_ALL];
	V values[MOST_CELLS_ALL];
};

static void note(struct tried *tried, int ended, int64_t code)
{
	tried->ended = ended;
	tried->code = ended == F_VIOLATION || ended == F_UNKNOWN ? code : 0;
	tried->slept = m.slept;
	tried->complaints = m.complaints;
	memcpy(tried->complaint, m.complaint, sizeof(tried->complaint));
	tried->local = memo_last(&tried->reads, tried->cells, tried->values);
}

static void attempt(struct tried *tried, const uint32_t *state, int task, int way)
{
	jmp_buf outer;

	memcpy(outer, step_end, sizeof(outer));
	quiet = 1;
	if (setjmp(step_end)) {
		note(tried, end_kind, end_code);
	} else {
		open_state(state, task);
		step(way);
		close_state(tried->after);
		note(tried, 0, 0);
	}
	quiet = 0;
	memcpy(step_end, outer, sizeof(outer));
	if (tried->ended == F_UNSUPPORTED)
		longjmp(s.search_end, 1);
}

static int same_reads(int turn, const struct tried *done, const struct tried *image)
{
	int at = 0;

	for (int i = 0; i < done->reads; i++) {
		if (is_frozen(done->cells[i]))
			continue;
		while (at < image->reads && is_frozen(image->cells[at]))
			at++;
		if (at == image->reads || image->cells[at] != turn_cell(turn, done->cells[i]) ||
		    image->values[at] != turn_value(turn, done->values[i]))
			return 0;
		at++;
	}
	while (at < image->reads && is_frozen(image->cells[at]))
		at++;
	return at == image->reads;
}

static int same(int turn, const struct tried *done, const struct tried *image)
{
	uint32_t turned[MOST_WORDS];

	if (image->ended != done->ended || image->code != done->code || image->complaints != done->complaints ||
	    memcmp(image->complaint, done->complaint, (size_t)done->complaints * sizeof(*done->complaint)))
		return 0;
	if (done->ended)
		return 1;
	if (image->slept != done->slept || image->local != done->local ||
	    (done->local && !same_reads(turn, done, image)))
		return 0;
	turn_state(turn, done->after, turned);
	return !memcmp(turned, image->after, (size_t)words * sizeof(*turned));
}

/* Compare the step that was just done (`after` NULL: it ended early) with its images; what it came to stays. */
void check_step(const uint32_t *state, int task, int way, const uint32_t *after)
{
	static struct tried done, image;
	uint32_t turned[MOST_WORDS];
	int kind = end_kind;
	int64_t code = end_code;

	if (after && frozen_differs(state, after)) {
		end_kind = F_ASYMMETRIC;
		longjmp(s.search_end, 1);
	}
	if (is_tight_place(state[block_count + task], task))
		return;
	note(&done, after ? 0 : kind, code);
	if (after)
		memcpy(done.after, after, (size_t)words * sizeof(*after));
	for (int turn = 1; turn < turn_count; turn++) {
		turn_state(turn, state, turned);
		attempt(&image, turned, task_turn[turn][task], way);
		if (!same(turn, &done, &image))
			differs(state, task, way);
	}
	end_kind = kind;
	end_code = code;
	m.slept = done.slept;
	m.complaints = done.complaints;
	memcpy(m.complaint, done.complaint, sizeof(done.complaint));
}

/* Write the step that is not the same for all equal tasks, with the state before it. */
void write_difference(void)
{
	int count;

	out(difference.task);
	out(difference.way);
	out_queues();
	out((int64_t)block_count * BLOCK);
	for (int block = 0; block < block_count; block++)
		out_cells(block_cells(difference.state[block]), BLOCK);
	for (int task = 0; task <= task_count; task++) {
		const V *values = local_values(difference.state[block_count + task], &count);

		out(count);
		out_cells(values, count);
	}
}
