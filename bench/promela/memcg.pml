/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The charge, uncharge and OOM paths of the fixture tree's mm/memcontrol.c, kernel/res_counter.c, mm/memory.c and
 * mm/oom_kill.c in Promela, written by hand: as the first version of the fixture series leaves them with -DV1, as the
 * corrected one does without. The scenarios include this file; they define the number of tasks (TASKS) and groups
 * (GROUPS), HOME(task), SIZE(task), KILLABLE(task), PARENT(group), BELOW(group, top), RELATED(one, other), and the order
 * in which groups are walked: FIRST(top), AFTER(top, group).
 *
 * A step here is a C statement that accesses what another task can reach. Where a Promela author would save steps, this
 * does, in favour of Spin:
 * - what a leaf lock (a counter's, a page's) guards is one step with the lock's acquisition and release;
 * - releases are one step with what comes before them (they move left), and so are reference counts (they commute);
 * - what never changes in these scenarios is not read: the hierarchy, listeners, thresholds, the swap counter, who is
 *   in which group, the knob that turns the killer off;
 * - timeouts after which nothing has changed for anybody (schedule_timeout_*(1) of a running task) are left out.
 * MEM_CGROUP_RECLAIM_RETRIES is 1 and nothing is reclaimable, as in the scenarios' C.
 *
 * A lost wakeup is an invalid end state, or where waiting can be right (MAY_WAIT) an assertion at the end of a run. Each
 * other property that breaks is told by name, so that a run that goes on after errors (-c0) names all.
 */
#define NONE 255
#define RUNNING 0
#define SLEEPING 1 /* TASK_INTERRUPTIBLE in V1, TASK_KILLABLE in the other: a fatal signal ends both */

c_decl { static int told[8]; };
#define TELL(number, name) c_code { if (!told[number]) { told[number] = 1; printf("violated: " name "\n"); } }
#define CHECK(number, name, condition) if :: (condition) :: else -> TELL(number, name); assert(false) fi

byte usage[GROUPS];
byte limits[GROUPS];
byte refs[GROUPS];
byte payer[2 * TASKS]; /* of each task's two pages: page->mem_cgroup */
bit state[TASKS];
bit fatal[TASKS]; /* SIGKILL is pending */
bit memdie[TASKS]; /* TIF_MEMDIE */
bit gone[TASKS]; /* !task->mm */
bit task_lock[TASKS];
bit room_queue[TASKS]; /* is the task on the queue? V1 has only this one, memcg_oom_queue */
byte ended; /* how many tasks have come to their end */
#ifdef V1
byte oom_count[GROUPS];
#else
bit kill_queue[TASKS];
bit kill_lock;
bit killing[GROUPS]; /* grp->oom_killing */
#endif
#ifdef WATCH
byte watched[TASKS]; /* the group + 1 for which the task is in the killer, see watched_kill() in world/tree.c */
#endif

#define LOCALS byte grp, over, level, chosen, points, p, i, batch, bytes; bit retries, handled, dying, refused

/* --- what the kernel offers --- */

#define GET(group) refs[group]++
#define PUT(group) CHECK(4, "references-balance", refs[group] > 0); refs[group]--

#define PREPARE_TO_WAIT(queue) d_step { queue[me] = 1; state[me] = SLEEPING }
#define FINISH_WAIT(queue) d_step { state[me] = RUNNING; queue[me] = 0 }
#define WAKE_UP_ALL(queue) \
	for (i : 0 .. TASKS - 1) { \
		if \
		:: queue[i] && state[i] != RUNNING -> state[i] = RUNNING; queue[i] = 0 \
		:: else \
		fi \
	} \
	i = 0

inline schedule() {
	if
	:: d_step { state[me] == RUNNING || fatal[me] -> state[me] = RUNNING }
#ifdef MAY_WAIT
	:: timeout -> CHECK(0, "no-lost-wakeup", MAY_WAIT); goto end_rests
#endif
	fi
}

/* --- kernel/res_counter.c --- */

/* `over` is the group that refuses, NONE if the charge went through. */
inline res_counter_charge(group) {
	d_step { level = group; over = NONE };
	do
	:: d_step { over == NONE && level != NONE ->
		if
		:: usage[level] + 1 > limits[level] -> over = level
		:: else -> usage[level]++; level = PARENT(level)
		fi }
	:: else -> break
	od;
	level = group;
	do
	:: d_step { over != NONE && level != over -> usage[level]--; level = PARENT(level) }
	:: else -> break
	od
}

inline res_counter_uncharge(group, amount) {
	level = group;
	do
	:: d_step { level != NONE ->
		if
		:: usage[level] < amount -> TELL(1, "no-warning"); assert(false); usage[level] = 0
		:: else -> usage[level] = usage[level] - amount
		fi;
		level = PARENT(level) }
	:: else -> break
	od
}

/* --- mm/oom_kill.c --- */

/* `dying` tells whether a task is on its way out after it. */
inline out_of_memory(group) {
#ifdef WATCH
	d_step {
		for (i : 0 .. TASKS - 1) {
			CHECK(2, "one-kill-at-a-time", !watched[i] || !RELATED(watched[i] - 1, group))
		}
		i = 0;
		watched[me] = group + 1
	};
#endif
	do
	:: true ->
		d_step { chosen = NONE; points = 0; dying = 0; p = TASKS };
		do
		:: p == 0 || dying -> break
		:: else ->
			p--;
			if
			:: gone[p] || !BELOW(HOME(p), group)
			:: else ->
				if
				:: memdie[p] -> dying = 1
				:: else -> /* badness() */
					d_step { !task_lock[p] ->
						if
						:: !gone[p] && KILLABLE(p) && SIZE(p) > points -> chosen = p; points = SIZE(p)
						:: else
						fi }
				fi
			fi
		od;
		if
		:: dying || chosen == NONE -> break
		:: else ->
			if
			:: d_step { !task_lock[chosen] && gone[chosen] -> skip } /* it left by itself: choose again */
			:: d_step { !task_lock[chosen] && !gone[chosen] -> task_lock[chosen] = 1 };
				memdie[chosen] = 1;
				d_step { fatal[chosen] = 1; state[chosen] = RUNNING; task_lock[chosen] = 0; dying = 1 };
				break
			fi
		fi
	od
#ifdef WATCH
	;
	watched[me] = 0
#endif
}

/* --- mm/memcontrol.c --- */

#ifdef V1

/* memcg_under_oom() and memcg_oom_wake_all() */
inline recover(group) {
	if
	:: oom_count[group] > 0 -> d_step { WAKE_UP_ALL(room_queue) }
	:: else
	fi
}

/* memcg_handle_oom() */
inline handle_oom() {
	PREPARE_TO_WAIT(room_queue);
	d_step { refused = 0; p = FIRST(over) };
	do
	:: d_step { p != NONE ->
		oom_count[p]++;
		if
		:: oom_count[p] > 1 -> refused = 1
		:: else
		fi;
		p = AFTER(over, p) }
	:: else -> break
	od;
	if
	:: !refused ->
		FINISH_WAIT(room_queue);
		out_of_memory(over);
		p = FIRST(over);
		do
		:: d_step { p != NONE -> oom_count[p] = 0; p = AFTER(over, p) }
		:: else -> break
		od
	:: else ->
		schedule();
		FINISH_WAIT(room_queue)
	fi
}

#else

/* memcg_oom_recover() */
inline recover(group) { atomic { WAKE_UP_ALL(room_queue) } }

/* mem_cgroup_handle_oom() */
inline handle_oom() {
	d_step { !kill_lock ->
		refused = 0;
		for (i : 0 .. GROUPS - 1) {
			refused = refused || (BELOW(i, over) && killing[i])
		}
		if
		:: refused -> kill_lock = 1
		:: else ->
			for (i : 0 .. GROUPS - 1) {
				killing[i] = killing[i] || BELOW(i, over)
			}
		fi;
		i = 0 };
	if
	:: refused ->
		d_step { kill_queue[me] = 1; state[me] = SLEEPING; kill_lock = 0 };
		schedule();
		FINISH_WAIT(kill_queue)
	:: else ->
		PREPARE_TO_WAIT(room_queue);
		out_of_memory(over);
		atomic { !kill_lock -> /* a `break` must not lead into a d_step */
			kill_lock = 1;
			for (i : 0 .. GROUPS - 1) {
				killing[i] = killing[i] && !BELOW(i, over)
			}
			i = 0 };
		d_step { WAKE_UP_ALL(kill_queue); kill_lock = 0 };
		if
		:: dying || usage[over] < limits[over]
		:: else -> schedule()
		fi;
		FINISH_WAIT(room_queue)
	fi
}

#endif

/* handle_mm_fault() for one of the task's two pages: __mem_cgroup_try_charge() and the commit */
inline charge(which) {
	do
	:: true ->
		d_step { retries = 1; handled = 0; over = NONE; grp = NONE };
		if
		:: memdie[me] -> break
		:: else
		fi;
#ifndef V1
		if
		:: fatal[me] -> break
		:: else
		fi;
#endif
		d_step { grp = HOME(me); GET(grp) };
		do
		:: true ->
			res_counter_charge(grp);
			if
			:: over == NONE -> break
			:: else
			fi;
#ifdef V1
			if
			:: oom_count[over] > 0 ->
				PREPARE_TO_WAIT(room_queue);
				if
				:: oom_count[over] > 0 -> schedule()
				:: else
				fi;
				FINISH_WAIT(room_queue);
				break
			:: else
			fi;
#endif
			if
			:: usage[over] < limits[over]
			:: else ->
				if
				:: retries -> retries = 0
				:: else -> handle_oom(); handled = 1; break
				fi
			fi
		od;
		if
		:: over == NONE -> break
#ifdef V1
		/* a victim's charge passes with the group still set */
		:: over != NONE && handled && memdie[me] -> d_step { PUT(grp) }; break
		:: over != NONE && !(handled && memdie[me]) -> d_step { PUT(grp) }
#else
		:: else -> d_step { PUT(grp) }
#endif
		fi
	od;
#ifndef V1
	if
	:: grp == NONE -> recover(grp)
	:: else
	fi;
#endif
	atomic { payer[2 * me + which] = grp; grp = 0; over = 0; level = 0; chosen = 0; points = 0; retries = 0; dying = 0;
		handled = 0; refused = 0; p = 0 }
}

/* mem_cgroup_uncharge_page(), between mem_cgroup_uncharge_start() and _end() if batching */
inline uncharge_page(which, batching) {
	grp = payer[2 * me + which];
	if
	:: grp == NONE
	:: else ->
		if
		:: batching && !memdie[me] && (bytes == 0 || batch == grp) ->
			d_step {
				if
				:: bytes == 0 -> batch = grp; GET(grp)
				:: else
				fi;
				bytes++ }
		:: else ->
			res_counter_uncharge(grp, 1);
			recover(grp)
		fi;
		d_step { payer[2 * me + which] = NONE; PUT(grp) }
	fi;
	d_step { grp = 0; level = 0 }
}

/* mem_cgroup_resize_limit(), to more than the limit was */
inline enlarge(group, pages) {
	limits[group] = pages;
	recover(group)
}

/* exit_mm() */
inline leave() {
	uncharge_page(0, 1);
	uncharge_page(1, 1);
	if
	:: bytes ->
		res_counter_uncharge(batch, bytes);
		recover(batch);
		d_step { PUT(batch); bytes = 0; batch = 0; level = 0 }
	:: else
	fi;
	d_step { !task_lock[me] -> gone[me] = 1; ended++ }
}

inline give_back() { uncharge_page(1, 0) }

/* --- what the scenarios' world sets up and looks at --- */

/* Only a task that is never killed does this: it rests then. */
inline until_killed() { ended++; end_resting: fatal[me] }

#ifdef MAY_WAIT
#define END goto done; end_rests: false; done: skip
#else
#define END skip
#endif

/* A task that has a page at the beginning, in its group and all above. */
inline hold(task) {
	level = HOME(task);
	payer[2 * task + 1] = level;
	GET(level);
	do
	:: level != NONE -> usage[level]++; level = PARENT(level)
	:: else -> break
	od;
	level = 0
}

inline set_up() {
	for (i : 0 .. 2 * TASKS - 1) {
		payer[i] = NONE
	}
	for (i : 0 .. GROUPS - 1) {
		limits[i] = 100; refs[i] = 1
	}
	i = 0
}

/* When everybody has come to an end, charges and references are what the pages say, if the scenario asks (BALANCE). */
inline check_balance() {
#ifdef BALANCE
	d_step {
		for (i : 0 .. GROUPS - 1) {
			pages = 0; holders = 1;
			for (p : 0 .. 2 * TASKS - 1) {
				pages = pages + (payer[p] != NONE && BELOW(payer[p], i));
				holders = holders + (payer[p] == i)
			}
			CHECK(3, "charges-balance", usage[i] == pages);
			CHECK(4, "references-balance", refs[i] == holders)
		}
		i = 0; p = 0; pages = 0; holders = 0
	}
#else
	skip
#endif
}
