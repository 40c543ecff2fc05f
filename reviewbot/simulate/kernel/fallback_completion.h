/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Completions: complete() lets one waiter go on, now or later; complete_all()
 * lets everybody, for ever. Left out: the queue's lock between the look at the
 * count and the sleep (the count is taken in one step instead).
 */
#define SIM_ALL_DONE 0x3fffffff

void init_completion(struct completion *done)
{
	done->done = 0;
	init_waitqueue_head(&done->wait);
}

void reinit_completion(struct completion *done)
{
	done->done = 0;
}

static int sim_take_done(struct completion *done)
{
	atomic_t *count = (atomic_t *)&done->done;

	if (atomic_read(count) == SIM_ALL_DONE)
		return 1;
	return atomic_dec_if_positive(count) >= 0;
}

int try_wait_for_completion(struct completion *done)
{
	return sim_take_done(done);
}

int completion_done(struct completion *done)
{
	return atomic_read((atomic_t *)&done->done) > 0;
}

static long sim_wait_done(struct completion *done, int state, long timeout)
{
	DEFINE_WAIT(entry);
	long left = timeout;

	for (;;) {
		prepare_to_wait_exclusive(&done->wait, &entry, state);
		if (sim_take_done(done))
			break;
		if ((state & 1 && signal_pending(current)) || (state & 128 && fatal_signal_pending(current))) {
			left = -512;
			break;
		}
		if (!left)
			break;
		left = schedule_timeout(left);
	}
	finish_wait(&done->wait, &entry);
	return left;
}

void wait_for_completion(struct completion *done)
{
	sim_wait_done(done, 2, MAX_SCHEDULE_TIMEOUT);
}

int wait_for_completion_interruptible(struct completion *done)
{
	return sim_wait_done(done, 1, MAX_SCHEDULE_TIMEOUT) == -512 ? -512 : 0;
}

int wait_for_completion_killable(struct completion *done)
{
	return sim_wait_done(done, 130, MAX_SCHEDULE_TIMEOUT) == -512 ? -512 : 0;
}

unsigned long wait_for_completion_timeout(struct completion *done, unsigned long timeout)
{
	return sim_wait_done(done, 2, timeout);
}

void complete(struct completion *done)
{
	atomic_inc((atomic_t *)&done->done);
	wake_up(&done->wait);
}

void complete_all(struct completion *done)
{
	atomic_set((atomic_t *)&done->done, SIM_ALL_DONE);
	wake_up_all(&done->wait);
}
