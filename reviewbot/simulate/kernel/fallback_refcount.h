/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kref and refcount_t: counts that complain when one is put that nobody holds.
 * Left out: saturation.
 */
typedef struct { int count; } refcount_t;
struct kref { refcount_t refcount; };

void refcount_set(refcount_t *count, int number)
{
	count->count = number;
}

int refcount_read(refcount_t *count)
{
	return atomic_read((atomic_t *)&count->count);
}

void refcount_inc(refcount_t *count)
{
	sim_get(&count->count);
}

bool refcount_inc_not_zero(refcount_t *count)
{
	return sim_tryget(&count->count);
}

bool refcount_dec_and_test(refcount_t *count)
{
	return sim_put(&count->count, 1);
}

void kref_init(struct kref *kref)
{
	refcount_set(&kref->refcount, 1);
}

void kref_get(struct kref *kref)
{
	refcount_inc(&kref->refcount);
}

int kref_get_unless_zero(struct kref *kref)
{
	return refcount_inc_not_zero(&kref->refcount);
}

int kref_put(struct kref *kref, void (*release)(struct kref *kref))
{
	if (!refcount_dec_and_test(&kref->refcount))
		return 0;
	release(kref);
	return 1;
}
