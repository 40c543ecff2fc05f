/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fixtures/scenarios/large/room-for-two.c on the code in memcg.pml. */
#define TASKS 4
#include "flat.pml"
#define SIZE(task) 2
#define KILLABLE(task) false
#include "memcg.pml"

proctype charger(byte me) {
	LOCALS;
	charge(0);
	leave();
	END
}

proctype holder(byte me) {
	LOCALS;
	leave()
}

proctype administrator(byte me) {
	LOCALS;
	enlarge(0, 2);
	ended++
}

init {
	byte i, p, level, pages, holders;
	atomic {
		d_step { set_up(); limits[0] = 1; hold(0) };
		run holder(0);
		run administrator(1);
		run charger(2);
		run charger(3)
	};
end_over: ended == TASKS;
	check_balance()
}
