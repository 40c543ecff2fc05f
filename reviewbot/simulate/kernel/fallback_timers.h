/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * jiffies and timers. Time moves where a scenario moves it. A timer fires at any
 * step after it was armed, in a task of the scenario's that calls
 * sim_run_timer(). Left out: interrupts, the order in which timers expire.
 */
static unsigned long jiffies;

#define time_after(a, b) ((long)((b) - (a)) < 0)
#define time_before(a, b) time_after(b, a)
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
#define time_before_eq(a, b) time_after_eq(b, a)

struct timer_list { int pending; int running; unsigned long expires; void (*function)(struct timer_list *timer); };

void timer_setup(struct timer_list *timer, void (*function)(struct timer_list *timer), unsigned int flags)
{
	timer->pending = 0;
	timer->running = 0;
	timer->function = function;
}

int mod_timer(struct timer_list *timer, unsigned long expires)
{
	timer->expires = expires;
	return xchg(&timer->pending, 1);
}

void add_timer(struct timer_list *timer)
{
	xchg(&timer->pending, 1);
}

int del_timer(struct timer_list *timer)
{
	return xchg(&timer->pending, 0);
}

int del_timer_sync(struct timer_list *timer)
{
	int was = xchg(&timer->pending, 0);

	sim_await_zero(&timer->running);
	return was;
}

int timer_pending(struct timer_list *timer)
{
	return timer->pending;
}

void sim_run_timer(struct timer_list *timer)
{
	sim_await(&timer->pending);
	WRITE_ONCE(timer->running, 1);
	if (xchg(&timer->pending, 0))
		timer->function(timer);
	WRITE_ONCE(timer->running, 0);
}
