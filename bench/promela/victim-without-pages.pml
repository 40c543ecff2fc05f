/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fixtures/scenarios/large/victim-without-pages.c on the code in memcg.pml. */
#define TASKS 3
#include "flat.pml"
#define SIZE(task) (task == 0 -> 10 : 2)
#define KILLABLE(task) (task != 2)
#include "memcg.pml"

proctype charger(byte me) {
	LOCALS;
	charge(0);
	leave();
	END
}

proctype holder(byte me) {
	LOCALS;
	until_killed()
}

init {
	byte i, p, level, pages, holders;
	atomic {
		d_step { set_up(); limits[0] = 1; hold(2) };
		run charger(0);
		run charger(1);
		run holder(2)
	};
end_over: ended == TASKS;
	check_balance()
}
