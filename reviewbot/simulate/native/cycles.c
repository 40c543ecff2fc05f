/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The states that lie on a cycle: strongly connected components (Tarjan 1972, without recursion). */
#include "search.h"

struct visit { int32_t node, at; };

static void *array(int64_t count, size_t size)
{
	void *made = calloc((size_t)count + 1, size);

	if (!made)
		end_step(F_MEMORY, 0);
	return made;
}

static int has_loop(int32_t node)
{
	for (int i = 0; i < s.edge_count[node]; i++)
		if (s.edges[s.first_edge[node] + i].target == node)
			return 1;
	return 0;
}

void find_cycles(unsigned char *marked)
{
	int32_t *index = array(s.states, sizeof(*index)), *low = array(s.states, sizeof(*low));
	int32_t *stack = array(s.states, sizeof(*stack));
	struct visit *work = array(s.states, sizeof(*work));
	unsigned char *on_stack = array(s.states, 1);
	int64_t depth = 0, height = 0;
	int32_t next = 0;

	/* all states are reached from the first */
	work[depth++] = (struct visit){ 0, 0 };
	while (depth) {
		struct visit *visit = &work[depth - 1];
		int32_t node = visit->node, child = -1;

		if (!visit->at) {
			index[node] = low[node] = ++next;
			stack[height++] = node;
			on_stack[node] = 1;
		}
		while (visit->at < s.edge_count[node]) {
			int32_t target = s.edges[s.first_edge[node] + visit->at++].target;

			if (target < 0)
				continue;
			if (!index[target]) {
				child = target;
				break;
			}
			if (on_stack[target] && index[target] < low[node])
				low[node] = index[target];
		}
		if (child >= 0) {
			work[depth++] = (struct visit){ child, 0 };
			continue;
		}
		if (low[node] == index[node]) {
			int many = stack[height - 1] != node || has_loop(node);
			int32_t other;

			do {
				other = stack[--height];
				on_stack[other] = 0;
				marked[other] = (unsigned char)many;
			} while (other != node);
		}
		depth--;
		if (depth && low[node] < low[work[depth - 1].node])
			low[work[depth - 1].node] = low[node];
	}
	free(index);
	free(low);
	free(stack);
	free(work);
	free(on_stack);
}
