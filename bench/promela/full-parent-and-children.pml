/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fixtures/scenarios/large/full-parent-and-children.c on the code in memcg.pml: A is 0, A/01 is 1, A/02 is 2. */
#define TASKS 3
#define GROUPS 3
#define HOME(task) (task == 2 -> 0 : task + 1)
#define PARENT(group) (group == 0 -> NONE : 0)
#define BELOW(group, top) (top == 0 || group == top)
#define RELATED(one, other) (one == 0 || other == 0 || one == other)
#define FIRST(top) top
#define AFTER(top, group) ((top == 0 && group == 0) -> 2 : ((top == 0 && group == 2) -> 1 : NONE))
#define SIZE(task) (task == 0 -> 10 : (task == 1 -> 9 : 2))
#define KILLABLE(task) true
#include "memcg.pml"

proctype charger(byte me) {
	LOCALS;
	charge(0);
	leave();
	END
}

init {
	byte i, p, level, pages, holders;
	atomic {
		d_step { set_up(); limits[0] = 2; limits[1] = 1; limits[2] = 1; hold(0); hold(1) };
		run charger(0);
		run charger(1);
		run charger(2)
	};
end_over: ended == TASKS;
	check_balance()
}
