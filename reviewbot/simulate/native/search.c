/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search of explore.py: fewest preemptions first, then the shortest; each state is expanded once. */
#include <unistd.h>

#include "search.h"

jmp_buf step_end;
int end_kind;
int64_t end_code;
struct search s;

_Noreturn void end_step(int kind, int64_t code)
{
	if (kind == F_MEMORY)
		_exit(EXIT_MEMORY); /* there is nothing left to say it with */
	end_kind = kind;
	end_code = code;
	longjmp(step_end, 1);
}

/* Make room for what is kept of a state. */
static void grow(int64_t number)
{
	int64_t nodes_needed = (number + 1) * (task_count + 1), old = s.node_room;

	s.ways = more(s.ways, nodes_needed, &s.node_room, sizeof(*s.ways));
	for (int64_t i = old; i < s.node_room; i++)
		s.ways[i].preemptions = -1;
	s.first_edge = more(s.first_edge, number + 2, &s.first_room, sizeof(*s.first_edge));
	s.edge_count = more(s.edge_count, number + 1, &s.count_room, sizeof(*s.edge_count));
	s.edge_count[number] = -1;
	s.states = number + 1;
}

static void found(struct finding **list, int64_t *count, int64_t *room, int64_t what, int64_t node, int task, int way)
{
	for (int64_t i = 0; i < *count; i++)
		if ((*list)[i].what == what)
			return;
	*list = more(*list, *count + 1, room, sizeof(**list));
	(*list)[(*count)++] = (struct finding){ what, node, s.ways[node].preemptions, s.ways[node].length, task, way };
}

static void add_edge(int task, int way, int target, int slept)
{
	s.edges = more(s.edges, s.edge_total + 1, &s.edge_room, sizeof(*s.edges));
	s.edges[s.edge_total++] = (struct edge){ target, (int16_t)way, (int8_t)task, (int8_t)slept };
}

static void fault(int64_t node, int task, int way)
{
	if (end_kind == F_VIOLATION) {
		found(&s.found, &s.found_count, &s.found_room, end_code, node, task, way);
		found(&s.cut, &s.cut_count, &s.cut_room, end_code, node, task, way);
	} else if (end_kind == F_UNKNOWN) {
		found(&s.unknown, &s.unknown_count, &s.unknown_room, end_code, node, task, way);
	} else if (end_kind == F_TOO_BIG) {
		found(&s.too_big, &s.too_big_count, &s.too_big_room, end_code, node, task, way);
	} else {
		longjmp(s.search_end, 1);
	}
	add_edge(task, way, -1, 0);
}

static int ways_of(const uint32_t *state, int64_t node, int task)
{
	int count = ways_at(state[block_count + task]);

	if (count >= 0)
		return count;
	if (setjmp(step_end)) {
		fault(node, task, 0);
		return 0;
	}
	open_state(state, task);
	return alternatives();
}

/* Do a step; return the number of the state after it, -1 if it ends in a fault. */
static int do_step(const uint32_t *state, int64_t node, int task, int way)
{
	uint32_t after[MOST_WORDS];
	int is_new, number;

	if (setjmp(step_end)) {
		fault(node, task, way);
		return -1;
	}
	if (!memo_find(state, task, way, after)) {
		open_state(state, task);
		step(way);
		close_state(after);
		memo_add(state, task, way, after);
	}
	number = add_state(after, &is_new);
	if (is_new)
		grow(number);
	for (int i = 0; i < m.complaints; i++)
		found(&s.found, &s.found_count, &s.found_room, m.complaint[i], node, task, way);
	add_edge(task, way, number, m.slept);
	return number;
}

static void expand(int64_t number, int64_t node)
{
	uint32_t state[MOST_WORDS];

	memcpy(state, state_words((int)number), (size_t)words * sizeof(*state));
	s.first_edge[number] = s.edge_total;
	for (int task = 0; task < task_count; task++) {
		int ways = ways_of(state, node, task);

		for (int way = 0; way < ways; way++) {
			s.transitions++;
			do_step(state, node, task, way);
		}
	}
	s.edge_count[number] = (int32_t)(s.edge_total - s.first_edge[number]);
	s.expanded++;
}

static void follow(struct item item, int64_t node)
{
	int64_t first = s.first_edge[item.number];
	int could = 0;

	for (int i = 0; i < s.edge_count[item.number]; i++)
		could |= s.edges[first + i].task == item.last;
	for (int i = 0; i < s.edge_count[item.number]; i++) {
		struct edge edge = s.edges[first + i];

		if (edge.target < 0)
			continue;
		struct item next = { item.preemptions + (could && edge.task != item.last), item.length + 1, edge.target,
				     edge.task };
		struct way *way = &s.ways[(int64_t)edge.target * (task_count + 1) + edge.task + 1];

		if (way->preemptions >= 0 && (way->preemptions < next.preemptions ||
					      (way->preemptions == next.preemptions && way->length <= next.length)))
			continue;
		*way = (struct way){ next.preemptions, next.length, (int32_t)node, edge.task, edge.way };
		queue_add(next);
	}
}

static void begin(const uint32_t *initial)
{
	int is_new;

	forget_states();
	sharing_start();
	memo_forget();
	queue_forget();
	s.edge_total = s.transitions = s.expanded = 0;
	s.found_count = s.cut_count = s.unknown_count = s.too_big_count = 0;
	s.complete = 1;
	s.bound = -1;
	for (int64_t i = 0; i < s.node_room; i++)
		s.ways[i].preemptions = -1;
	add_state(initial, &is_new);
	grow(0);
	s.ways[0] = (struct way){ 0, 0, -1, 0, 0 };
	queue_add((struct item){ 0, 0, 0, -1 });
}

static void explore(int64_t most)
{
	struct item item;

	while (queue_take(&item)) {
		int64_t node = (int64_t)item.number * (task_count + 1) + item.last + 1;

		if (s.ways[node].preemptions < item.preemptions ||
		    (s.ways[node].preemptions == item.preemptions && s.ways[node].length < item.length))
			continue;
		if (s.edge_count[item.number] < 0) {
			if (s.expanded >= most) {
				s.complete = 0;
				s.bound = item.preemptions - 1;
				return;
			}
			expand(item.number, node);
		}
		follow(item, node);
	}
}

void search(const uint32_t *initial, int64_t most)
{
	volatile int again = 1;

	while (again) {
		again = 0;
		s.ended = 0;
		if (setjmp(s.search_end)) {
			if (end_kind != F_CHANGED) {
				s.ended = end_kind;
				return;
			}
			again = 1;
			continue;
		}
		if (setjmp(step_end))
			longjmp(s.search_end, 1);
		begin(initial);
		explore(most);
	}
}
