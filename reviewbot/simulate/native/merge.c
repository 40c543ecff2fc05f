/* SPDX-License-Identifier: GPL-2.0-or-later */
/* States that are stored once for all that they turn into, and numbered one by one: merge.py in C. */
#include "search.h"
#include "symmetry.h"

/* Make room for what is kept of a state by its number. */
static void grow(int64_t number)
{
	int64_t nodes_needed = (number + 1) * (task_count + 1), old = s.node_room;

	s.ways = more(s.ways, nodes_needed, &s.node_room, sizeof(*s.ways));
	for (int64_t i = old; i < s.node_room; i++)
		s.ways[i] = (struct way){ -1, 0, -1, 0, 0, 0 };
	s.first_edge = more(s.first_edge, number + 2, &s.first_room, sizeof(*s.first_edge));
	s.edge_count = more(s.edge_count, number + 1, &s.count_room, sizeof(*s.edge_count));
	s.edge_count[number] = -1;
	s.owner = more(s.owner, number + 1, &s.owner_room, sizeof(*s.owner));
	s.owner[number] = (int32_t)s.stored - 1;
	s.states = number + 1;
}

static int32_t add(const uint32_t *state, int numbers)
{
	int is_new;
	int32_t stored = add_state(state, &is_new);

	if (!is_new)
		return stored;
	s.stored = stored + 1;
	s.first = more(s.first, s.stored, &s.first_number_room, sizeof(*s.first));
	s.first[stored] = (int32_t)s.states;
	s.first_step = more(s.first_step, s.stored, &s.first_step_room, sizeof(*s.first_step));
	s.step_count = more(s.step_count, s.stored, &s.step_count_room, sizeof(*s.step_count));
	s.step_count[stored] = -1;
	for (int i = 0; i < numbers; i++)
		grow(s.states);
	return stored;
}

/* Store a state, or find the stored one; tell how it was turned for that. A new one is turned as asked for. */
int32_t store(const uint32_t *state, int turn, int32_t *turned)
{
	uint32_t image[MOST_WORDS];

	*turned = 0;
	if (turn_count == 1)
		return add(state, 1);
	if (!is_tight(state)) {
		for (int which = 0; which < turn_count; which++) {
			turn_state(which, state, image);
			int32_t stored = find_state(image);

			*turned = which;
			if (stored >= 0)
				return stored;
		}
		*turned = turn;
		turn_state(turn, state, image);
		return add(image, turn_count);
	}
	*turned = turn;
	turn_state(turn, state, image);
	return add(image, 1);
}

static int alone(int32_t stored)
{
	return (stored + 1 < s.stored ? s.first[stored + 1] : s.states) == s.first[stored] + 1;
}

/* Return the number of the state after a step when all is turned. */
int64_t end_of(const struct step *step, int turn)
{
	uint32_t image[MOST_WORDS];

	if (step->target < 0)
		return -1;
	turn = turn_product[turn][turn_inverse[step->turned]];
	if (!turn || !alone(step->target))
		return s.first[step->target] + turn;
	turn_state(turn, state_words(step->target), image);
	int32_t stored = add(image, 1); /* where equal tasks are told apart, they are in each image */

	return s.first[stored];
}

int turn_of(int64_t number)
{
	return (int)(number - s.first[s.owner[number]]);
}
