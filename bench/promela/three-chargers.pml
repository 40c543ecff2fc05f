/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fixtures/scenarios/large/three-chargers.c on the code in memcg.pml. */
#define TASKS 3
#include "flat.pml"
#define SIZE(task) (task == 0 -> 10 : 2)
#define KILLABLE(task) true
#define WATCH
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
		run charger(1);
		run charger(2)
	};
end_over: ended == TASKS;
	check_balance()
}
