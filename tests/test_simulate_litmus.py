# SPDX-License-Identifier: GPL-2.0-or-later
"""Litmus tests of the primitives: exactly these outcomes, with the reduction and without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulatekit import explored, outcomes, scenario

# name: (tasks, C, variables looked at, the set of outcomes)
LITMUS = {
    "plain increments get lost": (
        "a() x2", "static int n;\ntask a(void) { n++; }", "n", {(1,), (2,)},
    ),
    "atomic increments do not": (
        "a() x2", "static atomic_t n;\ntask a(void) { atomic_inc(&n); }", "n", {(2,)},
    ),
    "atomic_inc_return gives each task its own number": (
        "a(), b()",
        "static atomic_t n; static int x, y;\n"
        "task a(void) { x = atomic_inc_return(&n); }\ntask b(void) { y = atomic_inc_return(&n); }",
        "x y", {(1, 2), (2, 1)},
    ),
    "a reset takes other tasks' increments away": (
        "a(), b()",
        "static atomic_t n;\ntask a(void) { atomic_inc(&n); atomic_set(&n, 0); }\ntask b(void) { atomic_inc(&n); }",
        "n", {(0,), (1,)},
    ),
    "cmpxchg lets one win": (
        "a(), b()",
        "static atomic_t n; static int x, y;\n"
        "task a(void) { x = atomic_cmpxchg(&n, 0, 1); }\ntask b(void) { y = atomic_cmpxchg(&n, 0, 2); }",
        "n x y", {(1, 0, 1), (2, 2, 0)},
    ),
    "store buffering is sequentially consistent here": (
        "a(), b()",
        "static int p, q, x, y;\ntask a(void) { p = 1; x = q; }\ntask b(void) { q = 1; y = p; }",
        "x y", {(0, 1), (1, 0), (1, 1)},
    ),
    "message passing": (
        "a(), b()",
        "static int data, flag, x, y;\ntask a(void) { data = 1; flag = 1; }\ntask b(void) { x = flag; y = data; }",
        "x y", {(0, 0), (0, 1), (1, 1)},
    ),
    "a spinlock excludes": (
        "a() x2", "static spinlock_t l; static int n;\ntask a(void) { spin_lock(&l); n++; spin_unlock(&l); }",
        "n", {(2,)},
    ),
    "a trylock fails only while somebody holds the lock": (
        "a(), b()",
        "static spinlock_t l; static int x;\ntask a(void) { spin_lock(&l); spin_unlock(&l); }\n"
        "task b(void) { x = 2; if (spin_trylock(&l)) { x = 1; spin_unlock(&l); } }",
        "x", {(1,), (2,)},
    ),
    "two locks in two orders": (
        "a(), b()",
        "static struct mutex l, m; static int n;\n"
        "task a(void) { mutex_lock(&l); mutex_lock(&m); n++; mutex_unlock(&m); mutex_unlock(&l); }\n"
        "task b(void) { mutex_lock(&m); mutex_lock(&l); n++; mutex_unlock(&l); mutex_unlock(&m); }",
        "n", {(2,), (0, "stuck")},
    ),
    "readers share, a writer does not": (
        "r(), w()",
        "static rwlock_t l; static int v, x, y;\ntask r(void) { read_lock(&l); x = v; y = v; read_unlock(&l); }\n"
        "task w(void) { write_lock(&l); v++; v++; write_unlock(&l); }",
        "x y", {(0, 0), (2, 2)},
    ),
    "queue first, then look: no wake-up is lost": (
        "s(), w()",
        "static wait_queue_head_t q; static int flag;\n"
        "task s(void) { DEFINE_WAIT(e); prepare_to_wait(&q, &e, TASK_UNINTERRUPTIBLE); if (!flag) schedule();"
        " finish_wait(&q, &e); }\ntask w(void) { flag = 1; wake_up_all(&q); }",
        "flag", {(1,)},
    ),
    "look first, then queue: a wake-up gets lost": (
        "s(), w()",
        "static wait_queue_head_t q; static int flag;\n"
        "task s(void) { DEFINE_WAIT(e); if (flag) return; prepare_to_wait(&q, &e, TASK_UNINTERRUPTIBLE); schedule();"
        " finish_wait(&q, &e); }\ntask w(void) { flag = 1; wake_up_all(&q); }",
        "flag", {(1,), (1, "stuck")},
    ),
    "wake-ups go by state": (
        "s(), w()",
        "static wait_queue_head_t q; static int flag;\n"
        "task s(void) { DEFINE_WAIT(e); prepare_to_wait(&q, &e, TASK_UNINTERRUPTIBLE); if (!flag) schedule();"
        " finish_wait(&q, &e); }\ntask w(void) { flag = 1; wake_up_interruptible(&q); }",
        "flag", {(1,), (1, "stuck")},
    ),
    "wake_up wakes one exclusive waiter, wake_up_all both": (
        "s() x2, w()",
        "static wait_queue_head_t q; static atomic_t n;\n"
        "task s(void) { DEFINE_WAIT(e); prepare_to_wait_exclusive(&q, &e, TASK_UNINTERRUPTIBLE); atomic_inc(&n);"
        " schedule(); finish_wait(&q, &e); }\ntask w(void) { if (atomic_read(&n) == 2) wake_up(&q); }",
        "n", {(2, "stuck")},
    ),
    "schedule() in TASK_RUNNING does not sleep": (
        "s()", "static int n;\ntask s(void) { schedule(); n = 1; }", "n", {(1,)},
    ),
    "schedule_timeout() in TASK_RUNNING does not sleep and leaves the time": (
        "s()", "static long n;\ntask s(void) { n = schedule_timeout(5); }", "n", {(5,)},
    ),
    "a timeout ends a sleep that nobody else ends": (
        "s()",
        "static long n = 7;\ntask s(void) { set_current_state(TASK_UNINTERRUPTIBLE); n = schedule_timeout(5); }",
        "n", {(0,)},
    ),
    "a mutex that must be waited for undoes a prepared sleep": (
        "s(), h()",
        "static struct mutex l; static int n;\n"
        "task s(void) { set_current_state(TASK_UNINTERRUPTIBLE); mutex_lock(&l); mutex_unlock(&l); schedule();"
        " n = 1; }\ntask h(void) { mutex_lock(&l); cond_resched(); mutex_unlock(&l); }",
        "n", {(0, "stuck"), (1,)},
    ),
    "a fatal signal ends a killable sleep, before it or in it": (
        "s(), k()",
        "static struct task_struct *t; static int n;\n"
        "task s(void) { t = current; set_current_state(TASK_KILLABLE); schedule(); n = 1; }\n"
        "task k(void) { if (t) force_sig(SIGKILL, t); }",
        "n", {(0, "stuck"), (1,)},
    ),
    "a signal that is not fatal does not end a killable sleep": (
        "s(), k()",
        "static struct task_struct *t; static int n;\n"
        "task s(void) { t = current; set_current_state(TASK_KILLABLE); schedule(); n = 1; }\n"
        "task k(void) { if (t) send_sig(SIGTERM, t, 0); }",
        "n", {(0, "stuck")},
    ),
    "synchronize_rcu() waits for readers": (
        "r(), w()",
        "static int old, gone, bad;\ntask r(void) { rcu_read_lock(); if (!old && gone) bad = 1;"
        " rcu_read_unlock(); }\n"
        "task w(void) { old = 1; synchronize_rcu(); gone = 1; }",
        "bad", {(0,)},
    ),
    "a freed object is not to be read": (
        "r(), w()",
        "static int *p, x;\nvoid world_ready(void) { p = kzalloc(sizeof(int), GFP_KERNEL); }\n"
        "task r(void) { int *q = p; x = *q; }\ntask w(void) { int *q = p; p = NULL; kfree(q); }",
        "x", {(0,), "no-use-after-free", "no-null-dereference"},
    ),
    "freeing an object frees all of it": (
        "r(), w()",
        "struct pair { int first, second; };\nstatic struct pair *p; static int x;\n"
        "void world_ready(void) { p = kzalloc(sizeof(*p), GFP_KERNEL); }\n"
        "task r(void) { x = p->second; }\ntask w(void) { kfree(p); }",
        "x", {(0,), "no-use-after-free"},
    ),
    "a value that nobody set": (
        "a()", "static int x;\ntask a(void) { int y; x = y + 1; }", "x", {"no-uninitialised-read"},
    ),
    "no sleep under a spinlock": (
        "a()", "static spinlock_t l;\ntask a(void) { spin_lock(&l); msleep(1); spin_unlock(&l); }", "l",
        {"no-sleep-in-atomic"},
    ),
    "a semaphore lets as many in as it counts": (
        "a() x3",
        "static struct semaphore s; static atomic_t in, most;\n"
        "void world_ready(void) { sema_init(&s, 2); }\n"
        "task a(void) { down(&s); if (atomic_inc_return(&in) > 2) atomic_set(&most, 3); atomic_dec(&in); up(&s); }",
        "most", {(0,)},
    ),
    "a reader-writer semaphore keeps a writer out of readers": (
        "r(), w()",
        "static struct rw_semaphore l; static int v, x, y;\n"
        "task r(void) { down_read(&l); x = v; y = v; up_read(&l); }\n"
        "task w(void) { down_write(&l); v++; v++; up_write(&l); }",
        "x y", {(0, 0), (2, 2)},
    ),
    "complete() before or after the wait lets one waiter go on": (
        "w() x2, c()",
        "static DECLARE_COMPLETION(d); static atomic_t n;\ntask w(void) { wait_for_completion(&d); atomic_inc(&n); }\n"
        "task c(void) { complete(&d); }",
        "n", {(1, "stuck")},
    ),
    "complete_all() lets all of them go on": (
        "w() x2, c()",
        "static DECLARE_COMPLETION(d); static atomic_t n;\ntask w(void) { wait_for_completion(&d); atomic_inc(&n); }\n"
        "task c(void) { complete_all(&d); }",
        "n", {(2,)},
    ),
    "a wait with a timeout ends with the completion or without": (
        "w(), c()",
        "static DECLARE_COMPLETION(d); static int x;\n"
        "task w(void) { x = wait_for_completion_timeout(&d, 5) ? 1 : 2; }\ntask c(void) { complete(&d); }",
        "x", {(1,), (2,)},
    ),
    "wait_event() loses no wake-up": (
        "s(), w()",
        "static wait_queue_head_t q; static int flag;\ntask s(void) { wait_event(q, flag); }\n"
        "task w(void) { flag = 1; wake_up(&q); }",
        "flag", {(1,)},
    ),
    "wait_event_interruptible() ends with a signal": (
        "s(), k()",
        "static wait_queue_head_t q; static struct task_struct *t; static int flag, x;\n"
        "task s(void) { t = current; x = wait_event_interruptible(q, flag); }\n"
        "task k(void) { if (t) send_sig(SIGTERM, t, 0); }",
        "x", {(0, "stuck"), (-512,)},
    ),
    "wait_event_killable() does not end with a signal that is not fatal": (
        "s(), k()",
        "static wait_queue_head_t q; static struct task_struct *t; static int flag, x;\n"
        "task s(void) { t = current; x = wait_event_killable(q, flag); }\n"
        "task k(void) { if (t) send_sig(SIGTERM, t, 0); }",
        "x", {(0, "stuck")},
    ),
    "a wake function of its own decides": (
        "s(), w()",
        "static wait_queue_head_t q; static int x;\n"
        "int mine(wait_queue_entry_t *e, unsigned int mode, int sync, void *key)\n"
        "{ return key ? autoremove_wake_function(e, mode, sync, key) : 0; }\n"
        "task s(void) { DEFINE_WAIT_FUNC(e, mine); prepare_to_wait(&q, &e, TASK_UNINTERRUPTIBLE); schedule();"
        " finish_wait(&q, &e); x = 1; }\n"
        "task w(void) { __wake_up(&q, TASK_NORMAL, 0, NULL); }",
        "x", {(0, "stuck")},
    ),
    "a queue is locked while entries' own functions run": (
        "s(), w() x2",
        "static wait_queue_head_t q; static int x;\n"
        "int mine(wait_queue_entry_t *e, unsigned int mode, int sync, void *key)\n"
        "{ return autoremove_wake_function(e, mode, sync, key); }\n"
        "task s(void) { DEFINE_WAIT_FUNC(e, mine); prepare_to_wait(&q, &e, TASK_UNINTERRUPTIBLE);"
        " schedule_timeout(1); finish_wait(&q, &e); x = 1; }\n"
        "task w(void) { wake_up_all(&q); }",
        "x", {(1,)},
    ),
    "TIF_MEMDIE is a flag of a task that all can set and it can see": (
        "s(), k()",
        "static struct task_struct *t; static int x;\ntask s(void) { t = current; x = test_thread_flag(TIF_MEMDIE); }\n"
        "task k(void) { if (t) set_tsk_thread_flag(t, TIF_MEMDIE); }",
        "x", {(0,), (1,)},
    ),
    "the last kref_put() releases, once": (
        "a() x2",
        "static struct kref k; static atomic_t released;\nvoid gone(struct kref *kref) { atomic_inc(&released); }\n"
        "void world_ready(void) { kref_init(&k); kref_get(&k); }\ntask a(void) { kref_put(&k, gone); }",
        "released", {(1,)},
    ),
    "a reference that nobody holds": (
        "a()",
        "static struct kref k; static int n;\nvoid gone(struct kref *kref) { n = 1; }\n"
        "task a(void) { kref_put(&k, gone); }",
        "n", {(0,), "references-balance"},
    ),
    "a refused charge leaves nothing below": (
        "a() x2",
        "static struct page_counter top, low; static struct page_counter *no; static atomic_t got;\n"
        "void world_ready(void) { page_counter_init(&top, NULL); page_counter_init(&low, &top); top.max = 1; }\n"
        "task a(void) { struct page_counter *full; if (page_counter_try_charge(&low, 1, &full)) atomic_inc(&got); }",
        "got low", {(1, 1)},
    ),
    "a charge of a res_counter is refused by a level above": (
        "a() x2",
        "static struct res_counter top, low; static atomic_t got;\n"
        "void world_ready(void) { res_counter_init(&top, NULL); res_counter_init(&low, &top); top.limit = 1; }\n"
        "task a(void) { struct res_counter *full; if (!res_counter_charge(&low, 1, &full)) atomic_inc(&got); }",
        "got", {(1,)},
    ),
    "a list under a lock has every entry": (
        "a() x2",
        "struct item { int v; struct list_head list; };\nstatic struct list_head head; static spinlock_t l;\n"
        "static struct item items[2]; static atomic_t next, n;\nvoid world_ready(void) { INIT_LIST_HEAD(&head); }\n"
        "task a(void) { struct item *i; spin_lock(&l); list_add(&items[atomic_inc_return(&next) - 1].list, &head);"
        " atomic_set(&n, 0); list_for_each_entry(i, &head, list) atomic_inc(&n); spin_unlock(&l); }",
        "n", {(2,)},
    ),
    "an event file keeps that it was signalled": (
        "a(), b()",
        "static struct eventfd_ctx e; static int x;\ntask a(void) { eventfd_signal(&e, 1); }\n"
        "task b(void) { x = atomic_read(&e.count); }",
        "x", {(0,), (1,)},
    ),
    "a timer fires after it was armed, or is deleted before": (
        "a(), clock()",
        "static struct timer_list t; static int fired, deleted;\nvoid fire(struct timer_list *timer) { fired = 1; }\n"
        "void world_ready(void) { timer_setup(&t, fire, 0); }\n"
        "task a(void) { mod_timer(&t, jiffies + 5); deleted = del_timer_sync(&t); }\n"
        "task clock(void) { sim_run_timer(&t); }",
        "fired deleted", {(1, 0), (0, 1), (0, 1, "stuck")},
    ),
    "an allocation that may fail does both": (
        "a()", "static int x;\ntask a(void) { int *p = kmalloc_may_fail(1, GFP_KERNEL); x = p ? 1 : 2; }",
        "x", {(1,), (2,)},
    ),
    "BUG_ON() that fires": ("a()", "static int x;\ntask a(void) { BUG_ON(!x); x = 1; }", "x", {"no-bug"}),
    "WARN_ON() that fires goes on": (
        "a()", "static int x;\ntask a(void) { if (WARN_ON(!x)) x = 1; printk(\"%d\", x); }", "x", {(1,), "no-warning"},
    ),
    "current is the task that runs": (
        "a() x2",
        "static void *p, *q; static int x;\n"
        "task a(void) { void *me = current; if (!atomic_long_cmpxchg((atomic_long_t *)&p, 0, me)) return;"
        " x = p != me; }",
        "x", {(1,)},
    ),
    "choose takes every way": ("a()", "static int x;\ntask a(void) { x = choose(3); }", "x", {(0,), (1,), (2,)}),
}  # fmt: skip


@pytest.mark.parametrize("name", LITMUS)
def test_a_litmus_test_has_exactly_its_outcomes(tmp_path: Path, name: str) -> None:
    tasks, text, variables, expected = LITMUS[name]
    assert outcomes(scenario(tmp_path, tasks, text), variables) == expected


@pytest.mark.parametrize("name", LITMUS)
def test_the_reduced_search_sees_what_the_full_one_sees(tmp_path: Path, name: str) -> None:
    tasks, text, variables, expected = LITMUS[name]
    assert outcomes(scenario(tmp_path, tasks, text), variables, everything=True) == expected


@pytest.mark.parametrize("name", LITMUS)
def test_steps_that_are_remembered_are_as_when_they_are_done(tmp_path: Path, name: str) -> None:
    tasks, text, _, _ = LITMUS[name]
    case = scenario(tmp_path, tasks, text)
    remembered, done = (explored(case, remembers=remembers)[1] for remembers in (True, False))
    assert (remembered.states, remembered.edges) == (done.states, done.edges)
    assert (remembered.found, remembered.cut) == (done.found, done.cut)
