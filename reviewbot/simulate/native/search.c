/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search of explore.py: in the order of the queue; each state is expanded once. */
#include <unistd.h>

#include "search.h"
#include "symmetry.h"

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

static void found(struct finding **list, int64_t *count, int64_t *room, int64_t what, int64_t node, int task, int way)
{
	for (int64_t i = 0; i < *count; i++)
		if ((*list)[i].what == what)
			return;
	*list = more(*list, *count + 1, room, sizeof(**list));
	(*list)[(*count)++] = (struct finding){ what, node, s.ways[node].preemptions, s.ways[node].length, task, way };
}

static void add_edge(int task, int way, int32_t target, int slept)
{
	s.edges = more(s.edges, s.edge_total + 1, &s.edge_room, sizeof(*s.edges));
	s.edges[s.edge_total++] = (struct edge){ target, (int16_t)way, (int8_t)task, (int8_t)slept };
}

static void add_step(int task, int way, int32_t target, int slept, int32_t turned)
{
	if (turn_count == 1) {
		add_edge(task, way, target, slept);
		return;
	}
	s.steps = more(s.steps, s.step_total + 1, &s.step_room, sizeof(*s.steps));
	s.steps[s.step_total++] = (struct step){ target, turned, (int16_t)way, (int8_t)task, (int8_t)slept };
}

/* Return who really runs when a task of a node's stored state does. */
static int real_task(int64_t node, int task)
{
	return turn_count == 1 ? task : task_turn[turn_of(node / (task_count + 1))][task];
}

static void fault(int64_t node, int task, int way)
{
	int real = real_task(node, task);

	if (end_kind == F_VIOLATION) {
		found(&s.found, &s.found_count, &s.found_room, end_code, node, real, way);
		found(&s.cut, &s.cut_count, &s.cut_room, end_code, node, real, way);
	} else if (end_kind == F_UNKNOWN) {
		found(&s.unknown, &s.unknown_count, &s.unknown_room, end_code, node, real, way);
	} else if (end_kind == F_TOO_BIG) {
		found(&s.too_big, &s.too_big_count, &s.too_big_room, end_code, node, real, way);
	} else {
		longjmp(s.search_end, 1);
	}
	add_step(task, way, -1, 0, 0);
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

static void do_step(const uint32_t *state, int64_t node, int task, int way)
{
	uint32_t after[MOST_WORDS];
	int32_t turned;

	if (setjmp(step_end)) {
		if (turn_count > 1 && (end_kind == F_VIOLATION || end_kind == F_UNKNOWN || end_kind == F_TOO_BIG))
			check_step(state, task, way, NULL);
		fault(node, task, way);
		return;
	}
	if (!memo_find(state, task, way, after)) {
		open_state(state, task);
		step(way);
		close_state(after);
		memo_add(state, task, way, after);
		if (turn_count > 1)
			check_step(state, task, way, after);
	}
	for (int i = 0; i < m.complaints; i++)
		found(&s.found, &s.found_count, &s.found_room, m.complaint[i], node, real_task(node, task), way);
	int slept = m.slept;
	int32_t target = store(after, turn_count == 1 ? 0 : turn_of(node / (task_count + 1)), &turned);

	add_step(task, way, target, slept, turned);
}

/* Do the steps of the stored state of a node. */
static void expand(int64_t number, int64_t node)
{
	uint32_t state[MOST_WORDS];
	int32_t stored = s.owner[number];

	memcpy(state, state_words(stored), (size_t)words * sizeof(*state));
	s.first_edge[number] = s.edge_total;
	s.first_step[stored] = s.step_total;
	for (int task = 0; task < task_count; task++) {
		if (turn_count > 1)
			check_condition(state, task);
		int ways = ways_of(state, node, task);

		for (int way = 0; way < ways; way++) {
			s.transitions++;
			do_step(state, node, task, way);
		}
	}
	s.edge_count[number] = (int32_t)(s.edge_total - s.first_edge[number]);
	s.step_count[stored] = (int32_t)(s.step_total - s.first_step[stored]);
	s.expanded++;
}

/* Make the edges of a number from the steps of its stored state. */
static void unfold(int64_t number)
{
	int32_t stored = s.owner[number];
	int turn = turn_of(number);

	s.first_edge[number] = s.edge_total;
	for (int i = 0; i < s.step_count[stored]; i++) {
		struct step step = s.steps[s.first_step[stored] + i];

		add_edge(task_turn[turn][step.task], step.way, (int32_t)end_of(&step, turn), step.slept);
	}
	s.edge_count[number] = (int32_t)(s.edge_total - s.first_edge[number]);
	s.real++;
}

/* Compare the cost of a way to that of an item: below 0 if it is the cheaper, 0 if they are the same. */
static int compare(const struct way *way, const struct item *item)
{
	int major = major_cost(way->preemptions, way->length) - major_cost(item->preemptions, item->length);

	return major ? major : minor_cost(way->preemptions, way->length) - minor_cost(item->preemptions, item->length);
}

static void reach(struct item next, int64_t node, const struct edge *edge)
{
	struct way *way = &s.ways[(int64_t)edge->target * (task_count + 1) + edge->task + 1];

	if (s.order == BY_DEPTH ? way->followed : way->preemptions >= 0 && compare(way, &next) <= 0)
		return;
	*way = (struct way){ next.preemptions, next.length, (int32_t)node, edge->task, 0, edge->way };
	queue_add(next);
}

static void follow(struct item item, int64_t node)
{
	int64_t first = s.first_edge[item.number];
	int could = 0, count = s.edge_count[item.number];

	for (int i = 0; i < count; i++)
		could |= s.edges[first + i].task == item.last;
	for (int i = 0; i < count; i++) {
		struct edge edge = s.edges[first + (s.order == BY_DEPTH ? count - 1 - i : i)];

		if (edge.target < 0)
			continue;
		struct item next = { item.preemptions + (could && edge.task != item.last), item.length + 1, edge.target,
				     edge.task };

		if (s.most_preemptions >= 0 && next.preemptions > s.most_preemptions) {
			s.complete = 0;
			s.bounded = 1;
			s.upto = s.most_preemptions;
		} else {
			reach(next, node, &edge);
		}
	}
}

static void begin(const uint32_t *initial)
{
	int32_t turned;

	forget_states();
	forget_conditions();
	sharing_start();
	memo_forget();
	queue_forget();
	s.edge_total = s.step_total = s.transitions = s.expanded = s.stored = s.states = s.real = 0;
	s.found_count = s.cut_count = s.unknown_count = s.too_big_count = 0;
	s.complete = 1;
	s.bounded = 0;
	s.upto = -1;
	for (int64_t i = 0; i < s.node_room; i++)
		s.ways[i] = (struct way){ -1, 0, -1, 0, 0, 0 };
	store(initial, 0, &turned);
	s.ways[0] = (struct way){ 0, 0, -1, 0, 0, 0 };
	queue_add((struct item){ 0, 0, 0, -1 });
}

static void ask_whether_it_pays(void)
{
	if (turn_count == 1 || s.expanded != PAYS_AT || s.real * 100 >= s.expanded * turn_pays)
		return;
	end_kind = F_ASYMMETRIC;
	longjmp(s.search_end, 1);
}

static void explore(int64_t most)
{
	struct item item;

	while (queue_take(&item)) {
		int64_t node = (int64_t)item.number * (task_count + 1) + item.last + 1;

		if (s.order == BY_DEPTH ? s.ways[node].followed : compare(&s.ways[node], &item) < 0)
			continue;
		s.ways[node].followed = 1;
		if (s.edge_count[item.number] < 0) {
			if (s.expanded >= most && (turn_count == 1 || s.step_count[s.owner[item.number]] < 0)) {
				s.complete = s.bounded = 0;
				s.upto = major_cost(item.preemptions, item.length) - 1;
				return;
			}
			if (turn_count == 1 || s.step_count[s.owner[item.number]] < 0) {
				ask_whether_it_pays();
				expand(item.number, node);
			}
			if (turn_count > 1)
				unfold(item.number);
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
