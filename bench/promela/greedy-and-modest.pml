/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fixtures/scenarios/large/greedy-and-modest.c on the code in memcg.pml. */
#define TASKS 3
#include "flat.pml"
#define SIZE(task) 2
#define KILLABLE(task) false
#include "memcg.pml"

proctype greedy(byte me) {
	LOCALS;
	charge(0);
	charge(1);
	leave()
}

proctype modest(byte me) {
	LOCALS;
	charge(0);
	leave()
}

proctype administrator(byte me) {
	LOCALS;
	enlarge(0, 1);
	enlarge(0, 2);
	ended++
}

init {
	byte i, p, level, pages, holders;
	atomic {
		d_step { set_up(); limits[0] = 0 };
		run greedy(0);
		run modest(1);
		run administrator(2)
	};
end_over: ended == TASKS;
	check_balance()
}
