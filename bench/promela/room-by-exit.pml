/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fixtures/scenarios/room-by-exit.c on the code in memcg.pml. */
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

proctype holder(byte me) {
	LOCALS;
	leave()
}

init {
	byte i, p, level, pages, holders;
	atomic {
		d_step { set_up(); limits[0] = 1; hold(0) };
		run holder(0);
		run charger(1)
	};
end_over: ended == TASKS;
	check_balance()
}
