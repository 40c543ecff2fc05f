/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing what a search has seen. */
#include <stdio.h>
#include <sys/resource.h>

#include "search.h"
#include "symmetry.h"

void out(int64_t word)
{
	fwrite_unlocked(&word, sizeof(word), 1, stdout); /* there is one thread */
}

void out_cells(const V *values, int64_t count)
{
	for (int64_t i = 0; i < count; i++) {
		out((int64_t)(uint64_t)values[i]);
		out((int64_t)(values[i] >> 64));
	}
}

static void out_values(const V *values, int64_t count)
{
	out(count);
	out_cells(values, count);
}

static void out_findings(const struct finding *list, int64_t count)
{
	out(count);
	for (int64_t i = 0; i < count; i++) {
		out(list[i].what);
		out(list[i].node);
		out(list[i].preemptions);
		out(list[i].task);
		out(list[i].way);
	}
}

static void out_ways(void)
{
	int64_t count = s.states * (task_count + 1);

	out(count);
	for (int64_t i = 0; i < count; i++) {
		const struct way *way = &s.ways[i];

		out(way->preemptions < 0 ? -1 : (int64_t)way->preemptions << 32 | way->length);
		out(way->preemptions < 0 ? -1 : way->came);
		out((int64_t)way->task << 32 | way->way);
	}
}

static void out_state(int64_t number)
{
	uint32_t state[MOST_WORDS];

	turn_state(turn_of(number), state_words(s.owner[number]), state);
	out(number);
	for (int i = 0; i < words; i++)
		out(state[i]);
	out(s.edge_count[number]);
	for (int i = 0; i < s.edge_count[number]; i++) {
		struct edge edge = s.edges[s.first_edge[number] + i];

		out((int64_t)edge.task << 32 | (int64_t)edge.slept << 24 | edge.way);
		out(edge.target);
	}
}

void out_queues(void)
{
	int count;

	out(queue_total());
	for (uint32_t i = 0; i < queue_total(); i++) {
		const int64_t *entries = queue_entries(i, &count);

		out(count);
		for (int at = 0; at < count; at++)
			out(entries[at]);
	}
}

static void out_pools(void)
{
	int count;

	out(block_total());
	for (uint32_t i = 0; i < block_total(); i++)
		out_values(block_cells(i), BLOCK);
	out(local_total());
	for (uint32_t i = 0; i < local_total(); i++) {
		const V *values = local_values(i, &count);

		out_values(values, count);
	}
	out_queues();
}

/* Write all; of the states only those that end a run or lie on a cycle, unless `all` are asked for. */
void write_result(int all)
{
	unsigned char *marked = calloc((size_t)s.states + 1, 1);
	uint32_t state[MOST_WORDS];
	int64_t chosen = 0;

	if (!marked)
		end_step(F_MEMORY, 0);
	find_cycles(marked);
	for (int64_t i = 0; i < s.states; i++) {
		marked[i] |= all || s.edge_count[i] == 0;
		chosen += marked[i];
		if (marked[i]) /* so that all that it is made of is there */
			turn_state(turn_of(i), state_words(s.owner[i]), state);
	}
	out(s.stored);
	out(s.expanded);
	out(s.transitions);
	out(s.complete);
	out(s.bounded);
	out(s.upto);
	out_findings(s.found, s.found_count);
	out_findings(s.cut, s.cut_count);
	out_findings(s.unknown, s.unknown_count);
	out_findings(s.too_big, s.too_big_count);
	out_ways();
	out_pools();
	out(chosen);
	for (int64_t i = 0; i < s.states; i++)
		if (marked[i])
			out_state(i);
	free(marked);
}

/* Processor time in microseconds and memory in KiB, of the search alone. */
static void out_cost(void)
{
	struct rusage used;

	getrusage(RUSAGE_SELF, &used);
	out((used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000LL + used.ru_utime.tv_usec + used.ru_stime.tv_usec);
	out(used.ru_maxrss);
}

int main(void)
{
	static uint32_t state[MOST_WORDS];
	int all;

	read_program();
	all = (int)in();
	int64_t most = read_state(state);

	s.order = (int)within(BY_PREEMPTIONS, BY_DEPTH);
	s.most_preemptions = (int)within(-1, INT32_MAX);
	read_symmetry();

	search(state, most);
	out(s.ended);
	out(end_code);
	out_cost();
	write_sharing();
	if (!s.ended)
		write_result(all);
	if (s.ended == F_DIFFERS)
		write_difference();
	return fflush(stdout) ? EXIT_INPUT : 0;
}
