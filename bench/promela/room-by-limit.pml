/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fixtures/scenarios/room-by-limit.c on the code in memcg.pml. */
#define TASKS 2
#include "flat.pml"
#define SIZE(task) 2
#define KILLABLE(task) false
#define MAY_WAIT (usage[0] >= limits[0])
#define BALANCE
#include "memcg.pml"

proctype charger(byte me) {
	LOCALS;
	charge(0);
	leave();
	END
}

proctype administrator(byte me) {
	LOCALS;
	enlarge(0, 1);
	ended++
}

init {
	byte i, p, level, pages, holders;
	atomic {
		d_step { set_up(); limits[0] = 0 };
		run administrator(0);
		run charger(1)
	};
end_over: ended == TASKS;
	check_balance()
}
