/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which cells tasks share: sharing.py in C. */
#include "explorer.h"
#include "symmetry.h"

struct tokens { int count; int64_t lock[MOST_HELD]; uint32_t tasks[MOST_HELD]; };
struct access { int64_t key; struct tokens tokens; };

static struct access *seen;
static int64_t seen_size, seen_count, *visible, *asked, visible_count, visible_room, asked_count, asked_room;
static unsigned char flag[MOST_CELLS_ALL];
int stacks_shared;

static int listed(const int64_t *list, int64_t count, int64_t cell)
{
	for (int64_t i = 0; i < count; i++)
		if (list[i] == cell)
			return 1;
	return 0;
}

int is_visible(int64_t cell)
{
	if (cell >= BASE && cell < BASE + MOST_CELLS_ALL)
		return flag[cell - BASE];
	return listed(visible, visible_count, cell);
}

int is_asked(int64_t cell)
{
	return listed(asked, asked_count, cell);
}

static void show(int64_t cell)
{
	visible = more(visible, visible_count + 1, &visible_room, sizeof(*visible));
	visible[visible_count++] = cell;
	if (cell >= BASE && cell < BASE + MOST_CELLS_ALL)
		flag[cell - BASE] = 1;
}

/* In a quiet time nothing is learnt. */
static void refuse(void)
{
	if (quiet)
		end_step(F_CHANGED, 0);
}

void sharing_reveal(int64_t cell)
{
	if (!is_visible(cell)) {
		show(cell);
		end_step(F_CHANGED, 0);
	}
}

void sharing_ask(int64_t lock)
{
	if (!is_asked(lock)) {
		refuse();
		asked = more(asked, asked_count + 1, &asked_room, sizeof(*asked));
		asked[asked_count++] = lock;
		end_step(F_CHANGED, 0);
	}
}

void sharing_escape(void)
{
	if (!stacks_shared) {
		refuse();
		stacks_shared = 1;
		end_step(F_CHANGED, 0);
	}
}

_Noreturn void sharing_spin(void)
{
	refuse();
	if (!is_visible(m.spin_cell))
		show(m.spin_cell);
	end_step(F_CHANGED, 0);
}

/* What is visible for one of some equal tasks is so for the others. */
static void close_turns(void)
{
	int64_t known = visible_count;

	for (int64_t i = 0; i < known; i++)
		for (int turn = 1; turn < turn_count; turn++)
			if (!is_visible(turn_address(turn, visible[i])))
				show(turn_address(turn, visible[i]));
	known = asked_count;
	for (int64_t i = 0; i < known; i++)
		for (int turn = 1; turn < turn_count; turn++) {
			int64_t lock = turn_address(turn, asked[i]);

			if (is_asked(lock))
				continue;
			asked = more(asked, asked_count + 1, &asked_room, sizeof(*asked));
			asked[asked_count++] = lock;
		}
}

void sharing_start(void)
{
	close_turns();
	if (seen)
		memset(seen, 0, (size_t)seen_size * sizeof(*seen));
	seen_count = 0;
}

static struct access *entry(int64_t key)
{
	uint64_t at = ((uint64_t)key * 0x9e3779b97f4a7c15u >> 20) & (uint64_t)(seen_size - 1);

	while (seen[at].key && seen[at].key != key)
		at = (at + 1) & (uint64_t)(seen_size - 1);
	return &seen[at];
}

static void room(void)
{
	struct access *old = seen;
	int64_t size = seen_size;

	if ((seen_count + 1) * 2 < seen_size)
		return;
	seen_size = size ? size * 2 : 1024;
	seen = calloc((size_t)seen_size, sizeof(*seen));
	if (!seen)
		end_step(F_MEMORY, 0);
	for (int64_t i = 0; i < size; i++)
		if (old[i].key)
			*entry(old[i].key) = old[i];
	free(old);
}

static struct tokens tokens_held(void)
{
	struct tokens made = { 0 };

	for (int i = 0; i < m.held_count; i++) {
		uint32_t tasks = m.held[i].exclusive ? (2u << task_count) - 1 : 2u << m.task;

		if (made.count && made.lock[made.count - 1] == m.held[i].lock) {
			made.tasks[made.count - 1] |= tasks;
			continue;
		}
		made.lock[made.count] = m.held[i].lock;
		made.tasks[made.count++] = tasks;
	}
	return made;
}

static struct tokens common(const struct tokens *one, const struct tokens *other)
{
	struct tokens made = { 0 };

	for (int i = 0; i < one->count; i++)
		for (int j = 0; j < other->count; j++)
			if (one->lock[i] == other->lock[j] && (one->tasks[i] & other->tasks[j])) {
				made.lock[made.count] = one->lock[i];
				made.tasks[made.count++] = one->tasks[i] & other->tasks[j];
			}
	return made;
}

static int contained(const struct tokens *one, const struct tokens *other)
{
	struct tokens both = common(one, other);

	if (both.count != one->count)
		return 0;
	return !memcmp(both.tasks, one->tasks, (size_t)one->count * sizeof(one->tasks[0]));
}

static int64_t key_of(int64_t cell, int task, int kind)
{
	return ((cell * MOST_TASKS + task) * 4 + kind) + 1;
}

static struct tokens turn_tokens(int turn, const struct tokens *tokens)
{
	struct tokens made = { .count = tokens->count };

	for (int i = 0; i < tokens->count; i++) {
		made.lock[i] = turn_address(turn, tokens->lock[i]);
		made.tasks[i] = tokens->tasks[i] & 1;
		for (int task = 0; task < task_count; task++)
			if (tokens->tasks[i] & 2u << task)
				made.tasks[i] |= 2u << task_turn[turn][task];
	}
	return made;
}

/* Record an access; 0 if it was known. */
static int note_one(int64_t cell, int task, int kind, struct tokens now)
{
	room();
	struct access *mine = entry(key_of(cell, task, kind));

	if (mine->key) {
		if (contained(&mine->tokens, &now))
			return 0;
		now = common(&mine->tokens, &now);
	} else {
		mine->key = key_of(cell, task, kind);
		seen_count++;
	}
	mine->tokens = now;
	for (int other = 0; other < task_count; other++) {
		if (other == task)
			continue;
		for (int what = READ; what <= ADD; what++) {
			if (what == kind && kind != WRITE)
				continue;
			const struct access *theirs = entry(key_of(cell, other, what));

			if (theirs->key && !common(&theirs->tokens, &now).count) {
				sharing_reveal(cell);
				return 1;
			}
		}
	}
	return 1;
}

static void note(int64_t cell, int kind)
{
	if (quiet)
		return;
	struct tokens now = tokens_held();

	if (note_one(cell, m.task, kind, now))
		for (int turn = 1; turn < turn_count; turn++)
			note_one(turn_address(turn, cell), task_turn[turn][m.task], kind, turn_tokens(turn, &now));
}

int sharing_stops(V value, int kind)
{
	if (!IS_NUMBER(value))
		end_step(F_VIOLATION, P_UNINITIALISED);
	int64_t address = (int64_t)value;

	if (is_visible(address))
		return 1;
	if (address >= STACK) {
		int owner = owner_of(address);

		if (owner == m.task && !stacks_shared)
			return 0;
		if (owner >= 0 && owner != m.task)
			sharing_escape();
	} else if (address < BASE) {
		return 0;
	}
	if (everything)
		return 1;
	note(address, kind);
	if (m.budget < LAST_JUMPS && address < STACK && (!m.spun || (!m.spin_blocks && address > m.spin_cell))) {
		m.spun = 1;
		m.spin_blocks = 0;
		m.spin_cell = address;
	}
	return is_visible(address);
}

int any_asked(void)
{
	return asked_count > 0;
}

static void list(const int64_t *cells, int64_t count)
{
	out(count);
	for (int64_t i = 0; i < count; i++)
		out(cells[i]);
}

void write_sharing(void)
{
	list(visible, visible_count);
	list(asked, asked_count);
	out(stacks_shared);
}

void read_sharing(void)
{
	for (int64_t n = in(); n > 0; n--)
		show(in());
	for (int64_t n = in(); n > 0; n--) {
		asked = more(asked, asked_count + 1, &asked_room, sizeof(*asked));
		asked[asked_count++] = in();
	}
	stacks_shared = (int)in();
}
