/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Steps that were done before, as decision trees over the cells that they read: memo.py in C. */
#include "search.h"

#define MADE_PLACES (1 << 15)

struct tree { int32_t cell, first; };      /* cell -1: `first` is what the step did */
struct branch { V value; int32_t tree, next; };
struct write { V value; int32_t cell; };
struct patch { int64_t first; int32_t count, block; }; /* what is written to a block */
struct done { int64_t first; int32_t count, slept; uint32_t local; };
struct made { int64_t patch; uint32_t before, after; }; /* patch: its number + 1 */
struct root { int64_t key; int32_t tree; };

static struct tree *trees;
static struct branch *branches;
static struct write *writes;
static struct patch *patches;
static struct done *dones;
static struct made *made; /* blocks that were patched before, the latest in each place */
static struct root *roots;
static int64_t tree_count, tree_room, branch_count, branch_room, write_count, write_room, done_count, done_room;
static int64_t patch_count, patch_room;
static int64_t root_count, root_size;
static int32_t read_cells[MOST_CELLS_ALL], written_cells[MOST_CELLS_ALL];
static V read_values[MOST_CELLS_ALL];
static int reads, written;
static uint32_t stamp, read_stamp[MOST_CELLS_ALL], write_stamp[MOST_CELLS_ALL];
static int local;

void memo_forget(void)
{
	tree_count = branch_count = write_count = patch_count = done_count = root_count = 0;
	if (made)
		memset(made, 0, MADE_PLACES * sizeof(*made));
	if (roots)
		memset(roots, 0, (size_t)root_size * sizeof(*roots));
}

void memo_begin(void)
{
	stamp++;
	reads = written = 0;
	local = 1;
}

void memo_not_local(void)
{
	local = 0;
}

void memo_read(int cell, V value)
{
	if (read_stamp[cell] == stamp || write_stamp[cell] == stamp)
		return;
	read_stamp[cell] = stamp;
	read_cells[reads] = cell;
	read_values[reads++] = value;
}

void memo_write(int cell)
{
	if (write_stamp[cell] == stamp)
		return;
	write_stamp[cell] = stamp;
	written_cells[written++] = cell;
}

static struct root *root_of(int64_t key)
{
	uint64_t at = ((uint64_t)key * 0x9e3779b97f4a7c15u >> 24) & (uint64_t)(root_size - 1);

	while (roots[at].key && roots[at].key != key)
		at = (at + 1) & (uint64_t)(root_size - 1);
	return &roots[at];
}

static int64_t key_of(uint32_t stands, int task, int way)
{
	return ((int64_t)stands * MOST_TASKS + task) * 4096 + way + 1;
}

static int32_t child(int32_t tree, V value)
{
	for (int32_t at = trees[tree].first; at >= 0; at = branches[at].next)
		if (branches[at].value == value)
			return branches[at].tree;
	return -1;
}

/* Return the block that a patch makes of `block`. */
static uint32_t patched(int64_t number, uint32_t block)
{
	uint64_t mixed = ((uint64_t)number * 0x9e3779b97f4a7c15u) ^ ((uint64_t)block * 0xff51afd7ed558ccdu);
	struct made *place = &made[mixed >> 40 & (MADE_PLACES - 1)];

	if (place->patch != number + 1 || place->before != block) {
		const struct patch *patch = &patches[number];
		V cells[BLOCK];

		memcpy(cells, block_cells(block), sizeof(cells));
		for (int i = 0; i < patch->count; i++)
			cells[writes[patch->first + i].cell % BLOCK] = writes[patch->first + i].value;
		*place = (struct made){ number + 1, block, intern_block(cells) };
	}
	return place->after;
}

/* Write the state after a step that was done before; 0 if it was not. */
int memo_find(const uint32_t *state, int task, int way, uint32_t *after)
{
	if (!root_size || way >= 4096)
		return 0;
	const struct root *root = root_of(key_of(state[block_count + task], task, way));
	int32_t tree = root->key ? root->tree : -1;

	while (tree >= 0 && trees[tree].cell >= 0) {
		int32_t cell = trees[tree].cell;

		tree = child(tree, block_cells(state[cell / BLOCK])[cell % BLOCK]);
	}
	if (tree < 0)
		return 0;
	const struct done *done = &dones[trees[tree].first];

	memcpy(after, state, (size_t)words * sizeof(*after));
	for (int64_t i = done->first; i < done->first + done->count; i++)
		after[patches[i].block] = patched(i, state[patches[i].block]);
	after[block_count + task] = done->local;
	m.slept = done->slept;
	m.complaints = 0;
	return 1;
}

static int32_t new_tree(int32_t cell, int32_t first)
{
	trees = more(trees, tree_count + 1, &tree_room, sizeof(*trees));
	trees[tree_count] = (struct tree){ cell, first };
	return (int32_t)tree_count++;
}

static void room_for_roots(void)
{
	struct root *old = roots;
	int64_t size = root_size;

	if ((root_count + 1) * 2 < root_size)
		return;
	root_size = size ? size * 2 : 4096;
	roots = calloc((size_t)root_size, sizeof(*roots));
	if (!roots)
		end_step(F_MEMORY, 0);
	for (int64_t i = 0; i < size; i++)
		if (old[i].key)
			*root_of(old[i].key) = old[i];
	free(old);
}

static int by_cell(const void *one, const void *other)
{
	return *(const int32_t *)one - *(const int32_t *)other;
}

static int32_t what_was_done(const uint32_t *after, int task)
{
	int64_t first = patch_count;

	if (!made && !(made = calloc(MADE_PLACES, sizeof(*made))))
		end_step(F_MEMORY, 0);
	qsort(written_cells, (size_t)written, sizeof(*written_cells), by_cell);
	for (int i = 0; i < written; i++) {
		int32_t cell = written_cells[i], block = cell / BLOCK;

		if (patch_count == first || patches[patch_count - 1].block != block) {
			patches = more(patches, patch_count + 1, &patch_room, sizeof(*patches));
			patches[patch_count++] = (struct patch){ write_count, 0, block };
		}
		patches[patch_count - 1].count++;
		writes = more(writes, write_count + 1, &write_room, sizeof(*writes));
		writes[write_count++] = (struct write){ peek(cell), cell };
	}
	dones = more(dones, done_count + 1, &done_room, sizeof(*dones));
	dones[done_count] = (struct done){ first, (int32_t)(patch_count - first), m.slept, after[block_count + task] };
	return (int32_t)done_count++;
}

/* Return the tree of what is read at `depth`, or of what was done when all is read. */
static int32_t tree_at(int depth, const uint32_t *after, int task)
{
	return depth < reads ? new_tree(read_cells[depth], -1) : new_tree(-1, what_was_done(after, task));
}

/* Copy what the last step read, in its order; return whether it read only its own task and cells. */
int memo_last(int *count, int32_t *cells, V *values)
{
	*count = reads;
	memcpy(cells, read_cells, (size_t)reads * sizeof(*cells));
	memcpy(values, read_values, (size_t)reads * sizeof(*values));
	return local;
}

/* Keep the step that was just done. */
void memo_add(const uint32_t *state, int task, int way, const uint32_t *after)
{
	if (!local || m.complaints || way >= 4096)
		return;
	room_for_roots();
	struct root *root = root_of(key_of(state[block_count + task], task, way));

	if (!root->key) {
		root->key = key_of(state[block_count + task], task, way);
		root->tree = tree_at(0, after, task);
		root_count++;
	}
	int32_t tree = root->tree;

	for (int depth = 0; depth < reads; depth++) {
		int32_t next = child(tree, read_values[depth]);

		if (next < 0) {
			next = tree_at(depth + 1, after, task);
			branches = more(branches, branch_count + 1, &branch_room, sizeof(*branches));
			branches[branch_count] = (struct branch){ read_values[depth], next, trees[tree].first };
			trees[tree].first = (int32_t)branch_count++;
		}
		tree = next;
	}
}
