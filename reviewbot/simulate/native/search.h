/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a search has seen. */
#ifndef SEARCH_H
#define SEARCH_H

#include "explorer.h"

#define MOST_WORDS (MOST_CELLS_ALL / BLOCK + MOST_TASKS + 2)

struct edge { int32_t target; int16_t way; int8_t task, slept; };
struct way { int32_t preemptions, length, came; int16_t task, way; }; /* came: a node, -1 at the start */
struct item { int32_t preemptions, length, number, last; };
struct finding { int64_t what, node; int32_t preemptions, length; int task, way; };

struct search {
	struct way *ways; /* by node: state number * (tasks + 1) + who ran last + 1 */
	struct edge *edges;
	int64_t *first_edge;
	int32_t *edge_count; /* -1: not expanded */
	struct finding *found, *cut, *unknown, *too_big;
	int64_t node_room, first_room, count_room, edge_room, edge_total, transitions, expanded, states;
	int64_t found_count, found_room, cut_count, cut_room, unknown_count, unknown_room, too_big_count, too_big_room;
	int complete, bound, ended;
	jmp_buf search_end;
};
extern struct search s;

/* queue.c */
void queue_forget(void);
void queue_add(struct item item);
int queue_take(struct item *item);

/* cycles.c: mark the states that lie on a cycle. */
void find_cycles(unsigned char *marked);
#endif
