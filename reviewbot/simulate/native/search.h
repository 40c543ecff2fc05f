/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search has seen. */
#ifndef SEARCH_H
#define SEARCH_H

#include "explorer.h"

struct edge { int32_t target; int16_t way; int8_t task, slept; };
struct step { int32_t target, turned; int16_t way; int8_t task, slept; }; /* from a stored state to one */
/* The way to a node. came: a node, -1 at the start; followed: depth first, that it has been. */
struct way { int32_t preemptions, length, came; int8_t task, followed; int16_t way; };
struct item { int32_t preemptions, length, number, last; };
struct finding { int64_t what, node; int32_t preemptions, length; int task, way; };

struct search {
	struct way *ways; /* by node: state number * (tasks + 1) + who ran last + 1 */
	struct edge *edges;
	int64_t *first_edge;
	int32_t *edge_count; /* -1: not expanded */
	/* of stored states: the first number, the steps; by number: the stored state */
	int32_t *first, *step_count, *owner;
	int64_t *first_step;
	struct step *steps;
	int64_t stored, real, step_total, first_number_room, step_count_room, owner_room, first_step_room, step_room;
	struct finding *found, *cut, *unknown, *too_big;
	int64_t node_room, first_room, count_room, edge_room, edge_total, transitions, expanded, states;
	int64_t found_count, found_room, cut_count, cut_room, unknown_count, unknown_room, too_big_count, too_big_room;
	int complete, bounded, upto, ended;
	int order, most_preemptions; /* -1: any number */
	jmp_buf search_end;
};
extern struct search s;
int turn_of(int64_t number); /* how the stored state becomes that of a number */

/* merge.c: the stored state of one, and how that was turned for it; a new one is turned as asked for */
int32_t store(const uint32_t *state, int turn, int32_t *turned);
int64_t end_of(const struct step *step, int turn); /* the number of the state after a step when all is turned */

/* queue.c */
void queue_forget(void);
void queue_add(struct item item);
int queue_take(struct item *item);
int32_t major_cost(int32_t preemptions, int32_t length), minor_cost(int32_t preemptions, int32_t length);

/* cycles.c: mark the states that lie on a cycle. */
void find_cycles(unsigned char *marked);
#endif
