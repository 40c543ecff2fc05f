/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that is equal is kept once: blocks of cells, how a task stands, queues, and states made of their numbers
 * (Holzmann, "State compression in SPIN: recursive indexing and compression training runs", 1997).
 */
#include "explorer.h"

struct table { uint32_t *slots; int64_t size, count, room; uint64_t *hashes; };
struct pool { struct table table; unsigned char **items; int64_t *sizes; int64_t items_room, sizes_room; };

static struct pool blocks, locals, queues;
static struct table states;
static uint32_t *state_data;
static int64_t state_room;

void *more(void *array, int64_t needed, int64_t *room, size_t size)
{
	if (needed <= *room)
		return array;
	*room = needed < 1024 ? 1024 : needed + needed / 2;
	array = realloc(array, (size_t)*room * size);
	if (!array)
		end_step(F_MEMORY, 0);
	return array;
}

/* Fold the product of two words into one: all bits of both matter to all bits (Wang Yi's wyhash does this). */
static uint64_t fold(uint64_t one, uint64_t other)
{
	unsigned __int128 product = (unsigned __int128)one * other;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const void *data, size_t size)
{
	const unsigned char *at = data;
	uint64_t hash = 0x9e3779b97f4a7c15u ^ size, pair[2];

	for (; size >= sizeof(pair); size -= sizeof(pair), at += sizeof(pair)) {
		memcpy(pair, at, sizeof(pair));
		hash = fold(pair[0] ^ hash, pair[1] ^ 0xff51afd7ed558ccdu);
	}
	if (size) {
		memset(pair, 0, sizeof(pair));
		memcpy(pair, at, size);
		hash = fold(pair[0] ^ hash, pair[1] ^ 0xff51afd7ed558ccdu);
	}
	return hash;
}

static void grow(struct table *table)
{
	int64_t size = table->size ? table->size * 2 : 4096;
	uint32_t *slots = calloc((size_t)size, sizeof(*slots));

	if (!slots)
		end_step(F_MEMORY, 0);
	for (int64_t n = 0; n < table->count; n++) {
		uint64_t at = table->hashes[n] & (uint64_t)(size - 1);

		while (slots[at])
			at = (at + 1) & (uint64_t)(size - 1);
		slots[at] = (uint32_t)n + 1;
	}
	free(table->slots);
	table->slots = slots;
	table->size = size;
}

/* Return where the slot of a new item is, or, through `found`, the number of an equal one. */
static uint64_t look(struct table *table, uint64_t hash, int (*same)(int64_t, const void *, size_t), const void *data,
		     size_t size, int64_t *found)
{
	if (table->count * 2 >= table->size)
		grow(table);
	uint64_t at = hash & (uint64_t)(table->size - 1);

	*found = -1;
	while (table->slots[at]) {
		int64_t n = (int64_t)table->slots[at] - 1;

		if (table->hashes[n] == hash && same(n, data, size)) {
			*found = n;
			return at;
		}
		at = (at + 1) & (uint64_t)(table->size - 1);
	}
	return at;
}

static void added(struct table *table, uint64_t at, uint64_t hash)
{
	table->hashes = more(table->hashes, table->count + 1, &table->room, sizeof(*table->hashes));
	table->hashes[table->count++] = hash;
	table->slots[at] = (uint32_t)table->count;
}

static struct pool *current_pool;

static int same_item(int64_t n, const void *data, size_t size)
{
	return current_pool->sizes[n] == (int64_t)size && !memcmp(current_pool->items[n], data, size);
}

static uint32_t intern(struct pool *pool, const void *data, size_t size)
{
	uint64_t hash = hash_of(data, size);
	int64_t found;

	current_pool = pool;
	uint64_t at = look(&pool->table, hash, same_item, data, size, &found);

	if (found >= 0)
		return (uint32_t)found;
	int64_t n = pool->table.count;

	pool->items = more(pool->items, n + 1, &pool->items_room, sizeof(*pool->items));
	pool->sizes = more(pool->sizes, n + 1, &pool->sizes_room, sizeof(*pool->sizes));
	pool->items[n] = malloc(size ? size : 1);
	if (!pool->items[n])
		end_step(F_MEMORY, 0);
	memcpy(pool->items[n], data, size);
	pool->sizes[n] = (int64_t)size;
	added(&pool->table, at, hash);
	return (uint32_t)n;
}

uint32_t intern_block(const V *cells)
{
	return intern(&blocks, cells, BLOCK * sizeof(V));
}

uint32_t intern_local(const V *values, int count)
{
	return intern(&locals, values, (size_t)count * sizeof(V));
}

uint32_t intern_queue(const int64_t *entries, int count)
{
	return intern(&queues, entries, (size_t)count * sizeof(*entries));
}

const V *block_cells(uint32_t block)
{
	return (const V *)blocks.items[block];
}

const V *local_values(uint32_t local, int *count)
{
	*count = (int)(locals.sizes[local] / (int64_t)sizeof(V));
	return (const V *)locals.items[local];
}

const int64_t *queue_entries(uint32_t queue, int *count)
{
	*count = (int)(queues.sizes[queue] / (int64_t)sizeof(int64_t));
	return (const int64_t *)queues.items[queue];
}

uint32_t block_total(void)
{
	return (uint32_t)blocks.table.count;
}

uint32_t local_total(void)
{
	return (uint32_t)locals.table.count;
}

uint32_t queue_total(void)
{
	return (uint32_t)queues.table.count;
}

static int same_state(int64_t n, const void *data, size_t size)
{
	return !memcmp(state_data + n * words, data, size);
}

int add_state(const uint32_t *state, int *is_new)
{
	size_t size = (size_t)words * sizeof(*state);
	uint64_t hash = hash_of(state, size);
	int64_t found;
	uint64_t at = look(&states, hash, same_state, state, size, &found);

	*is_new = found < 0;
	if (found >= 0)
		return (int)found;
	state_data = more(state_data, (states.count + 1) * words, &state_room, sizeof(*state_data));
	memcpy(state_data + states.count * words, state, size);
	added(&states, at, hash);
	return (int)states.count - 1;
}

int find_state(const uint32_t *state)
{
	size_t size = (size_t)words * sizeof(*state);
	int64_t found;

	look(&states, hash_of(state, size), same_state, state, size, &found);
	return (int)found;
}

const uint32_t *state_words(int number)
{
	return state_data + (int64_t)number * words;
}

void forget_states(void)
{
	if (states.slots)
		memset(states.slots, 0, (size_t)states.size * sizeof(*states.slots));
	states.count = 0;
}
