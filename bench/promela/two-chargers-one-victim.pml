/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fixtures/scenarios/two-chargers-one-victim.c, with -DWATCH one-kill-at-a-time.c, on the code in memcg.pml. */
#define TASKS 2
#include "flat.pml"
#define SIZE(task) (task == 0 -> 10 : 2)
#define KILLABLE(task) true
#ifndef WATCH
#define BALANCE
#endif
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
		d_step { set_up(); limits[0] = 1; hold(0) };
		run charger(0);
		run charger(1)
	};
end_over: ended == TASKS;
	check_balance()
}
