/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * res_counter and page_counter: a charge goes up the hierarchy, and is taken
 * back below where a level refuses it. Left out: statistics (failcnt,
 * max_usage, watermark) and protection (min, low).
 */
struct res_counter { unsigned long usage; unsigned long limit; spinlock_t lock; struct res_counter *parent; };
struct page_counter { atomic_long_t usage; unsigned long max; struct page_counter *parent; };

void res_counter_init(struct res_counter *counter, struct res_counter *parent)
{
	counter->usage = 0;
	counter->limit = 0x7fffffffffffffff;
	spin_lock_init(&counter->lock);
	counter->parent = parent;
}

void res_counter_uncharge(struct res_counter *counter, unsigned long amount)
{
	for (; counter; counter = counter->parent) {
		spin_lock(&counter->lock);
		WARN_ON(counter->usage < amount);
		counter->usage -= amount;
		spin_unlock(&counter->lock);
	}
}

int res_counter_charge(struct res_counter *counter, unsigned long amount, struct res_counter **refused)
{
	struct res_counter *level, *undo;
	int full = 0;

	for (level = counter; level; level = level->parent) {
		spin_lock(&level->lock);
		full = level->usage + amount > level->limit;
		if (!full)
			level->usage += amount;
		spin_unlock(&level->lock);
		if (full)
			break;
	}
	if (!full)
		return 0;
	*refused = level;
	for (undo = counter; undo != level; undo = undo->parent) {
		spin_lock(&undo->lock);
		undo->usage -= amount;
		spin_unlock(&undo->lock);
	}
	return -ENOMEM;
}

void page_counter_init(struct page_counter *counter, struct page_counter *parent)
{
	atomic_long_set(&counter->usage, 0);
	counter->max = 0x7fffffffffffffff;
	counter->parent = parent;
}

unsigned long page_counter_read(struct page_counter *counter)
{
	return atomic_long_read(&counter->usage);
}

void page_counter_cancel(struct page_counter *counter, unsigned long pages)
{
	WARN_ON(atomic_long_sub_return(pages, &counter->usage) < 0);
}

void page_counter_charge(struct page_counter *counter, unsigned long pages)
{
	for (; counter; counter = counter->parent)
		atomic_long_add(pages, &counter->usage);
}

void page_counter_uncharge(struct page_counter *counter, unsigned long pages)
{
	for (; counter; counter = counter->parent)
		page_counter_cancel(counter, pages);
}

bool page_counter_try_charge(struct page_counter *counter, unsigned long pages, struct page_counter **refused)
{
	struct page_counter *level, *undo;

	for (level = counter; level; level = level->parent) {
		if (atomic_long_add_return(pages, &level->usage) > level->max) {
			atomic_long_sub(pages, &level->usage);
			*refused = level;
			for (undo = counter; undo != level; undo = undo->parent)
				page_counter_cancel(undo, pages);
			return false;
		}
	}
	return true;
}
