/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is still to be followed, cheapest first: by preemptions, by length, by state, by who ran last.
 *
 * A step costs one more in length and at most one more preemption, so nothing is ever added to what is being taken: a
 * bucket for each length, of the present number of preemptions and of the next, and a sort of each when its turn comes.
 */
#include "search.h"

#define DIGIT 11

struct bucket { uint64_t *keys; int64_t count, room; };
struct level { struct bucket *buckets; int64_t count, room; };

static struct level now, next;
static struct bucket spare;
static int64_t length, at;
static int preemptions;

void queue_forget(void)
{
	for (int64_t i = 0; i < now.count; i++)
		now.buckets[i].count = 0;
	for (int64_t i = 0; i < next.count; i++)
		next.buckets[i].count = 0;
	length = at = preemptions = 0;
}

void queue_add(struct item item)
{
	struct level *level = item.preemptions == preemptions ? &now : &next;

	if (item.length >= level->count) {
		int64_t old = level->room;

		level->buckets = more(level->buckets, item.length + 1, &level->room, sizeof(*level->buckets));
		memset(level->buckets + old, 0, (size_t)(level->room - old) * sizeof(*level->buckets));
		level->count = item.length + 1;
	}
	struct bucket *bucket = &level->buckets[item.length];

	bucket->keys = more(bucket->keys, bucket->count + 1, &bucket->room, sizeof(*bucket->keys));
	bucket->keys[bucket->count++] = (uint64_t)item.number * (MOST_TASKS + 1) + (uint64_t)(item.last + 1);
}

static void sort(struct bucket *bucket)
{
	uint64_t most = 0;

	for (int64_t i = 0; i < bucket->count; i++)
		most |= bucket->keys[i];
	spare.keys = more(spare.keys, bucket->count, &spare.room, sizeof(*spare.keys));
	for (int shift = 0; most >> shift; shift += DIGIT) {
		int64_t place[1 << DIGIT] = { 0 }, sum = 0;

		for (int64_t i = 0; i < bucket->count; i++)
			place[bucket->keys[i] >> shift & ((1 << DIGIT) - 1)]++;
		for (int i = 0; i < 1 << DIGIT; i++) {
			int64_t many = place[i];

			place[i] = sum;
			sum += many;
		}
		for (int64_t i = 0; i < bucket->count; i++)
			spare.keys[place[bucket->keys[i] >> shift & ((1 << DIGIT) - 1)]++] = bucket->keys[i];
		memcpy(bucket->keys, spare.keys, (size_t)bucket->count * sizeof(*bucket->keys));
	}
}

/* Take the cheapest; 0 if there is nothing left. */
int queue_take(struct item *item)
{
	for (;;) {
		for (; length < now.count; length++, at = 0) {
			struct bucket *bucket = &now.buckets[length];

			if (at == bucket->count) {
				bucket->count = 0;
				continue;
			}
			if (!at)
				sort(bucket);
			uint64_t key = bucket->keys[at++];

			*item = (struct item){ preemptions, (int32_t)length, (int32_t)(key / (MOST_TASKS + 1)),
					       (int32_t)(key % (MOST_TASKS + 1)) - 1 };
			return 1;
		}
		struct level done = now;
		int64_t left = 0;

		for (int64_t i = 0; i < next.count; i++)
			left += next.buckets[i].count;
		if (!left)
			return 0;
		now = next;
		next = done;
		length = at = 0;
		preemptions++;
	}
}
