/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is still to be followed: frontier.py in C. By preemptions and length, or by length and preemptions, then by state
 * and by who ran last; or the last that was added first.
 *
 * A step costs one more in length and at most one more preemption, so nothing is ever added to what is being taken: a
 * bucket for each of the lesser cost, of the present greater one and of the next, and a sort of each when its turn comes.
 */
#include "search.h"

#define DIGIT 11

struct bucket { uint64_t *keys; int64_t count, room; };
struct level { struct bucket *buckets; int64_t count, room; };

static struct level now, next;
static struct bucket spare;
static int64_t minor, at;
static int32_t major;
static struct { struct item *items; int64_t count, room; } stack;

int32_t major_cost(int32_t preemptions, int32_t length)
{
	return s.order == BY_LENGTH ? length : preemptions;
}

int32_t minor_cost(int32_t preemptions, int32_t length)
{
	return s.order == BY_LENGTH ? preemptions : length;
}

void queue_forget(void)
{
	for (int64_t i = 0; i < now.count; i++)
		now.buckets[i].count = 0;
	for (int64_t i = 0; i < next.count; i++)
		next.buckets[i].count = 0;
	minor = at = major = 0;
	stack.count = 0;
}

void queue_add(struct item item)
{
	if (s.order == BY_DEPTH) {
		stack.items = more(stack.items, stack.count + 1, &stack.room, sizeof(*stack.items));
		stack.items[stack.count++] = item;
		return;
	}
	int32_t least = minor_cost(item.preemptions, item.length);
	struct level *level = major_cost(item.preemptions, item.length) == major ? &now : &next;

	if (least >= level->count) {
		int64_t old = level->room;

		level->buckets = more(level->buckets, least + 1, &level->room, sizeof(*level->buckets));
		memset(level->buckets + old, 0, (size_t)(level->room - old) * sizeof(*level->buckets));
		level->count = least + 1;
	}
	struct bucket *bucket = &level->buckets[least];

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

/* Take the next; 0 if there is nothing left. */
int queue_take(struct item *item)
{
	if (s.order == BY_DEPTH) {
		if (!stack.count)
			return 0;
		*item = stack.items[--stack.count];
		return 1;
	}
	for (;;) {
		for (; minor < now.count; minor++, at = 0) {
			struct bucket *bucket = &now.buckets[minor];

			if (at == bucket->count) {
				bucket->count = 0;
				continue;
			}
			if (!at)
				sort(bucket);
			uint64_t key = bucket->keys[at++];

			*item = (struct item){ s.order == BY_LENGTH ? (int32_t)minor : major,
					       s.order == BY_LENGTH ? major : (int32_t)minor,
					       (int32_t)(key / (MOST_TASKS + 1)), (int32_t)(key % (MOST_TASKS + 1)) - 1 };
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
		minor = at = 0;
		major++;
	}
}
